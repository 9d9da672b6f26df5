// SPDX-License-Identifier: GPL-2.0
/*
 * test_forms: what the window form and the form with atomics do that form P
 * does not. The table of one fault alone is in test_outcome.c; here are several
 * faults at once, and what races with them.
 */
#include <linux/err.h>
#include <linux/errno.h>
#include <linux/mman.h>
#include <linux/pagemap.h>
#include <linux/sched.h>
#include <linux/sched/mm.h>

#include "targets/mm/mm.h"
#include "targets/nouveau/gpu.h"
#include "targets/nouveau/tests/nouveau_test.h"

#define ROUNDS	3

static void protect(u32 page, u32 nr, unsigned long prot)
{
	struct mm_struct *mm = mm_enter(0);

	CUT_CHECK(!do_mprotect(mm, VIEW_VA(page), nr * PAGE_SIZE, prot));
	mm_leave(mm);
}

/* Three pages with gaps between them; each task its own, and its own access. */
void window_gaps_body(u32 index)
{
	static const u8 page[] = { 0, 2, 6 };
	static const u8 access[] = { GPU_READ, GPU_WRITE, GPU_READ };
	struct mm_struct *mm = mm_enter(0);

	for (u32 i = 0; i < ROUNDS; i++)
		CUT_CHECK(gpu_access(0, index, VIEW_VA(page[index]),
				     access[index], mm_next_value()) >= 0);
	mm_leave(mm);
}

/* From the last page of the VMA (P0) to the first behind it (P1), and around
 * the unmanaged range (P2, P3), which begins two pages on. */
void window_edges_boot(void)
{
	struct mm_struct *mm;

	nouveau_test_window_boot();
	mm = mm_enter(0);
	CUT_CHECK(!mmap_anon(mm, VIEW_VA(12), 4 * PAGE_SIZE,
			     PROT_READ | PROT_WRITE));
	mm_leave(mm);
}

void window_edges_body(u32 index)
{
	static const u8 page[] = { 7, 8, 13, NOUVEAU_UNMANAGED_PAGE };
	static const long ret[] = { 0, -EFAULT, 0, -EFAULT };
	struct mm_struct *mm = mm_enter(0);

	CUT_CHECK(gpu_access(0, index, VIEW_VA(page[index]), GPU_WRITE,
			     mm_next_value()) == ret[index]);
	mm_leave(mm);
}

/* A READ that is allowed, and a WRITE two pages on that is not. */
void window_readonly_boot(void)
{
	nouveau_test_window_boot();
	protect(0, 8, PROT_READ);
}

void window_readonly_body(u32 index)
{
	struct mm_struct *mm = mm_enter(0);
	long ret = gpu_access(0, index, VIEW_VA(2 * index),
			      index ? GPU_WRITE : GPU_READ, mm_next_value());

	if (!mutation_on[M_nv_window_cancels_all])
		CUT_CHECK(index ? ret == -EFAULT : ret >= 0);
	mm_leave(mm);
}

/*
 * The corner case of the request array: P0 reads a page that may be written,
 * P1 takes that right away. A READ was allowed all the time.
 */
void window_request_boot(void)
{
	struct mm_struct *mm;

	nouveau_test_window_boot();
	mm = mm_enter(0);
	CUT_CHECK(!cpu_store(mm, VIEW_VA(0), mm_next_value()));
	mm_leave(mm);
}

void window_request_body(u32 index)
{
	struct mm_struct *mm = mm_enter(0);

	if (index)
		CUT_CHECK(!do_mprotect(mm, VIEW_VA(0), PAGE_SIZE, PROT_READ));
	else
		CUT_CHECK(gpu_access(0, 0, VIEW_VA(0), GPU_READ, 0) >= 0);
	mm_leave(mm);
}

/* Two channels of one svmm and one page: the second one asks for more. */
void forms_stronger_body(u32 index)
{
	struct mm_struct *mm = mm_enter(0);
	long ret = gpu_access(index, 0, VIEW_VA(1),
			      index ? GPU_WRITE : GPU_READ, mm_next_value());

	CUT_CHECK(ret >= 0);
	mm_leave(mm);
}

/* As onepage_lower_body(), and the refused one is not far above. */
void window_lower_body(u32 index)
{
	struct mm_struct *mm = mm_enter(0);

	CUT_CHECK(!gpu_access(index, 0, VIEW_VA(index ? 0 : 5), GPU_READ, 0));
	mm_leave(mm);
}

/* Nobody waits for a PREFETCH: nobody dies of it. */
void window_prefetch_body(u32 index)
{
	struct mm_struct *mm = mm_enter(0);

	CUT_CHECK(!gpu_access(0, 0, VIEW_VA(1), GPU_PREFETCH, 0));
	nouveau_quiesce();
	CUT_CHECK(!gpu_access(0, 0, VIEW_VA(1), GPU_READ, 0));
	mm_leave(mm);
}

/* The counter test: both increment one page; none is lost. */
void form_x_counter_body(u32 index)
{
	struct mm_struct *mm = mm_enter(0);
	u32 value;

	for (u32 i = 0; i < ROUNDS; i++) {
		if (index)
			CUT_CHECK(!cpu_increment(mm, VIEW_VA(0), &value));
		else
			CUT_CHECK(gpu_access(0, 0, VIEW_VA(0), GPU_ATOMIC,
					     0) >= 0);
	}
	mm_leave(mm);
}

void form_x_counter_halt(void)
{
	struct mm_struct *mm = mm_enter(0);
	u32 value;

	CUT_CHECK(!cpu_load(mm, VIEW_VA(0), &value));
	CUT_CHECK(value == 2 * ROUNDS);
	mm_leave(mm);
	nouveau_test_halt();
}

/* Three clients and all accesses of one page: no ATOMIC keeps another away. */
void form_x_mix_body(u32 index)
{
	static const u8 access[] = { GPU_ATOMIC, GPU_ATOMIC, GPU_WRITE };
	struct mm_struct *mm = mm_enter(0);

	for (u32 i = 0; i < ROUNDS; i++)
		CUT_CHECK(gpu_access(0, index, VIEW_VA(0), access[index],
				     mm_next_value()) >= 0);
	mm_leave(mm);
}

/* An ATOMIC (P0) of a page that P1 zaps, and forks, and writes. */
void form_x_zap_body(u32 index)
{
	struct mm_struct *mm = mm_enter(0), *child;
	u64 va = VIEW_VA(0);

	for (u32 i = 0; i < ROUNDS; i++) {
		if (!index) {
			CUT_CHECK(gpu_access(0, 0, va, GPU_ATOMIC, 0) >= 0);
			continue;
		}
		CUT_CHECK(!cpu_store(mm, va, mm_next_value()));
		child = dup_mm(mm);
		if (!IS_ERR(child))
			mmput(child);
		CUT_CHECK(!do_madvise_dontneed(mm, va, PAGE_SIZE));
	}
	mm_leave(mm);
}

/* As race_dontneed_body(), with an ATOMIC. */
void form_x_dontneed_body(u32 index)
{
	struct mm_struct *mm = mm_enter(0);

	for (u32 i = 0; i < ROUNDS; i++) {
		if (!index) {
			CUT_CHECK(gpu_access(0, 0, VIEW_VA(0), GPU_ATOMIC,
					     0) >= 0);
			continue;
		}
		CUT_CHECK(!cpu_store(mm, VIEW_VA(0), mm_next_value()));
		CUT_CHECK(!do_madvise_dontneed(mm, VIEW_VA(0), PAGE_SIZE));
	}
	mm_leave(mm);
}

/* An ATOMIC of a page that a child shares: getting it spoils the first round. */
void form_x_shared_body(u32 index)
{
	struct mm_struct *mm = mm_enter(0), *child;

	CUT_CHECK(!cpu_store(mm, VIEW_VA(0), mm_next_value()));
	child = dup_mm(mm);
	CUT_CHECK(!IS_ERR(child));
	CUT_CHECK(gpu_access(0, 0, VIEW_VA(0), GPU_ATOMIC, 0) >= 0);
	mmput(child);
	mm_leave(mm);
}

/* A READ of a page that may not be written, in one batch with an ATOMIC. */
void form_x_readonly_boot(void)
{
	nouveau_test_exclusive_boot();
	protect(1, 1, PROT_READ);
}

void form_x_readonly_body(u32 index)
{
	struct mm_struct *mm = mm_enter(0);

	CUT_CHECK(gpu_access(0, index, VIEW_VA(index),
			     index ? GPU_READ : GPU_ATOMIC, 0) >= 0);
	mm_leave(mm);
}

/* An ATOMIC (P0) of a page that P1 has locked now and then. */
void form_x_locked_body(u32 index)
{
	struct mm_struct *mm = mm_enter(0);
	struct page *page;

	if (!index) {
		CUT_CHECK(gpu_access(0, 0, VIEW_VA(0), GPU_ATOMIC, 0) >= 0);
		mm_leave(mm);
		return;
	}
	for (u32 i = 0; i < ROUNDS; i++) {
		mmap_read_lock(mm);
		CUT_CHECK(get_user_pages_remote(mm, VIEW_VA(0), 1,
						FOLL_GET | FOLL_WRITE, &page,
						NULL) == 1);
		mmap_read_unlock(mm);
		folio_lock(page_folio(page));
		cond_resched();
		folio_unlock(page_folio(page));
		put_user_page(page);
	}
	mm_leave(mm);
}

/* P0 asks for atomics; P1 closes the file under it. */
void form_x_fini_body(u32 index)
{
	struct mm_struct *mm = mm_enter(0);

	if (index) {
		CUT_CHECK(nouveau_close_svmm(0) == 0);
	} else {
		long ret = gpu_access(0, 0, VIEW_VA(0), GPU_ATOMIC, 0);

		CUT_CHECK(ret >= 0 || ret == -EFAULT || ret == -ENODEV);
	}
	mm_leave(mm);
}

/* A page is ours, and a PREFETCH of it changes nothing. */
void form_x_prefetch_body(u32 index)
{
	struct mm_struct *mm = mm_enter(0);

	CUT_CHECK(gpu_access(0, 0, VIEW_VA(0), GPU_ATOMIC, 0) >= 0);
	/* A translation that is there raises no fault: this one is literal. */
	raise_fault(VIEW_VA(0), GPU_PREFETCH);
	nouveau_quiesce();
	CUT_CHECK(gpu_entry(0, VIEW_VA(0)) & VIEW_A);
	mm_leave(mm);
}

/* Pages 0 to 7 are one huge entry of the CPU, and one large page of the GPU. */
void form_x_large_boot(void)
{
	struct mm_struct *mm;

	nouveau_test_exclusive_boot();
	mm = mm_enter(0);
	CUT_CHECK(!vm_munmap(mm, VIEW_VA(0), 8 * PAGE_SIZE));
	CUT_CHECK(!mmap_anon(mm, VIEW_VA(0), 8 * PAGE_SIZE,
			     PROT_READ | PROT_WRITE));
	CUT_CHECK(!do_madvise_hugepage(mm, VIEW_VA(0), 8 * PAGE_SIZE));
	CUT_CHECK(!cpu_store(mm, VIEW_VA(0), mm_next_value()));
	mm_leave(mm);
}

void form_x_large_body(u32 index)
{
	struct mm_struct *mm = mm_enter(0);

	CUT_CHECK(!gpu_access(0, 0, VIEW_VA(2), GPU_WRITE, mm_next_value()));
	for (u32 i = 0; i < 8; i++)
		CUT_CHECK(gpu_entry(0, VIEW_VA(i)) & VIEW_W);
	/* A page of it for atomics takes the whole apart. */
	CUT_CHECK(gpu_access(0, 0, VIEW_VA(5), GPU_ATOMIC, 0) >= 0);
	CUT_CHECK(gpu_entry(0, VIEW_VA(5)) & VIEW_A);
	CUT_CHECK(gpu_entry(0, VIEW_VA(2)) == VIEW_NONE);
	mm_leave(mm);
}

/* P0 has all of it mapped; P1 takes a part of it that P0 does not ask for. */
void form_x_large_cut_body(u32 index)
{
	struct mm_struct *mm = mm_enter(0);

	if (index)
		CUT_CHECK(!do_madvise_dontneed(mm, VIEW_VA(4),
					       2 * PAGE_SIZE));
	else
		CUT_CHECK(!gpu_access(0, 0, VIEW_VA(1), GPU_WRITE,
				      mm_next_value()));
	mm_leave(mm);
}
