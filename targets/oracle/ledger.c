// SPDX-License-Identifier: GPL-2.0
/*
 * ledger: what the events add up to, so that no oracle keeps its own books.
 *
 * Here: address spaces, VMAs, pages, CPU entries and TLBs. Brackets and
 * notifiers are in ledger_bracket.c, the GPU in ledger_gpu.c.
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

/* A new mm has one user, and all users together one count. */
static void mm_new(u32 mm)
{
	if (mm >= PROG_MMS)
		return;
	ledger.mm_state[mm] = VIEW_MM_LIVE;
	ledger.users[mm] = ledger.count[mm] = 1;
	ledger.reaped[mm] = false;
	ledger.gathers[mm] = 0;
	ledger.space_of[mm] = 0;
	for (u32 page = 0; page < PROG_PAGES; page++) {
		ledger.prot[mm][page] = VIEW_UNMAPPED;
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
		ledger.prot[mm][page] = (u8)prot;
	}
}

static void fork_event(const struct event *e)
{
	bool begin = e->kind == EV_fork_begin;

	if (e->a >= PROG_MMS || e->b >= PROG_MMS)
		return;
	ledger.fork_child[e->a] = begin ? (u8)e->b : LEDGER_UNKNOWN;
	ledger.fork_parent[e->b] = begin ? (u8)e->a : LEDGER_UNKNOWN;
	ledger.fork_task[e->a] = e->task;
	if (!begin)
		ledger_settle(e->task, (u32)e->a);
}

/*
 * A TLB may go on using what the old entry allowed until it is flushed. Who
 * changed the entry owes that flush, whether or not a TLB was filled: a walk
 * may be under way.
 */
static void pte_set(const struct event *e)
{
	u32 mm = (u32)e->a, page = ledger_page(e->b), word = (u32)e->c;
	struct ledger_bracket *b;

	ledger.old_word = ledger.old_tlb_owed = 0;
	if (mm >= PROG_MMS || page >= PROG_PAGES)
		return;
	ledger.old_word = ledger.cpu[mm][page];
	ledger.old_tlb_owed = ledger.tlb_owed[mm][page];
	ledger.cpu[mm][page] = word;
	ledger.cpu_seq[mm][page] = e->seq;
	if (!ledger_readable(ledger.old_word) ||
	    ledger_allows(word, ledger.old_word))
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
		ledger.in_tlb[pfn / 32] |= 1u << pfn % 32;
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
	ledger_settle(e->task, (u32)e->a);
}

static void page_event(const struct event *e)
{
	if (e->a >= VIEW_PFNS)
		return;
	ledger.page_seq[e->a] = e->seq;
	if (e->kind == EV_page_alloc)
		ledger.in_tlb[e->a / 32] &= ~(1u << e->a % 32);
}

static const u16 kinds[] = {
	EV_mm_new, EV_mm_exit, EV_mm_dead, EV_mm_users,
	EV_mm_unstable, EV_vma_set, EV_fork_begin, EV_fork_end,
	EV_page_alloc, EV_page_free, EV_pte_set,
	EV_tlb_fill, EV_tlb_flush, EV_gather_begin, EV_gather_end,
	EV_inv_begin, EV_inv_interval, EV_inv_open, EV_inv_refused, EV_inv_end,
	EV_inv_closed, EV_callback_begin, EV_callback_end, EV_itree_change,
	EV_mni_insert, EV_mni_removed, EV_mn_register, EV_mn_unhashed,
	EV_mn_dead, EV_gpu_space, EV_gpu_space_gone, EV_gpu_map, EV_gpu_unmap,
	EV_gpu_op_end, EV_gpu_flush, EV_gpu_tlb_fill, EV_gpu_replay,
	EV_fault_raised, EV_fault_lookup, EV_batch_begin, EV_batch_end, 0
};

static void event(const struct view *v, const struct event *e)
{
	ledger.heard = true;
	switch (e->kind) {
	case EV_mm_new:
		mm_new((u32)e->b);
		break;
	case EV_mm_exit:
	case EV_mm_dead:
		if (e->a < PROG_MMS)
			ledger.mm_state[e->a] = e->kind == EV_mm_exit ?
				VIEW_MM_EXITING : VIEW_MM_DEAD;
		break;
	case EV_mm_users:
		mm_users(e);
		break;
	case EV_mm_unstable:
		if (e->a < PROG_MMS)
			ledger.reaped[e->a] = true;
		break;
	case EV_vma_set:
		vma_set(e);
		break;
	case EV_fork_begin:
	case EV_fork_end:
		fork_event(e);
		break;
	case EV_page_alloc:
	case EV_page_free:
		page_event(e);
		break;
	case EV_pte_set:
		pte_set(e);
		break;
	case EV_tlb_fill:
		tlb_fill(e);
		break;
	case EV_tlb_flush:
		tlb_flush(e);
		break;
	case EV_gather_begin:
	case EV_gather_end:
		gather(e);
		break;
	case EV_itree_change:
	case EV_mni_insert:
	case EV_mni_removed:
	case EV_mn_register:
	case EV_mn_unhashed:
	case EV_mn_dead:
		ledger_sub_event(e);
		break;
	case EV_inv_begin:
	case EV_inv_interval:
	case EV_inv_open:
	case EV_inv_refused:
	case EV_inv_end:
	case EV_inv_closed:
	case EV_callback_begin:
	case EV_callback_end:
		ledger_bracket_event(e);
		break;
	default:
		ledger_gpu_event(e);
	}
}

const struct oracle oracle_ledger = {
	.name	= "ledger",
	.claim	= "the ground tells of every entry it changes",
	.spec	= NULL,
	.kinds	= kinds,
	.event	= event,
	.quiesce = ledger_quiesce,
};
