// SPDX-License-Identifier: GPL-2.0
/*
 * uaccess: the memory of a program as a driver's ioctl reads and writes it.
 *
 * There is none. An ioctl's structure is the caller's own, and what it names as
 * the buffer for data is an address in a window of no memory, KTREE_USER: what
 * a driver copies there page by page is kept a word a page, since a page's
 * content is one word; what it copies byte by byte is kept as it is.
 */
#include <linux/uaccess.h>

#include "targets/ktree/glue/ground.h"
#include "targets/ktree/glue/user.h"

/* By task. */
static struct ktree_user *user[RT_TASKS_MAX];

void ktree_user_set(struct ktree_user *u)
{
	user[rt_self()] = u;
}

static bool in_window(u64 addr)
{
	return addr >= KTREE_USER && addr < KTREE_USER + KTREE_USER_SIZE;
}

unsigned long _copy_from_user(void *to, const void __user *from, unsigned long n)
{
	u64 addr = (u64)(size_t)from;
	struct ktree_user *u = user[rt_self()];
	unsigned long i;

	if (addr < PAGE_SIZE || (in_window(addr) && u->fault))
		return n;
	if (!in_window(addr)) {
		memcpy(to, (__force const void *)from, n);
		return 0;
	}
	addr -= KTREE_USER;
	for (i = 0; i < n; i += PAGE_SIZE)
		*(u32 *)(to + i) = u->value[(addr + i) >> PAGE_SHIFT];
	return 0;
}

unsigned long _copy_to_user(void __user *to, const void *from, unsigned long n)
{
	u64 addr = (u64)(size_t)to;
	struct ktree_user *u = user[rt_self()];
	unsigned long i;

	if (addr < PAGE_SIZE || (in_window(addr) && u->fault))
		return n;
	if (!in_window(addr)) {
		memcpy((__force void *)to, from, n);
		return 0;
	}
	addr -= KTREE_USER;
	if (u->bytes) {
		memcpy(u->byte + addr, from, n);
		u->nr = max_t(u32, u->nr, (u32)(addr + n));
		return 0;
	}
	for (i = 0; i < n; i += PAGE_SIZE)
		u->value[(addr + i) >> PAGE_SHIFT] = *(const u32 *)(from + i);
	u->nr = max_t(u32, u->nr, (u32)((addr + n) >> PAGE_SHIFT));
	return 0;
}
