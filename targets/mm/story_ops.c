// SPDX-License-Identifier: GPL-2.0
/*
 * story_ops.c: calls with which a story tells an order and claims an outcome.
 *
 * A program of chance has no idea what a call should return; a story knows, as
 * the kernel's own tests do. These calls are never drawn, they are written:
 *
 *	P0  fill       page=0 count=12 value=1		page i holds 1 + i
 *	P0  dev_read   page=0 count=12
 *	P0  expect     ret=0				what the last call returned
 *	P0  expect_cpages value=12			what it handed over beside
 *	P0  post       slot=0				P1 may go on
 *	P1  await      slot=0
 *
 * An expectation looks at the last call of its own task that was none, and
 * returns what that call returned, so that several may follow one call. Only
 * `expect` judges a call that failed: after one there is nothing else to
 * compare, which is how a story says "if it succeeds, then". A claim that does
 * not hold is EV_expectation.
 *
 * A story is told of a machine that has memory. When an allocation was made to
 * fail (kernel_fail_nth()), what the story expects is not what must happen:
 * its claims are not judged any more in that execution, by this file alone,
 * while every oracle goes on.
 */
#include <linux/err.h>
#include <linux/fs.h>

#include "harness/rt/rt.h"
#include "targets/mm/file_ops.h"
#include "targets/mm/story_ops.h"
#include "targets/target.h"
#include "targets/view.h"

#define NR_POSTS	4	/* as ARG_SLOT */

/* By task; result: made when a call first has something to hand over. */
static struct story {
	long ret[RT_TASKS_MAX];
	struct op_result *result[RT_TASKS_MAX];
	u32 posted[NR_POSTS];
} story __machine;

void mm_call_returned(long ret)
{
	story.ret[rt_self()] = ret;
}

struct op_result *op_result(void)
{
	struct op_result **result = &story.result[rt_self()];

	if (!*result)
		*result = rt_alloc(sizeof(**result));
	else
		__builtin_memset(*result, 0, sizeof(**result));
	return *result;
}

static long last_ret(void)
{
	return story.ret[rt_self()];
}

/* What the last call handed over; NULL: nothing, or it failed. */
static const struct op_result *last_result(void)
{
	return last_ret() < 0 ? NULL : story.result[rt_self()];
}

/* @name is static. Returns whether the claim holds. */
static bool claim(const char *name, s64 expected, s64 got)
{
	if (expected == got || story_unjudged())
		return true;
	view_emit(EV_expectation, (u64)(size_t)name, (u64)expected, (u64)got);
	return false;
}

/* -- memory of which the story knows what is in it -- */

/* page, count, value, mm */
long op_fill(const u32 *arg)
{
	struct mm_struct *mm = mm_enter(arg[3]);
	u32 i, nr = range_pages(arg[0], arg[1]);
	int ret = 0;

	if (!mm)
		return -ESRCH;
	for (i = 0; i < nr && !ret; i++)
		ret = cpu_store(mm, VIEW_VA(arg[0] + i), arg[2] + i);
	return op_leave(mm, ret);
}

/* What page @i of a range holds: value, value + 1 ..., or all the same. */
static u32 pattern(u32 value, u32 same, u32 i)
{
	return same ? value : value + i;
}

/* Read the pages of a check one by one with @access; the first error ends it. */
static long check_pages(const u32 *arg, const char *name,
			int (*access)(struct mm_struct *mm, unsigned long addr,
				      u32 *value))
{
	struct mm_struct *mm = mm_enter(arg[3]);
	u32 i, value, nr = range_pages(arg[0], arg[1]);
	int ret = 0;

	if (!mm) {
		claim("program", 0, -ESRCH);
		return -ESRCH;
	}
	for (i = 0; i < nr && !ret; i++) {
		ret = access(mm, VIEW_VA(arg[0] + i), &value);
		if (claim("access", 0, ret) && !ret)
			claim(name, pattern(arg[2], arg[4], i), value);
	}
	return op_leave(mm, ret);
}

/* page, count, value, mm, same */
long op_check(const u32 *arg)
{
	return check_pages(arg, "load", cpu_load);
}

/* page, count, value, mm, same */
long op_check_increment(const u32 *arg)
{
	return check_pages(arg, "increment", cpu_increment);
}

/* page, count, value, file, same */
long op_check_file(const u32 *arg)
{
	u32 i, value, nr = range_pages(arg[0], arg[1]);
	struct file *file = op_file(arg[3]);
	int ret = 1;

	if (IS_ERR(file))
		return PTR_ERR(file);
	for (i = 0; i < nr && ret == 1; i++) {
		ret = vfs_read_page(file, arg[0] + i, &value);
		if (claim("read", 1, ret) && ret == 1)
			claim("file", pattern(arg[2], arg[4], i), value);
	}
	fput(file);
	kernel_task_idle_check();
	return min(ret, 0);
}

/* -- what the last call returned -- */

/* ret */
long op_expect(const u32 *arg)
{
#define ERRNO(e)	-e,
	static const s16 errnos[] = { 0, PROG_ERRNOS(ERRNO) };
#undef ERRNO

	claim("ret", errnos[arg[0]], min(last_ret(), 0l));
	return last_ret();
}

/* value */
long op_expect_value(const u32 *arg)
{
	if (last_ret() >= 0)
		claim("value", arg[0], last_ret());
	return last_ret();
}

/* value */
long op_expect_cpages(const u32 *arg)
{
	const struct op_result *r = last_result();

	if (r)
		claim("cpages", arg[0], r->cpages);
	return last_ret();
}

/* value */
long op_expect_faults(const u32 *arg)
{
	const struct op_result *r = last_result();

	if (r)
		claim("faults", arg[0], r->faults);
	return last_ret();
}

/* Whether the call told anything of @count pages from @page on. */
static bool covers(const struct op_result *r, u32 page, u32 count)
{
	return claim("pages handed over", true,
		     page >= r->first && page + count <= r->first + r->nr);
}

/* page, count, snap */
long op_expect_bytes(const u32 *arg)
{
#define BYTE(word, byte)	byte,
	static const u8 bytes[] = { PROG_SNAPS(BYTE) };
#undef BYTE
	const struct op_result *r = last_result();
	u32 i, nr = range_pages(arg[0], arg[1]);

	if (!r || !covers(r, arg[0], nr))
		return last_ret();
	for (i = arg[0]; i < arg[0] + nr; i++)
		claim("byte", bytes[arg[2]], r->byte[i - r->first]);
	return last_ret();
}

/* page, count, value, same */
long op_expect_data(const u32 *arg)
{
	const struct op_result *r = last_result();
	u32 i, nr = range_pages(arg[0], arg[1]);

	if (!r || !covers(r, arg[0], nr))
		return last_ret();
	for (i = 0; i < nr; i++)
		claim("data", pattern(arg[2], arg[3], i),
		      r->value[arg[0] + i - r->first]);
	return last_ret();
}

/* The call copied nothing out, whether it failed or not. */
long op_expect_nothing(const u32 *arg)
{
	const struct op_result *r = story.result[rt_self()];

	if (r)
		claim("pages handed over", 0, r->nr);
	return last_ret();
}

/* -- order -- */

/* slot */
long op_post(const u32 *arg)
{
	u32 *posted = &story.posted[arg[0]];

	rt_point(RT_SITE(RT_WAKE, "post", NULL), posted);
	__atomic_fetch_add(posted, 1, __ATOMIC_RELEASE);
	rt_wake(posted, 1);
	return 0;
}

/* slot; each post lets one await go */
long op_await(const u32 *arg)
{
	u32 n, *posted = &story.posted[arg[0]];

	for (;;) {
		rt_point(RT_SITE(RT_WAIT, "await", NULL), posted);
		n = __atomic_load_n(posted, __ATOMIC_ACQUIRE);
		if (!n)
			rt_wait(posted, 0, RT_FOREVER, 0);
		else if (__atomic_compare_exchange_n(posted, &n, n - 1, false,
						     __ATOMIC_ACQ_REL,
						     __ATOMIC_RELAXED))
			return 0;
	}
}
