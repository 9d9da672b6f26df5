// SPDX-License-Identifier: GPL-2.0
/*
 * nouveau_vram: what the tree's nouveau_dmem.c has its memory and its copies of.
 *
 * A buffer object in VRAM is an offset: here that of the physical region of the
 * driver's chunk, so that a page of the device has one number, whoever names
 * it. The channel is a push buffer: the driver's words are read when a fence is
 * emitted behind them, as by the engine, and what they say goes to the model's
 * copy engine. Of the methods those are known that nvc0b5_migrate_copy() and
 * nvc0b5_migrate_clear() use.
 *
 * Nothing here serialises who pushes: upstream does not either.
 *
 * Not modelled: TTM, the DMA API (an address is the physical one), time-outs.
 */
#include "targets/ktree/glue/nouveau.h"

#include <linux/dma-mapping.h>
#include <linux/ioport.h>
#include <linux/slab.h>
#include <nvhw/class/cla0b5.h>
#include <nvhw/class/cl906f.h>
#include <nvif/class.h>
#include <nvif/push.h>

#include "nouveau_bo.h"
#include "nouveau_chan.h"
#include "nouveau_dmem.h"
#include "nouveau_fence.h"

#include "targets/ktree/glue/ground.h"

#define PUSH_WORDS	1024u

static struct {
	struct nouveau_channel chan;
	u32 words[PUSH_WORDS];
	bool refuses;		/* the next wait for room fails */
} *ring;

/* -- the push buffer -- */

/* What the methods have set, until LAUNCH_DMA takes it. */
struct engine_state {
	u32 src_target, dst_target;
	u64 in, out;
	u32 lines;
};

static u64 engine_end(u32 target, u64 addr)
{
	u64 real = addr >> PAGE_SHIFT;

	return (u64)ktree_view_pfn(real) << PAGE_SHIFT |
	       (target == NVA0B5_SET_SRC_PHYS_MODE_TARGET_LOCAL_FB ?
		GPU_PHYS_VRAM : GPU_PHYS_HOST);
}

static void engine_launch(struct engine_state *s, u32 how)
{
	bool clear = how & 1u << 10;	/* LAUNCH_DMA_REMAP_ENABLE */
	u32 lines = clear ? 1 : s->lines;

	for (u32 i = 0; i < lines; i++) {
		u64 at = (u64)i << PAGE_SHIFT;

		gpu_copy(engine_end(s->dst_target, s->out + at),
			 clear ? GPU_COPY_ZERO :
				 engine_end(s->src_target, s->in + at));
	}
}

static void engine_method(struct engine_state *s, u32 method, u32 data)
{
	switch (method) {
	case NVA0B5_SET_SRC_PHYS_MODE:
		s->src_target = data;
		break;
	case NVA0B5_SET_DST_PHYS_MODE:
		s->dst_target = data;
		break;
	case NVA0B5_OFFSET_IN_UPPER:
		s->in = (u64)data << 32 | (u32)s->in;
		break;
	case NVA0B5_OFFSET_IN_LOWER:
		s->in = (s->in >> 32 << 32) | data;
		break;
	case NVA0B5_OFFSET_OUT_UPPER:
		s->out = (u64)data << 32 | (u32)s->out;
		break;
	case NVA0B5_OFFSET_OUT_LOWER:
		s->out = (s->out >> 32 << 32) | data;
		break;
	case NVA0B5_LINE_COUNT:
		s->lines = data;
		break;
	case NVA0B5_LAUNCH_DMA:
		engine_launch(s, data);
		break;
	}
}

/* All that was pushed; the room is the driver's again. */
static void push_kick(struct nvif_push *push)
{
	static struct engine_state state;
	const u32 *word = push->bgn, *end = push->cur;

	push->cur = push->bgn;
	while (word < end) {
		u32 head = *word++;
		u32 method = (head & 0xfff) << 2, count = head >> 16 & 0x1fff;

		if (head >> 29 == NV906F_DMA_SEC_OP_IMMD_DATA_METHOD) {
			engine_method(&state, method, count);
			continue;
		}
		for (; count && word < end; count--, method += 4)
			engine_method(&state, method, *word++);
	}
}

static int push_wait(struct nvif_push *push, u32 size)
{
	if (ring->refuses) {
		ring->refuses = false;
		push->end = push->bgn + PUSH_WORDS;
		return -EBUSY;
	}
	push_kick(push);
	return 0;
}

static struct nvif_push *channel_push(void)
{
#if KT_NOUVEAU_PUSH_INSIDE
	return &ring->chan.chan.push;
#else
	return &ring->chan.chan._push;
#endif
}

void nouveau_copy_glitch(void)
{
	struct nvif_push *push = channel_push();

	ring->refuses = true;
	push->end = push->bgn;
}

void nouveau_vram_boot(struct nouveau_drm *drm)
{
	struct nvif_push *push;

	ring = rt_alloc(sizeof(*ring));
	push = channel_push();
	push->wait = push_wait;
	push->kick = push_kick;
	push->bgn = push->cur = ring->words;
	push->end = push->bgn + PUSH_WORDS;
#if !KT_NOUVEAU_PUSH_INSIDE
	ring->chan.chan.push = push;
#endif
	drm->ttm.copy.oclass = PASCAL_DMA_COPY_A;
	drm->ttm.chan = &ring->chan;
}

/* -- fences: a number of the copy engine's -- */

static int fence_new(struct nouveau_fence **pfence)
{
	struct nouveau_fence *fence = kzalloc(sizeof(*fence), GFP_KERNEL);

	if (!fence)
		return -ENOMEM;
	push_kick(channel_push());
	fence->timeout = gpu_fence();
	*pfence = fence;
	return 0;
}

#if KT_NOUVEAU_PUSH_INSIDE
int nouveau_fence_new(struct nouveau_fence **pfence,
		      struct nouveau_channel *chan)
{
	return fence_new(pfence);
}
#else
int nouveau_fence_new(struct nouveau_channel *chan, bool sysmem,
		      struct nouveau_fence **pfence)
{
	return fence_new(pfence);
}
#endif

int nouveau_fence_wait(struct nouveau_fence *fence, bool lazy, bool intr)
{
	gpu_fence_wait(fence->timeout);
	return 0;
}

void nouveau_fence_unref(struct nouveau_fence **pfence)
{
	kfree(*pfence);
	*pfence = NULL;
}

/* -- memory -- */

/*
 * The region of the driver's one chunk, whose size is its own affair. It uses
 * the pages from the last one down: so the last of them are those that the view
 * has names for. test_hmm's regions lie there too, and it is not in use.
 */
#define CHUNK_PAGES	512ull
#define CHUNK_START	(KTREE_DEVICE + ((u64)(VIEW_PFNS - VIEW_DEVICE_PFN) - \
			 CHUNK_PAGES) * PAGE_SIZE)

static struct resource chunk_region = {
	.name	= "nouveau_dmem",
	.start	= CHUNK_START,
	.end	= CHUNK_START + CHUNK_PAGES * PAGE_SIZE - 1,
	.flags	= IORESOURCE_MEM,
};
static u32 chunk_taken;

struct resource *__real_request_free_mem_region(struct resource *base,
						unsigned long size,
						const char *name);
struct resource *__wrap_request_free_mem_region(struct resource *base,
						unsigned long size,
						const char *name);
struct resource *__wrap_request_free_mem_region(struct resource *base,
						unsigned long size,
						const char *name)
{
	if (strcmp(name, chunk_region.name))
		return __real_request_free_mem_region(base, size, name);
	return __atomic_exchange_n(&chunk_taken, 1, __ATOMIC_ACQUIRE) ?
		ERR_PTR(-ERANGE) : &chunk_region;
}

void __real___release_region(struct resource *parent, resource_size_t start,
			     resource_size_t size);
void __wrap___release_region(struct resource *parent, resource_size_t start,
			     resource_size_t size);
void __wrap___release_region(struct resource *parent, resource_size_t start,
			     resource_size_t size)
{
	if (start == CHUNK_START)
		__atomic_store_n(&chunk_taken, 0, __ATOMIC_RELEASE);
	else
		__real___release_region(parent, start, size);
}

int nouveau_bo_new(struct nouveau_cli *cli, u64 size, int align, u32 domain,
		   u32 tile_mode, u32 tile_flags, struct sg_table *sg,
		   struct dma_resv *robj, struct nouveau_bo **pbo)
{
	struct nouveau_bo *bo = kzalloc(sizeof(*bo), GFP_KERNEL);

	if (!bo)
		return -ENOMEM;
	gpu_copy_open();
	bo->offset = CHUNK_START;
	*pbo = bo;
	return 0;
}

void ttm_bo_put(struct ttm_buffer_object *bo)
{
	kfree(nouveau_bo(bo));
}

int nouveau_bo_pin(struct nouveau_bo *bo, u32 flags, bool contig)
{
	return 0;
}

int nouveau_bo_unpin(struct nouveau_bo *bo)
{
	return 0;
}

dma_addr_t dma_map_page_attrs(struct device *dev, struct page *page,
			      size_t offset, size_t size,
			      enum dma_data_direction dir, unsigned long attrs)
{
	return page_to_phys(page) + offset;
}

void dma_unmap_page_attrs(struct device *dev, dma_addr_t addr, size_t size,
			  enum dma_data_direction dir, unsigned long attrs)
{
}
