// SPDX-License-Identifier: GPL-2.0
/*
 * hw_memory: the frames a GPU address can lead to.
 *
 * MODEL of memory. Tables and pages are apart, as the kernel's page-table cache
 * keeps them apart, and each kind is handed out last freed, first taken: what
 * still points at a freed frame soon points at somebody else's. A freed frame
 * keeps its contents until it is taken again, as freed memory does.
 */
#include "targets/panthor/hw.h"
#include "targets/view.h"

#define NR_RUNS		((HW_FRAMES - HW_FIRST_PAGE) / HW_RUN_PAGES)

static struct hw_memory {
	u32 lock;			/* the free lists; never over a point */
	u32 nr_tables, nr_runs;		/* ever taken: those above are fresh */
	u32 nr_free_tables, nr_free_runs;
	u8 free_table[HW_FIRST_PAGE];
	u8 free_run[NR_RUNS];
	u64 entry[HW_FIRST_PAGE][4];
	u32 value[HW_FRAMES - HW_FIRST_PAGE];
} *memory __machine;

static void memory_lock(void)
{
	while (__atomic_exchange_n(&memory->lock, 1, __ATOMIC_ACQUIRE))
		rt_relax();
}

static void memory_unlock(void)
{
	__atomic_store_n(&memory->lock, 0, __ATOMIC_RELEASE);
}

void hw_memory_boot(void)
{
	memory = rt_alloc(sizeof(*memory));
}

u32 hw_table_alloc(void)
{
	u32 frame = 0;

	memory_lock();
	if (memory->nr_free_tables)
		frame = memory->free_table[--memory->nr_free_tables];
	else if (memory->nr_tables < HW_FIRST_PAGE - 1)
		frame = ++memory->nr_tables;
	memory_unlock();
	for (u32 i = 0; frame && i < 4; i++)
		__atomic_store_n(&memory->entry[frame][i], 0, __ATOMIC_RELAXED);
	return frame;
}

void hw_table_free(u32 frame)
{
	memory_lock();
	memory->free_table[memory->nr_free_tables++] = (u8)frame;
	memory_unlock();
}

u32 hw_run_alloc(void)
{
	u32 run = 0;

	memory_lock();
	if (memory->nr_free_runs)
		run = memory->free_run[--memory->nr_free_runs] + 1u;
	else if (memory->nr_runs < NR_RUNS)
		run = ++memory->nr_runs;
	memory_unlock();
	return run ? HW_FIRST_PAGE + (run - 1) * HW_RUN_PAGES : 0;
}

void hw_run_free(u32 first)
{
	u32 run = (first - HW_FIRST_PAGE) / HW_RUN_PAGES;

	memory_lock();
	memory->free_run[memory->nr_free_runs++] = (u8)run;
	memory_unlock();
}

static u64 *entry(u32 table, u32 index)
{
	return &memory->entry[table % HW_FIRST_PAGE][index & 3];
}

u64 hw_pte_read(u32 table, u32 index)
{
	return __atomic_load_n(entry(table, index), __ATOMIC_ACQUIRE);
}

void hw_pte_write(u32 table, u32 index, u64 pte)
{
	u64 *e = entry(table, index);

	rt_point(RT_SITE(RT_STORE, "pte_write", NULL), e);
	__atomic_store_n(e, pte, __ATOMIC_RELEASE);
	view_emit(EV_pgt_set, table, index, pte);
}

u64 hw_pte_peek(u32 table, u32 index)
{
	return memory->entry[table % HW_FIRST_PAGE][index & 3];
}

static u32 *cell(u32 frame)
{
	return &memory->value[(frame - HW_FIRST_PAGE) %
			      (HW_FRAMES - HW_FIRST_PAGE)];
}

u32 hw_page_load(u32 frame)
{
	return __atomic_load_n(cell(frame), __ATOMIC_RELAXED);
}

void hw_page_store(u32 frame, u32 value)
{
	__atomic_store_n(cell(frame), value, __ATOMIC_RELAXED);
}
