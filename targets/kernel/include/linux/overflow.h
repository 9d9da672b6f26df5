/* SPDX-License-Identifier: GPL-2.0 */
/* MODEL of <linux/overflow.h>: sizes saturate, so that an allocation fails. */
#ifndef _LINUX_OVERFLOW_H
#define _LINUX_OVERFLOW_H

#include <linux/types.h>

#define check_add_overflow(a, b, d)	__builtin_add_overflow(a, b, d)
#define check_sub_overflow(a, b, d)	__builtin_sub_overflow(a, b, d)
#define check_mul_overflow(a, b, d)	__builtin_mul_overflow(a, b, d)

static inline size_t size_mul(size_t a, size_t b)
{
	size_t n;

	return __builtin_mul_overflow(a, b, &n) ? (size_t)~0ul : n;
}

static inline size_t size_add(size_t a, size_t b)
{
	size_t n;

	return __builtin_add_overflow(a, b, &n) ? (size_t)~0ul : n;
}

#define array_size(n, size)	size_mul(n, size)
#define struct_size(p, member, n) \
	size_add(sizeof(*(p)), size_mul(sizeof((p)->member[0]), n))
#define flex_array_size(p, member, n)	size_mul(sizeof((p)->member[0]), n)

#endif /* _LINUX_OVERFLOW_H */
