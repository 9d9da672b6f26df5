// SPDX-License-Identifier: GPL-2.0
/*
 * nouveau_faults: what the driver makes of the faults, told from outside.
 *
 * The handler is not ours to put events into. But a batch begins when a worker
 * finds GET and PUT apart and ends with the work; an entry is parsed when its
 * valid bit is cleared; instances are translated under a mutex that joining
 * takes too, so its release says both what a channel is and when it was looked
 * at; the rest are nvif calls.
 *
 * A cancel names a client, not an entry. It is taken for that entry of the
 * client which comes first in the order that the driver serves them in, from
 * the place on where it is. Served is an entry whose page the batch has mapped
 * with the right it needs; what else a replay answers is nobody's outcome.
 *
 * Not to be seen: references to an mm that the handler takes and gives back,
 * and each time that it follows an svmm.
 */
#include "targets/ktree/glue/nouveau.h"
#include "targets/ktree/glue/ground.h"

/* A parsed entry; @space and @done once they are known. */
struct fault {
	u32 id;
	u32 space;
	u64 inst, addr;
	u8 hub, gpc, client, access;
	bool done;
};

static struct {
	u32 number;
	int task;		/* 0: no batch is open */
	u32 nr;
	struct fault fault[GPU_ENTRIES];
	const struct fault *at;	/* where the driver has got to, or NULL */
	bool mapped;		/* since it took the svmm's mutex */
	u32 sw_get, sw_put;
} batch;

/* Which space an instance runs in, as the driver knows it. */
static u32 lookup[GPU_INSTANCES];

/* The driver's mutex around that; known from the first join. */
static const struct mutex *lookup_mutex;

/* By task: what its next mutex_unlock() of the driver's makes true. */
static struct change {
	enum { CHANGE_NONE, CHANGE_LOOKUP, CHANGE_SVMM } what;
	u32 inst, space;
	const struct nouveau_svmm *svmm;
} change[RT_TASKS_MAX];

static bool in_batch(void)
{
	return batch.task && batch.task == rt_self();
}

void nouveau_saw_put(u32 put)
{
	batch.sw_put = put;
}

/* The handler reads PUT, then GET, and does nothing if they are the same. */
void nouveau_saw_get(u32 get)
{
	batch.sw_get = get;
	if (rt_role(rt_self()) != 'W' || batch.task || get == batch.sw_put)
		return;
	batch.task = rt_self();
	batch.nr = 0;
	batch.at = NULL;
	batch.mapped = false;
	view_emit(EV_batch_begin, ++batch.number, 0, 0);
}

void nouveau_wrote_get(u32 get)
{
	batch.sw_get = get;
}

void ktree_work_end(struct work_struct *work)
{
	if (!in_batch())
		return;
	view_emit(EV_batch_end, batch.number, 0, 0);
	batch.task = 0;
}

u32 nouveau_sw_get(void)
{
	return batch.sw_get;
}

u32 nouveau_sw_put(void)
{
	return batch.sw_put;
}

static u32 ring_word(u32 slot, u32 offset)
{
	return gpu_ring_rd32(slot * GPU_ENTRY_SIZE + offset);
}

static u64 ring_word2(u32 slot, u32 offset)
{
	return (u64)ring_word(slot, offset + 4) << 32 | ring_word(slot, offset);
}

void nouveau_parsed(u32 slot)
{
	u32 info = ring_word(slot, GPU_ENTRY_INFO);
	struct fault *f = &batch.fault[batch.nr];

	if (!in_batch() || batch.nr == GPU_ENTRIES)
		return;
	batch.nr++;
	*f = (struct fault){
		.id = gpu_ring_id(slot),
		.space = NOUVEAU_NO_SPACE,
		.inst = ring_word2(slot, GPU_ENTRY_INST_LO),
		.addr = ring_word2(slot, GPU_ENTRY_ADDR_LO),
		.hub = GPU_INFO_HUB(info),
		.gpc = GPU_INFO_GPC(info),
		.client = GPU_INFO_CLIENT(info),
		.access = GPU_INFO_ACCESS(info),
	};
	view_emit(EV_fault_parsed, f->id, f->addr, slot);
}

void nouveau_dropped(u32 slot)
{
	if (in_batch())
		view_emit(EV_fault_dropped, gpu_ring_id(slot), 0, slot);
}

/* -- who is who -- */

static u32 inst_space(u64 inst)
{
	u64 i = (inst >> 12) - 1;

	return i < GPU_INSTANCES && inst == GPU_INST(i) ? lookup[i] :
							  NOUVEAU_NO_SPACE;
}

static void looked_up(void)
{
	for (u32 i = 0; i < batch.nr; i++) {
		struct fault *f = &batch.fault[i];
		struct view_svmm svmm = { .mm = ~0u };

		f->space = inst_space(f->inst);
		if (f->space != NOUVEAU_NO_SPACE)
			svmm = view_nouveau.svmm(f->space);
		view_emit(EV_fault_lookup, f->id,
			  f->space == NOUVEAU_NO_SPACE ? ~0ull : f->space,
			  f->space == NOUVEAU_NO_SPACE ? ~0ull : svmm.mm);
	}
}

void nouveau_lookup_changes(u32 inst, u32 space)
{
	change[rt_self()] = (struct change){
		.what = CHANGE_LOOKUP, .inst = inst, .space = space,
	};
}

void nouveau_lookup_changed(void)
{
	change[rt_self()].what = CHANGE_NONE;
}

void nouveau_svmm_ends(u32 space, const struct nouveau_svmm *svmm)
{
	change[rt_self()] = (struct change){
		.what = CHANGE_SVMM, .space = space, .svmm = svmm,
	};
}

void nouveau_svmm_ended(void)
{
	change[rt_self()].what = CHANGE_NONE;
}

static bool holds(const void *lock)
{
	const struct kt_task *k = kt_self();

	for (u32 i = 0; i < k->nr_held; i++)
		if (k->held[i].lock == lock)
			return true;
	return false;
}

/*
 * Under an svmm's mutex and not mmap_lock the handler asks whether what it walked
 * still holds, and maps; or it lets go and walks again. A callback that its own
 * walk has caused comes with mmap_lock held.
 */
static void retried(const struct mutex *lock)
{
	const struct nouveau_svmm *svmm = NULL;
	bool again = !batch.mapped;

	for (u32 i = 0; !svmm && i < VIEW_SPACES; i++) {
		svmm = nouveau_space_svmm(i);
		if (svmm && lock != &svmm->mutex)
			svmm = NULL;
	}
	if (!svmm || holds(&svmm->notifier.mm->mmap_lock))
		return;
	batch.mapped = false;
	view_emit(EV_read_retry, mm_slot_of(svmm->notifier.mm),
		  (unsigned long)&svmm->notifier, again);
	if (again)
		view_emit(EV_retry, mm_slot_of(svmm->notifier.mm),
			  (unsigned long)&svmm->notifier, 0);
}

void __real_mutex_unlock(struct mutex *lock);
void __wrap_mutex_unlock(struct mutex *lock);

void __wrap_mutex_unlock(struct mutex *lock)
{
	struct change *c = &change[rt_self()];

	if (unlikely(c->what == CHANGE_LOOKUP)) {
		/* The only one that joining and parting take. */
		lookup_mutex = lock;
		lookup[c->inst] = c->space;
		c->what = CHANGE_NONE;
	} else if (unlikely(c->what == CHANGE_SVMM && !c->svmm->vmm &&
			    lock == &c->svmm->mutex)) {
		view_emit(EV_svmm_gone, c->space, (unsigned long)c->svmm, 0);
		/* Its channels are gone, so what stays mapped there until the
		 * address space goes is nobody's to use. */
		view_emit(EV_gpu_space_gone, c->space, 0, 0);
		c->what = CHANGE_NONE;
	} else if (unlikely(in_batch())) {
		if (lock == lookup_mutex)
			looked_up();
		else
			retried(lock);
	}
	__real_mutex_unlock(lock);
}

/* -- outcomes -- */

static u32 access_order(u8 access)
{
	switch (access) {
	case GPU_PREFETCH:
		return 1;
	case GPU_READ:
		return 2;
	case GPU_WRITE:
		return 3;
	case GPU_ATOMIC:
		return 4;
	}
	return 0;
}

/* Does @a come before @b in the driver's order? */
static bool before(const struct fault *a, const struct fault *b)
{
	if (a->inst != b->inst)
		return a->inst < b->inst;
	if (a->addr != b->addr)
		return a->addr < b->addr;
	return access_order(a->access) < access_order(b->access);
}

static void follow(u32 space, u64 addr)
{
	for (u32 i = 0; i < batch.nr; i++) {
		const struct fault *f = &batch.fault[i];

		if (f->space == space && (f->addr & PAGE_MASK) == addr &&
		    (!batch.at || before(batch.at, f)))
			batch.at = f;
	}
}

void nouveau_mapping(u32 space, u64 addr, const u64 *phys, u32 nr)
{
	if (!in_batch())
		return;
	follow(space, addr);
	batch.mapped = true;
	for (u32 i = 0; i < nr; i++)
		if (phys[i] & GPU_PHYS_V)
			view_emit(EV_driver_map, space,
				  addr + i * VIEW_PAGE_SIZE, 0);
}

static bool allows(u64 phys, u8 access)
{
	if (access == GPU_PREFETCH)
		return true;
	if (access == GPU_READ)
		return phys & GPU_PHYS_V;
	if (access == GPU_ATOMIC)
		return phys & GPU_PHYS_A;
	return phys & GPU_PHYS_W;
}

void nouveau_mapped(u32 space, u64 addr, const u64 *phys, u32 nr)
{
	if (!in_batch())
		return;
	for (u32 i = 0; i < batch.nr; i++) {
		struct fault *f = &batch.fault[i];
		u64 page = (f->addr - addr) / VIEW_PAGE_SIZE;

		if (f->done || f->space != space || f->addr < addr ||
		    page >= nr || !allows(phys[page], f->access))
			continue;
		f->done = true;
		view_emit(EV_fault_served, f->id, f->addr, 0);
	}
}

void nouveau_cancels(u64 inst, u32 hub, u32 gpc, u32 client)
{
	struct fault *f, *best = NULL, *any = NULL;

	if (!in_batch())
		return;
	for (f = batch.fault; f < batch.fault + batch.nr; f++) {
		if (f->done || f->inst != inst || f->hub != hub ||
		    f->gpc != gpc || f->client != client)
			continue;
		if (!any || before(f, any))
			any = f;
		if (batch.at && before(f, batch.at))
			continue;
		if (!best || before(f, best))
			best = f;
	}
	f = best ? best : any;
	if (!f)
		return;
	f->done = true;
	view_emit(EV_fault_cancel, f->id, f->addr, f->access);
}
