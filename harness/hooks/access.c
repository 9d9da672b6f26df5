// SPDX-License-Identifier: GPL-2.0
/*
 * access.c: what clang calls before each plain and each volatile access of
 * code compiled with -fsanitize=thread -tsan-distinguish-volatile.
 */
#include <string.h>

#include "harness/hooks/hooks.h"

void hooks_range(const void *p, size_t size, u32 flags)
{
	const u8 *at = p;

	while (size) {
		u32 piece = HOOKS_GRAIN - (u32)(size_t)at % HOOKS_GRAIN;

		piece = piece < size ? piece : (u32)size;
		hooks_access(at, piece, flags);
		at += piece;
		size -= piece;
	}
}

#define PLAIN(size)							\
void __tsan_read##size(void *p);					\
void __tsan_write##size(void *p);					\
void __tsan_unaligned_read##size(void *p);				\
void __tsan_unaligned_write##size(void *p);				\
void __tsan_read##size(void *p) { hooks_access(p, size, 0); }		\
void __tsan_write##size(void *p) { hooks_access(p, size, ACCESS_WRITE); } \
void __tsan_unaligned_read##size(void *p) { hooks_range(p, size, 0); }	\
void __tsan_unaligned_write##size(void *p)				\
{									\
	hooks_range(p, size, ACCESS_WRITE);				\
}

PLAIN(1) PLAIN(2) PLAIN(4) PLAIN(8) PLAIN(16)

/* READ_ONCE() and WRITE_ONCE(). */
#define VOLATILE(size)							\
void __tsan_volatile_read##size(void *p);				\
void __tsan_volatile_write##size(void *p);				\
void __tsan_unaligned_volatile_read##size(void *p);			\
void __tsan_unaligned_volatile_write##size(void *p);			\
void __tsan_volatile_read##size(void *p)				\
{									\
	hooks_access(p, size, ACCESS_MARKED);				\
	hooks_marked_load(p);						\
}									\
void __tsan_volatile_write##size(void *p)				\
{									\
	hooks_access(p, size, ACCESS_MARKED | ACCESS_WRITE);		\
	hooks_marked_store(p);						\
}									\
void __tsan_unaligned_volatile_read##size(void *p)			\
{									\
	__tsan_volatile_read##size(p);					\
}									\
void __tsan_unaligned_volatile_write##size(void *p)			\
{									\
	__tsan_volatile_write##size(p);					\
}

VOLATILE(1) VOLATILE(2) VOLATILE(4) VOLATILE(8) VOLATILE(16)

/* Newer compilers call these; for older ones the build renames what is left of
 * memcpy() and its like in the objects (scripts/rename-mem). */
void *__tsan_memcpy(void *to, const void *from, size_t size);
void *__tsan_memmove(void *to, const void *from, size_t size);
void *__tsan_memset(void *to, int c, size_t size);

void *__tsan_memcpy(void *to, const void *from, size_t size)
{
	hooks_range(from, size, 0);
	hooks_range(to, size, ACCESS_WRITE);
	return memcpy(to, from, size);
}

void *__tsan_memmove(void *to, const void *from, size_t size)
{
	hooks_range(from, size, 0);
	hooks_range(to, size, ACCESS_WRITE);
	return memmove(to, from, size);
}

void *__tsan_memset(void *to, int c, size_t size)
{
	hooks_range(to, size, ACCESS_WRITE);
	return memset(to, c, size);
}

void __tsan_init(void);
void __tsan_init(void) { }
void __tsan_func_entry(void *pc);
void __tsan_func_entry(void *pc) { }
void __tsan_func_exit(void);
void __tsan_func_exit(void) { }
