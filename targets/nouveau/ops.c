// SPDX-License-Identifier: GPL-2.0
/*
 * ops.c: what a program can do to a GPU that shares its address space. Written
 * over files.h and the device's model: whoever has the driver has these calls.
 */
#include <linux/kernel.h>

#include "targets/mm/slots.h"
#include "targets/nouveau/files.h"
#include "targets/nouveau/gpu.h"
#include "targets/nouveau/ops.h"

/* A call returns to its program. */
static long leave(long ret)
{
	kernel_task_idle_check();
	return ret;
}

/* page, client, inst */
static long access(const u32 *arg, enum gpu_access access, u32 value)
{
	return leave(gpu_access(arg[2], arg[1], VIEW_VA(arg[0]), access, value));
}

long op_gpu_read(const u32 *arg)
{
	return access(arg, GPU_READ, 0);
}

long op_gpu_write(const u32 *arg)
{
	return access(arg, GPU_WRITE, mm_next_value());
}

long op_gpu_atomic(const u32 *arg)
{
	return access(arg, GPU_ATOMIC, mm_next_value());
}

long op_gpu_prefetch(const u32 *arg)
{
	return access(arg, GPU_PREFETCH, 0);
}

/* svmm, mm, unmanaged_page, unmanaged_count */
long op_svm_init(const u32 *arg)
{
	return leave(nouveau_open_svmm(arg[0], arg[1], arg[2], arg[3]));
}

/* inst, svmm */
long op_svm_join(const u32 *arg)
{
	return leave(nouveau_join(arg[0], arg[1]));
}

/* inst */
long op_svm_part(const u32 *arg)
{
	return leave(nouveau_part(arg[0]));
}

/* svmm */
long op_svm_fini(const u32 *arg)
{
	return leave(nouveau_close_svmm(arg[0]));
}

/* eight words */
long op_ring(const u32 *arg)
{
	return leave(gpu_raise(arg));
}

/* client, inst */
long op_gpu_glitch(const u32 *arg)
{
	gpu_glitch(arg[1], arg[0]);
	return leave(0);
}

/* page, count, mm, svmm */
long op_svm_bind(const u32 *arg)
{
	return leave(nouveau_bind(arg[3], arg[2], arg[0], arg[1]));
}

long op_svm_evict(const u32 *arg)
{
	return leave(nouveau_evict());
}

/* page, count, mm */
long op_peer_bind(const u32 *arg)
{
	return leave(nouveau_peer_bind(arg[2], arg[0], arg[1]));
}

long op_copy_glitch(const u32 *arg)
{
	nouveau_copy_glitch();
	return leave(0);
}
