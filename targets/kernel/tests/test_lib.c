// SPDX-License-Identifier: GPL-2.0
/*
 * test_lib: the last reference dropped under a lock, and strings.
 *
 * P0 and P1 hold a reference each to what P2 looks up. While it can be found
 * under the lock, its count must not be seen to reach 0.
 */
#include <linux/errno.h>
#include <linux/mutex.h>
#include <linux/refcount.h>
#include <linux/spinlock.h>
#include <linux/string.h>
#include "targets/kernel/tests/kernel_test.h"

static struct {
	refcount_t refs;
	spinlock_t spin;
	struct mutex mutex;
	int gone;		/* times it was taken away, under the lock */
} s __machine;

void lib_lock_boot(void)
{
	refcount_set(&s.refs, 2);
	spin_lock_init(&s.spin);
	mutex_init(&s.mutex);
}

void lib_lock_halt(void)
{
	CUT_CHECK(s.gone == 1);
	CUT_CHECK(!spin_is_locked(&s.spin) && !mutex_is_locked(&s.mutex));
}

/* Needs the lock. True: it was found, and the caller has a reference. */
static bool look_up(void)
{
	if (READ_ONCE(s.gone))
		return false;
	CUT_CHECK(refcount_inc_not_zero(&s.refs));
	return true;
}

static void take_away(void)
{
	CUT_CHECK(refcount_read(&s.refs) == 0);
	WRITE_ONCE(s.gone, s.gone + 1);
}

void lib_dec_and_lock(u32 index)
{
	bool found = true;

	if (index == 2) {
		spin_lock(&s.spin);
		found = look_up();
		spin_unlock(&s.spin);
	}
	if (!found || !refcount_dec_and_lock(&s.refs, &s.spin))
		return;
	lockdep_assert_held(&s.spin);
	take_away();
	spin_unlock(&s.spin);
}

void lib_dec_and_mutex_lock(u32 index)
{
	bool found = true;

	if (index == 2) {
		mutex_lock(&s.mutex);
		found = look_up();
		mutex_unlock(&s.mutex);
	}
	if (!found || !refcount_dec_and_mutex_lock(&s.refs, &s.mutex))
		return;
	lockdep_assert_held(&s.mutex);
	take_away();
	mutex_unlock(&s.mutex);
}

void lib_strscpy(u32 index)
{
	char to[4] = "???";

	CUT_CHECK(strscpy(to, "ab", sizeof(to)) == 2 && !strcmp(to, "ab"));
	CUT_CHECK(strscpy(to, "abc", sizeof(to)) == 3 && !strcmp(to, "abc"));
	CUT_CHECK(strscpy(to, "wxyz", sizeof(to)) == -E2BIG);
	CUT_CHECK(!strcmp(to, "wxy"));
	CUT_CHECK(strscpy(to, "abc", 0) == -E2BIG && !strcmp(to, "wxy"));
}
