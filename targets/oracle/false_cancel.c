// SPDX-License-Identifier: GPL-2.0
/*
 * false-cancel: an access is killed only if it was not allowed at some instant
 * while its batch was served.
 *
 * The VMA may be back when the driver decides: a munmap() or mprotect() in the
 * middle is reason enough. So rights are dated (ledger.c), and a cancel is
 * wrong only if the access was allowed from the start of the batch to now, and
 * nothing else stood against it:
 *
 *  - the instance or the svmm is unknown or gone, or its mm has no users;
 *  - the address is in the unmanaged range, or no program page at all;
 *  - the mm was reaped, or there was no memory;
 *  - a file is mapped there and ended before it at some instant;
 *  - the handler gave up after its time: a walk that had to be repeated, and
 *    more than once. One repetition is never a reason.
 *
 * Judged is the access that the entry tells of. Which one the cancel then hits
 * is the device's doing: see nouveau_svm.c on an entry that a replay overtook.
 */
#include "targets/oracle/ledger.h"
#include "targets/oracle/svm_oracles.h"

#define EBUSY	16	/* as hmm_range_fault() returns it */

static struct {
	u32 repeated;		/* walks of this fault that were not good */
	bool busy;		/* the newest one was not */
	bool no_memory;		/* an allocation failed in this batch */
} walk __machine;

static bool allowed_all_along(const struct ledger_fault *f, u32 page)
{
	u32 prot = ledger.prot[f->mm][page];

	if (f->access == LEDGER_READ || f->access == LEDGER_PREFETCH)
		return prot >= VIEW_PROT_R &&
		       ledger.readable_since[f->mm][page] < ledger.batch;
	return prot >= VIEW_PROT_RW &&
	       ledger.writable_since[f->mm][page] < ledger.batch;
}

static bool address_is_odd(const struct view *v, const struct ledger_fault *f)
{
	struct view_svmm s = v->svmm(f->space);

	return f->va % VIEW_PAGE_SIZE || ledger_page(f->va) >= PROG_PAGES ||
	       !s.live || (f->va >= s.unmanaged_start &&
			   f->va < s.unmanaged_limit);
}

/* SIGBUS: the page is past the end of its file, or was since the batch began. */
static bool past_end(u32 mm, u32 page)
{
	u32 kind = ledger.vma[mm][page];
	const struct ledger_file *f;

	if (kind != VIEW_VMA_SHMEM + 1 && kind != VIEW_VMA_FILE + 1 &&
	    kind != VIEW_VMA_PRIVATE + 1)
		return false;
	f = ledger_file_of(ledger.vma_file[mm][page]);
	return !f || ledger.vma_index[mm][page] >= f->nr_pages ||
	       f->shrunk > ledger.batch || f->grown > ledger.batch;
}

static void cancelled(const struct view *v, const struct event *e)
{
	static const char *const access[] = {
		"read", "write", "atomic", "prefetch"
	};
	const struct ledger_fault *f = ledger_fault(e->a);

	if (!f || !ledger.batch || !f->looked_up ||
	    f->space == LEDGER_UNKNOWN || f->mm == LEDGER_UNKNOWN ||
	    address_is_odd(v, f))
		return;
	if (ledger.mm_state[f->mm] != VIEW_MM_LIVE || ledger.reaped[f->mm] ||
	    ledger.users[f->mm] <= 0 || walk.no_memory || !v->nr_free() ||
	    (walk.busy && walk.repeated > 1) ||
	    past_end(f->mm, ledger_page(f->va)) ||
	    !allowed_all_along(f, ledger_page(f->va)))
		return;
	oracle_raise(&oracle_false_cancel, f->raised, "",
		     "A %s at 0x%llx in GPU space %u was killed; mm%u allowed it since before the batch.",
		     access[f->access & 3], f->va, f->space, f->mm);
}

static void event(const struct view *v, const struct event *e)
{
	if (e->kind == EV_fault_cancel) {
		cancelled(v, e);
		return;
	}
	if (!ledger.batch || e->task != ledger.batch_task)
		return;
	switch (e->kind) {
	case EV_batch_begin:
		walk.no_memory = false;
		break;
	case EV_alloc:
		walk.no_memory |= !e->a;
		break;
	case EV_mni_insert:
		walk.repeated = 0;
		walk.busy = false;
		break;
	case EV_hmm_range_fault:
		walk.busy = (s64)e->c == -EBUSY;
		walk.repeated += walk.busy;
		break;
	case EV_read_retry:
		walk.busy = e->c;
		walk.repeated += walk.busy;
		break;
	}
}

static const u16 kinds[] = {
	EV_batch_begin, EV_alloc, EV_mni_insert, EV_hmm_range_fault,
	EV_read_retry, EV_fault_cancel, 0
};

const struct oracle oracle_false_cancel = {
	.name	= "false-cancel",
	.claim	= "an access is cancelled only if it was forbidden at some instant of its batch",
	.spec	= "I-A6",
	.kinds	= kinds,
	.event	= event,
};
