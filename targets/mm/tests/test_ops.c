// SPDX-License-Identifier: GPL-2.0
/*
 * test_ops: the calls of programs and stories, as a program makes them.
 */
#include <linux/fs.h>
#include <linux/kernel.h>
#include <linux/string.h>

#include "targets/kernel/kernel.h"
#include "targets/mm/ops.h"
#include "targets/mm/tests/mm_test.h"
#include "targets/target.h"

/* One call of a task, by name; as a program's loop does, its result is kept. */
static long call(const char *name, const u32 *arg)
{
	u32 i;
	long ret;

	for (i = 0; i < nr_mm_ops; i++) {
		if (strcmp(mm_ops[i].name, name))
			continue;
		ret = mm_ops[i].run(arg);
		mm_call_returned(ret);
		return ret;
	}
	CUT_CHECK(!"an op of that name");
	return 0;
}

#define CALL(name, ...)	call(name, (const u32[OP_ARGS_MAX]){ __VA_ARGS__ })

static u32 pfn_at(u32 page)
{
	return VIEW_PFN(test_entry(0, page));
}

/* Shared memory and a file are one for all who map them; a private mapping of
 * a file is the file until it is written. */
void ops_map_kinds(u32 index)
{
	CUT_CHECK(CALL("truncate", 1, 4) == 0);
	CUT_CHECK(CALL("mmap", 8, 4, PROG_PROT_RW, 0, PROG_MAP_FILE, 1) == 0);
	CUT_CHECK(CALL("mmap", 0, 2, PROG_PROT_RW, 0, PROG_MAP_PRIVATE, 1, 2)
		  == 0);
	CUT_CHECK(CALL("fill", 8, 4, 10) == 0);
	CUT_CHECK(CALL("load", 0) == 12);
	CUT_CHECK(CALL("file_read", 1, 3) == 13);
	CUT_CHECK(pfn_at(0) == pfn_at(10));
	CUT_CHECK(view_mm.cached(0, 2) == pfn_at(10));
	CUT_CHECK(view_mm.file(0).live && view_mm.file(0).nr_pages == 4);
	CUT_CHECK(!view_mm.file(1).live && !view_mm.cached(1, 0));
	CUT_CHECK(CALL("fill", 0, 1, 20) == 0);
	CUT_CHECK(CALL("file_read", 1, 2) == 12);
	CUT_CHECK(CALL("mmap", 2, 1, PROG_PROT_RW, 0, PROG_MAP_SHARED) == 0);
	CUT_CHECK(CALL("fill", 2, 1, 30) == 0);
	CUT_CHECK(CALL("fork") == 1);
	CUT_CHECK(CALL("fill", 2, 1, 31, 1) == 0);
	CUT_CHECK(CALL("fill", 0, 1, 21, 1) == 0);
	CUT_CHECK(CALL("load", 2) == 31);
	CUT_CHECK(CALL("load", 0) == 20);
	CUT_CHECK(CALL("truncate", 1, 0) == 0);
	CUT_CHECK(CALL("load", 8) == -EFAULT);
	CUT_CHECK(CALL("mmap", 0, 1, PROG_PROT_RW, 0, PROG_MAP_FILE, 3) ==
		  -ENOENT);
}

void ops_mremap_moves(u32 index)
{
	CUT_CHECK(CALL("fill", 0, 8, 1) == 0);
	CUT_CHECK(CALL("mremap", 0, 8, 8) == 0);
	CUT_CHECK(CALL("load", 0) == -EFAULT);
	CUT_CHECK(CALL("check", 8, 8, 1) == 0);
}

/* Task 1 goes on when task 0 has said so, and then task 0 in turn. */
void ops_posts_order(u32 index)
{
	if (index) {
		CALL("await", 0);
		CUT_CHECK(CALL("load", 0) == 5);
		CUT_CHECK(CALL("fill", 0, 1, 6) == 0);
		CALL("post", 3);
		return;
	}
	CUT_CHECK(CALL("fill", 0, 1, 5) == 0);
	CALL("post", 0);
	CALL("await", 3);
	CUT_CHECK(CALL("load", 0) == 6);
}

/* Each post lets one go: two posts, two awaits, and no third. */
void ops_posts_count(u32 index)
{
	if (index < 2) {
		CALL("post", 1);
		return;
	}
	CALL("await", 1);
	CALL("await", 1);
	CALL("post", 1);
	CALL("await", 1);
}

/* An expectation passes on what it looked at; only `expect` looks at errors. */
void ops_last_call_is_judged(u32 index)
{
	struct op_result *r;

	CUT_CHECK(CALL("fill", 0, 1, 7) == 0);
	CUT_CHECK(CALL("load", 0) == 7);
	CUT_CHECK(CALL("expect", 0) == 7);
	CUT_CHECK(CALL("expect_value", 7) == 7);
	r = op_result();
	r->cpages = 3;
	r->faults = 1;
	r->first = 2;
	r->nr = 2;
	r->value[0] = 40;
	r->value[1] = 41;
	r->byte[1] = 0x22;
	mm_call_returned(0);
	CALL("expect_cpages", 3);
	CALL("expect_faults", 1);
	CALL("expect_data", 2, 2, 40);
	CALL("expect_data", 3, 1, 41, true);
	CALL("expect_bytes", 3, 1, 5);		/* dev_w */
	/* After an error there is nothing to compare. */
	mm_call_returned(-EPERM);
	CUT_CHECK(CALL("expect", 1) == -EPERM);
	CUT_CHECK(CALL("expect_cpages", 99) == -EPERM);
	CUT_CHECK(CALL("expect_data", 9, 1, 99) == -EPERM);
	CUT_CHECK(op_result()->nr == 0);
	CALL("expect_nothing");
}

/* Wrong claims, one a task; see mm_tests.c for what must come of each. */
void ops_false_ret(u32 index)
{
	CALL("load", 12);
	CALL("expect", 1);			/* -EPERM; it is -EFAULT */
}

void ops_false_value(u32 index)
{
	CALL("fill", 0, 2, 1);
	CALL("check", 0, 2, 1, 0, true);	/* the second holds 2 */
}

void ops_false_bytes(u32 index)
{
	op_result()->nr = 1;
	mm_call_returned(0);
	CALL("expect_bytes", 0, 2, 0);		/* told of one page only */
}

/* A story is told of a machine that has memory: without, it claims nothing. */
void ops_failure_boot(void)
{
	mm_test_boot();
	kernel_fail_nth(1);
}

void ops_failure_excuses(u32 index)
{
	CUT_CHECK(CALL("fill", 0, 1, 7) == -ENOMEM);
	CALL("expect", 0);
	CALL("check", 0, 1, 8);
}

void ops_failure_halt(void)
{
	kernel_fail_nth(0);
	mm_test_halt();
}

/* Every way to take a page reads and writes it, and leaves it as it was. */
void ops_gup_kinds(u32 index)
{
	u32 kind;
	s32 refs;

	CUT_CHECK(CALL("fill", 0, 1, 9) == 0);
	for (kind = PROG_GUP_GET; kind <= PROG_GUP_PIN_FAST_LONGTERM; kind++) {
		refs = view_mm.page(pfn_at(0)).refcount;
		CUT_CHECK(CALL("fill", 0, 1, 9) == 0);
		CUT_CHECK(CALL("gup", 0, kind, false) == 9);
		CUT_CHECK(CALL("gup", 0, kind, true) == 0);
		CUT_CHECK(CALL("load", 0) > 0);
		CUT_CHECK(view_mm.page(pfn_at(0)).refcount == refs);
		CUT_CHECK(CALL("gup", 12, kind, true) == -EFAULT);
	}
	CUT_CHECK(CALL("mprotect", 0, 1, PROG_PROT_R) == 0);
	CUT_CHECK(CALL("gup", 0, PROG_GUP_GET, true) == -EFAULT);
	CUT_CHECK(CALL("gup", 0, PROG_GUP_GET, false) > 0);
}

/* A pin that is kept survives the mapping; a slot holds one; the end of the
 * program gives back what is left. */
void ops_pins_are_kept(u32 index)
{
	u32 pfn;

	CUT_CHECK(CALL("fill", 0, 3, 9) == 0);
	CUT_CHECK(CALL("unpin", 2) == -ENOENT);
	CUT_CHECK(CALL("pin_keep", 12, 2, PROG_GUP_PIN, true) == -EFAULT);
	CUT_CHECK(CALL("pin_keep", 0, 2, PROG_GUP_PIN, true) == 0);
	CUT_CHECK(CALL("pin_keep", 1, 2, PROG_GUP_PIN, true) == -EBUSY);
	pfn = pfn_at(0);
	CUT_CHECK(view_mm.page(pfn).refcount > 1000);
	CUT_CHECK(CALL("move", 0) == -EAGAIN);
	CUT_CHECK(CALL("munmap", 0, 1) == 0);
	CUT_CHECK(view_mm.page(pfn).refcount > 1000);
	CUT_CHECK(CALL("unpin", 2, true) == 0);
	CUT_CHECK(view_mm.page(pfn).refcount == 0);
	CUT_CHECK(CALL("unpin", 2) == -ENOENT);
	CUT_CHECK(CALL("pin_keep", 1, 2, PROG_GUP_PIN_LONGTERM, true) == 0);
	CUT_CHECK(CALL("pin_keep", 2, 0, PROG_GUP_GET_FAST, true) == 0);
	/* What was taken to be read is not written. */
	CUT_CHECK(CALL("load", 3) == 0);
	CUT_CHECK(CALL("pin_keep", 3, 1, PROG_GUP_GET, false) == 0);
	CUT_CHECK(CALL("unpin", 1, true) == 0);
	CUT_CHECK(CALL("load", 3) == 0);
	CUT_CHECK(CALL("exit") == 0);
}

/* Two tasks at one slot: one pin at most stands, and none is lost. */
void ops_pins_race(u32 index)
{
	CALL("fill", index, 1, 1);
	CALL("pin_keep", index, 0, PROG_GUP_PIN_LONGTERM, true);
	CALL("unpin", 0, true);
}

void ops_moves(u32 index)
{
	u32 pfn;

	CUT_CHECK(CALL("move", 0) == -ENOENT);
	CUT_CHECK(CALL("load", 0) == 0);
	CUT_CHECK(CALL("move", 0) == -ENOENT);
	CUT_CHECK(CALL("offline", 12) == -ENOENT);
	CUT_CHECK(CALL("fill", 0, 3, 9) == 0);
	pfn = pfn_at(0);
	CUT_CHECK(CALL("move", 0) == 0);
	CUT_CHECK(pfn_at(0) != pfn);
	pfn = pfn_at(0);
	CUT_CHECK(CALL("offline", 0) == 0);
	CUT_CHECK(pfn_at(0) != pfn);
	CUT_CHECK(CALL("check", 0, 3, 9) == 0);
}

/* A page moves under a task that counts in it: no step is lost. */
void ops_move_race(u32 index)
{
	long was;

	if (index) {
		CALL("move", 0);
		CALL("move", 0);
		return;
	}
	was = CALL("increment", 0);
	CUT_CHECK(CALL("increment", 0) == was + 1);
	CUT_CHECK(CALL("increment", 0) == was + 2);
	CUT_CHECK(CALL("load", 0) == was + 3);
}

static void spelled(u64 word, const char *text)
{
	char buf[48];

	view_format('p', word, buf, sizeof(buf));
	CUT_CHECK(!strcmp(buf, text));
}

void ops_words_are_spelled(u32 index)
{
	spelled(VIEW_WORD(VIEW_MIGRATION_READ, 0, 7), "migration page#7 r");
	spelled(VIEW_WORD(VIEW_MIGRATION_READ_EXCLUSIVE, VIEW_YOUNG, 7),
		"migration page#7 r exclusive");
	spelled(VIEW_WORD(VIEW_MIGRATION_WRITE, VIEW_DIRTY, 7),
		"migration page#7 rw");
	spelled(VIEW_WORD(VIEW_DEVICE_READ, 0, 130), "device page#130 r");
	spelled(VIEW_WORD(VIEW_DEVICE_WRITE, 0, 130), "device page#130 rw");
	spelled(VIEW_WORD(VIEW_EXCLUSIVE_READ, 0, 3), "exclusive page#3 r");
	spelled(VIEW_WORD(VIEW_EXCLUSIVE_WRITE, 0, 3), "exclusive page#3 rw");
	spelled(VIEW_WORD(VIEW_PRESENT, VIEW_W | VIEW_A, 3),
		"page#3 rw atomic");
	spelled(VIEW_NONE, "none");
}
