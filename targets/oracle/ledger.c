// SPDX-License-Identifier: GPL-2.0
/*
 * ledger: what the events add up to, so that no oracle keeps its own books.
 *
 * Here: address spaces, VMAs, CPU entries and TLBs. Pages and files are in
 * ledger_page.c, what moves or is lent in ledger_move.c, brackets and notifiers
 * in ledger_bracket.c, the GPU in ledger_gpu.c.
 */
#include "targets/oracle/ledger.h"
#include "targets/oracle/svm_oracles.h"

struct ledger ledger __machine = {
	.fork_child = { [0 ... PROG_MMS - 1] = LEDGER_UNKNOWN },
	.fork_parent = { [0 ... PROG_MMS - 1] = LEDGER_UNKNOWN },
};

void ledger_range(u64 start, u64 end, u32 *first, u32 *last)
{
	const u64 top = VIEW_VA(PROG_PAGES);

	if (start < VIEW_BASE)
		start = VIEW_BASE;
	if (end > top)
		end = top;
	if (start >= end) {
		*first = *last = 0;
		return;
	}
	*first = VIEW_PAGE(start);
	*last = VIEW_PAGE(end + VIEW_PAGE_SIZE - 1);
}

bool ledger_zapping(u32 task, u32 mm)
{
	const struct ledger_bracket *b;

	if (!(ledger.gathers[mm] >> task & 1))
		return false;
	b = ledger_bracket_of(task, mm);
	return !b || (b->event != LEDGER_PROTECTION_VMA &&
		      b->event != LEDGER_PROTECTION_PAGE);
}

u32 ledger_stale_tlb(const struct view *v, u32 mm, u32 page, u32 *cpu)
{
	u32 mask = ledger_live() ? ledger.tlb_cpus[mm][page] : ~0u;

	for (; mask; mask &= mask - 1) {
		u32 i = (u32)__builtin_ctz(mask);
		u32 word = (u32)v->cpu_tlb(i, mm, VIEW_VA(page));

		if (VIEW_KIND(word) == VIEW_PRESENT &&
		    !ledger_allows(ledger.cpu[mm][page], word)) {
			*cpu = i;
			return word;
		}
	}
	return 0;
}

bool ledger_in_tlb(const struct view *v, u32 pfn)
{
	if (!ledger_page_of(pfn)->in_tlb)
		return false;
	for (u32 mm = 0; mm < PROG_MMS; mm++) {
		for (u32 page = 0; page < PROG_PAGES; page++) {
			u32 mask = ledger.tlb_cpus[mm][page];

			for (; mask; mask &= mask - 1) {
				u32 cpu = (u32)__builtin_ctz(mask);
				u32 word = (u32)v->cpu_tlb(cpu, mm,
							   VIEW_VA(page));

				if (VIEW_KIND(word) == VIEW_PRESENT &&
				    !(word & VIEW_ZERO) &&
				    VIEW_PFN(word) == pfn)
					return true;
			}
		}
	}
	return false;
}

/* A new mm has one user, and all users together one count. */
static void mm_new(const struct event *e)
{
	u32 mm = (u32)e->b;

	if (mm >= PROG_MMS)
		return;
	ledger.mm_state[mm] = VIEW_MM_LIVE;
	ledger.users[mm] = ledger.count[mm] = 1;
	ledger.reaped[mm] = false;
	ledger.gathers[mm] = 0;
	ledger.space_of[mm] = 0;
	ledger.protecting[mm] = 0;
	for (u32 page = 0; page < PROG_PAGES; page++) {
		ledger.prot[mm][page] = VIEW_UNMAPPED;
		ledger.vma[mm][page] = 0;
		ledger.cpu[mm][page] = 0;
		ledger.tlb_cpus[mm][page] = 0;
		ledger.tlb_owed[mm][page] = 0;
	}
}

/*
 * Where mm_count falls the event cannot tell mm_users, because the mm may be
 * gone; and mm_users does not change there.
 */
static void mm_users(const struct event *e)
{
	u32 mm = (u32)e->a;
	s32 users = (s32)e->b, count = (s32)e->c;

	if (mm >= PROG_MMS)
		return;
	if (count < ledger.count[mm])
		users = ledger.users[mm];
	if (ledger.batch && e->task == ledger.batch_task) {
		ledger.batch_users[mm] += (s8)(users - ledger.users[mm]);
		ledger.batch_count[mm] += (s8)(count - ledger.count[mm]);
	}
	ledger.users[mm] = users;
	ledger.count[mm] = count;
}

/*
 * Rights are dated by when they were last gained: an access that was allowed
 * for the whole of a batch is one allowed now and since before it.
 */
static void vma_set(const struct event *e)
{
	u32 mm = VIEW_CPU_MM(e->a), prot = (u32)(e->a >> 8 & 0xff);
	u32 first, last;

	if (mm >= PROG_MMS)
		return;
	ledger_range(e->b, e->c, &first, &last);
	for (u32 page = first; page < last; page++) {
		u32 old = ledger.prot[mm][page];

		if (old < VIEW_PROT_R && prot >= VIEW_PROT_R)
			ledger.readable_since[mm][page] = e->seq;
		if (old < VIEW_PROT_RW && prot >= VIEW_PROT_RW)
			ledger.writable_since[mm][page] = e->seq;
		if (prot < old)
			ledger.protecting[mm] = e->task + 1;
		ledger.prot[mm][page] = (u8)prot;
	}
}

/* What the parent maps the child will, unless it is told otherwise. */
static void fork_vmas(u32 parent, u32 child)
{
	for (u32 page = 0; page < PROG_PAGES; page++) {
		ledger.vma[child][page] = ledger.vma[parent][page];
		ledger.vma_file[child][page] = ledger.vma_file[parent][page];
		ledger.vma_index[child][page] = ledger.vma_index[parent][page];
	}
}

static void fork_event(const struct event *e)
{
	bool begin = e->kind == EV_fork_begin;

	if (e->a >= PROG_MMS || e->b >= PROG_MMS)
		return;
	if (begin)
		fork_vmas((u32)e->a, (u32)e->b);
	ledger.fork_child[e->a] = begin ? (u8)e->b : LEDGER_UNKNOWN;
	ledger.fork_parent[e->b] = begin ? (u8)e->a : LEDGER_UNKNOWN;
	ledger.fork_task[e->a] = e->task;
	if (!begin)
		ledger_settle(e->task, (u32)e->a);
}

/*
 * A TLB may go on using what the old entry allowed until it is flushed. Who
 * changed the entry owes that flush, whether or not a TLB was filled: a walk
 * may be under way. Who unmaps what stands there instead, while the flush is
 * still owed, owes it too: it finds nothing to flush, and would tell its caller
 * that the page is gone. Who moves what stands there tells nobody so.
 */
static void pte_set(const struct event *e)
{
	u32 mm = (u32)e->a, page = ledger_page(e->b), word = (u32)e->c;
	struct ledger_bracket *b;
	u32 old, owed;

	ledger.old_word = ledger.old_tlb_owed = 0;
	if (mm >= PROG_MMS || page >= PROG_PAGES)
		return;
	ledger.old_word = old = ledger.cpu[mm][page];
	ledger.old_tlb_owed = owed = ledger.tlb_owed[mm][page];
	ledger.cpu[mm][page] = word;
	ledger.cpu_seq[mm][page] = e->seq;
	if (VIEW_KIND(old) != VIEW_NONE)
		ledger.was[mm][page] = old;
	ledger_page_entry(e, old, word);
	if (owed && VIEW_KIND(word) == VIEW_NONE &&
	    ledger.gathers[mm] & 1u << e->task)
		ledger.tlb_owed[mm][page] |= 1u << e->task;
	if (!ledger_readable(old) || ledger_allows(word, old))
		return;
	ledger.tlb_owed[mm][page] |= 1u << e->task;
	b = (struct ledger_bracket *)ledger_bracket_of(e->task, mm);
	if (b && b->phase == BRACKET_START && page >= b->first && page < b->end)
		b->touched = true;
}

static void tlb_fill(const struct event *e)
{
	u32 mm = VIEW_CPU_MM(e->a), page = ledger_page(e->b);
	u32 pfn = VIEW_PFN(e->c);

	if (mm >= PROG_MMS || page >= PROG_PAGES)
		return;
	ledger.tlb_cpus[mm][page] |= 1u << (VIEW_CPU_CPU(e->a) & 31);
	if (pfn < VIEW_PFNS)
		ledger_page_of(pfn)->in_tlb = true;
}

static void tlb_flush(const struct event *e)
{
	u32 mm = (u32)e->a, first, last;

	if (mm >= PROG_MMS)
		return;
	ledger_range(e->b, e->c, &first, &last);
	for (u32 page = first; page < last; page++) {
		ledger.tlb_cpus[mm][page] = 0;
		ledger.tlb_owed[mm][page] = 0;
	}
}

/*
 * A debt ends with the operation that made it: the gather, else the fork, else
 * the bracket. Whether it was paid is for oracle stale-tlb to say.
 */
void ledger_settle(u32 task, u32 mm)
{
	u32 bit = 1u << task;

	ledger.settled = 0;
	if (ledger.gathers[mm] & bit ||
	    (ledger.fork_child[mm] != LEDGER_UNKNOWN &&
	     ledger.fork_task[mm] == task))
		return;
	for (u32 page = 0; page < PROG_PAGES; page++) {
		if (!(ledger.tlb_owed[mm][page] & bit))
			continue;
		ledger.tlb_owed[mm][page] &= ~bit;
		ledger.settled |= (u16)(1u << page);
	}
}

static void gather(const struct event *e)
{
	if (e->a >= PROG_MMS)
		return;
	if (e->kind == EV_gather_begin) {
		ledger.gathers[e->a] |= 1u << e->task;
		return;
	}
	ledger.gathers[e->a] &= ~(1u << e->task);
	if (ledger.protecting[e->a] == e->task + 1)
		ledger.protecting[e->a] = 0;
	ledger_settle(e->task, (u32)e->a);
}

static void mm_state(const struct event *e)
{
	if (e->a < PROG_MMS)
		ledger.mm_state[e->a] = e->kind == EV_mm_exit ?
			VIEW_MM_EXITING : VIEW_MM_DEAD;
}

static void mm_unstable(const struct event *e)
{
	if (e->a < PROG_MMS)
		ledger.reaped[e->a] = true;
}

/* Which book takes in which kind of event. */
#define BOOKS(BOOK)							\
	BOOK(mm_new, mm_new)						\
	BOOK(mm_exit, mm_state)						\
	BOOK(mm_dead, mm_state)						\
	BOOK(mm_users, mm_users)					\
	BOOK(mm_unstable, mm_unstable)					\
	BOOK(vma_set, vma_set)						\
	BOOK(vma_map, ledger_vma_map)					\
	BOOK(fork_begin, fork_event)					\
	BOOK(fork_end, fork_event)					\
	BOOK(page_alloc, ledger_page_event)				\
	BOOK(page_free, ledger_page_event)				\
	BOOK(page_exclusive, ledger_page_event)				\
	BOOK(page_copy, ledger_page_event)				\
	BOOK(page_mapping, ledger_page_event)				\
	BOOK(page_lock, ledger_page_event)				\
	BOOK(page_unlock, ledger_page_event)				\
	BOOK(page_lru, ledger_page_event)				\
	BOOK(page_backing, ledger_page_event)				\
	BOOK(file_new, ledger_file_event)				\
	BOOK(file_gone, ledger_file_event)				\
	BOOK(file_size, ledger_file_event)				\
	BOOK(file_store, ledger_file_event)				\
	BOOK(file_grown, ledger_file_event)				\
	BOOK(cache_add, ledger_file_event)				\
	BOOK(cache_del, ledger_file_event)				\
	BOOK(pte_set, pte_set)						\
	BOOK(tlb_fill, tlb_fill)					\
	BOOK(tlb_flush, tlb_flush)					\
	BOOK(gather_begin, gather)					\
	BOOK(gather_end, gather)					\
	BOOK(cpu_store, ledger_store)					\
	BOOK(gpu_store, ledger_store)					\
	BOOK(gup_store, ledger_store)					\
	BOOK(inv_begin, ledger_bracket_event)				\
	BOOK(inv_interval, ledger_bracket_event)			\
	BOOK(inv_open, ledger_bracket_event)				\
	BOOK(inv_refused, ledger_bracket_event)				\
	BOOK(inv_end, ledger_bracket_event)				\
	BOOK(inv_closed, ledger_bracket_event)				\
	BOOK(callback_begin, ledger_bracket_event)			\
	BOOK(callback_end, ledger_bracket_event)			\
	BOOK(itree_change, ledger_sub_event)				\
	BOOK(mni_insert, ledger_sub_event)				\
	BOOK(mni_removed, ledger_sub_event)				\
	BOOK(mn_register, ledger_sub_event)				\
	BOOK(mn_unhashed, ledger_sub_event)				\
	BOOK(mn_dead, ledger_sub_event)					\
	BOOK(migrate_ready, ledger_move_event)				\
	BOOK(migrate_moved, ledger_move_event)				\
	BOOK(migrate_end, ledger_move_event)				\
	BOOK(migrate_to_ram, ledger_move_event)				\
	BOOK(move_begin, ledger_move_event)				\
	BOOK(move_end, ledger_move_event)				\
	BOOK(exclusive_begin, ledger_move_event)			\
	BOOK(exclusive_made, ledger_move_event)				\
	BOOK(exclusive_failed, ledger_move_event)			\
	BOOK(pgmap_new, ledger_move_event)				\
	BOOK(pgmap_kill, ledger_move_event)				\
	BOOK(pgmap_gone, ledger_move_event)				\
	BOOK(dmirror_open, ledger_move_event)				\
	BOOK(dmirror_ioctl, ledger_move_event)				\
	BOOK(dmirror_done, ledger_move_event)				\
	BOOK(svmm_new, ledger_move_event)				\
	BOOK(svm_bind, ledger_move_event)				\
	BOOK(svm_bind_end, ledger_move_event)				\
	BOOK(gpu_space, ledger_gpu_event)				\
	BOOK(gpu_space_gone, ledger_gpu_event)				\
	BOOK(gpu_map, ledger_gpu_event)					\
	BOOK(gpu_unmap, ledger_gpu_event)				\
	BOOK(gpu_op_end, ledger_gpu_event)				\
	BOOK(gpu_flush, ledger_gpu_event)				\
	BOOK(gpu_tlb_fill, ledger_gpu_event)				\
	BOOK(gpu_replay, ledger_gpu_event)				\
	BOOK(fault_raised, ledger_gpu_event)				\
	BOOK(fault_lookup, ledger_gpu_event)				\
	BOOK(batch_begin, ledger_gpu_event)				\
	BOOK(batch_end, ledger_gpu_event)

#define KIND(kind, book)	EV_##kind,
static const u16 kinds[] = { BOOKS(KIND) 0 };

#define TAKE(kind, book)	[EV_##kind] = book,
static void (*const take[EV_NR])(const struct event *e) = { BOOKS(TAKE) };

static void event(const struct view *v, const struct event *e)
{
	ledger.heard = true;
	take[e->kind](e);
}

const struct oracle oracle_ledger = {
	.name	= "ledger",
	.claim	= "the ground tells of every entry it changes",
	.spec	= NULL,
	.kinds	= kinds,
	.event	= event,
	.quiesce = ledger_quiesce,
};
