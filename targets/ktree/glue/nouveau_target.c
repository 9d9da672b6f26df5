// SPDX-License-Identifier: GPL-2.0
/*
 * nouveau_target: what a program can do to a GPU that shares its address space,
 * with the tree's own driver: target nouveau-exclusive.
 *
 * Not covered: eviction while the device is in use, which upstream has no call
 * for, and a second device. Literal entries and lost valid bits are left out of
 * random programs: the driver trusts its device there, and says so.
 *
 * Halt closes the files of the device before the mms go. A dying process does it
 * the other way round, and is judged where a program says so by exit: the driver
 * leaves the GPU its entries then, results/upstream/nouveau-no-release.md.
 */
#include "targets/ktree/glue/nouveau.h"
#include "targets/ktree/glue/ground.h"
#include "targets/ktree/glue/targets.h"
#include "targets/target.h"

/* A call returns to its program. */
static long leave(long ret)
{
	kernel_task_idle_check();
	return ret;
}

/* page, client, inst */
static long access(const u32 *arg, enum gpu_access access, u32 value)
{
	return leave(gpu_access(arg[2], arg[1], VIEW_VA(arg[0]), access,
				   value));
}

static long op_gpu_read(const u32 *arg)
{
	return access(arg, GPU_READ, 0);
}

static long op_gpu_write(const u32 *arg)
{
	return access(arg, GPU_WRITE, mm_next_value());
}

static long op_gpu_atomic(const u32 *arg)
{
	return access(arg, GPU_ATOMIC, mm_next_value());
}

static long op_gpu_prefetch(const u32 *arg)
{
	return access(arg, GPU_PREFETCH, 0);
}

static long op_svm_init(const u32 *arg)
{
	return leave(nouveau_open_svmm(arg[0], arg[1], arg[2], arg[3]));
}

static long op_svm_join(const u32 *arg)
{
	return leave(nouveau_join(arg[0], arg[1]));
}

static long op_svm_part(const u32 *arg)
{
	return leave(nouveau_part(arg[0]));
}

static long op_svm_fini(const u32 *arg)
{
	return leave(nouveau_close_svmm(arg[0]));
}

static long op_ring(const u32 *arg)
{
	return leave(gpu_raise(arg));
}

static long op_gpu_glitch(const u32 *arg)
{
	gpu_glitch(arg[1], arg[0]);
	return leave(0);
}

/* page, count, mm, svmm */
static long op_svm_bind(const u32 *arg)
{
	return leave(nouveau_bind(arg[3], arg[2], arg[0], arg[1]));
}

static long op_uncovered(const u32 *arg)
{
	return -ENOSYS;
}
#define op_svm_evict	op_uncovered
#define op_peer_bind	op_uncovered

static long op_copy_glitch(const u32 *arg)
{
	nouveau_vram_glitch();
	return leave(0);
}

#define OP(weight, name, help, ...) \
	{ #name, { __VA_ARGS__ }, WEIGHT_##name(weight), op_##name, help },
#define WEIGHT_gpu_read(w)	w
#define WEIGHT_gpu_write(w)	w
#define WEIGHT_gpu_atomic(w)	w
#define WEIGHT_gpu_prefetch(w)	w
#define WEIGHT_svm_init(w)	w
#define WEIGHT_svm_join(w)	w
#define WEIGHT_svm_part(w)	w
#define WEIGHT_svm_fini(w)	w
#define WEIGHT_svm_bind(w)	w
#define WEIGHT_ring(w)		0
#define WEIGHT_gpu_glitch(w)	0
#define WEIGHT_svm_evict(w)	0
#define WEIGHT_peer_bind(w)	0
#define WEIGHT_copy_glitch(w)	w
static const struct op nouveau_ops[] = {
#include "targets/nouveau/ops.def"
};
#undef OP

static void nouveau_boot(void)
{
	ktree_target_boot();
	nouveau_machine_boot();
}

static void nouveau_halt(void)
{
	nouveau_machine_halt();
	ktree_mm_halt();
	ktree_kernel_halt();
}

static const u16 nouveau_must_see[] = {
	EV_inv_begin, EV_callback_begin, EV_fault_parsed, EV_gpu_map,
	EV_gpu_unmap, EV_gpu_replay, EV_fault_cancel, EV_retry,
	EV_gpu_load, EV_gpu_store, EV_migrate_moved, EV_migrate_to_ram,
	EV_exclusive_made, EV_exclusive_restore, EV_gpu_atomic_end, EV_none,
};

static const u16 nouveau_counters[] = {
	EV_inv_begin, EV_retry, EV_gpu_replay, EV_fault_cancel, EV_none,
};

/* Those of the port's target of the same name. */
static const char *const nouveau_themes[] = {
	"gpu_atomic gpu_read gpu_write load store",
	"gpu_atomic store fork mprotect dontneed",
	"store fork gpu_atomic gpu_prefetch",
	"gpu_atomic gpu_write gpu_read munmap mmap load store",
	"mprotect gpu_atomic gpu_read gpu_write",
	"svm_bind gpu_write gpu_read load store dontneed",
	"svm_init svm_join svm_bind gpu_read load",
	NULL
};

const struct target target_nouveau_exclusive = {
	.name	= "nouveau-exclusive",
	.help	= "the tree's Nouveau SVM driver, on a model of its GPU",
	.family	= "nouveau",
	.mm_ops	= true,
	.ops	= nouveau_ops,
	.nr_ops	= ARRAY_SIZE(nouveau_ops),
	.themes	= nouveau_themes,
	.oracles = ktree_oracles_nouveau,
	.view	= &view_nouveau,
	.format	= view_format,
	.must_see = nouveau_must_see,
	.counters = nouveau_counters,
	.steps_max = KTREE_STEPS,
	.boot	= nouveau_boot,
	.task_begin = ktree_target_task_begin,
	.task_end = ktree_target_task_end,
	.quiesce = ktree_kernel_quiesce,
	.halt	= nouveau_halt,
};
