// SPDX-License-Identifier: GPL-2.0
/*
 * gpu_ring: the GPU's clients, what they have stalled, and the fault ring.
 *
 * A client of an instance has one access in flight; other tasks that use it
 * wait their turn. An access that is not permitted stalls: the client sleeps
 * on its state word until a replay (it tries again, and if still not permitted
 * faults again, with a new entry) or a cancel (the access is dead).
 *
 *	IDLE --fault--> STALLED --replay--> RETRY --> permitted, or STALLED
 *			   `-----cancel--> KILLED
 *
 * The ring is full when PUT is one short of GET. An access that faults then
 * is stalled without an entry, and is tried again as soon as the driver moves
 * GET, as if replayed. A PREFETCH never stalls and is not tried again, so one
 * that finds no slot is forgotten, as hardware may forget any prefetch.
 *
 * An atomic where entries tell atomics is two steps on the bus, load and store.
 * Between them no other access and no TLB flush of this device goes on
 * (gpu_lock_bus()), and any CPU may:
 *
 *	client				CPU
 *	------				---
 *	load 5
 *					store 7		[the page must not be
 *	store 6					 mapped there: lost]
 *
 * Time in an entry counts entries. Nothing here sorts by it; the driver may.
 */
#include <linux/errno.h>

#include "targets/nouveau/gpu.h"

enum client_state {
	CLIENT_IDLE,
	CLIENT_STALLED,
	CLIENT_RETRY,
	CLIENT_KILLED,
};

/* All but @busy and the sleep on @state under gpu_lock(). */
struct gpu_client {
	u32 busy;		/* a lock word: an access is in flight */
	u32 state;
	u8 inst, index, access;
	bool waiting;		/* stalled without an entry */
	bool glitch;		/* the next entry is invalid */
	u64 va;
};

struct gpu {
	struct gpu_memory memory;
	void (*irq)(void *arg);
	void *irq_arg;
	bool atomics;
	u32 get, put;
	u32 nr_entries_written;
	u32 ring[GPU_ENTRIES][GPU_ENTRY_SIZE / 4];
	u32 id[GPU_ENTRIES];
	struct gpu_client client[GPU_INSTANCES][GPU_CLIENTS];
};

static struct gpu *gpu __machine;

void gpu_boot(const struct gpu_memory *memory, bool atomics,
	      void (*irq)(void *), void *arg)
{
	gpu = rt_alloc(sizeof(*gpu));
	rt_name(gpu, "gpu", -1);
	gpu->memory = *memory;
	gpu->irq = irq;
	gpu->irq_arg = arg;
	gpu->atomics = atomics;
	gpu_vmm_boot(atomics);
	for (u32 i = 0; i < GPU_INSTANCES; i++) {
		for (u32 c = 0; c < GPU_CLIENTS; c++) {
			gpu->client[i][c].inst = i;
			gpu->client[i][c].index = c;
			rt_name(&gpu->client[i][c], "gpu_client", c);
		}
	}
}

/*
 * Where a client sits: 0 to 3 are two a GPC, 4 to 7 behind the hub. An
 * address takes all three numbers, so a cancel that gets one wrong hits
 * another client or none.
 */
static u32 client_info(u32 index)
{
	if (index >= GPU_CLIENTS / 2)
		return 1u << 20 | (index - GPU_CLIENTS / 2) << 8;
	return index / 2 << 24 | index % 2 << 8;
}

/* NULL: nobody sits there. */
static struct gpu_client *client_find(u64 inst, u32 hub, u32 gpc, u32 client)
{
	u32 index = hub ? GPU_CLIENTS / 2 + client : gpc * 2 + client;
	u64 i = (inst >> 12) - 1;

	if (i >= GPU_INSTANCES || inst != GPU_INST(i) ||
	    index >= GPU_CLIENTS || gpc > 0x1f ||
	    client_info(index) != (gpc << 24 | hub << 20 | client << 8))
		return NULL;
	return &gpu->client[i][index];
}

/* -- the ring; gpu_lock() held -- */

static bool ring_full(void)
{
	return (gpu->put + 1) % GPU_ENTRIES == gpu->get;
}

/* Needs a slot. */
static void ring_write(const u32 *word)
{
	u32 slot = gpu->put, id = ++gpu->nr_entries_written;

	__builtin_memcpy(gpu->ring[slot], word, GPU_ENTRY_SIZE);
	gpu->id[slot] = id;
	__atomic_store_n(&gpu->put, (slot + 1) % GPU_ENTRIES,
			 __ATOMIC_RELEASE);
	view_emit(EV_fault_raised, id,
		  (u64)word[GPU_ENTRY_ADDR_HI / 4] << 32 |
		  word[GPU_ENTRY_ADDR_LO / 4],
		  GPU_INFO_ACCESS(word[GPU_ENTRY_INFO / 4]));
	view_emit(EV_ring_put, 0, gpu->put, 0);
}

static void ring_write_client(struct gpu_client *c)
{
	u64 inst = GPU_INST(c->inst);
	const u32 word[GPU_ENTRY_SIZE / 4] = {
		inst, inst >> 32, c->va, c->va >> 32,
		gpu->nr_entries_written, 0, 0,
		(c->glitch ? 0 : GPU_INFO_VALID) | client_info(c->index) |
		(u32)c->access << 16,
	};

	c->glitch = false;
	ring_write(word);
}

/* True if it was stalled. gpu_lock() held; wake it after gpu_unlock(). */
static bool client_resume(struct gpu_client *c, enum client_state state)
{
	if (c->state != CLIENT_STALLED)
		return false;
	c->waiting = false;
	__atomic_store_n(&c->state, state, __ATOMIC_RELEASE);
	return true;
}

/* Every stalled access is tried again, or only those that have no entry. */
static u32 clients_resume(struct gpu_client **wake, bool waiting)
{
	u32 nr = 0;

	for (u32 i = 0; i < GPU_INSTANCES; i++) {
		for (u32 n = 0; n < GPU_CLIENTS; n++) {
			struct gpu_client *c = &gpu->client[i][n];

			if ((c->waiting || !waiting) &&
			    client_resume(c, CLIENT_RETRY))
				wake[nr++] = c;
		}
	}
	return nr;
}

static void clients_wake(struct gpu_client **wake, u32 nr)
{
	while (nr--)
		rt_wake(&(*wake++)->state, 1);
}

/* -- the driver's side -- */

u32 gpu_reg(u32 reg)
{
	if (reg == GPU_FAULT_GET)
		return __atomic_load_n(&gpu->get, __ATOMIC_RELAXED);
	if (reg == GPU_FAULT_PUT)
		return __atomic_load_n(&gpu->put, __ATOMIC_ACQUIRE);
	return 0;
}

u32 gpu_rd32(u32 reg)
{
	rt_point(RT_SITE(RT_LOAD, "gpu_rd32", NULL), gpu);
	return gpu_reg(reg);
}

void gpu_wr32(u32 reg, u32 value)
{
	struct gpu_client *wake[GPU_INSTANCES * GPU_CLIENTS];
	u32 nr = 0;

	rt_point(RT_SITE(RT_STORE, "gpu_wr32", NULL), gpu);
	gpu_lock();
	if (reg == GPU_FAULT_GET) {
		__atomic_store_n(&gpu->get, value % GPU_ENTRIES,
				 __ATOMIC_RELAXED);
		view_emit(EV_ring_get, 0, gpu->get, 0);
		nr = clients_resume(wake, true);
	}
	gpu_unlock();
	clients_wake(wake, nr);
}

u32 gpu_ring_rd32(u32 offset)
{
	u32 value;

	gpu_lock();
	value = gpu->ring[offset / GPU_ENTRY_SIZE % GPU_ENTRIES]
			 [offset % GPU_ENTRY_SIZE / 4];
	gpu_unlock();
	return value;
}

void gpu_ring_wr32(u32 offset, u32 value)
{
	gpu_lock();
	gpu->ring[offset / GPU_ENTRY_SIZE % GPU_ENTRIES]
		 [offset % GPU_ENTRY_SIZE / 4] = value;
	gpu_unlock();
}

u32 gpu_ring_id(u32 slot)
{
	u32 id;

	gpu_lock();
	id = gpu->id[slot % GPU_ENTRIES];
	gpu_unlock();
	return id;
}

void gpu_replay(void)
{
	struct gpu_client *wake[GPU_INSTANCES * GPU_CLIENTS];
	u32 nr;

	rt_point(RT_SITE(RT_STORE, "gpu_replay", NULL), gpu);
	gpu_lock();
	nr = clients_resume(wake, false);
	view_emit(EV_gpu_replay, 0, nr, 0);
	gpu_unlock();
	clients_wake(wake, nr);
}

void gpu_cancel(u64 inst, u32 hub, u32 gpc, u32 client)
{
	struct gpu_client *c;
	struct gpu_space *s;
	bool killed;

	rt_point(RT_SITE(RT_STORE, "gpu_cancel", NULL), gpu);
	gpu_lock();
	c = client_find(inst, hub, gpc, client);
	s = c ? gpu_inst_space(c->inst) : NULL;
	killed = c && client_resume(c, CLIENT_KILLED);
	view_emit(EV_gpu_cancel, s ? gpu_space_number(s) : ~0ull,
		  c ? c->index : client, killed);
	gpu_unlock();
	if (killed)
		rt_wake(&c->state, 1);
}

/* -- the program's side -- */

static void client_take(struct gpu_client *c)
{
	while (rt_point_lock(RT_SITE(RT_LOCK, "gpu_client", NULL), c, &c->busy,
			     ~0u, 0) == 0) {
		u32 idle = 0;

		if (__atomic_compare_exchange_n(&c->busy, &idle, 1, false,
						__ATOMIC_ACQUIRE,
						__ATOMIC_RELAXED))
			return;
		rt_wait(&c->busy, 1, RT_FOREVER, 0);
	}
}

static void client_give(struct gpu_client *c)
{
	__atomic_store_n(&c->busy, 0, __ATOMIC_RELEASE);
	rt_wake(&c->busy, 1);
}

u32 gpu_cell_load(u64 word)
{
	u32 pfn = VIEW_PFN(word);

	return word & VIEW_VRAM ? gpu_vram_load(pfn) : gpu->memory.load(pfn);
}

void gpu_cell_store(u64 word, u32 value)
{
	u32 pfn = VIEW_PFN(word);

	if (word & VIEW_VRAM)
		gpu_vram_store(pfn, value);
	else
		gpu->memory.store(pfn, value);
}

/* The access is permitted: move the data. gpu_lock() held. */
static long client_move(struct gpu_client *c, u32 space, u64 word, u32 value)
{
	u32 pfn = VIEW_PFN(word);
	u32 loaded = 0;

	if (c->access == GPU_READ || c->access == GPU_ATOMIC) {
		loaded = gpu_cell_load(word);
		view_emit(EV_gpu_load, space, c->va, VIEW_DATA(pfn, loaded));
	}
	if (c->access == GPU_WRITE || c->access == GPU_ATOMIC) {
		gpu_cell_store(word, value);
		view_emit(EV_gpu_store, space, c->va, VIEW_DATA(pfn, value));
	}
	return loaded;
}

/*
 * The same for an atomic of a device that tells them. gpu_lock() held, and not
 * over the switch point: the bus keeps the device's other accesses out.
 */
static long client_atomic(struct gpu_client *c, struct gpu_space *s, u64 word)
{
	u32 space = gpu_space_number(s), pfn = VIEW_PFN(word);
	u32 loaded = gpu_cell_load(word);

	view_emit(EV_gpu_load, space, c->va, VIEW_DATA(pfn, loaded));
	view_emit(EV_gpu_atomic_begin, space, c->va, VIEW_DATA(pfn, loaded));
	gpu_bus_take();
	gpu_unlock();

	rt_point(RT_SITE(RT_STORE, "gpu_atomic_store", NULL), s);
	gpu_lock();
	gpu_cell_store(word, loaded + 1);
	view_emit(EV_gpu_store, space, c->va, VIEW_DATA(pfn, loaded + 1));
	view_emit(EV_gpu_atomic_end, space, c->va, VIEW_DATA(pfn, loaded + 1));
	gpu_bus_give();
	gpu_unlock();
	gpu_bus_wake();
	gpu_lock();
	return loaded;
}

/* The access is not permitted; true if an entry was written. gpu_lock(). */
static bool client_fault(struct gpu_client *c)
{
	if (c->access != GPU_PREFETCH)
		c->state = CLIENT_STALLED;
	if (!ring_full()) {
		ring_write_client(c);
		return true;
	}
	c->waiting = c->access != GPU_PREFETCH;
	return false;
}

/* Until replay or cancel. -EAGAIN: try again. */
static long client_stall(struct gpu_client *c)
{
	u32 state;

	rt_point(RT_SITE(RT_WAIT, "gpu_stall", NULL), c);
	while ((state = __atomic_load_n(&c->state, __ATOMIC_ACQUIRE)) ==
	       CLIENT_STALLED)
		rt_wait(&c->state, CLIENT_STALLED, RT_FOREVER, 0);
	return state == CLIENT_KILLED ? -EFAULT : -EAGAIN;
}

static const struct rt_site client_site[] = {
	[GPU_READ]	= { RT_LOAD, "gpu_read", NULL },
	[GPU_WRITE]	= { RT_STORE, "gpu_write", NULL },
	[GPU_ATOMIC]	= { RT_RMW, "gpu_atomic", NULL },
	[GPU_PREFETCH]	= { RT_LOAD, "gpu_prefetch", NULL },
};

static long client_try(struct gpu_client *c, u32 value)
{
	struct gpu_space *s;
	bool raised = false;
	long ret = 0;
	u64 word;

	/* A point of the table, which PFNMAP and PFNCLR change. */
	gpu_lock();
	s = gpu_inst_space(c->inst);
	gpu_unlock();
	gpu_lock_bus(&client_site[c->access], s ? (void *)s : c);

	c->state = CLIENT_IDLE;
	s = gpu_inst_space(c->inst);
	word = s ? gpu_translate(s, c->va, c->access) : VIEW_NONE;
	if (!s)
		ret = -ENODEV;
	else if (word != VIEW_NONE && c->access == GPU_ATOMIC && gpu->atomics)
		ret = client_atomic(c, s, word);
	else if (word != VIEW_NONE)
		ret = client_move(c, gpu_space_number(s), word, value);
	else
		raised = client_fault(c);
	gpu_unlock();
	if (raised)
		gpu->irq(gpu->irq_arg);
	if (!s || word != VIEW_NONE || c->access == GPU_PREFETCH)
		return ret;
	return client_stall(c);
}

long gpu_access(u32 inst, u32 client, u64 va, enum gpu_access access, u32 value)
{
	struct gpu_client *c = &gpu->client[inst][client];
	long ret;

	client_take(c);
	c->va = va;
	c->access = access;
	do
		ret = client_try(c, value);
	while (ret == -EAGAIN);
	client_give(c);
	return ret;
}

long gpu_raise(const u32 *word)
{
	long ret = -ENOSPC;

	rt_point(RT_SITE(RT_STORE, "gpu_raise", NULL), gpu);
	gpu_lock();
	if (!ring_full()) {
		ring_write(word);
		ret = 0;
	}
	gpu_unlock();
	if (!ret)
		gpu->irq(gpu->irq_arg);
	return ret;
}

void gpu_glitch(u32 inst, u32 client)
{
	struct gpu_client *c = &gpu->client[inst][client];

	client_take(c);
	c->glitch = true;
	client_give(c);
}

u32 gpu_ring_valid(void)
{
	u32 valid = 0;

	for (u32 i = 0; i < GPU_ENTRIES; i++)
		if (gpu->ring[i][GPU_ENTRY_INFO / 4] & GPU_INFO_VALID)
			valid |= 1u << i;
	return valid;
}

u32 gpu_stalled(void)
{
	u32 nr = 0;

	for (u32 i = 0; i < GPU_INSTANCES; i++)
		for (u32 c = 0; c < GPU_CLIENTS; c++)
			nr += gpu->client[i][c].state == CLIENT_STALLED;
	return nr;
}
