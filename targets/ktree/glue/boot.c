// SPDX-License-Identifier: GPL-2.0
/*
 * boot: the kernel's life in this process and in an execution.
 *
 * The kernel boots once, from the boot heap, and what it leaves is the image
 * that every execution begins with. Then an execution only spawns the system
 * tasks, in one order, because a task's number and name are part of every
 * schedule: W0 the workqueues, R0 RCU.
 */
#include <linux/maple_tree.h>
#include <linux/mm.h>
#include <linux/radix-tree.h>
#include <linux/rcupdate.h>
#include <linux/rmap.h>
#include <linux/sched/mm.h>
#include <linux/sched/task.h>
#include <../mm/internal.h>
#include "targets/kernel/slab_object.h"
#include "targets/ktree/glue/files.h"

/* The tree's own, which its boot code calls. */
extern void anon_vma_init(void);
extern void mm_cache_init(void);

/* One section holds RAM, and one the device's struct pages. */
static void boot_section(unsigned long pfn)
{
	struct mem_section *section;
	unsigned long nr = pfn_to_section_nr(pfn);
	unsigned long root = SECTION_NR_TO_ROOT(nr);

	if (!mem_section[root])
		mem_section[root] = ktree_boot_alloc(SECTIONS_PER_ROOT *
						     sizeof(*section));
	section = __nr_to_section(nr);
	section->section_mem_map = SECTION_MARKED_PRESENT | SECTION_HAS_MEM_MAP |
				   SECTION_IS_ONLINE | SECTION_IS_EARLY;
	section->usage = ktree_boot_alloc(sizeof(*section->usage));
	bitmap_fill(section->usage->subsection_map, SUBSECTIONS_PER_SECTION);
}

static void boot_memory(void)
{
	unsigned long device_end = KTREE_DEVICE / PAGE_SIZE + 64;

	ktree_arena(KTREE_PHYS, (size_t)KTREE_FRAMES << PAGE_SHIFT);
	ktree_arena(KTREE_VMEMMAP, ALIGN(device_end * sizeof(struct page),
					 PAGE_SIZE));
	mem_section = ktree_boot_alloc(NR_SECTION_ROOTS * sizeof(*mem_section));
	boot_section(0);
	boot_section(KTREE_DEVICE / PAGE_SIZE);
	highest_memmap_pfn = KTREE_FRAMES - 1;
	kt_page_alloc_boot();
}

void ktree_kernel_boot(void)
{
	ktree_booting = true;
	kt_current_boot();
	boot_memory();
	kt_work_boot();
	init_mm.pgd = init_top_pgt;
	radix_tree_init();
	maple_tree_init();
	anon_vma_init();
	mm_cache_init();
	ptlock_cache_init();
	proc_caches_init();
	kt_files_boot();
}

/* The boot's last word: what comes now belongs to the execution. */
void ktree_kernel_start(void)
{
	ktree_booting = false;
	kt_task_start();
	kt_pages_start();
	kt_work_start();
	kt_rcu_start();
}

/* Works queue callbacks and callbacks queue works, so until both have none. */
void ktree_kernel_quiesce(void)
{
	while (!kt_work_idle() || !kt_rcu_idle()) {
		kt_work_wait_idle();
		if (!kt_rcu_idle())
			rcu_barrier();
	}
}

void ktree_kernel_halt(void)
{
	kt_files_halt();
	ktree_kernel_quiesce();
	kt_timers_halt();
	ktree_kernel_quiesce();
	kt_work_halt();
	kt_rcu_halt();
	slab_objects_check();
	kt_pages_halt();
	ktree_task_idle_check();
}
