// SPDX-License-Identifier: GPL-2.0
/*
 * windows_about: what an event is about: a mm, pages, a GPU space, a frame, a
 * notifier. What it does not say stays unknown, and matches anything.
 */
#include "targets/oracle/windows_watch.h"
#include "targets/view_hmm_v12.h"
#include "targets/view_panthor.h"

const struct ledger_sub *windows_interval(u64 object)
{
	for (u32 i = 0; i < LEDGER_SUBS; i++)
		if (ledger.intervals[i].object == object)
			return &ledger.intervals[i];
	return NULL;
}

static void about_pages(struct window_key *k, u64 start, u64 end)
{
	u32 first, last;

	ledger_range(start, end, &first, &last);
	k->first = (u8)first;
	k->end = (u8)last;
}

static void about_page(struct window_key *k, u64 va)
{
	about_pages(k, va, va + VIEW_PAGE_SIZE);
}

static void about_mm(struct window_key *k, u64 mm)
{
	k->mm = mm < PROG_MMS ? (u8)mm : LEDGER_UNKNOWN;
}

static void about_pfn(struct window_key *k, u64 pfn)
{
	k->pfn = pfn < VIEW_PFNS ? (u32)pfn : 0;
}

static void about_space(struct window_key *k, u64 space)
{
	if (space >= VIEW_SPACES)
		return;
	k->space = (u8)space;
	about_mm(k, ledger.space_mm[space]);
}

static void about_bracket(struct window_key *k, const struct event *e)
{
	about_mm(k, VIEW_BRACKET_MM(e->a));
	k->object = e->b;
	if (windows_bracket()) {
		k->first = windows_bracket()->first;
		k->end = windows_bracket()->end;
	}
}

static void about_notifier(struct window_key *k, const struct event *e)
{
	const struct ledger_sub *s = windows_interval(e->b);

	about_mm(k, e->a);
	k->object = e->b;
	if (s && s->end > s->first) {
		k->first = s->first;
		k->end = s->end;
	}
}

/* Of the handler's faults; the entry of the ring says no more than the va. */
static void about_fault(struct window_key *k, const struct event *e)
{
	const struct ledger_fault *f;

	if (e->kind != EV_fault_lookup) {
		about_page(k, e->b);
		return;
	}
	f = ledger_fault(e->a);
	about_space(k, e->b);
	if (f)
		about_page(k, f->va);
}

static void about_migration(struct window_key *k, const struct event *e)
{
	if (e->kind == EV_migrate_to_ram) {
		about_pfn(k, e->a);
		about_mm(k, e->b);
		about_page(k, e->c);
		if (e->a < VIEW_PFNS && windows_watch->moved_by[e->a])
			k->space = windows_watch->moved_by[e->a] - 1;
	} else if (e->kind != EV_migrate_setup) {
		*k = windows_watch->moving[e->task];
	} else {
		about_mm(k, e->b);
		if (e->b < PROG_MMS && windows_watch->bind_end[e->task])
			about_pages(k, e->c, windows_watch->bind_end[e->task]);
		else if (e->b < PROG_MMS)
			about_page(k, e->c);
		windows_watch->moving[e->task] = *k;
	}
}

/* The mm's own events, and what is lent of it. */
static void about_memory(struct window_key *k, const struct event *e)
{
	switch (e->kind) {
	case EV_pte_set:
		about_mm(k, e->a);
		about_page(k, e->b);
		about_pfn(k, VIEW_PFN(e->c));
		break;
	case EV_vma_set:
		about_mm(k, VIEW_CPU_MM(e->a));
		about_pages(k, e->b, e->c);
		break;
	case EV_mm_exit:
	case EV_fork_begin:
		about_mm(k, e->a);
		break;
	case EV_page_get:
		about_pfn(k, e->a);
		break;
	case EV_cpu_load:
	case EV_cpu_store:
		about_mm(k, VIEW_CPU_MM(e->a));
		about_page(k, e->b);
		about_pfn(k, VIEW_DATA_PFN(e->c));
		break;
	case EV_gup:
		about_pfn(k, e->a);
		about_mm(k, VIEW_CPU_MM(e->c));
		about_page(k, e->c >> 8);
		break;
	case EV_exclusive_begin:
	case EV_exclusive_made:
	case EV_exclusive_failed:
	case EV_exclusive_fault:
	case EV_exclusive_restore:
		about_mm(k, e->a);
		about_page(k, e->b);
		if (e->kind != EV_exclusive_begin)
			about_pfn(k, e->c);
		break;
	}
}

/* A GPU's, and its driver's. */
static void about_gpu(struct window_key *k, const struct event *e)
{
	switch (e->kind) {
	case EV_fault_raised:
	case EV_fault_lookup:
		about_fault(k, e);
		break;
	case EV_gpu_map:
	case EV_gpu_unmap:
	case EV_gpu_load:
	case EV_gpu_store:
		about_space(k, e->a);
		about_page(k, e->b);
		break;
	case EV_gpu_op_end:
	case EV_svm_window:
	case EV_svm_bind:
		about_space(k, e->a);
		about_pages(k, e->b, e->c & ~(~0ull << 48));
		break;
	case EV_gpu_space_gone:
	case EV_svm_bind_end:
	case EV_svmm_gone:
	case EV_svmm_free:
		about_space(k, e->a);
		break;
	}
}

static void about_v12(struct window_key *k, const struct event *e)
{
	switch (e->kind) {
	case EV_v12_range_add:
	case EV_v12_range_del:
	case EV_v12_range_asleep:
	case EV_v12_page_done:
	case EV_v12_asleep:
	case EV_v12_waited:
		about_mm(k, e->a & 0xff);
		break;
	case EV_v12_listed:
	case EV_v12_unlisted:
	case EV_v12_backoff:
		about_space(k, VIEW_V12_FAULT_SPACE(e->a));
		about_mm(k, VIEW_V12_FAULT_MM(e->a));
		break;
	case EV_v12_entry:
		about_space(k, e->a);
		about_page(k, e->b);
		return;
	case EV_v12_directory:
	case EV_v12_unlinked:
	case EV_v12_again:
	case EV_v12_released:
		about_space(k, e->a & 0xff);
		return;
	default:
		about_space(k, e->a & 0xff);
	}
	if (e->c > e->b)
		about_pages(k, e->b, e->c);
}

/* A slot's number takes the place of a frame's, from 1. */
static void about_panthor(struct window_key *k, const struct event *e)
{
	switch (e->kind) {
	case EV_as_bind:
	case EV_as_release:
	case EV_as_active:
	case EV_as_idle:
		k->pfn = (u32)e->b + 1;
		break;
	case EV_pgt_alloc:
	case EV_pgt_free:
		k->pfn = (u32)e->b + 1;
		break;
	case EV_vm_bind:
	case EV_vm_op_begin:
	case EV_vm_op_end:
		k->object = e->a & 0xffff;
		break;
	}
}

struct window_key windows_about(const struct event *e)
{
	struct window_key k = {
		.object = e->a, .mm = LEDGER_UNKNOWN, .space = LEDGER_UNKNOWN,
		.end = PROG_PAGES,
	};

	switch (e->kind) {
	case EV_inv_begin ... EV_callback_end:
		about_bracket(&k, e);
		break;
	case EV_mni_insert:
	case EV_mni_removed:
	case EV_read_begin:
	case EV_read_retry:
		about_notifier(&k, e);
		break;
	case EV_migrate_setup ... EV_migrate_to_ram:
		about_migration(&k, e);
		break;
	case EV_v12_range_add ... EV_v12_released:
		about_v12(&k, e);
		break;
	default:
		about_memory(&k, e);
		about_gpu(&k, e);
		about_panthor(&k, e);
	}
	return k;
}
