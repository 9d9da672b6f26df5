// SPDX-License-Identifier: GPL-2.0
/*
 * fork: where the address spaces of a program begin and end.
 *
 * The tree's own functions make and end them. That is seen at what they call in
 * other objects: pgd_alloc(), exit_mmap(), pgd_free(). Which slot is whose is in
 * targets/mm/slots.c.
 *
 * Every mm has its subscriptions from the start, as one that was mirrored
 * before: without any the tree's inline wrappers skip their brackets, and there
 * would be nothing to see. So what happens while the first notifier of an mm is
 * being registered is not covered.
 */
#include <linux/mman.h>
#include <linux/mmu_notifier.h>
#include <linux/sched/mm.h>
#include <asm/pgalloc.h>

#include "targets/ktree/glue/ground.h"

#define BOOT_PAGES	8	/* mapped in slot 0 at boot; the rest is free */

/* By task: the slots of a fork under way, number + 1; begun: it was told. */
static struct fork {
	u8 parent, child;
	bool begun, failed;
} forks[RT_TASKS_MAX];

u32 mm_slot_of(const struct mm_struct *mm)
{
	u32 slot;

	for (slot = 0; slot < PROG_MMS; slot++)
		if (mm && mm_slot_get(slot) == mm)
			break;
	return slot;
}

void mm_use(struct mm_struct *mm)
{
#ifdef SPLIT_RSS_COUNTING
	/* As exit_mm() does it: up to 6.1 a task counts for itself. */
	if (!mm)
		sync_mm_rss(current->mm);
#endif
	/* A thread of the process begins, or is done. */
	if (mm)
		kt_acquire(mm);
	else
		kt_release(current->mm);
	current->mm = current->active_mm = mm;
}

void kernel_task_idle_check(void)
{
	ktree_task_idle_check();
}

static void slot_fill(u32 slot, struct mm_struct *mm, u64 parent)
{
	mm_slot_set(slot, mm);
	rt_name(mm, "mm", (int)slot);
	view_emit(EV_mm_new, parent, slot, 0);
	ktree_watch(slot, mm->pgd);
}

/* -- fork -- */

/* The tree's, made reachable by the link: kernel/fork.c has it static. */
struct mm_struct *dup_mm(struct task_struct *tsk, struct mm_struct *oldmm);

bool ktree_forking(u32 *parent, u32 *child)
{
	const struct fork *f = &forks[rt_self()];

	if (!f->child)
		return false;
	*parent = f->parent - 1u;
	*child = f->child - 1u;
	return true;
}

long mm_fork(struct mm_struct *mm)
{
	struct fork *f = &forks[rt_self()];
	u32 slot = mm_slot_take();
	struct mm_struct *child;

	if (slot == PROG_MMS)
		return -EAGAIN;
	*f = (struct fork){ .parent = (u8)(mm_slot_of(mm) + 1),
			    .child = (u8)(slot + 1) };
	child = dup_mm(current, mm);
	*f = (struct fork){ .begun = false };
	if (!child) {
		/* It failed before there was anything to see. */
		if (mm_slot_get_state(slot) == VIEW_MM_LIVE)
			mm_slot_state(slot, VIEW_MM_DEAD);
		return -ENOMEM;
	}
	kt_release(child);
	mm_slot_start(slot, child);
	return slot;
}

pgd_t *__real_pgd_alloc(struct mm_struct *mm);
pgd_t *__wrap_pgd_alloc(struct mm_struct *mm);
pgd_t *__wrap_pgd_alloc(struct mm_struct *mm)
{
	pgd_t *pgd = __real_pgd_alloc(mm);
	u32 parent, child;

	if (pgd && ktree_forking(&parent, &child)) {
		mm->pgd = pgd;
		slot_fill(child, mm, parent);
	}
	return pgd;
}

/* Both locks are held, the child has nothing yet. 0 or -ENOMEM. */
static int fork_begin(void)
{
	struct fork *f = &forks[rt_self()];
	u32 parent, child;

	if (!ktree_forking(&parent, &child))
		return 0;
	f->begun = true;
	view_emit(EV_fork_begin, parent, child, 0);
	return __mmu_notifier_register(NULL, mm_slot_get(child));
}

/*
 * It fails in the middle: where the driver holds the lock of a page that it has
 * for itself the copy gives up, and the parent keeps that entry.
 */
void ktree_fork_fails(void)
{
	forks[rt_self()].failed = true;
}

/* What a failure left of the child is not told: the caller unmaps it. */
void ktree_fork_end(void)
{
	struct fork *f = &forks[rt_self()];

	if (f->begun)
		view_emit(EV_fork_end, f->parent - 1u, f->child - 1u,
			  f->failed ? (u64)-ENOMEM : 0);
	f->begun = false;
}

#if KT_SINCE(6, 8)
int __real___mt_dup(struct maple_tree *mt, struct maple_tree *new, gfp_t gfp);
int __wrap___mt_dup(struct maple_tree *mt, struct maple_tree *new, gfp_t gfp);
int __wrap___mt_dup(struct maple_tree *mt, struct maple_tree *new, gfp_t gfp)
{
	int ret = fork_begin();

	return ret ? ret : __real___mt_dup(mt, new, gfp);
}
#else
int __real_mas_expected_entries(struct ma_state *mas, unsigned long nr);
int __wrap_mas_expected_entries(struct ma_state *mas, unsigned long nr);
int __wrap_mas_expected_entries(struct ma_state *mas, unsigned long nr)
{
	int ret = fork_begin();

	return ret ? ret : __real_mas_expected_entries(mas, nr);
}
#endif

/* -- the end of an address space -- */

static void slot_dead(u32 slot)
{
	mm_slot_state(slot, VIEW_MM_DEAD);
	view_emit(EV_mm_dead, slot, 0, 0);
}

void __real_exit_mmap(struct mm_struct *mm);
void __wrap_exit_mmap(struct mm_struct *mm);
void __wrap_exit_mmap(struct mm_struct *mm)
{
	u32 slot = mm_slot_of(mm);

	if (slot < PROG_MMS) {
		mm_slot_state(slot, VIEW_MM_EXITING);
		view_emit(EV_mm_exit, slot, 0, 0);
	}
	__real_exit_mmap(mm);
	if (slot < PROG_MMS)
		slot_dead(slot);
}

void __real_pgd_free(struct mm_struct *mm, pgd_t *pgd);
void __wrap_pgd_free(struct mm_struct *mm, pgd_t *pgd);
void __wrap_pgd_free(struct mm_struct *mm, pgd_t *pgd)
{
	u32 slot = mm_slot_of(mm);

	if (slot < PROG_MMS) {
		ktree_watch(slot, NULL);
		/* A fork failed before its mm had a user. */
		if (mm_slot_get_state(slot) == VIEW_MM_LIVE)
			slot_dead(slot);
		mm_slot_set(slot, NULL);
	}
	__real_pgd_free(mm, pgd);
}

/* -- boot and halt -- */

void ktree_mm_boot(void)
{
	struct mm_struct *mm = mm_alloc();
	u32 slot = mm_slot_take();

#if !KT_SINCE(6, 10)
	mm->get_unmapped_area = arch_get_unmapped_area;
#endif
	mm->task_size = TASK_SIZE;
	slot_fill(slot, mm, ~0ull);
	mmap_write_lock(mm);
	__mmu_notifier_register(NULL, mm);
	mmap_write_unlock(mm);
	mm_slot_start(slot, mm);
	mm_enter(slot);
	WARN_ON(vm_mmap(NULL, VIEW_VA(0), BOOT_PAGES * PAGE_SIZE, PROT_READ | PROT_WRITE,
		MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, 0) != VIEW_VA(0));
	mm_leave(mm);
}

void ktree_mm_halt(void)
{
	mm_slots_exit();
	taken_halt();
}
