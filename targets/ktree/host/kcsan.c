// SPDX-License-Identifier: GPL-2.0
/*
 * kcsan: the rest of what instrumented objects of a tree call: KCSAN's ways to
 * say that an access is not to be blamed. It matters where races are looked for
 * (races.c), and nothing is to be done elsewhere.
 */
#include <stddef.h>

#include "targets/ktree/host/host_private.h"

void (*ktree_order)(const void *p, bool release);
void (*race_access)(const void *p, u32 size, u32 kind, bool marked);
void (*race_exempt)(enum race_exempt what, int n);

#define NOTHING(name, ...)						\
void name(__VA_ARGS__);							\
void name(__VA_ARGS__) { }

NOTHING(__tsan_init, void)
NOTHING(__tsan_func_entry, void *pc)
NOTHING(__tsan_func_exit, void *none)
NOTHING(kcsan_set_access_mask, unsigned long mask)
NOTHING(kcsan_end_scoped_access, void *access)

#define EXEMPTS(name, what, n)						\
void name(void);							\
void name(void)								\
{									\
	if (unlikely(race_exempt))					\
		race_exempt(what, n);					\
}

EXEMPTS(kcsan_disable_current, RACE_OFF, 1)
EXEMPTS(kcsan_enable_current, RACE_OFF, -1)
EXEMPTS(kcsan_enable_current_nowarn, RACE_OFF, -1)
EXEMPTS(kcsan_nestable_atomic_begin, RACE_ATOMIC, 1)
EXEMPTS(kcsan_nestable_atomic_end, RACE_ATOMIC, -1)
EXEMPTS(kcsan_flat_atomic_begin, RACE_ATOMIC, 1)
EXEMPTS(kcsan_flat_atomic_end, RACE_ATOMIC, -1)

void kcsan_atomic_next(int n);
void kcsan_atomic_next(int n)
{
	if (unlikely(race_exempt))
		race_exempt(RACE_ATOMIC_NEXT, n);
}

void *kcsan_begin_scoped_access(const volatile void *p, size_t size, int type,
				void *access);
void *kcsan_begin_scoped_access(const volatile void *p, size_t size, int type,
				void *access)
{
	return access;
}
