// SPDX-License-Identifier: GPL-2.0
/*
 * slots: the address spaces of a program, by number.
 *
 * A slot is one process, as in targets/mm/ops.c: it has threads while somebody
 * is in a call of it or its program has not exited, and pins the structure of
 * its mm meanwhile. Slot 0 is made at boot, a fork fills the lowest one that
 * was never used.
 *
 * The tree's own functions make and end the address spaces. Where they begin
 * and end is seen at the functions they call in other objects: pgd_alloc(),
 * exit_mmap(), pgd_free().
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

static struct mm_slot {
	struct mm_struct *mm;	/* NULL once its tables are gone */
	u32 state;		/* enum view_mm_state */
	u32 threads;		/* calls inside, and one until exit */
	u32 running;		/* 1 until exit */
} slots[PROG_MMS];

/* By task: the slots of a fork under way, number + 1; begun: it was told. */
static struct fork {
	u8 parent, child;
	bool begun, failed;
} forks[RT_TASKS_MAX];

static u32 last_value;

struct mm_struct *ktree_slot_mm(u32 slot)
{
	return slot < PROG_MMS ?
		__atomic_load_n(&slots[slot].mm, __ATOMIC_ACQUIRE) : NULL;
}

u32 ktree_mm_slot(const struct mm_struct *mm)
{
	u32 slot;

	for (slot = 0; slot < PROG_MMS; slot++)
		if (mm && ktree_slot_mm(slot) == mm)
			break;
	return slot;
}

u32 ktree_slot_state(u32 slot)
{
	return __atomic_load_n(&slots[slot].state, __ATOMIC_ACQUIRE);
}

static u32 slot_take(void)
{
	u32 slot, unused;

	for (slot = 0; slot < PROG_MMS; slot++) {
		unused = VIEW_MM_UNUSED;
		if (__atomic_compare_exchange_n(&slots[slot].state, &unused,
						VIEW_MM_LIVE, false,
						__ATOMIC_ACQ_REL,
						__ATOMIC_RELAXED))
			break;
	}
	return slot;
}

static void slot_fill(u32 slot, struct mm_struct *mm, u64 parent)
{
	__atomic_store_n(&slots[slot].mm, mm, __ATOMIC_RELEASE);
	rt_name(mm, "mm", (int)slot);
	view_emit(EV_mm_new, parent, slot, 0);
	ktree_watch(slot, mm->pgd);
}

/* The program of @slot begins: its one user is @mm's. */
static void slot_start(u32 slot, struct mm_struct *mm)
{
	mmgrab(mm);
	__atomic_store_n(&slots[slot].running, 1, __ATOMIC_RELAXED);
	__atomic_store_n(&slots[slot].threads, 1, __ATOMIC_RELEASE);
}

static bool thread_enter(u32 slot)
{
	u32 n;

	if (slot >= PROG_MMS)
		return false;
	n = __atomic_load_n(&slots[slot].threads, __ATOMIC_ACQUIRE);
	do {
		if (!n || !__atomic_load_n(&slots[slot].running,
					   __ATOMIC_RELAXED))
			return false;
	} while (!__atomic_compare_exchange_n(&slots[slot].threads, &n, n + 1,
					      false, __ATOMIC_ACQ_REL,
					      __ATOMIC_ACQUIRE));
	return true;
}

static void thread_leave(u32 slot, struct mm_struct *mm)
{
	if (!__atomic_sub_fetch(&slots[slot].threads, 1, __ATOMIC_ACQ_REL))
		mmdrop(mm);
}

struct mm_struct *ktree_mm_pin(u32 slot)
{
	struct mm_struct *mm;

	if (!thread_enter(slot))
		return NULL;
	mm = ktree_slot_mm(slot);
	if (mm)
		mmgrab(mm);
	thread_leave(slot, mm);
	return mm;
}

struct mm_struct *mm_enter(u32 slot)
{
	struct mm_struct *mm;

	if (!thread_enter(slot))
		return NULL;
	mm = ktree_slot_mm(slot);
	if (!mmget_not_zero(mm)) {
		thread_leave(slot, mm);
		return NULL;
	}
	current->mm = current->active_mm = mm;
	return mm;
}

void mm_leave(struct mm_struct *mm)
{
	u32 slot = ktree_mm_slot(mm);

#ifdef SPLIT_RSS_COUNTING
	/* As exit_mm() does it: up to 6.1 a task counts for itself. */
	sync_mm_rss(mm);
#endif
	current->mm = current->active_mm = NULL;
	mmput(mm);
	thread_leave(slot, mm);
}

long op_leave(struct mm_struct *mm, long ret)
{
	mm_leave(mm);
	kernel_task_idle_check();
	return ret;
}

void kernel_task_idle_check(void)
{
	ktree_task_idle_check();
}

int ktree_slot_exit(struct mm_struct *mm)
{
	u32 slot = ktree_mm_slot(mm);

	if (!__atomic_exchange_n(&slots[slot].running, 0, __ATOMIC_ACQ_REL))
		return -ESRCH;
	mmput(mm);
	thread_leave(slot, mm);
	return 0;
}

u32 mm_next_value(void)
{
	return __atomic_add_fetch(&last_value, 1, __ATOMIC_RELAXED);
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

long ktree_fork(struct mm_struct *mm)
{
	struct fork *f = &forks[rt_self()];
	u32 slot = slot_take();
	struct mm_struct *child;

	if (slot == PROG_MMS)
		return -EAGAIN;
	*f = (struct fork){ .parent = (u8)(ktree_mm_slot(mm) + 1),
			    .child = (u8)(slot + 1) };
	child = dup_mm(current, mm);
	*f = (struct fork){ .begun = false };
	if (!child) {
		/* It failed before there was anything to see. */
		if (ktree_slot_state(slot) == VIEW_MM_LIVE)
			__atomic_store_n(&slots[slot].state, VIEW_MM_DEAD,
					 __ATOMIC_RELEASE);
		return -ENOMEM;
	}
	slot_start(slot, child);
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
	return __mmu_notifier_register(NULL, ktree_slot_mm(child));
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
	__atomic_store_n(&slots[slot].state, VIEW_MM_DEAD, __ATOMIC_RELEASE);
	view_emit(EV_mm_dead, slot, 0, 0);
}

void __real_exit_mmap(struct mm_struct *mm);
void __wrap_exit_mmap(struct mm_struct *mm);
void __wrap_exit_mmap(struct mm_struct *mm)
{
	u32 slot = ktree_mm_slot(mm);

	if (slot < PROG_MMS) {
		__atomic_store_n(&slots[slot].state, VIEW_MM_EXITING,
				 __ATOMIC_RELEASE);
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
	u32 slot = ktree_mm_slot(mm);

	if (slot < PROG_MMS) {
		ktree_watch(slot, NULL);
		/* A fork failed before its mm had a user. */
		if (ktree_slot_state(slot) == VIEW_MM_LIVE)
			slot_dead(slot);
		__atomic_store_n(&slots[slot].mm, NULL, __ATOMIC_RELEASE);
	}
	__real_pgd_free(mm, pgd);
}

/* -- boot and halt -- */

void ktree_mm_boot(void)
{
	struct mm_struct *mm = mm_alloc();
	u32 slot = slot_take();

#if !KT_SINCE(6, 10)
	mm->get_unmapped_area = arch_get_unmapped_area;
#endif
	mm->task_size = TASK_SIZE;
	slot_fill(slot, mm, ~0ull);
	mmap_write_lock(mm);
	__mmu_notifier_register(NULL, mm);
	mmap_write_unlock(mm);
	slot_start(slot, mm);
	mm_enter(slot);
	WARN_ON(vm_mmap(NULL, VIEW_VA(0), BOOT_PAGES * PAGE_SIZE, PROT_READ | PROT_WRITE,
		MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, 0) != VIEW_VA(0));
	mm_leave(mm);
}

void ktree_mm_halt(void)
{
	struct mm_struct *mm;
	u32 slot;

	for (slot = 0; slot < PROG_MMS; slot++) {
		mm = mm_enter(slot);
		if (!mm)
			continue;
		ktree_slot_exit(mm);
		mm_leave(mm);
	}
	ktree_taken_halt();
}
