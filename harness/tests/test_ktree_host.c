// SPDX-License-Identifier: GPL-2.0
/*
 * ktree_host: the host world of the ktree ground does what host.h says, with a
 * few statics for a kernel: the image comes back, changes of page tables are
 * seen and blamed on who made them, accesses are switch points, and WARN, BUG
 * and wild accesses end as what they are.
 */
#include "harness/tests/sim_bed.h"
#include "harness/oracle/oracle.h"
#include "targets/ktree/host.h"
#include "targets/view.h"

bool journal_judged;

#define PAGE		4096ul
#define TABLES		4u		/* pgd, pud, pmd, pte: frames 1 to 4 */
#define PRESENT		1ull

/* The kernel's statics, alone on their pages. */
static u8 statics[2 * PAGE] __attribute__((aligned(4096), used));
__asm__(".globl ktree_data_start, ktree_data_end\n"
	".set ktree_data_start, statics\n"
	".set ktree_data_end, statics + 8192\n");

static u8 *phys, *pages;
static u64 jiffies_word;
volatile unsigned long *const ktree_jiffies_word =
	(volatile unsigned long *)&jiffies_word;
static u32 jiffies_reads;

/* What the host told the kernel. */
static struct { int task; u32 slot, page; u64 old, new; } change[KTREE_WATCHED];
static u32 nr_changes;
static void *page_changed;

void ktree_point(const struct rt_site *site, const void *obj)
{
	ktree_settle();
	rt_point(site, obj);
}

void kt_pte_changed(u32 slot, u32 page, u64 old, u64 new)
{
	change[nr_changes].task = rt_self();
	change[nr_changes].slot = slot;
	change[nr_changes].page = page;
	change[nr_changes].old = old;
	change[nr_changes++].new = new;
}

void kt_page_changed(struct page *page)
{
	page_changed = page;
}

void ktree_jiffies_read(void)
{
	jiffies_reads++;
}

void oracle_raise(const struct oracle *o, u32 other, const char *subject,
		  const char *fmt, ...)
{
	CHECK_STR(subject, "no_such_function");
	journal_emit(EV_expectation, 0, 0, 0);
	rt_stop();
}

/* What the compiler writes into instrumented code. */
void __tsan_write8(void *p);
void __tsan_volatile_read8(void *p);
void __kcsan_check_access(const volatile void *p, size_t size, int type);

static u64 *entry(u32 table, u32 index)
{
	return (u64 *)(phys + (table + 1) * PAGE) + index;
}

static void boot(void)
{
	if (!ktree_image_sealed()) {
		phys = ktree_arena(KTREE_PHYS, 64 * PAGE);
		pages = ktree_arena(KTREE_VMEMMAP, 64 * PAGE);
		memset(statics, 1, sizeof(statics));
		for (u32 t = 0; t < TABLES - 1; t++)
			*entry(t, 0) = (t + 2) * PAGE | PRESENT;
		strcpy(ktree_boot_alloc(8), "booted");
		ktree_image_seal();
	}
	ktree_image_reset();
	nr_changes = 0;
	page_changed = NULL;
}

static void spoil(void)
{
	CHECK_EQ(statics[0] + statics[PAGE] + pages[5], 2);
	statics[0] = statics[PAGE] = pages[5] = 7;
}

static void image_comes_back(void)
{
	static const struct bed b = { .boot = boot, .nr = 1, .body = { spoil } };

	for (u32 i = 0; i < 3; i++) {
		bed_run(&b, &strategy_random, i);
		CHECK_EQ(result.outcome, RT_DONE);
		CHECK_EQ(statics[0], 7);
	}
	CHECK_STR((char *)KTREE_HEAP, "booted");
	CHECK(ktree_is_boot((void *)KTREE_HEAP));
	CHECK(!ktree_is_boot(phys));
}

static void set_entry(u32 page, u64 value)
{
	u64 *p = entry(TABLES - 1, (u32)(VIEW_BASE / PAGE) + page);

	__tsan_write8(p);
	*p = value;
}

static void map_two(void)
{
	ktree_watch(3, entry(0, 0));
	set_entry(0, 5 * PAGE | PRESENT);
	CHECK_EQ(nr_changes, 0);
	set_entry(15, 6 * PAGE | PRESENT);
	CHECK_EQ(nr_changes, 1);
	rt_point(RT_SITE(RT_NOTE, "here", NULL), NULL);
	ktree_settle();
	CHECK_EQ(nr_changes, 2);
	set_entry(0, 0);
	ktree_watch(3, NULL);
	CHECK_EQ(nr_changes, 3);
}

static void entries_are_watched(void)
{
	static const struct bed b = { .boot = boot, .nr = 1, .body = { map_two } };

	for (u32 i = 0; i < 2; i++) {
		bed_run(&b, &strategy_random, i);
		CHECK_EQ(result.outcome, RT_DONE);
		CHECK_EQ(change[1].page, 15);
		CHECK_EQ(change[1].slot, 3);
		CHECK_EQ(change[1].old, 0);
		CHECK_EQ(change[1].new, 6 * PAGE | PRESENT);
		CHECK_EQ(change[2].new, 0);
		CHECK_EQ(change[2].page, 0);
	}
}

/* Whoever comes to a point first has its change told before it leaves. */
static void map_own(u32 page)
{
	u64 word;

	set_entry(page, 5 * PAGE | PRESENT);
	__tsan_volatile_read8(&jiffies_word);
	word = *ktree_jiffies_word;
	(void)word;
}

static void map_first(void)
{
	map_own(1);
}

static void map_second(void)
{
	map_own(2);
}

static void boot_watched(void)
{
	boot();
	ktree_watch(0, entry(0, 0));
}

static void changes_belong_to_their_task(void)
{
	static const struct bed b = { .boot = boot_watched, .nr = 2,
				      .body = { map_first, map_second } };

	jiffies_reads = 0;
	for (u32 i = 0; i < 50; i++) {
		bed_run(&b, &strategy_random, i);
		CHECK_EQ(result.outcome, RT_DONE);
		CHECK_EQ(nr_changes, 2);
		for (u32 k = 0; k < 2; k++)
			CHECK_EQ(change[k].task, (int)change[k].page);
	}
	CHECK_EQ(jiffies_reads, 100);
}

static u32 nr_huge;

static void huge_page(void)
{
	ktree_watch(0, entry(0, 0));
	__tsan_write8(entry(2, 0));
	*entry(2, 0) = 0x600000ull | 0x80 | PRESENT;
	ktree_settle();
	nr_huge = nr_changes;
	__tsan_write8(pages + 3 * 64 + 8);
	ktree_settle();
}

static void huge_entries_and_pages_are_seen(void)
{
	static const struct bed b = { .boot = boot, .nr = 1, .body = { huge_page } };

	bed_run(&b, &strategy_random, 0);
	CHECK_EQ(result.outcome, RT_DONE);
	CHECK_EQ(nr_huge, KTREE_WATCHED);
	CHECK_EQ(change[1].new, (0x600000ull | 0x80 | PRESENT) + 17 * PAGE);
	CHECK(page_changed == pages + 3 * 64);
}

static void one_word(void)
{
	/* KCSAN_ACCESS_WRITE | COMPOUND | ATOMIC */
	__kcsan_check_access(&statics[8], 8, 7);
	(*(u64 *)&statics[8])++;
}

static void atomics_are_points(void)
{
	static const struct bed b = { .boot = boot, .nr = 2,
				      .body = { one_word, one_word } };
	struct rt_config c = { .strategy = &strategy_random, .detail = true };
	struct rt_step_info info;
	bool seen = false;

	bed_config(&b, &c);
	for (u32 i = 1; rt_step_info(i, &info); i++)
		seen |= !strcmp(info.name, "atomic(one_word:1)");
	CHECK(seen);
}

static void warn_and_go_on(void)
{
	__asm__ volatile("1: ud2\n"
			 ".pushsection __bug_table, \"aw\"\n"
			 "2: .long 1b - 2b\n"
			 ".long 3f - .\n"
			 ".word 42\n"
			 ".word 1\n"
			 ".popsection\n"
			 ".pushsection .rodata\n"
			 "3: .asciz \"mm/memory.c\"\n"
			 ".popsection\n" : : : "memory");
	statics[1] = 9;
}

static void warn_is_told_and_left(void)
{
	static const struct bed b = { .boot = boot, .nr = 1,
				      .body = { warn_and_go_on } };

	bed_run(&b, &strategy_random, 0);
	CHECK_EQ(result.outcome, RT_DONE);
	CHECK_EQ(events[EV_warn], 1);
	CHECK_EQ(statics[1], 9);
}

static void hit_bug(void)
{
	__asm__ volatile("1: ud2\n"
			 ".pushsection __bug_table, \"aw\"\n"
			 "2: .long 1b - 2b\n"
			 ".long 0\n"
			 ".word 42\n"
			 ".word 0\n"
			 ".popsection\n" : : : "memory");
	statics[1] = 9;
}

static void bug_ends_the_execution(void)
{
	static const struct bed b = { .boot = boot, .nr = 1, .body = { hit_bug } };

	bed_run(&b, &strategy_random, 0);
	CHECK_EQ(result.outcome, RT_STOPPED);
	CHECK_EQ(events[EV_bug], 1);
	CHECK_EQ(statics[1], 1);
}

static u8 *volatile nowhere = (u8 *)0x18;

static void run_wild(void)
{
	*nowhere = 1;
}

static void wild_access_crashes(void)
{
	static const struct bed b = { .boot = boot, .nr = 1, .body = { run_wild } };

	bed_run(&b, &strategy_random, 0);
	CHECK_EQ(result.outcome, RT_CRASH);
	CHECK_EQ(result.crash_addr, 0x18);
	CHECK_EQ(events[EV_access], 1);
}

static void lack(void)
{
	ktree_trap("no_such_function");
}

static void trap_stops(void)
{
	static const struct bed b = { .boot = boot, .nr = 1, .body = { lack } };

	bed_run(&b, &strategy_random, 0);
	CHECK_EQ(result.outcome, RT_STOPPED);
	CHECK_EQ(events[EV_expectation], 1);
}

static void use_freed(void)
{
	u64 *p = rt_alloc(8);

	rt_free(p, 8);
	__tsan_write8(p);
}

static void freed_memory_is_told(void)
{
	static const struct bed b = { .boot = boot, .nr = 1, .body = { use_freed } };

	bed_run(&b, &strategy_random, 0);
	CHECK_EQ(events[EV_use_after_free], 1);
}

static const struct test tests[] = {
	TEST(image_comes_back),
	TEST(entries_are_watched),
	TEST(changes_belong_to_their_task),
	TEST(huge_entries_and_pages_are_seen),
	TEST(atomics_are_points),
	TEST(warn_is_told_and_left),
	TEST(bug_ends_the_execution),
	TEST(wild_access_crashes),
	TEST(trap_stops),
	TEST(freed_memory_is_told),
	{ NULL, NULL },
};

TEST_MAIN("ktree_host", tests)
