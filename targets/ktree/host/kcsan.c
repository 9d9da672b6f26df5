// SPDX-License-Identifier: GPL-2.0
/*
 * kcsan: the rest of what instrumented objects of a tree call: KCSAN's ways to
 * say that an access is not to be blamed. Nobody is blamed here for a race, so
 * nothing is to be done.
 */
#include <stddef.h>

#define NOTHING(name, ...)						\
void name(__VA_ARGS__);							\
void name(__VA_ARGS__) { }

NOTHING(__tsan_init, void)
NOTHING(__tsan_func_entry, void *pc)
NOTHING(__tsan_func_exit, void *none)
NOTHING(kcsan_disable_current, void)
NOTHING(kcsan_enable_current, void)
NOTHING(kcsan_enable_current_nowarn, void)
NOTHING(kcsan_nestable_atomic_begin, void)
NOTHING(kcsan_nestable_atomic_end, void)
NOTHING(kcsan_flat_atomic_begin, void)
NOTHING(kcsan_flat_atomic_end, void)
NOTHING(kcsan_atomic_next, int n)
NOTHING(kcsan_set_access_mask, unsigned long mask)
NOTHING(kcsan_end_scoped_access, void *access)

void *kcsan_begin_scoped_access(const volatile void *p, size_t size, int type,
				void *access);
void *kcsan_begin_scoped_access(const volatile void *p, size_t size, int type,
				void *access)
{
	return access;
}
