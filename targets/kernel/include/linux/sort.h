/* SPDX-License-Identifier: GPL-2.0 */
/*
 * MODEL of <linux/sort.h>: in place, not stable, no recursion. Equal elements
 * may end in another order than the kernel's heap sort leaves them.
 */
#ifndef _LINUX_SORT_H
#define _LINUX_SORT_H

#include <linux/types.h>

typedef void (*swap_func_t)(void *a, void *b, int size);
typedef int (*cmp_func_t)(const void *a, const void *b);

/* @swap may be NULL. */
void sort(void *base, size_t num, size_t size, cmp_func_t cmp,
	  swap_func_t swap);

#endif /* _LINUX_SORT_H */
