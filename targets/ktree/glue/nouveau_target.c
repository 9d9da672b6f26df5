// SPDX-License-Identifier: GPL-2.0
/*
 * nouveau_target: the tree's own driver of a GPU that shares a program's address
 * space: target nouveau-exclusive, of the port's calls.
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
#include "targets/nouveau/ops.h"
#include "targets/target.h"

/* Never drawn. */
#define UNDRAWN_ring		1
#define UNDRAWN_gpu_glitch	1
#define UNDRAWN_svm_evict	1
#define UNDRAWN_peer_bind	1

#define OP(weight, name, help, ...)					\
	{ #name, { __VA_ARGS__ }, __is_defined(UNDRAWN_##name) ? 0 : weight, \
	  op_##name, help },
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
