// SPDX-License-Identifier: GPL-2.0
/*
 * test_onepage: what form P does with one fault alone, and with several.
 *
 * The outcome table of the spec (nouveau.md, 14), its form P column, is made by
 * running each cell: the CPU state of a page is built, the GPU accesses it, and
 * what the handler did and left is compared. ATOMIC is served as WRITE.
 */
#include <linux/err.h>
#include <linux/errno.h>
#include <linux/mman.h>
#include <linux/sched/mm.h>

#include "targets/mm/mm.h"
#include "targets/nouveau/gpu.h"
#include "targets/nouveau/tests/nouveau_test.h"

enum outcome {
	K,	/* cancelled, nothing mapped */
	V,	/* mapped read-only, replayed */
	VW,	/* mapped writable, replayed */
	R,	/* nothing mapped, replayed */
};

/* Each cell has its own page of these. */
#define PAGE	8
#define PAGES	4

static void state_no_vma(struct mm_struct *mm, unsigned long va)
{
}

static void map(struct mm_struct *mm, unsigned long va, unsigned long prot)
{
	CUT_CHECK(!mmap_anon(mm, va, PAGES * PAGE_SIZE, prot));
}

static void protect(struct mm_struct *mm, unsigned long va, unsigned long prot)
{
	CUT_CHECK(!do_mprotect(mm, va, PAGES * PAGE_SIZE, prot));
}

static void touch(struct mm_struct *mm, unsigned long va, bool write)
{
	u32 value;

	for (u32 i = 0; i < PAGES; i++, va += PAGE_SIZE) {
		if (write)
			CUT_CHECK(!cpu_store(mm, va, mm_next_value()));
		else
			CUT_CHECK(!cpu_load(mm, va, &value));
	}
}

static void state_prot_none(struct mm_struct *mm, unsigned long va)
{
	map(mm, va, PROT_NONE);
}

static void state_hole_r(struct mm_struct *mm, unsigned long va)
{
	map(mm, va, PROT_READ);
}

static void state_hole_rw(struct mm_struct *mm, unsigned long va)
{
	map(mm, va, PROT_READ | PROT_WRITE);
}

static void state_zero(struct mm_struct *mm, unsigned long va)
{
	state_hole_rw(mm, va);
	touch(mm, va, false);
}

static void state_anon(struct mm_struct *mm, unsigned long va)
{
	state_hole_rw(mm, va);
	touch(mm, va, true);
}

static void state_anon_no_access(struct mm_struct *mm, unsigned long va)
{
	state_anon(mm, va);
	protect(mm, va, PROT_NONE);
}

static void state_anon_now_r(struct mm_struct *mm, unsigned long va)
{
	state_anon(mm, va);
	protect(mm, va, PROT_READ);
}

/* The page was shared and is no longer: a write may use it as it is. */
static void state_anon_reusable(struct mm_struct *mm, unsigned long va)
{
	struct mm_struct *child;

	state_anon(mm, va);
	child = dup_mm(mm);
	CUT_CHECK(!IS_ERR(child));
	mmput(child);
}

static const struct row {
	void (*state)(struct mm_struct *mm, unsigned long va);
	bool forked;		/* a child shares the pages */
	u8 page;
	u8 expect[4];		/* by access */
} rows[] = {
	/*			  forked page	READ WRITE ATOMIC PREFETCH */
	{ state_no_vma,		  false, PAGE,	{ K,  K,  K,  R } },
	{ state_prot_none,	  false, PAGE,	{ K,  K,  K,  R } },
	{ state_anon_no_access,	  false, PAGE,	{ K,  K,  K,  R } },
	{ state_hole_r,		  false, PAGE,	{ V,  K,  K,  R } },
	{ state_hole_rw,	  false, PAGE,	{ V,  VW, VW, R } },
	{ state_zero,		  false, PAGE,	{ V,  VW, VW, V } },
	{ state_anon,		  false, PAGE,	{ VW, VW, VW, VW } },
	{ state_anon_reusable,	  false, PAGE,	{ V,  VW, VW, V } },
	{ state_anon,		  true,	 PAGE,	{ V,  VW, VW, V } },
	{ state_anon_now_r,	  false, PAGE,	{ V,  K,  K,  V } },
	/* An address that no program has: not the GPU's to refuse. */
	{ state_no_vma,		  false, 20,	{ K,  K,  K,  R } },
	/* Two in the managed range, two in the one that is not. */
	{ state_anon,		  false, 12,	{ VW, VW, K,  R } },
};

static enum outcome cell(u64 va, enum gpu_access access)
{
	u64 cancels = journal_count[EV_fault_cancel];
	u64 replays = journal_count[EV_gpu_replay];
	bool killed;
	long ret;
	u64 word;

	ret = gpu_access(0, 0, va, access, mm_next_value());
	nouveau_quiesce();
	killed = journal_count[EV_fault_cancel] != cancels;
	word = gpu_entry(0, va);

	CUT_CHECK(killed == (ret == -EFAULT));
	CUT_CHECK(killed || journal_count[EV_gpu_replay] != replays);
	if (killed) {
		CUT_CHECK(VIEW_KIND(word) == VIEW_NONE);
		return K;
	}
	if (VIEW_KIND(word) == VIEW_NONE)
		return R;
	return word & VIEW_W ? VW : V;
}

void onepage_table_body(u32 index)
{
	struct mm_struct *mm = mm_enter(0);

	for (u32 i = 0; i < ARRAY_SIZE(rows); i++) {
		u64 va = VIEW_VA(rows[i].page);
		struct mm_struct *child = NULL;

		rows[i].state(mm, va);
		if (rows[i].forked)
			child = dup_mm(mm);
		CUT_CHECK(!IS_ERR(child));
		for (u32 a = GPU_READ; a <= GPU_PREFETCH; a++)
			CUT_CHECK(cell(va + a * PAGE_SIZE, a) ==
				  rows[i].expect[a]);
		if (rows[i].state != state_no_vma)
			CUT_CHECK(!vm_munmap(mm, va, PAGES * PAGE_SIZE));
		if (child)
			mmput(child);
	}
	mm_leave(mm);
}

/* Four clients, one page, all mixes of access: one group, or several. */
void onepage_duplicates_body(u32 index)
{
	static const u8 access[] = { GPU_READ, GPU_WRITE, GPU_ATOMIC, GPU_READ };
	struct mm_struct *mm = mm_enter(0);

	CUT_CHECK(gpu_access(0, index, VIEW_VA(1), access[index],
			     mm_next_value()) >= 0);
	mm_leave(mm);
}

void onepage_duplicates_halt(void)
{
	CUT_CHECK(gpu_entry(0, VIEW_VA(1)) & VIEW_W);
	CUT_CHECK(!gpu_stalled());
	nouveau_test_halt();
}

/* A READ that is allowed beside a WRITE that is not. */
void onepage_weaker_boot(void)
{
	struct mm_struct *mm;

	nouveau_test_boot();
	mm = mm_enter(0);
	CUT_CHECK(!do_mprotect(mm, VIEW_VA(1), PAGE_SIZE, PROT_READ));
	mm_leave(mm);
}

void onepage_weaker_body(u32 index)
{
	struct mm_struct *mm = mm_enter(0);
	long ret = gpu_access(0, index, VIEW_VA(1), index, mm_next_value());

	if (!mutation_on[M_nv_cancel_weaker_faults])
		CUT_CHECK(index == GPU_READ ? ret >= 0 : ret == -EFAULT);
	mm_leave(mm);
}

/*
 * Two channels of one svmm. The first one's access is not allowed; the other's
 * is, to a lower address, and so comes after it in the batch.
 */
void onepage_lower_body(u32 index)
{
	struct mm_struct *mm = mm_enter(0);
	long ret = gpu_access(index, 0, VIEW_VA(index ? 0 : 8), GPU_READ, 0);

	if (!mutation_on[M_nv_group_takes_lower_address])
		CUT_CHECK(ret == (index ? 0 : -EFAULT));
	mm_leave(mm);
}

/*
 * Two channels of one svmm, one page. The first one's PREFETCH asks for
 * nothing; the WRITE that comes after it in the batch is no duplicate of it.
 */
void onepage_stronger_body(u32 index)
{
	struct mm_struct *mm = mm_enter(0);
	long ret = gpu_access(index, index, VIEW_VA(1),
			      index ? GPU_WRITE : GPU_PREFETCH,
			      mm_next_value());

	CUT_CHECK(ret >= 0);
	mm_leave(mm);
}
