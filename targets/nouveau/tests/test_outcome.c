// SPDX-License-Identifier: GPL-2.0
/*
 * test_outcome: the outcome table of the spec (nouveau.md 14), made by running
 * each cell: a page is brought to a state, one fault entry is raised for it, and
 * what the handler did and left is compared. Once with the code as it is, and
 * once as the originals had it: their cells are the second set of a row, where
 * they differ.
 *
 * The entries are literal ones that nobody stalls for, so a fault that would
 * come back for ever comes once. P1 keeps a page as it must not be kept for
 * long: locked, or in the middle of a migration.
 */
#include <linux/completion.h>
#include <linux/err.h>
#include <linux/fs.h>
#include <linux/migrate.h>
#include <linux/mman.h>
#include <linux/pagemap.h>
#include <linux/pgtable.h>
#include <linux/rmap.h>
#include <linux/sched.h>
#include <linux/sched/mm.h>

#include "targets/mm/internal.h"
#include "targets/nouveau/gpu.h"
#include "targets/nouveau/tests/nouveau_test.h"

enum outcome {
	K,	/* cancelled */
	R,	/* replayed, and nothing is mapped */
	V,	/* replayed, and mapped: to be read, */
	VW,	/* written, */
	VWA,	/* changed by atomics; */
	D,	/* device memory, to be read, */
	DW,	/* written */
};

/* A row has four pages, one for each access. */
#define PAGE	8
#define PAGES	4

enum form { W, P, X, NR_FORMS };
enum { FOR_W = 1 << W, FOR_P = 1 << P, FOR_X = 1 << X,
       FOR_WP = FOR_W | FOR_P, FOR_ALL = FOR_W | FOR_P | FOR_X };

static const struct nouveau_svm_form *const forms[NR_FORMS] = {
	[W] = &nouveau_svm_window,
	[P] = &nouveau_svm_onepage,
	[X] = &nouveau_svm_exclusive,
};

/* What P1 does to a page while its fault is served. */
enum hold { HOLD_NOTHING, HOLD_LOCK, HOLD_MIGRATION };

static struct {
	struct mm_struct *mm;
	enum form form;
	bool original;
	u32 first, end;		/* rows */
	/* What P1 is asked for, and what it answers. */
	enum hold hold;
	unsigned long va;
	struct completion begin, held, release, done;
} bed __machine;

static void map(unsigned long va, unsigned long prot, unsigned long flags,
		u32 slot)
{
	struct file *file = NULL;

	if (!(flags & MAP_ANONYMOUS))
		file = file_slot_get(slot);
	CUT_CHECK(!ksys_mmap(bed.mm, va, PAGES * PAGE_SIZE, prot, flags, file,
			     0));
	if (file)
		fput(file);
}

static void touch(unsigned long va, bool write)
{
	u32 value;

	for (u32 i = 0; i < PAGES; i++, va += PAGE_SIZE) {
		if (write)
			CUT_CHECK(!cpu_store(bed.mm, va, mm_next_value()));
		else
			CUT_CHECK(!cpu_load(bed.mm, va, &value));
	}
}

static void protect(unsigned long va, unsigned long prot)
{
	CUT_CHECK(!do_mprotect(bed.mm, va, PAGES * PAGE_SIZE, prot));
}

#define RW	(PROT_READ | PROT_WRITE)
#define ANON	(MAP_PRIVATE | MAP_ANONYMOUS)

static void state_no_vma(unsigned long va)
{
}

static void state_prot_none(unsigned long va)
{
	map(va, PROT_NONE, ANON, 0);
}

static void state_hole_r(unsigned long va)
{
	map(va, PROT_READ, ANON, 0);
}

static void state_hole_rw(unsigned long va)
{
	map(va, RW, ANON, 0);
}

static void state_zero(unsigned long va)
{
	state_hole_rw(va);
	touch(va, false);
}

static void state_anon(unsigned long va)
{
	state_hole_rw(va);
	touch(va, true);
}

/* A device's registers; @flags: what its VMA says of them. */
static void registers(unsigned long va, vm_flags_t flags)
{
	struct vm_area_struct *vma;

	CUT_CHECK(!ksys_mmap(bed.mm, va, PAGES * PAGE_SIZE, RW, MAP_SHARED,
			     registers_file(), 0));
	mmap_write_lock(bed.mm);
	vma = vma_lookup(bed.mm, va);
	vma->vm_flags &= ~(VM_IO | VM_PFNMAP) | flags;
	mmap_write_unlock(bed.mm);
	touch(va, true);
}

static void state_registers(unsigned long va)
{
	registers(va, VM_IO | VM_PFNMAP);
}

/* Pages of the driver's: only their VMA says what they are. */
static void state_io(unsigned long va)
{
	state_anon(va);
	mmap_write_lock(bed.mm);
	vma_lookup(bed.mm, va)->vm_flags |= VM_IO;
	mmap_write_unlock(bed.mm);
}

static void state_pfnmap(unsigned long va)
{
	registers(va, VM_PFNMAP);
}

/* The page was shared and is no longer: a write may use it as it is. */
static void state_anon_reusable(unsigned long va)
{
	struct mm_struct *child;

	state_anon(va);
	child = dup_mm(bed.mm);
	CUT_CHECK(!IS_ERR(child));
	mmput(child);
}

static void state_anon_now_r(unsigned long va)
{
	state_anon(va);
	protect(va, PROT_READ);
}

static void state_shmem(unsigned long va)
{
	map(va, RW, MAP_SHARED | MAP_ANONYMOUS, 0);
	touch(va, true);
}

static void state_file(unsigned long va)
{
	map(va, RW, MAP_SHARED, 0);
	touch(va, false);
}

static void state_file_private(unsigned long va)
{
	map(va, RW, MAP_PRIVATE, 1);
	touch(va, false);
}

/* In the device's memory, and the GPU does not know of it. */
static void unmap_gpu(unsigned long va)
{
	struct nouveau_svmm *svmm =
		(struct nouveau_svmm *)nouveau_space_svmm(0);

	mutex_lock(&svmm->mutex);
	nouveau_svmm_invalidate(svmm, va, va + PAGES * PAGE_SIZE);
	mutex_unlock(&svmm->mutex);
}

/* What becomes a thread of the mm by itself. */
static void bind(long (*to)(unsigned long va), unsigned long va)
{
	mm_leave(bed.mm);
	CUT_CHECK(!to(va));
	bed.mm = mm_enter(0);
}

static long bind_own(unsigned long va)
{
	return nouveau_bind(0, 0, VIEW_PAGE(va), PAGES);
}

static long bind_peer(unsigned long va)
{
	return nouveau_peer_bind(0, VIEW_PAGE(va), PAGES);
}

static void state_vram(unsigned long va)
{
	state_anon(va);
	bind(bind_own, va);
	unmap_gpu(va);
}

static void state_vram_r(unsigned long va)
{
	state_vram(va);
	protect(va, PROT_READ);
	protect(va, RW);
}

static void state_foreign(unsigned long va)
{
	state_anon(va);
	bind(bind_peer, va);
}

static void state_lent(unsigned long va)
{
	struct page *pages[PAGES] = { NULL };

	state_anon(va);
	mmap_read_lock(bed.mm);
	CUT_CHECK(make_device_exclusive_range(bed.mm, va,
					      va + PAGES * PAGE_SIZE, pages,
					      &bed) == PAGES);
	mmap_read_unlock(bed.mm);
	for (u32 i = 0; i < PAGES; i++) {
		CUT_CHECK(pages[i]);
		folio_unlock(page_folio(pages[i]));
		put_user_page(pages[i]);
	}
}

void raise_fault(u64 va, u32 access)
{
	const u64 inst = GPU_INST(0);
	const u32 word[GPU_ENTRY_SIZE / 4] = {
		[GPU_ENTRY_INST_LO / 4] = (u32)inst,
		[GPU_ENTRY_ADDR_LO / 4] = (u32)va,
		[GPU_ENTRY_INFO / 4] = GPU_INFO_VALID | access << 16,
	};

	CUT_CHECK(!gpu_raise(word));
}

/* Ours: each page has been given to the GPU's atomics. */
static void state_own_lent(unsigned long va)
{
	state_anon(va);
	for (u32 i = 0; i < PAGES; i++) {
		raise_fault(va + i * PAGE_SIZE, GPU_ATOMIC);
		nouveau_quiesce();
	}
}

/*
 * Cells of READ, WRITE, PREFETCH in form W, PREFETCH in P and X, and ATOMIC in
 * form X; W and P serve that as WRITE. @before: the originals'.
 */
enum { C_READ, C_WRITE, C_PREFETCH_W, C_PREFETCH, C_ATOMIC, NR_CELLS };

static const struct row {
	void (*state)(unsigned long va);
	u8 forms;
	bool forked;		/* a child shares the pages */
	enum hold hold;
	u8 now[NR_CELLS], before[NR_CELLS];
} rows[] = {
	{ state_no_vma, FOR_ALL, false, HOLD_NOTHING,
	  { K, K, R, R, K }, { K, K, K, R, K } },
	{ state_prot_none, FOR_ALL, false, HOLD_NOTHING,
	  { K, K, R, R, K }, { K, K, K, R, K } },
	{ state_registers, FOR_ALL, false, HOLD_NOTHING,
	  { K, K, R, R, K }, { K, K, K, R, K } },
	{ state_io, FOR_ALL, false, HOLD_NOTHING,
	  { K, K, R, R, K }, { K, K, K, R, K } },
	{ state_pfnmap, FOR_ALL, false, HOLD_NOTHING,
	  { K, K, R, R, K }, { K, K, K, R, K } },
	{ state_hole_r, FOR_ALL, false, HOLD_NOTHING,
	  { V, K, R, R, K }, { V, K, K, R, K } },
	{ state_hole_rw, FOR_ALL, false, HOLD_NOTHING,
	  { V, VW, R, R, VWA }, { V, VW, K, R, VWA } },
	{ state_zero, FOR_ALL, false, HOLD_NOTHING,
	  { V, VW, V, V, VWA }, { V, VW, V, V, K } },
	{ state_anon, FOR_ALL, false, HOLD_NOTHING,
	  { VW, VW, VW, VW, VWA }, { VW, VW, VW, VW, VWA } },
	{ state_anon_reusable, FOR_ALL, false, HOLD_NOTHING,
	  { V, VW, V, V, VWA }, { V, VW, V, V, VWA } },
	{ state_anon, FOR_ALL, true, HOLD_NOTHING,
	  { V, VW, V, V, VWA }, { V, VW, V, V, K } },
	{ state_anon_now_r, FOR_ALL, false, HOLD_NOTHING,
	  { V, K, V, V, K }, { V, K, V, V, K } },
	{ state_shmem, FOR_ALL, false, HOLD_NOTHING,
	  { VW, VW, VW, VW, K }, { VW, VW, VW, VW, K } },
	{ state_file, FOR_ALL, false, HOLD_NOTHING,
	  { V, VW, V, V, K }, { V, VW, V, V, K } },
	{ state_file_private, FOR_ALL, false, HOLD_NOTHING,
	  { V, VW, V, V, VWA }, { V, VW, V, V, K } },
	{ state_vram, FOR_WP, false, HOLD_NOTHING,
	  { VW, VW, R, R, VWA }, { VW, VW, K, R, K } },
	{ state_vram, FOR_X, false, HOLD_NOTHING,
	  { DW, DW, DW, DW, VWA }, { DW, DW, DW, DW, K } },
	{ state_vram_r, FOR_WP, false, HOLD_NOTHING,
	  { V, VW, R, R, VWA }, { V, VW, K, R, K } },
	/* Before: the WRITE is counted for the replay, and is raised again. */
	{ state_vram_r, FOR_X, false, HOLD_NOTHING,
	  { D, VW, D, D, VWA }, { D, D, D, D, K } },
	{ state_foreign, FOR_ALL, false, HOLD_NOTHING,
	  { VW, VW, R, R, VWA }, { VW, VW, K, R, K } },
	{ state_lent, FOR_ALL, false, HOLD_NOTHING,
	  { VW, VW, R, R, VWA }, { VW, VW, K, R, K } },
	/* Now: the entry is good for any access. */
	{ state_own_lent, FOR_X, false, HOLD_NOTHING,
	  { VWA, VWA, VWA, VWA, VWA }, { VW, VW, R, R, K } },
	{ state_anon, FOR_ALL, false, HOLD_MIGRATION,
	  { VW, VW, R, R, VWA }, { VW, VW, K, R, VWA } },
	{ state_anon, FOR_ALL, false, HOLD_LOCK,
	  { VW, VW, VW, VW, VWA }, { VW, VW, VW, VW, K } },
};

/* The page's lock, until P0 says. */
static void hold_lock(struct mm_struct *mm)
{
	struct page *page;

	mmap_read_lock(mm);
	CUT_CHECK(get_user_pages_remote(mm, bed.va, 1, FOLL_GET, &page,
					NULL) == 1);
	mmap_read_unlock(mm);
	folio_lock(page_folio(page));
	complete(&bed.held);
	wait_for_completion(&bed.release);
	folio_unlock(page_folio(page));
	put_user_page(page);
}

/* A migration that comes to nothing, and takes its time. */
static void hold_migration(struct mm_struct *mm)
{
	unsigned long src, dst = 0;
	struct migrate_vma args = {
		.start = bed.va,
		.end = bed.va + PAGE_SIZE,
		.src = &src,
		.dst = &dst,
		.pgmap_owner = &bed,
		.flags = MIGRATE_VMA_SELECT_SYSTEM,
	};

	mmap_read_lock(mm);
	args.vma = vma_lookup(mm, bed.va);
	CUT_CHECK(!migrate_vma_setup(&args) && args.cpages == 1);
	complete(&bed.held);
	wait_for_completion(&bed.release);
	migrate_vma_pages(&args);
	migrate_vma_finalize(&args);
	mmap_read_unlock(mm);
}

/* P1: until it is asked for nothing. */
static void hold_body(void)
{
	for (;;) {
		struct mm_struct *mm;

		wait_for_completion(&bed.begin);
		if (bed.hold == HOLD_NOTHING)
			return;
		mm = mm_enter(0);
		if (bed.hold == HOLD_LOCK)
			hold_lock(mm);
		else
			hold_migration(mm);
		mm_leave(mm);
		complete(&bed.done);
	}
}

/* One fault entry, and the page is @hold's meanwhile. */
static void fault(unsigned long va, u32 access, enum hold hold)
{
	u64 failed = journal_count[EV_exclusive_failed];
	/* A fault that waits for P1 cannot be waited for. */
	bool waits = hold == HOLD_MIGRATION ? access != GPU_PREFETCH :
		     access == GPU_ATOMIC && bed.form == X && !bed.original;

	if (hold == HOLD_NOTHING) {
		raise_fault(va, access);
		nouveau_quiesce();
		return;
	}
	bed.hold = hold;
	bed.va = va;
	complete(&bed.begin);
	wait_for_completion(&bed.held);
	raise_fault(va, access);
	if (!waits)
		nouveau_quiesce();
	else if (hold == HOLD_LOCK)
		while (journal_count[EV_exclusive_failed] == failed)
			yield();
	complete(&bed.release);
	wait_for_completion(&bed.done);
	nouveau_quiesce();
}

static enum outcome outcome(unsigned long va, u32 access, enum hold hold)
{
	u64 cancels = journal_count[EV_fault_cancel];
	u64 replays = journal_count[EV_gpu_replay];
	u64 word;

	fault(va, access, hold);
	word = gpu_entry(0, va);
	if (journal_count[EV_fault_cancel] != cancels) {
		CUT_CHECK(journal_count[EV_gpu_replay] == replays);
		CUT_CHECK(VIEW_KIND(word) == VIEW_NONE);
		return K;
	}
	CUT_CHECK(journal_count[EV_gpu_replay] == replays + 1);
	if (VIEW_KIND(word) == VIEW_NONE)
		return R;
	if (word & VIEW_A)
		return VWA;
	if (word & VIEW_VRAM)
		return word & VIEW_W ? DW : D;
	return word & VIEW_W ? VW : V;
}

static enum outcome expected(const struct row *row, u32 access)
{
	const u8 *cell = bed.original ? row->before : row->now;

	switch (access) {
	case GPU_READ:
		return cell[C_READ];
	case GPU_PREFETCH:
		return cell[bed.form == W ? C_PREFETCH_W : C_PREFETCH];
	case GPU_ATOMIC:
		return cell[bed.form == X ? C_ATOMIC : C_WRITE];
	default:
		return cell[C_WRITE];
	}
}

static void check(const struct row *row, unsigned long va, u32 access)
{
	enum outcome got = outcome(va, access, row->hold);

	/* Mapped again, and the mover still has the page locked: Q-A4. */
	if (bed.original && bed.form == X && access == GPU_ATOMIC &&
	    row->hold == HOLD_MIGRATION && got == K)
		return;
	CUT_CHECK(got == expected(row, access));
}

static void run_row(const struct row *row)
{
	unsigned long va = VIEW_VA(PAGE);
	struct mm_struct *child = NULL;

	row->state(va);
	if (row->forked)
		child = dup_mm(bed.mm);
	CUT_CHECK(!IS_ERR(child));
	for (u32 access = GPU_READ; access <= GPU_PREFETCH; access++)
		check(row, va + access * PAGE_SIZE, access);
	if (row->state != state_no_vma)
		CUT_CHECK(!vm_munmap(bed.mm, va, PAGES * PAGE_SIZE));
	if (child)
		mmput(child);
}

void outcome_body(u32 index)
{
	if (index) {
		hold_body();
		return;
	}
	bed.mm = mm_enter(0);
	for (u32 i = bed.first; i < bed.end; i++)
		if (rows[i].forms >> bed.form & 1)
			run_row(&rows[i]);
	mm_leave(bed.mm);
	bed.hold = HOLD_NOTHING;
	complete(&bed.begin);
}

static void boot(enum form form, bool original)
{
	bed.form = form;
	bed.original = original;
	bed.end = ARRAY_SIZE(rows);
	init_completion(&bed.begin);
	init_completion(&bed.held);
	init_completion(&bed.release);
	init_completion(&bed.done);
	mm_boot();
	nouveau_boot(forms[form]);
}

void outcome_window_boot(void)
{
	boot(W, false);
}

void outcome_onepage_boot(void)
{
	boot(P, false);
}

void outcome_exclusive_boot(void)
{
	boot(X, false);
}

/* What the originals did to one fault alone. The runner turns one known bug on
 * and every one off before the next test; here are the others. */
static void originals(enum form form)
{
	static const u16 on[] = {
		M_nv_q_a2_sticky_atomic, M_nv_q_a3_meets_own_entry,
		M_nv_q_a4_trylock_kills, M_nv_q_a5_cancels_prefetch,
		M_nv_q_a6_asks_for_first, M_nv_q_a7_replay_refused,
		M_nv_q_a8_groups_by_stale_phys, M_nv_q_a11_maps_readonly,
		M_nv_q_a12_prefetch_unmaps, M_nv_x_serves_what_is_over,
		M_nv_window_keeps_request, M_nv_window_cancels_all,
	};

	for (u32 i = 0; i < ARRAY_SIZE(on); i++)
		mutation_on[on[i]] = 1;
	boot(form, true);
}

void outcome_window_original_boot(void)
{
	originals(W);
}

void outcome_onepage_original_boot(void)
{
	originals(P);
}

/* In parts: an ATOMIC that tries for a second takes some thousand steps, and an
 * execution may not have more than so many. */
#define PART1	14
#define PART2	19

void outcome_exclusive_original_boot(void)
{
	originals(X);
	bed.end = PART1;
}

void outcome_exclusive_original_2_boot(void)
{
	originals(X);
	bed.first = PART1;
	bed.end = PART2;
}

void outcome_exclusive_original_3_boot(void)
{
	originals(X);
	bed.first = PART2;
}
