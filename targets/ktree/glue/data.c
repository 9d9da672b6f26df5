// SPDX-License-Identifier: GPL-2.0
/*
 * data: variables that the tree's boot would have filled in and that nothing
 * else of the glue owns.
 */
#include <linux/cred.h>
#include <linux/mm.h>
#include <linux/mman.h>
#include <linux/module.h>
#include <linux/user_namespace.h>
#include <asm/mmu_context.h>
#include <asm/pgtable.h>
#include <asm/processor.h>
#include "targets/ktree/glue/glue.h"

unsigned long page_offset_base = KTREE_PHYS;
unsigned long vmemmap_base = KTREE_VMEMMAP;
unsigned long vmalloc_base = 0x700000000000ul;
unsigned long phys_base;
extern unsigned long physmem_end;
unsigned long physmem_end = KTREE_DEVICE + KTREE_DEVICE_SIZE;
struct cpuinfo_x86 boot_cpu_data = { .x86_phys_bits = 46, .x86_cache_bits = 46 };

pteval_t __supported_pte_mask = ~0ul;
pteval_t __default_kernel_pte_mask = ~0ul;
pgd_t init_top_pgt[PTRS_PER_PGD] __page_aligned_bss;
unsigned long empty_zero_page[PAGE_SIZE / sizeof(unsigned long)] __page_aligned_bss;
LIST_HEAD(pgd_list);
DEFINE_SPINLOCK(pgd_lock);
atomic64_t last_mm_ctx_id = ATOMIC64_INIT(1);
struct pglist_data contig_page_data;
struct mem_section **mem_section;

struct task_struct init_task;
struct module __this_module;
struct user_namespace init_user_ns = { .ns.count = REFCOUNT_INIT(1) };

int sysctl_overcommit_memory = OVERCOMMIT_ALWAYS;
s32 vm_committed_as_batch = 32;
