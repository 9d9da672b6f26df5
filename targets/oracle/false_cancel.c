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
 *  - it is an atomic of a device that lends pages for it, and the page is not
 *    anonymous, or the device wants it unmapped and somebody has it pinned, or
 *    is about to move it;
 *  - the handler gave up after its time: a walk that had to be repeated, and
 *    more than once. One repetition is never a reason, nor are those that
 *    the handler brings on itself.
 *
 * Judged is the access that the entry tells of, to the page that its address is
 * in; a code that stands for none is a write, as handlers take it. Which access
 * the cancel then hits is the device's doing: see nouveau_svm.c on an entry that
 * a replay overtook.
 *
 * A mirror's READ and WRITE are refused by the walk itself, which looks no
 * further than the ioctl's range: they are held to the same, from the ioctl's
 * start on.
 */
#include "targets/oracle/ledger.h"
#include "targets/oracle/svm_oracles.h"

/* As hmm_range_fault() returns them. */
#define EFAULT	14
#define EBUSY	16

/* As the test_hmm driver numbers them. */
enum { IOCTL_READ, IOCTL_WRITE };

static struct {
	u32 repeated;		/* walks of this fault that were not good */
	bool busy;		/* the newest one was not */
	bool foreign;		/* somebody else has invalidated since */
	bool no_memory;		/* an allocation failed in this batch */
} walk __machine;

/* By task, of the ioctl it is in. */
static struct {
	u32 seq;		/* 0: none that is judged */
	u8 end;			/* of its range */
	bool write;
	bool no_memory;
} call[RT_TASKS_MAX] __machine;

static bool allowed_since(u32 mm, u32 page, bool write, u32 seq)
{
	u32 prot = ledger.prot[mm][page];

	if (!write)
		return prot >= VIEW_PROT_R &&
		       ledger.readable_since[mm][page] < seq;
	return prot >= VIEW_PROT_RW && ledger.writable_since[mm][page] < seq;
}

static bool address_is_odd(const struct view *v, const struct ledger_fault *f)
{
	struct view_svmm s = v->svmm(f->space);

	return ledger_page(f->va) >= PROG_PAGES || !s.live ||
	       (f->va >= s.unmanaged_start && f->va < s.unmanaged_limit);
}

/* SIGBUS: the page is past the end of its file, or was since @seq. */
static bool past_end(u32 mm, u32 page, u32 seq)
{
	u32 kind = ledger.vma[mm][page];
	const struct ledger_file *f;

	/* What a driver has inserted and somebody zapped nobody brings back. */
	if (kind == VIEW_VMA_SPECIAL + 1)
		return true;
	if (kind != VIEW_VMA_SHMEM + 1 && kind != VIEW_VMA_FILE + 1 &&
	    kind != VIEW_VMA_PRIVATE + 1)
		return false;
	f = ledger_file_of(ledger.vma_file[mm][page]);
	return !f || ledger.vma_index[mm][page] >= f->nr_pages ||
	       f->shrunk > seq || f->grown > seq;
}

/* No page of @mm is sure to be had. */
static bool failing(const struct view *v, u32 mm)
{
	return ledger.mm_state[mm] != VIEW_MM_LIVE || ledger.reaped[mm] ||
	       ledger.users[mm] <= 0 || !v->nr_free();
}

/* Addresses whose page others took in this batch, by get_user_pages() or off the
 * LRU to move it, or gave back: it may be another by now. */
static u16 taken_at[PROG_MMS] __machine;

static bool names(u32 word, u32 pfn)
{
	return ledger_names_page(word) && VIEW_PFN(word) == pfn;
}

static void take(u32 pfn)
{
	for (u32 mm = 0; mm < PROG_MMS; mm++)
		for (u32 page = 0; page < PROG_PAGES; page++)
			if (names(ledger.cpu[mm][page], pfn) ||
			    names(ledger.was[mm][page], pfn))
				taken_at[mm] |= (u16)(1u << page);
}

static bool taken_page(u32 word)
{
	const struct ledger_page *p;

	if (!ledger_names_page(word))
		return false;
	p = ledger_page_of(VIEW_PFN(word));
	return p->held[VIEW_REF_PIN] || p->held[VIEW_REF_GUP] ||
	       p->held[VIEW_REF_ISOLATE];
}

/* The device wants the page unmapped, and somebody else has taken it, or had in
 * this batch: the one that is there, or that was there before. */
static bool taken(const struct view *v, const struct ledger_fault *f)
{
	u32 page = ledger_page(f->va);

	return f->access == LEDGER_ATOMIC && v->svmm(f->space).unmaps &&
	       (taken_page(ledger.cpu[f->mm][page]) ||
		taken_page(ledger.was[f->mm][page]) ||
		taken_at[f->mm] >> page & 1);
}

/* Nobody can have this page to himself: it is a file's, or a driver's. */
static bool not_lendable(const struct view *v, const struct ledger_fault *f)
{
	u32 kind = ledger.vma[f->mm][ledger_page(f->va)];

	return f->access == LEDGER_ATOMIC && v->svmm(f->space).atomics &&
	       kind && kind != VIEW_VMA_ANON + 1 &&
	       kind != VIEW_VMA_PRIVATE + 1;
}

static void cancelled(const struct view *v, const struct event *e)
{
	static const char *const access[] = {
		"read", "write", "atomic", "prefetch"
	};
	const struct ledger_fault *f = ledger_fault(e->a);
	bool write;

	if (!f || !ledger.batch || !f->looked_up ||
	    f->space == LEDGER_UNKNOWN || f->mm == LEDGER_UNKNOWN ||
	    address_is_odd(v, f))
		return;
	write = f->access != LEDGER_READ && f->access != LEDGER_PREFETCH;
	if (failing(v, f->mm) || walk.no_memory || not_lendable(v, f) ||
	    taken(v, f) ||
	    (walk.busy && walk.repeated > 1) ||
	    past_end(f->mm, ledger_page(f->va), ledger.batch) ||
	    !allowed_since(f->mm, ledger_page(f->va), write, ledger.batch))
		return;
	oracle_raise(&oracle_false_cancel, f->raised, "",
		     "A %s at 0x%llx in GPU space %u was killed; mm%u allowed it since before the batch.",
		     access[f->access < ARRAY_SIZE(access) ? f->access :
			    LEDGER_WRITE], f->va, f->space, f->mm);
}

static void ioctl_begin(const struct event *e)
{
	u64 end = (e->c & 0xffff) + (e->c >> 16);

	call[e->task].seq = e->b <= IOCTL_WRITE ? e->seq : 0;
	call[e->task].end = (u8)(end < PROG_PAGES ? end : PROG_PAGES);
	call[e->task].write = e->b == IOCTL_WRITE;
	call[e->task].no_memory = false;
}

/* The walk of a task's ioctl, from @e's address to the end of its range. */
static void walked(const struct view *v, const struct event *e)
{
	u32 mm = (u32)e->a, seq = call[e->task].seq;

	if ((s64)e->c != -EFAULT || mm >= PROG_MMS || failing(v, mm) ||
	    call[e->task].no_memory)
		return;
	for (u32 page = ledger_page(e->b); page < call[e->task].end; page++)
		if (past_end(mm, page, seq) ||
		    !allowed_since(mm, page, call[e->task].write, seq))
			return;
	oracle_raise(&oracle_false_cancel, seq, "",
		     "An ioctl's %s of mm%u from 0x%llx on was refused; it was allowed since before the ioctl.",
		     call[e->task].write ? "write" : "read", mm, e->b);
}

/* A walk is over; @busy: it is to be repeated. */
static void repeat(bool busy)
{
	walk.busy = busy;
	walk.repeated += busy && walk.foreign;
	if (busy)
		walk.foreign = false;
}

static void event(const struct view *v, const struct event *e)
{
	switch (e->kind) {
	case EV_fault_cancel:
		cancelled(v, e);
		return;
	case EV_dmirror_ioctl:
		ioctl_begin(e);
		return;
	case EV_dmirror_done:
		call[e->task].seq = 0;
		return;
	}
	if (call[e->task].seq) {
		if (e->kind == EV_hmm_range_fault)
			walked(v, e);
		call[e->task].no_memory |= e->kind == EV_alloc && !e->a;
		return;
	}
	if (!ledger.batch)
		return;
	if (e->kind == EV_gup_release || e->kind == EV_page_get ||
	    e->kind == EV_page_put) {
		if (e->task != ledger.batch_task &&
		    (e->kind == EV_gup_release || e->c == VIEW_REF_ISOLATE))
			take((u32)e->a);
		return;
	}
	if (e->task != ledger.batch_task) {
		walk.foreign |= e->kind == EV_inv_begin;
		return;
	}
	switch (e->kind) {
	case EV_batch_begin:
		walk.no_memory = false;
		__builtin_memset(taken_at, 0, sizeof(taken_at));
		break;
	case EV_alloc:
		walk.no_memory |= !e->a;
		break;
	case EV_mni_insert:
		walk.repeated = 0;
		walk.busy = false;
		walk.foreign = true;	/* before, or on its way */
		break;
	case EV_hmm_range_fault:
		repeat((s64)e->c == -EBUSY);
		break;
	case EV_read_retry:
		repeat(e->c);
		break;
	}
}

static const u16 kinds[] = {
	EV_batch_begin, EV_alloc, EV_mni_insert, EV_hmm_range_fault,
	EV_read_retry, EV_inv_begin, EV_fault_cancel, EV_gup_release,
	EV_page_get, EV_page_put, EV_dmirror_ioctl, EV_dmirror_done, 0
};

const struct oracle oracle_false_cancel = {
	.name	= "false-cancel",
	.claim	= "an access is refused only if it was forbidden at some instant of its batch or ioctl",
	.spec	= "I-A6",
	.kinds	= kinds,
	.event	= event,
};
