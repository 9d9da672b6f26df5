// SPDX-License-Identifier: GPL-2.0
/*
 * test_bind: VM_BIND on a device with two VMs and a group of each. What the
 * oracles of the target judge anyway is not asked again here.
 */
#include <linux/errno.h>

#include "targets/panthor/panthor_sched.h"
#include "targets/panthor/tests/bind_tests.h"

enum { MAP, UNMAP };

static long bind(u32 vm, u32 type, u32 va, u32 size, u32 bo, u32 bo_page,
		 bool async)
{
	const struct panthor_bind_args args = {
		.vm = vm, .type = type, .va = va, .size = size, .bo = bo,
		.bo_page = bo_page, .async = async,
	};

	return panthor_ioctl_vm_bind(panthor, &args);
}

static long map(u32 vm, u32 va, u32 size, u32 bo, u32 bo_page)
{
	return bind(vm, MAP, va, size, bo, bo_page, false);
}

static long unmap(u32 vm, u32 va, u32 size)
{
	return bind(vm, UNMAP, va, size, 0, 0, false);
}

static long gpu(u32 group, u32 page, enum hw_access access)
{
	return panthor_submit(panthor, group, page * HW_PAGE_SIZE, access, 7,
			      true);
}

void bind_boot(void)
{
	panthor_device_init(&panthor_form_t);
	for (u32 i = 0; i < 2; i++) {
		panthor_ioctl_vm_create(panthor, i);
		panthor_group_create(panthor, i, i);
	}
	/* One that only its handle keeps. */
	panthor_ioctl_vm_create(panthor, 2);
	CUT_CHECK(!map(0, 0, 8, 0, 0));
}

void bind_halt(void)
{
	panthor_sched_quiesce(panthor);
	panthor_vm_quiesce(panthor);
	panthor_device_fini(panthor);
}

/* A hole in a block; over both rests; in pieces; nothing. */
void bind_split(u32 index)
{
	CUT_CHECK(!unmap(0, 1, 2));
	CUT_CHECK(!map(0, 2, 5, 1, 3));
	CUT_CHECK(!map(0, 16, 16, 1, 0));
	CUT_CHECK(!map(0, 14, 10, 0, 6));
	CUT_CHECK(!unmap(0, 17, 1));
	CUT_CHECK(!map(1, 3, 3, 3, 2));
	CUT_CHECK(!map(0, 0, 16, 0, 0));
	CUT_CHECK(!map(0, 12, 8, 0, 0));
}

void bind_limits(u32 index)
{
	CUT_CHECK(!map(0, HW_USER_PAGES - 1, 1, 0, 0));
	CUT_CHECK(map(0, HW_USER_PAGES - 1, 2, 0, 0) == -EINVAL);
	CUT_CHECK(map(0, ~0u, ~0u, 0, 0) == -EINVAL);
	CUT_CHECK(map(0, 0, 2, 0, 15) == -EINVAL);
	CUT_CHECK(map(0, 0, 1, 3, 6) == -EINVAL);
	CUT_CHECK(!map(0, 0, 1, 3, 5));
	CUT_CHECK(bind(0, 2, 0, 4, 0, 0, true) == -EINVAL);
	CUT_CHECK(!bind(0, 2, 0, 0, 0, 0, true));
	CUT_CHECK(map(3, 0, 1, 0, 0) == -EINVAL);
	CUT_CHECK(!map(0, 0, 0, 0, 0));
	CUT_CHECK(bind(0, MAP, 0, 0, 0, 0, true) == -EINVAL);
	CUT_CHECK(bind(0, UNMAP, 0, 0, 0, 0, true) == -EINVAL);
	CUT_CHECK(!unmap(0, 20, 4));
}

void bind_two_sync(u32 index)
{
	CUT_CHECK(!(index ? map(0, 2, 4, 1, 0) : unmap(0, 1, 3)));
}

void bind_two_of_one_object(u32 index)
{
	CUT_CHECK(!map(1, index * 4, 2, 1, 0));
	CUT_CHECK(!unmap(1, index * 4, 2));
	CUT_CHECK(!map(1, index * 4, 2, 1, 2));
}

void bind_jobs_and_destroy(u32 index)
{
	if (index) {
		CUT_CHECK(!panthor_ioctl_vm_destroy(panthor, 1));
		return;
	}
	bind(1, MAP, 0, 6, 1, 0, true);
	bind(1, UNMAP, 1, 2, 0, 0, true);
	bind(1, MAP, 2, 2, 0, 0, true);
}

void bind_mixed(u32 index)
{
	CUT_CHECK(!bind(0, MAP, 2, 4, 1, 0, !index));
	CUT_CHECK(!bind(0, UNMAP, 3, 2, 0, 0, index));
}

/* Each page is always mapped, by the one or the other object. */
void bind_under_gpu(u32 index)
{
	if (index) {
		CUT_CHECK(!map(0, 0, 8, 1, 0));
		return;
	}
	gpu(0, 1, HW_READ);
	gpu(0, 5, HW_WRITE);
}

/* Pages, so that a block has a table; it goes while the GPU walks it. */
void bind_block_under_gpu(u32 index)
{
	if (index) {
		gpu(0, 1, HW_READ);
		return;
	}
	CUT_CHECK(!map(0, 0, 4, 1, 8 - 3));
	gpu(0, 2, HW_READ);
	unmap(0, 0, 4);
	map(1, 0, 3, 3, 0);
}

void bind_lost_flush(u32 index)
{
	long ret;

	gpu(0, 1, HW_READ);
	for (u32 as = 1; as < 4; as++)
		hw_stick(as, true);
	ret = unmap(0, 0, 8);
	CUT_CHECK(!ret || ret == -ETIMEDOUT);
	CUT_CHECK(map(0, 0, 1, 0, 0) == (ret ? -EINVAL : 0));
	CUT_CHECK(!unmap(0, 0, 8));
}

void bind_handle(u32 index)
{
	if (index) {
		CUT_CHECK(!panthor_ioctl_vm_destroy(panthor, 2));
		return;
	}
	for (u32 i = 0; i < 30; i++)
		panthor_vm_put(panthor_vm_pool_get_vm(panthor, 2));
}

void bind_exclusive(u32 index)
{
	long ret = map(index, 4, 2, 2, 0);

	CUT_CHECK(!ret || ret == -EINVAL);
}

void bind_under_unplug(u32 index)
{
	long ret;

	if (index) {
		panthor_device_unplug(panthor);
		return;
	}
	ret = map(0, 2, 4, 1, 0);
	CUT_CHECK(!ret || ret == -ENODEV);
	ret = bind(0, UNMAP, 3, 4, 0, 0, true);
	CUT_CHECK(!ret || ret == -ENODEV);
}

void bind_size_zero(u32 index)
{
	bind(0, MAP, 5, 0, 1, 0, true);
}

void bind_heap_lost(u32 index)
{
	CUT_CHECK(!panthor_ioctl_heap(panthor, 0, true));
	gpu(0, 1, HW_READ);
	for (u32 as = 1; as < 4; as++)
		hw_stick(as, true);
	panthor_ioctl_heap(panthor, 0, false);
	panthor_ioctl_heap(panthor, 0, true);
}
