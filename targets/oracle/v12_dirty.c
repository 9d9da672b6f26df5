// SPDX-License-Identifier: GPL-2.0
/*
 * v12-dirty: what a device wrote is known of the page before the mirror's
 * entry for it loses the right to write.
 *
 * A store of the device makes its entry dirty; the device tells the mirror's
 * entry when it gives its own up, and that is handed to the page when the
 * mirror's entry is masked. Nothing may go while it is owed. An update may take
 * it from the mirror's entry, and another take away what is left of the device's
 * before the first has told the page: the device has then told all it knew.
 */
#include "targets/oracle/svm_oracles.h"
#include "targets/oracle/v12.h"

static u16 owed[VIEW_SPACES] __machine;		/* pages, stored to by a device */
static u16 told[VIEW_SPACES] __machine;		/* of these: the mirror's entry was */
static u32 store_seq[VIEW_SPACES] __machine;	/* of the newest store */

static void raise(u32 space, u32 page, const char *what)
{
	oracle_raise(&oracle_v12_dirty, store_seq[space],
		     ledger_page_name(VIEW_PFN(ledger.gpu[space][page])),
		     "GPU space %u has stored to 0x%llx, and %s before the page was made dirty.",
		     space, VIEW_VA(page), what);
}

static bool writes(u64 word)
{
	return VIEW_KIND(word) == VIEW_PRESENT && word & VIEW_W;
}

/* The device's entry is less than it was, and a store owed. */
static void give_up(const struct view *v, u32 space, u32 page)
{
	if (v12_entry(v, space, page) & VIEW_DIRTY)
		told[space] |= (u16)(1u << page);
	if (!(told[space] >> page & 1))
		raise(space, page, "the device's entry went without a word");
}

static void event(const struct view *v, const struct event *e)
{
	u32 space = (u32)e->a, page = ledger_page(e->b);

	if (space >= VIEW_SPACES)
		return;
	if (e->kind == EV_gpu_space) {
		owed[space] = 0;
		return;
	}
	if (page >= PROG_PAGES)
		return;
	switch (e->kind) {
	case EV_gpu_store:
		owed[space] |= (u16)(1u << page);
		told[space] &= (u16)~(1u << page);
		store_seq[space] = e->seq;
		break;
	case EV_v12_page_dirty:
		owed[space] &= (u16)~(1u << page);
		break;
	case EV_v12_entry:
		if (owed[space] >> page & 1 && !writes(e->c))
			raise(space, page, "the mirror's entry lost its right to write");
		break;
	case EV_gpu_unmap:
	case EV_gpu_map:
		if (owed[space] >> page & 1 &&
		    (e->kind == EV_gpu_unmap || !writes(e->c)))
			give_up(v, space, page);
		break;
	}
}

static const u16 kinds[] = {
	EV_gpu_space, EV_gpu_store, EV_gpu_map, EV_gpu_unmap, EV_v12_entry,
	EV_v12_page_dirty, 0
};

const struct oracle oracle_v12_dirty = {
	.name	= "v12-dirty",
	.claim	= "what a device wrote is known of the page before the mirror's entry loses the right to write",
	.spec	= "I-B8",
	.kinds	= kinds,
	.event	= event,
};
