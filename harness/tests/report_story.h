/* SPDX-License-Identifier: GPL-2.0 */
/*
 * report_story.h: a little port for test_report.c, with the shape of a real
 * one: P0 serves a GPU fault and maps what P1 has unmapped in between.
 *
 * The #line directives give each function the file it would have in the tree,
 * by which reports judge frames; they are the point of this header.
 */
#ifndef HARNESS_TESTS_REPORT_STORY_H
#define HARNESS_TESTS_REPORT_STORY_H

#include "harness/tests/fixture.h"

#define U(p) ((u64)(unsigned long)(p))
#define noinline __attribute__((noinline))

static u32 story_mutex, story_mmap_lock;
static u32 story_freed;		/* seq of the free */
static u32 story_loads;		/* padding: loads before the story begins */
static bool story_fault_frees;	/* both sides in one function */

#line 40 "targets/kernel/mutex.c"
static noinline void mutex_lock(u32 *lock, const char *verb)
{
	rt_point_lock(RT_SITE(RT_LOCK, "mutex_lock", NULL), lock, lock, 1, 0);
	*lock = 1;
	journal_emit(EV_lock, U(verb), U(lock), 1);
}

static noinline void mutex_unlock(u32 *lock, const char *verb)
{
	rt_point(RT_SITE(RT_UNLOCK, "mutex_unlock", NULL), lock);
	*lock = 0;
	journal_emit(EV_unlock, U(verb), U(lock), 1);
}

#line 90 "targets/mm/page_alloc.c"
static noinline void free_page(u32 pfn)
{
	story_freed = journal_emit(EV_page_free, pfn, 0, 0);
}

#line 200 "targets/mm/mmu_gather.c"
static noinline void tlb_finish_mmu(u32 pfn)
{
	rt_point(RT_SITE(RT_NOTE, "tlb_flush", NULL), NULL);
	free_page(pfn);
}

#line 300 "targets/mm/mmap.c"
static noinline void do_munmap(u32 pfn)
{
	mutex_lock(&story_mmap_lock, "mmap_write_lock");
	if (!story_fault_frees)
		tlb_finish_mmu(pfn);
	mutex_unlock(&story_mmap_lock, "mmap_write_unlock");
}

#line 80 "targets/nouveau/gpu.c"
static noinline void gpu_map(u64 va, u32 pfn)
{
	journal_emit(EV_gpu_map, 0, va, pfn);
}

#line 400 "targets/nouveau/nouveau_svm.c"
static noinline void nouveau_range_fault(u64 va, u32 pfn)
{
	if (story_fault_frees)
		free_page(pfn);
	mutex_lock(&story_mmap_lock, "mmap_read_lock");
	mutex_unlock(&story_mmap_lock, "mmap_read_unlock");
	mutex_lock(&story_mutex, "mutex_lock");
	gpu_map(va, pfn);
	mutex_unlock(&story_mutex, "mutex_unlock");
}

#line 20 "targets/nouveau/ops.c"
static noinline void op_gpu_fault(void)
{
	for (u32 i = 0; i < story_loads; i++)
		journal_emit(EV_cpu_load, 0, 0x10000 + i, i);
	nouveau_range_fault(0x10000, 7);
}

#line 70 "targets/mm/ops.c"
static noinline void op_munmap(void)
{
	do_munmap(7);
}

#line 92 "harness/tests/report_story.h"
static void body_gpu_fault(void)
{
	rt_point(RT_SITE(RT_NOTE, "call", NULL), NULL);
	journal_emit(EV_call_begin, U("gpu_fault"), U(" page=0 write"), 1);
	op_gpu_fault();
	journal_emit(EV_call_end, U("gpu_fault"), 0, 1);
}

static void body_munmap(void)
{
	rt_point(RT_SITE(RT_NOTE, "call", NULL), NULL);
	journal_emit(EV_call_begin, U("munmap"), U(" page=0"), 1);
	op_munmap();
	journal_emit(EV_call_end, U("munmap"), 0, 1);
}

/* Speaks of the page, of one with a longer number, and of neither. */
static void body_other(void)
{
	rt_point(RT_SITE(RT_NOTE, "other", NULL), NULL);
	journal_emit(EV_page_copy, 3, 7, 0);
	journal_emit(EV_page_copy, 3, 71, 0);
	journal_emit(EV_cpu_load, 0, 0x10000, 0);
}

static void story_boot(void)
{
	story_mutex = story_mmap_lock = story_freed = 0;
	rt_name(&story_mutex, "svmm->mutex", -1);
	rt_name(&story_mmap_lock, "mm->mmap_lock", -1);
	journal_emit(EV_page_alloc, 7, 1, 0);
}

/* -- other stories: two locks in two orders; an object used too late -- */

static char story_svmm[64];

#line 500 "targets/nouveau/nouveau_svm.c"
static noinline void take_ab(void)
{
	mutex_lock(&story_mmap_lock, "mutex_lock");
	mutex_lock(&story_mutex, "mutex_lock");
}

static noinline void take_ba(void)
{
	mutex_lock(&story_mutex, "mutex_lock");
	mutex_lock(&story_mmap_lock, "mutex_lock");
}

static noinline void nouveau_svmm_init(void)
{
	journal_emit(EV_alloc, U(story_svmm), sizeof(story_svmm), U("svmm"));
}

static noinline void nouveau_svmm_fini(void)
{
	journal_emit(EV_free, U(story_svmm), sizeof(story_svmm), U("svmm"));
}

static noinline void nouveau_svmm_use(void)
{
	rt_point(RT_SITE(RT_NOTE, "svmm_use", "x"), NULL);
	journal_emit(EV_use_after_free, U(story_svmm), U(story_svmm), U("svmm"));
}

#line 159 "harness/tests/report_story.h"
static void body_ab(void)
{
	journal_emit(EV_call_begin, U("ab"), 0, 1);
	take_ab();
}

static void body_ba(void)
{
	journal_emit(EV_call_begin, U("ba"), 0, 1);
	take_ba();
}

static void body_uaf(void)
{
	nouveau_svmm_init();
	nouveau_svmm_use();
}

static void body_free(void)
{
	nouveau_svmm_fini();
}

static void body_uses_freed(void)
{
	nouveau_svmm_init();
	nouveau_svmm_fini();
	nouveau_svmm_use();
}

/* -- the oracle -- */

static void story_event(const struct view *v, const struct event *e);
static const u16 story_kinds[] = { EV_gpu_map, 0 };

static const struct oracle oracle_story = {
	.name	= "stale-pte",
	.claim	= "no device PTE outlives the CPU mapping it was copied from",
	.kinds	= story_kinds,
	.event	= story_event,
};

static void story_event(const struct view *v, const struct event *e)
{
	if (story_freed)
		oracle_raise(&oracle_story, story_freed, "page#7",
			     "The GPU maps page#7 at 0x%llx and the page is free.",
			     e->b);
}

static void halt_complains(void)
{
	journal_emit(EV_end, 0, 0, 0);
	oracle_raise(&oracle_story, story_freed, "page#7", "page#7 is gone.");
}

static const struct oracle *const story_oracles[] = { &oracle_story, NULL };

#endif /* HARNESS_TESTS_REPORT_STORY_H */
