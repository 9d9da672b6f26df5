// SPDX-License-Identifier: GPL-2.0
/*
 * taken_ops.c: calls on pages that a driver or a system call has taken (GUP).
 *
 * A page that was taken is read and written through the reference, as a
 * network card does that knows nothing of page tables:
 *
 *	gup page=0 write=yes			another task
 *	get_user_pages() = page#7
 *						fork, munmap, migration ...
 *	write page#7
 *	put_page(page#7)
 *
 * What must hold in between is that the page is not freed; whether the write
 * reaches the mapping depends on what kind of reference it is [core 6.9.1].
 *
 * Pins are kept in a table of the program across calls; nobody waits for a slot
 * of it, a call that finds it in use gives its pin back.
 */
#include <linux/errno.h>
#include <linux/mm.h>
#include <linux/pagemap.h>

#include "harness/rt/rt.h"
#include "targets/mm/slots.h"
#include "targets/mm/taken_ops.h"
#include "targets/view.h"

#define NR_KEPT		4	/* as ARG_SLOT */

/* A page that was taken: through which mm, where and how. */
struct taken {
	struct page *page;
	u32 slot;
	u32 kind;		/* PROG_GUP_* */
	bool write;		/* it may be written */
	unsigned long addr;
};

/* busy: @taken is being filled, stands, or is being given back. */
static struct {
	u32 busy;
	u32 full;
	struct taken taken;
} kept[NR_KEPT] __machine;

static u32 nr_kept __machine;

/* current->mm is @mm. 0, or minus an errno. */
static long take(struct mm_struct *mm, unsigned long addr, u32 kind, bool write,
		 struct taken *taken)
{
	unsigned int flags = write ? FOLL_WRITE : 0;
	struct page *page;
	long ret;

	if (gup_is_longterm(kind))
		flags |= FOLL_LONGTERM;
	ret = page_take(mm, addr, kind, flags, &page);
	if (ret != 1)
		return ret ? ret : -EFAULT;
	*taken = (struct taken){ page, mm_slot_of(mm), kind, write, addr };
	return 0;
}

static u64 how(const struct taken *taken)
{
	return VIEW_CPU(taken->slot, gup_is_pin(taken->kind));
}

static u32 taken_read(const struct taken *taken)
{
	u32 value, frame = page_frame(taken->page);

	rt_point(RT_SITE(RT_LOAD, "taken_read", NULL), taken->page);
	value = frame_load(frame);
	view_emit(EV_gup_load, how(taken), taken->addr, VIEW_DATA(frame, value));
	return value;
}

/* The page is dirty behind the tables' back, and whoever gives it back says so. */
static void taken_write(const struct taken *taken, u32 value)
{
	struct folio *folio = page_folio(taken->page);
	u32 frame = page_frame(taken->page);

	rt_point(RT_SITE(RT_STORE, "taken_write", NULL), taken->page);
	frame_store(frame, value);
	view_emit(EV_gup_store, how(taken), taken->addr,
		  VIEW_DATA(frame, value));
	folio_lock(folio);
	folio_mark_dirty(folio);
	folio_unlock(folio);
}

/* page, kind, write, mm; a read returns what it read */
long op_gup(const u32 *arg)
{
	struct mm_struct *mm = mm_enter(arg[3]);
	struct taken taken;
	long ret;

	if (!mm)
		return -ESRCH;
	ret = take(mm, VIEW_VA(arg[0]), arg[1], arg[2], &taken);
	if (ret)
		return op_leave(mm, ret);
	if (arg[2])
		taken_write(&taken, mm_next_value());
	else
		ret = taken_read(&taken);
	page_give_back(taken.page, taken.kind);
	return op_leave(mm, ret);
}

/* page, slot, kind, write, mm */
long op_pin_keep(const u32 *arg)
{
	struct mm_struct *mm;
	long ret;

	if (__atomic_exchange_n(&kept[arg[1]].busy, 1, __ATOMIC_ACQ_REL))
		return -EBUSY;
	mm = mm_enter(arg[4]);
	ret = mm ? take(mm, VIEW_VA(arg[0]), arg[2], arg[3],
			&kept[arg[1]].taken) : -ESRCH;
	if (!ret)
		__atomic_fetch_add(&nr_kept, 1, __ATOMIC_RELAXED);
	__atomic_store_n(ret ? &kept[arg[1]].busy : &kept[arg[1]].full, !ret,
			 __ATOMIC_RELEASE);
	return mm ? op_leave(mm, ret) : ret;
}

/* slot, write: through the page before it is given back, if it may be */
long op_unpin(const u32 *arg)
{
	const struct taken *taken = &kept[arg[0]].taken;

	if (!__atomic_exchange_n(&kept[arg[0]].full, 0, __ATOMIC_ACQ_REL))
		return -ENOENT;
	if (arg[1] && taken->write)
		taken_write(taken, mm_next_value());
	else
		taken_read(taken);
	page_give_back(taken->page, taken->kind);
	__atomic_fetch_sub(&nr_kept, 1, __ATOMIC_RELAXED);
	__atomic_store_n(&kept[arg[0]].busy, 0, __ATOMIC_RELEASE);
	kernel_task_idle_check();
	return 0;
}

/* What is kept in @slot weighs, if it is of @frame. A pin of the zero page is
 * none. */
static s32 kept_weight(u32 slot, u32 frame)
{
	const struct taken *taken = &kept[slot].taken;

	if (!__atomic_load_n(&kept[slot].full, __ATOMIC_ACQUIRE) ||
	    page_frame(taken->page) != frame)
		return 0;
	if (!gup_is_pin(taken->kind))
		return 1;
	return is_zero_pfn(page_to_pfn(taken->page)) ?
		0 : (s32)GUP_PIN_COUNTING_BIAS;
}

s32 taken_weight(u32 frame)
{
	s32 weight = 0;
	u32 slot;

	if (likely(!__atomic_load_n(&nr_kept, __ATOMIC_RELAXED)))
		return 0;
	for (slot = 0; slot < NR_KEPT; slot++)
		weight += kept_weight(slot, frame);
	return weight;
}

void taken_halt(void)
{
	u32 slot;

	for (slot = 0; nr_kept && slot < NR_KEPT; slot++)
		op_unpin((const u32[]){ slot, false });
}
