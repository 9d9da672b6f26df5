// SPDX-License-Identifier: GPL-2.0
/*
 * read-value: what an ioctl hands to its caller was there at some instant of
 * that ioctl.
 *
 * It reads one page after another and hands all over at the end, so a value may
 * be older than another's, but none may be older than the ioctl. While a task is
 * in one, every value that a page of its range has had since it began is kept.
 * Whatever changes a shadow may change that of others who share the page, so
 * all that are kept are looked at again after each.
 */
#include "targets/oracle/ledger.h"
#include "targets/oracle/svm_oracles.h"

#define VALUES	12	/* beyond that everything is believed */

/* Of one task's ioctl; allocated with its first. */
struct history {
	u8 mm, first, end;
	u32 seq;
	u8 nr[PROG_PAGES];
	u32 value[PROG_PAGES][VALUES];
};
static struct history *history[RT_TASKS_MAX] __machine;
static u32 inside __machine;	/* mask of tasks */

static void note(struct history *h, u32 page)
{
	u32 value = data_shadow(h->mm, page);
	u8 nr = h->nr[page];

	if (nr && (nr > VALUES || h->value[page][nr - 1] == value))
		return;
	if (nr < VALUES)
		h->value[page][nr] = value;
	h->nr[page]++;
}

static void begin(const struct event *e)
{
	struct history *h = history[e->task];
	u32 first = (u32)(e->c & 0xffff), count = (u32)(e->c >> 16);

	if (e->a >= VIEW_SPACES || ledger.space_mm[e->a] >= PROG_MMS)
		return;
	if (!h)
		h = history[e->task] = rt_alloc(sizeof(*h));
	if (first > PROG_PAGES)
		first = PROG_PAGES;
	if (count > PROG_PAGES - first)
		count = PROG_PAGES - first;
	h->mm = ledger.space_mm[e->a];
	h->first = (u8)first;
	h->end = (u8)(first + count);
	h->seq = e->seq;
	__builtin_memset(h->nr, 0, sizeof(h->nr));
	inside |= 1u << e->task;
	for (u32 page = h->first; page < h->end; page++)
		note(h, page);
}

static void changed(void)
{
	for (u32 mask = inside; mask; mask &= mask - 1) {
		struct history *h = history[__builtin_ctz(mask)];

		for (u32 page = h->first; page < h->end; page++)
			note(h, page);
	}
}

static void read(const struct event *e)
{
	const struct history *h = history[e->task];
	u32 page = ledger_page(e->b), value = VIEW_DATA_VALUE(e->c);

	if (!(inside >> e->task & 1) || page < h->first || page >= h->end ||
	    h->nr[page] > VALUES)
		return;
	for (u32 i = 0; i < h->nr[page]; i++)
		if (h->value[page][i] == value)
			return;
	oracle_raise(&oracle_read_value, h->seq,
		     ledger_page_name(VIEW_DATA_PFN(e->c)),
		     "An ioctl hands over %u, read from page#%u, for 0x%llx of mm%u; since it began there was %u, and no such value.",
		     value, VIEW_DATA_PFN(e->c), e->b, h->mm,
		     h->value[page][0]);
}

static void event(const struct view *v, const struct event *e)
{
	switch (e->kind) {
	case EV_dmirror_ioctl:
		begin(e);
		break;
	case EV_dmirror_done:
		inside &= ~(1u << e->task);
		break;
	case EV_dmirror_read:
		read(e);
		break;
	default:
		if (inside)
			changed();
	}
}

static const u16 kinds[] = {
	EV_dmirror_ioctl, EV_dmirror_done, EV_dmirror_read, EV_pte_set,
	EV_vma_set, EV_cpu_store, EV_gpu_store, EV_gup_store, EV_file_store,
	EV_cache_del, 0
};

const struct oracle oracle_read_value = {
	.name	= "read-value",
	.claim	= "data handed over by an ioctl was there at some instant of it",
	.spec	= "I-T7",
	.kinds	= kinds,
	.event	= event,
};
