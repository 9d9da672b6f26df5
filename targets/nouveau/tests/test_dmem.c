// SPDX-License-Identifier: GPL-2.0
/*
 * test_dmem: pages in VRAM: there and back, what is refused, and everything
 * that can come between.
 */
#include <drm/nouveau_drm.h>
#include <linux/err.h>
#include <linux/errno.h>
#include <linux/mm.h>
#include <linux/mman.h>
#include <linux/sched.h>
#include <linux/sched/mm.h>

#include "targets/mm/mm.h"
#include "targets/nouveau/gpu.h"
#include "targets/nouveau/nouveau_dmem.h"
#include "targets/nouveau/tests/dmem_test.h"
#include "targets/nouveau/tests/nouveau_test.h"
#include "targets/target.h"

#define ROUNDS	3
#define NR	4		/* pages with values, 10 on */

static void store(u32 slot, u32 page, u32 value)
{
	struct mm_struct *mm = mm_enter(slot);

	CUT_CHECK(!cpu_store(mm, VIEW_VA(page), value));
	mm_leave(mm);
}

static int try_load(u32 slot, u32 page, u32 *value)
{
	struct mm_struct *mm = mm_enter(slot);
	int ret = cpu_load(mm, VIEW_VA(page), value);

	mm_leave(mm);
	return ret;
}

static u32 load(u32 slot, u32 page)
{
	u32 value = ~0u;

	CUT_CHECK(!try_load(slot, page, &value));
	return value;
}

static void dontneed(u32 slot, u32 page)
{
	struct mm_struct *mm = mm_enter(slot);

	CUT_CHECK(!do_madvise_dontneed(mm, VIEW_VA(page), PAGE_SIZE));
	mm_leave(mm);
}

/* As a program does; the slot of the child. */
static u32 fork(void)
{
	const struct op *op = mm_ops;
	u32 arg = 0;
	long slot;

	while (__builtin_strcmp(op->name, "fork"))
		op++;
	slot = op->run(&arg);
	CUT_CHECK(slot > 0);
	return (u32)slot;
}

static long gpu(u32 client, u32 page, u32 access, u32 value)
{
	return gpu_access(0, client, VIEW_VA(page), access, value);
}

static bool in_vram(u32 slot, u32 page)
{
	u32 kind = VIEW_KIND(view_nouveau.cpu_entry(slot, VIEW_VA(page)));

	return kind == VIEW_DEVICE_READ || kind == VIEW_DEVICE_WRITE;
}

/* -- machines -- */

static void fill(void)
{
	for (u32 page = 0; page < NR; page++)
		store(0, page, 10 + page);
}

void dmem_boot(void)
{
	nouveau_test_boot();
	fill();
}

void dmem_x_boot(void)
{
	nouveau_test_exclusive_boot();
	fill();
}

void dmem_vram_boot(void)
{
	dmem_boot();
	CUT_CHECK(!nouveau_bind(0, 0, 0, NR));
}

void dmem_vram_x_boot(void)
{
	dmem_x_boot();
	CUT_CHECK(!nouveau_bind(0, 0, 0, NR));
}

/* With a child of mm 0 that shares them. */
void dmem_child_boot(void)
{
	dmem_vram_boot();
	CUT_CHECK(fork() == 1);
}

/* Channel 1 is of another file, which mirrors the same mm. */
void dmem_two_svmms_x_boot(void)
{
	dmem_vram_x_boot();
	CUT_CHECK(!nouveau_open_svmm(1, 0, NOUVEAU_UNMANAGED_PAGE,
				     NOUVEAU_UNMANAGED_COUNT));
	CUT_CHECK(!nouveau_part(1));
	CUT_CHECK(!nouveau_join(1, 1));
}

void dmem_halt(void)
{
	nouveau_test_halt();
}

/* -- alone -- */

/* To VRAM and back, by the CPU's touch, and in form P by the GPU's too. */
void dmem_round_trip_body(u32 index)
{
	CUT_CHECK(!nouveau_bind(0, 0, 0, NR));
	for (u32 page = 0; page < NR; page++) {
		CUT_CHECK(in_vram(0, page));
		CUT_CHECK(gpu_entry(0, VIEW_VA(page)) & VIEW_VRAM);
	}
	CUT_CHECK(gpu(0, 0, GPU_READ, 0) == 10);
	CUT_CHECK(gpu(0, 1, GPU_WRITE, 77) == 0);
	CUT_CHECK(load(0, 0) == 10);
	CUT_CHECK(load(0, 1) == 77);
	CUT_CHECK(!in_vram(0, 1) && in_vram(0, 2));
	CUT_CHECK(gpu_entry(0, VIEW_VA(1)) == VIEW_NONE);
	store(0, 2, 99);
	CUT_CHECK(gpu(0, 2, GPU_READ, 0) == 99);
}

/* A handler that knows its own VRAM maps it where it is. */
void dmem_stays_in_vram_body(u32 index)
{
	CUT_CHECK(gpu_access(1, 0, VIEW_VA(0), GPU_WRITE, 7) == 0);
	CUT_CHECK(in_vram(0, 0));
	CUT_CHECK(gpu_access(0, 0, VIEW_VA(0), GPU_READ, 0) == 7);
	CUT_CHECK(load(0, 0) == 7);
}

/* A hole and the zero page go there as zeroes. */
void dmem_hole_body(u32 index)
{
	CUT_CHECK(load(0, 6) == 0);
	CUT_CHECK(!nouveau_bind(0, 0, 5, 2));
	CUT_CHECK(in_vram(0, 5) && in_vram(0, 6));
	CUT_CHECK(gpu(0, 5, GPU_READ, 0) == 0);
	CUT_CHECK(gpu(0, 5, GPU_WRITE, 3) == 0);
	CUT_CHECK(load(0, 5) == 3);
	CUT_CHECK(load(0, 6) == 0);
}

static long bind_args(struct drm_nouveau_svm_bind args)
{
	args.header |= NOUVEAU_SVM_BIND_TARGET__GPU_VRAM <<
		       NOUVEAU_SVM_BIND_TARGET_SHIFT;
	return nouveau_bind_ioctl(0, 0, &args);
}

#define RANGE	.va_start = VIEW_VA(0) + 5, .va_end = VIEW_VA(1) + 5

/* Everything SVM_BIND does not know; and that it rounds outwards. */
void dmem_refuses_body(u32 index)
{
	struct drm_nouveau_svm_bind host = { RANGE };

	CUT_CHECK(bind_args((struct drm_nouveau_svm_bind){
		RANGE, .reserved0 = 1 }) == -EINVAL);
	CUT_CHECK(bind_args((struct drm_nouveau_svm_bind){
		RANGE, .reserved1 = 1 }) == -EINVAL);
	CUT_CHECK(bind_args((struct drm_nouveau_svm_bind){
		RANGE, .stride = 1 }) == -EINVAL);
	CUT_CHECK(bind_args((struct drm_nouveau_svm_bind){
		RANGE, .header = 1ull << 48 }) == -EINVAL);
	CUT_CHECK(bind_args((struct drm_nouveau_svm_bind){
		RANGE, .header = 1 }) == -EINVAL);
	CUT_CHECK(bind_args((struct drm_nouveau_svm_bind){
		.va_start = VIEW_VA(1), .va_end = VIEW_VA(1) }) == -EINVAL);
	CUT_CHECK(nouveau_bind_ioctl(0, 0, &host) == -EINVAL);
	CUT_CHECK(nouveau_bind(2, 0, 0, 1) == -EINVAL);
	CUT_CHECK(!in_vram(0, 0));
	CUT_CHECK(!bind_args((struct drm_nouveau_svm_bind){ RANGE }));
	CUT_CHECK(in_vram(0, 0) && in_vram(0, 1) && !in_vram(0, 2));
}

/* The copy home fails: so does the touch, and the next one does not. */
void dmem_copy_error_body(u32 index)
{
	u32 value;

	gpu_copy_glitch();
	CUT_CHECK(try_load(0, 0, &value) == -EFAULT);
	CUT_CHECK(in_vram(0, 0));
	CUT_CHECK(load(0, 0) == 10);
}

/* The copy there fails: the page stays, its neighbour goes. */
void dmem_bind_error_body(u32 index)
{
	gpu_copy_glitch();
	CUT_CHECK(!nouveau_bind(0, 0, 0, 2));
	CUT_CHECK(!in_vram(0, 0) && in_vram(0, 1));
	CUT_CHECK(load(0, 0) == 10 && load(0, 1) == 11);
}

/* Another device's page comes home when the GPU wants it. */
void dmem_peer_body(u32 index)
{
	CUT_CHECK(gpu(0, 0, GPU_WRITE, 5) == 0);
	CUT_CHECK(!nouveau_peer_bind(0, 0, 2));
	CUT_CHECK(in_vram(0, 0) && in_vram(0, 1));
	CUT_CHECK(gpu_entry(0, VIEW_VA(0)) == VIEW_NONE);
	CUT_CHECK(gpu(0, 0, GPU_READ, 0) == 5);
	CUT_CHECK(!in_vram(0, 0));
	CUT_CHECK(load(0, 1) == 11);
}

/* All of it comes home, shared or not; and VRAM can be used again. */
void dmem_evict_body(u32 index)
{
	nouveau_evict();
	for (u32 page = 0; page < NR; page++)
		CUT_CHECK(!in_vram(0, page) && !in_vram(1, page));
	CUT_CHECK(!nouveau_device_dmem(0)->nr_chunks);
	CUT_CHECK(load(1, 1) == 11);
	CUT_CHECK(load(0, 1) == 11);
	CUT_CHECK(!nouveau_bind(0, 0, 0, 1));
}

/* There is room for 16 pages; what does not fit stays, here of the child. */
void dmem_full_body(u32 index)
{
	u32 slot = fork(), moved = 0;

	for (u32 page = 0; page < 8; page++)
		store(slot, page, 30 + page);
	CUT_CHECK(!nouveau_bind(0, 0, 0, 8));
	CUT_CHECK(!nouveau_peer_bind(slot, 0, 8));
	for (u32 page = 0; page < 8; page++)
		moved += in_vram(0, page);
	CUT_CHECK(moved == 8);
	CUT_CHECK(!nouveau_peer_bind(fork(), 0, 8));
	for (u32 page = 0; page < 8; page++)
		CUT_CHECK(load(slot, page) == 30 + page);
}

/* No page is left for what a CPU wants home: it is told so. */
void dmem_no_memory_body(u32 index)
{
	struct page *taken[VIEW_DEVICE_PFN], *page;
	u32 value, nr = 0;

	while (nr < ARRAY_SIZE(taken) && (page = alloc_page(GFP_HIGHUSER)))
		taken[nr++] = page;
	CUT_CHECK(try_load(0, 0, &value) == -ENOMEM);
	while (nr)
		__free_page(taken[--nr]);
	CUT_CHECK(load(0, 0) == 10);
}

/* -- at the same time -- */

/* A child with an inherited file: the pages are its own, the svmm is not. */
void dmem_other_mm_body(u32 index)
{
	CUT_CHECK(nouveau_bind(0, 1, 0, 2) == -EINVAL);
	CUT_CHECK(gpu(0, 0, GPU_READ, 0) == 10);
}

/* The same of pages that are the child's alone; what it returns is not judged. */
void dmem_bind_of_child_body(u32 index)
{
	store(1, 0, 90);
	nouveau_bind(0, 1, 0, 1);
}

/* P0: pages go and come; P1: the GPU writes one, and reads what it wrote. */
void dmem_bind_write_body(u32 index)
{
	for (u32 i = 1; i <= ROUNDS; i++) {
		if (index) {
			CUT_CHECK(gpu(0, 1, GPU_WRITE, 100 + i) == 0);
			CUT_CHECK(gpu(0, 1, GPU_READ, 0) == 100 + i);
		} else {
			CUT_CHECK(!nouveau_bind(0, 0, 0, NR));
			load(0, 1);
		}
	}
}

/* P0: a page goes; P1 drops it in the middle. */
void dmem_bind_dontneed_body(u32 index)
{
	for (u32 i = 0; i < ROUNDS; i++) {
		if (index) {
			store(0, 1, 50 + i);
			dontneed(0, 1);
		} else {
			CUT_CHECK(!nouveau_bind(0, 0, 0, 2));
		}
	}
}

/* P0: a hole goes; P1: the CPU fills it first, or P2: the GPU writes to it. */
void dmem_bind_hole_body(u32 index)
{
	switch (index) {
	case 0:
		CUT_CHECK(!nouveau_bind(0, 0, 6, 1));
		break;
	case 1:
		store(0, 6, 60);
		break;
	default:
		CUT_CHECK(gpu(0, 6, GPU_WRITE, 61) == 0);
	}
}

/* Work for the engine, so that what is queued next is done late. */
static void keep_engine_busy(void)
{
	CUT_CHECK(!gpu_copy_open());
	for (u32 i = 0; i < 24; i++)
		CUT_CHECK(!gpu_copy((u64)(VIEW_PFNS - 1) << PAGE_SHIFT |
				    GPU_PHYS_VRAM, GPU_COPY_ZERO));
}

/* P0: a hole goes; P1: the GPU finds it there, and keeps what it writes. */
void dmem_late_clear_body(u32 index)
{
	if (!index) {
		keep_engine_busy();
		CUT_CHECK(!nouveau_bind(0, 0, 6, 1));
	} else {
		for (u32 i = 0; i < ROUNDS; i++)
			CUT_CHECK(gpu(0, 6, GPU_READ, 0) == 0);
		CUT_CHECK(gpu(0, 6, GPU_WRITE, 61) == 0);
	}
}

/* What was bound is there when the call returns. */
void dmem_late_copy_body(u32 index)
{
	keep_engine_busy();
	CUT_CHECK(!nouveau_bind(0, 0, 0, NR));
	CUT_CHECK(gpu(0, 0, GPU_READ, 0) == 10);
}

/* P0: pages go; P1 forks, and P2 writes. */
void dmem_bind_fork_body(u32 index)
{
	switch (index) {
	case 0:
		CUT_CHECK(!nouveau_bind(0, 0, 0, NR));
		break;
	case 1:
		CUT_CHECK(load(fork(), 2) == 12);
		break;
	default:
		CUT_CHECK(gpu(0, 1, GPU_WRITE, 70) == 0);
	}
}

/* Two migrators of one range, both ways. */
void dmem_bind_bind_body(u32 index)
{
	for (u32 i = 0; i < 2; i++) {
		CUT_CHECK(!nouveau_bind(0, 0, 0, NR));
		CUT_CHECK(load(0, 1) == 11);
	}
}

/* P0: a bind; P1 closes the file. */
void dmem_bind_close_body(u32 index)
{
	long ret;

	if (index) {
		CUT_CHECK(!nouveau_close_svmm(0));
	} else {
		ret = nouveau_bind(0, 0, 0, NR);
		CUT_CHECK(!ret || ret == -EINVAL);
		CUT_CHECK(load(0, 3) == 13);
	}
}

/* Two CPUs touch one page of VRAM. */
void dmem_load_load_body(u32 index)
{
	CUT_CHECK(load(0, 0) == 10);
}

/* P0: the CPU touches a page; P1: the GPU writes it meanwhile. */
void dmem_load_write_body(u32 index)
{
	u32 value;

	if (index) {
		CUT_CHECK(gpu(0, 0, GPU_WRITE, 80) == 0);
		CUT_CHECK(gpu(0, 0, GPU_READ, 0) == 80);
	} else {
		value = load(0, 0);
		CUT_CHECK(value == 10 || value == 80);
	}
}

/* P0: a touch of a page whose svmm P1 closes; P2: the same, of a child's. */
void dmem_close_load_body(u32 index)
{
	if (index == 1)
		CUT_CHECK(!nouveau_close_svmm(0));
	else
		CUT_CHECK(load(index / 2, 1) == 11);
}

/* Both svmms map a page of VRAM, then P0 takes it home and P1 binds it. */
void dmem_two_svmms_body(u32 index)
{
	CUT_CHECK(gpu_access(index, 0, VIEW_VA(1), GPU_READ, 0) == 11);
	if (index)
		CUT_CHECK(!nouveau_bind(1, 0, 0, NR));
	else
		CUT_CHECK(load(0, 1) == 11);
	CUT_CHECK(gpu_access(index, 0, VIEW_VA(1), GPU_READ, 0) == 11);
}

/* P0: an eviction, of what P1 brings there. */
void dmem_evict_bind_body(u32 index)
{
	for (u32 i = 0; i < 2; i++) {
		if (index)
			CUT_CHECK(!nouveau_bind(0, 0, 0, NR));
		else
			nouveau_evict();
	}
	CUT_CHECK(load(0, 2) == 12);
}

/* P0: an eviction; P1: a parent's touch; P2: a child's. */
void dmem_evict_load_body(u32 index)
{
	if (index)
		CUT_CHECK(load(index - 1, 1) == 11);
	else
		nouveau_evict();
}
