// SPDX-License-Identifier: GPL-2.0
/*
 * gpu_copy: the GPU's own memory, and the engine that copies to and from it.
 *
 * VRAM is a cell a frame, as system memory is. The engine has one channel:
 * commands go into it in some order and are done in that order, some time
 * later, by a task of the device's own. A fence is the number of the command
 * that was queued last, and is over when that many were done:
 *
 *	driver			G0
 *	gpu_copy()		[what is copied is what is there when
 *	gpu_fence()		 the engine comes to it, not when it
 *				 was queued]
 *				copies
 *	gpu_fence_wait()
 *
 * The engine and its memory are made by the first who asks for them, and the
 * task with them, so that an execution without either pays for neither.
 *
 * MODEL. A command is refused when it is queued, never later. If there is no
 * room for another task, commands are done as they are queued; so are those of
 * M0, which boots and halts the machine and may be alone.
 *
 * Locks: all under gpu_lock() but the counts that tasks sleep on.
 */
#include <linux/errno.h>

#include "targets/nouveau/gpu.h"

#define COMMANDS	32	/* queued and not done */

struct gpu_command {
	u64 dst, src;
};

/*
 * @queued and @done count commands; @bell counts reasons for the engine to
 * look. The latter two are slept on.
 */
struct gpu_copy_engine {
	u32 queued, done, bell;
	bool stop;
	int task;
	struct gpu_command command[COMMANDS];
	u32 vram[GPU_VRAM_FRAMES];
};

static struct gpu_copy_engine *engine __machine;
static bool refuse_next __machine;

static struct gpu_copy_engine *copy_engine(void)
{
	return __atomic_load_n(&engine, __ATOMIC_ACQUIRE);
}

u32 gpu_vram_load(u32 pfn)
{
	return copy_engine()->vram[pfn - VIEW_DEVICE_PFN];
}

void gpu_vram_store(u32 pfn, u32 value)
{
	copy_engine()->vram[pfn - VIEW_DEVICE_PFN] = value;
}

u32 gpu_vram_value(u32 pfn)
{
	struct gpu_copy_engine *e = copy_engine();

	return e && pfn >= VIEW_DEVICE_PFN && pfn < VIEW_PFNS ?
		e->vram[pfn - VIEW_DEVICE_PFN] : 0;
}

/* An end of a command as an entry word, to find its cell by. */
static u64 copy_word(u64 phys)
{
	bool vram = (phys & GPU_PHYS_APER) == GPU_PHYS_VRAM;

	return VIEW_WORD(VIEW_PRESENT, vram ? VIEW_VRAM : 0, phys >> 12);
}

/* Needs gpu_lock(), and a command that is queued. */
static void copy_one(struct gpu_copy_engine *e)
{
	const struct gpu_command *c = &e->command[e->done % COMMANDS];
	bool clear = c->src == GPU_COPY_ZERO;
	u64 src = clear ? VIEW_NONE : copy_word(c->src);
	u64 dst = copy_word(c->dst);
	u32 value = clear ? 0 : gpu_cell_load(src);

	gpu_cell_store(dst, value);
	view_emit(EV_page_copy, VIEW_PFN(src), VIEW_PFN(dst), value);
	__atomic_store_n(&e->done, e->done + 1, __ATOMIC_RELEASE);
}

static void copy_task(void *arg)
{
	struct gpu_copy_engine *e = arg;
	bool more, stop;

	for (;;) {
		u32 bell = __atomic_load_n(&e->bell, __ATOMIC_ACQUIRE);

		rt_point(RT_SITE(RT_RMW, "gpu_copy_task", NULL), e);
		gpu_lock();
		more = e->done != e->queued;
		stop = e->stop;
		if (more)
			copy_one(e);
		gpu_unlock();
		if (more)
			rt_wake(&e->done, ~0u);
		else if (stop)
			return;
		else
			rt_wait(&e->bell, bell, RT_FOREVER, 0);
	}
}

int gpu_copy_open(void)
{
	struct gpu_copy_engine *e, *none = NULL;
	int task;

	if (copy_engine())
		return 0;
	e = rt_alloc(sizeof(*e));
	if (!e)
		return -ENOMEM;
	rt_name(e, "gpu_copy", -1);
	e->task = -1;
	if (!__atomic_compare_exchange_n(&engine, &none, e, false,
					 __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE)) {
		rt_free(e, sizeof(*e));
		return 0;
	}
	task = rt_spawn('G', "gpu copy engine", copy_task, e);
	if (task >= 0)
		rt_set_daemon(task);
	gpu_lock();
	e->task = task;
	gpu_unlock();
	return 0;
}

static void ring_bell(struct gpu_copy_engine *e)
{
	__atomic_add_fetch(&e->bell, 1, __ATOMIC_RELEASE);
	rt_wake(&e->bell, 1);
}

int gpu_copy(u64 dst, u64 src)
{
	struct gpu_copy_engine *e = copy_engine();

	rt_point(RT_SITE(RT_STORE, "gpu_copy", NULL), e);
	gpu_lock();
	while (e->queued - e->done == COMMANDS) {
		u32 oldest = e->done + 1;

		gpu_unlock();
		gpu_fence_wait(oldest);
		gpu_lock();
	}
	if (refuse_next) {
		refuse_next = false;
		gpu_unlock();
		/* As an allocation that failed: from the channel. */
		view_emit(EV_alloc, 0, 0, (u64)(size_t)"gpu_copy");
		return -EIO;
	}
	e->command[e->queued++ % COMMANDS] = (struct gpu_command){ dst, src };
	while ((e->task < 0 || !rt_self()) && e->done != e->queued)
		copy_one(e);
	gpu_unlock();
	ring_bell(e);
	return 0;
}

u32 gpu_fence(void)
{
	struct gpu_copy_engine *e = copy_engine();
	u32 fence;

	if (!e)
		return 0;
	gpu_lock();
	fence = e->queued;
	gpu_unlock();
	return fence;
}

void gpu_fence_wait(u32 fence)
{
	struct gpu_copy_engine *e = copy_engine();
	u32 done;

	while (e) {
		rt_point(RT_SITE(RT_WAIT, "gpu_fence_wait", NULL), e);
		done = __atomic_load_n(&e->done, __ATOMIC_ACQUIRE);
		if ((s32)(done - fence) >= 0)
			return;
		rt_wait(&e->done, done, RT_FOREVER, 0);
	}
}

void gpu_copy_glitch(void)
{
	rt_point(RT_SITE(RT_STORE, "gpu_copy_glitch", NULL), &refuse_next);
	gpu_lock();
	refuse_next = true;
	gpu_unlock();
}

void gpu_halt(void)
{
	struct gpu_copy_engine *e = copy_engine();

	if (!e || e->task < 0)
		return;
	gpu_lock();
	e->stop = true;
	gpu_unlock();
	ring_bell(e);
	rt_join(e->task);
}
