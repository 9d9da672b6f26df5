// SPDX-License-Identifier: GPL-2.0
/*
 * test_svm: reproducer files, good and bad, and bytes made of them.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "harness/exec/convert.h"
#include "harness/exec/exec.h"
#include "harness/tests/prog_same.h"
#include "harness/tests/test.h"
#include "targets/kernel/kernel.h"

static struct svm svm, again;
static char text[1 << 20], text2[1 << 20], message[4096];
static u8 bytes[CONVERT_BYTES_MAX];

static const char good[] =
	"# The GPU keeps a PTE to a page munmap() has freed.\n"
	"#\n"
	"# P0 copies the CPU's PTE under mmap_lock and drops it.\n"
	"#   Indented, and with a \xc2\xb5.\n"
	"\n"
	"target:    nouveau-onepage\n"
	"mutation:  none\n"
	"expect:    deadlock\n"
	"needs:     race\n"
	"\n"
	"P0  munmap     page=1 count=2\n"
	"P1  munmap     page=3 count=1\n"
	"\n"
	"schedule:\n"
	"    P0 until mutex_lock(svmm->mutex) #2\n"
	"    P1 until exit\n"
	"    W0 3 steps\n"
	"    choose kmalloc 1\n";

/* Catch what is said on stderr while fn runs; its result. */
static int caught(int (*fn)(const char *), const char *arg)
{
	FILE *f = tmpfile();
	int saved = dup(2), result;
	size_t n;

	CHECK(f != NULL);
	fflush(stderr);
	dup2(fileno(f), 2);
	result = fn(arg);
	fflush(stderr);
	dup2(saved, 2);
	close(saved);
	rewind(f);
	n = fread(message, 1, sizeof(message) - 1, f);
	message[n] = 0;
	fclose(f);
	return result;
}

static int parse(const char *t)
{
	return svm_parse("x.svm", t, &svm);
}

static int read_path(const char *path)
{
	return svm_read(path, &svm);
}

static int write_path(const char *path)
{
	return svm_write(path, &svm);
}

static void a_good_file_is_printed_as_it_was(void)
{
	CHECK_EQ(svm_parse("x.svm", good, &svm), 0);
	CHECK_STR(svm.target->name, "nouveau-onepage");
	CHECK_EQ(svm.mutation, M_none);
	CHECK_STR(svm.expect->name, "deadlock");
	CHECK_STR(svm.needs, "race");
	CHECK_EQ(svm.program.nr_tasks, 2);
	CHECK_EQ(svm.program.task[0].call[0].arg[1], 2);
	CHECK_EQ(svm.schedule.nr, 4);
	CHECK_EQ(svm_print(&svm, text, sizeof(text)), sizeof(good) - 1);
	CHECK_STR(text, good);
}

static void optional_parts_may_be_missing(void)
{
	CHECK_EQ(svm_parse("x.svm", "expect: pass\ntarget:nouveau-onepage \n"
			   "# not story\n  P0 munmap", &svm), 0);
	CHECK_STR(svm.story, "");
	CHECK(!svm.expect && !svm.has_schedule && !svm.needs[0]);
	CHECK(svm_print(&svm, text, sizeof(text)) > 0);
	CHECK_STR(text, "target:    nouveau-onepage\nmutation:  none\n"
		  "expect:    pass\n\nP0  munmap     page=0 count=1\n");
	CHECK_EQ(svm_parse("x.svm", "target: nouveau-onepage\n"
			   "mutation: original\nexpect: pass\nP0 munmap\n"
			   "schedule:\n", &svm), 0);
	CHECK(svm.original && svm.has_schedule && !svm.schedule.nr);
}

static void a_file_may_say_which_allocation_fails(void)
{
	static const char with[] =
		"target:    nouveau-onepage\nmutation:  none\nexpect:    leak\n"
		"fail-alloc: 12\n\nP0  munmap     page=0 count=1\n";

	CHECK_EQ(parse(with), 0);
	CHECK_EQ(svm.fail_alloc, 12);
	CHECK(svm_print(&svm, text, sizeof(text)) > 0);
	CHECK_STR(text, with);
	CHECK_EQ(caught(parse, "target: mm\nfail-alloc: 0\n"), -1);
	CHECK_STR(message, "x.svm:2: fail-alloc: \"0\": expected a number from 1 to 1000000\n");
	CHECK_EQ(caught(parse, "target: mm\nfail-alloc: 10000000000000\n"), -1);
	CHECK_EQ(caught(parse, "target: mm\nfail-alloc: 1x\n"), -1);
	CHECK_EQ(parse("target: mm\nexpect: pass\nP0 munmap\n"), 0);
	CHECK_EQ(svm.fail_alloc, 0);
}

static void a_file_may_say_what_goes_wrong(void)
{
	static const char with[] =
		"target:    nouveau-onepage\nmutation:  none\nexpect:    leak\n"
		"faults:    alloc,wake\n\nP0  munmap     page=0 count=1\n";

	CHECK_EQ(parse(with), 0);
	CHECK_EQ(svm.faults, KERNEL_FAULT_ALLOC | KERNEL_FAULT_WAKE);
	CHECK(svm_print(&svm, text, sizeof(text)) > 0);
	CHECK_STR(text, with);
	CHECK_EQ(parse("target: mm\nexpect: pass\nfaults: all\nP0 munmap\n"), 0);
	CHECK_EQ(svm.faults, KERNEL_FAULT_ALLOC | KERNEL_FAULT_TRYLOCK |
		 KERNEL_FAULT_WAKE | KERNEL_FAULT_TIMER);
	CHECK_EQ(caught(parse, "target: mm\nfaults: alloc,\n"), -1);
	CHECK_STR(message, "x.svm:2: faults: \"alloc,\": expected alloc, trylock, wake, timer or all, with commas\n");
	CHECK_EQ(parse("target: mm\nexpect: pass\nP0 munmap\n"), 0);
	CHECK_EQ(svm.faults, 0);
}

static void a_file_may_say_what_memory_is_like(void)
{
	static const char with[] =
		"target:    mm\nmutation:  none\nexpect:    leak\n"
		"memory:    weak\n\nP0  munmap     page=0 count=1\n";

	CHECK_EQ(parse(with), 0);
	CHECK_EQ(svm.memory, RT_MEMORY_WEAK);
	CHECK(svm_print(&svm, text, sizeof(text)) > 0);
	CHECK_STR(text, with);
	CHECK_EQ(parse("target: mm\nexpect: pass\nmemory: tso\nP0 munmap\n"), 0);
	CHECK_EQ(svm.memory, RT_MEMORY_TSO);
	CHECK_EQ(caught(parse, "target: mm\nmemory: strong\n"), -1);
	CHECK_STR(message, "x.svm:2: memory: \"strong\": expected sc, tso or weak\n");
	CHECK_EQ(parse("target: mm\nexpect: pass\nP0 munmap\n"), 0);
	CHECK_EQ(svm.memory, RT_MEMORY_SC);
}

static void a_file_may_say_which_accesses_are_points(void)
{
	static const char with[] =
		"target:    mm\nmutation:  none\nexpect:    leak\nneeds:     race\n"
		"points:    f:read,g_2:write\n\nP0  munmap     page=0 count=1\n";

	CHECK_EQ(parse(with), 0);
	CHECK_STR(svm.points, "f:read,g_2:write");
	CHECK(svm_print(&svm, text, sizeof(text)) > 0);
	CHECK_STR(text, with);
	CHECK_EQ(caught(parse, "target: mm\npoints: f:reads\n"), -1);
	CHECK_STR(message, "x.svm:2: points: \"f:reads\": expected FUNCTION:read or FUNCTION:write, with commas\n");
	CHECK_EQ(caught(parse, "target: mm\npoints: f:read,\n"), -1);
	CHECK_EQ(caught(parse, "target: mm\npoints: f\n"), -1);
	CHECK_EQ(caught(parse, "target: mm\npoints: :write\n"), -1);
	CHECK_EQ(parse("target: mm\nexpect: pass\nP0 munmap\n"), 0);
	CHECK_STR(svm.points, "");
	CHECK(points_without("f:read,g:write,h:read", 1, text));
	CHECK_STR(text, "f:read,h:read");
	CHECK(points_without("f:read", 0, text));
	CHECK_STR(text, "");
	CHECK(!points_without("f:read", 1, text));
}

static void a_file_may_say_what_was_proven(void)
{
	static const char with[] =
		"target:    mm\nmutation:  none\nexpect:    leak\n"
		"minimal:   proven:1234\n\nP0  munmap     page=0 count=1\n";
	char said[SVM_MINIMAL_TEXT_MAX];

	CHECK_EQ(parse(with), 0);
	CHECK_EQ(svm.minimal, SVM_PROVEN);
	CHECK_EQ(svm.schedules, 1234);
	CHECK_STR(svm_minimal_text(&svm, said),
		  "minimal: no schedule with fewer preemptions fails");
	CHECK(svm_print(&svm, text, sizeof(text)) > 0);
	CHECK_STR(text, with);
	CHECK_EQ(parse("target: mm\nexpect: pass\nminimal: unproven:99\nP0 munmap\n"), 0);
	CHECK_STR(svm_minimal_text(&svm, said),
		  "not proven minimal: search for fewer preemptions stopped after 99 executions");
	CHECK_EQ(caught(parse, "target: mm\nminimal: proven\n"), -1);
	CHECK_STR(message, "x.svm:2: minimal: \"proven\": expected proven:N or unproven:N\n");
	CHECK_EQ(caught(parse, "target: mm\nminimal: proven:\n"), -1);
	CHECK_EQ(caught(parse, "target: mm\nminimal: proven:1x\n"), -1);
	CHECK_EQ(parse("target: mm\nexpect: pass\nP0 munmap\n"), 0);
	CHECK(!svm_minimal_text(&svm, said));
}

static void every_mutation_is_known_by_name(void)
{
	for (int id = M_none + 1; id < M_NR; id++) {
		const struct mutation *m = &mutations[id];
		struct op_table ops = target_ops(m->target);
		const struct op *op = ops.nr_shared ? ops.shared : ops.own;

		snprintf(text, sizeof(text),
			 "target: %s\nmutation: %s\nexpect: %s\n%s%s\n",
			 m->target->name, m->name, m->oracle->name,
			 m->target->body ? "" : "P0 ",
			 m->target->body ? "" : op->name);
		CHECK_EQ(svm_parse("x.svm", text, &svm), 0);
		CHECK_EQ(svm.mutation, id);
		CHECK(svm.expect == m->oracle);
	}
}

#define HEADER	"target: nouveau-onepage\nexpect: pass\n"

static const struct {
	const char *text, *message;
} bad[] = {
	{ "", "x.svm: no target; expected \"target: NAME\" before this\n" },
	{ "target: nouveau\n",
	  "x.svm:1: unknown target \"nouveau\"; `list targets` names them\n" },
	{ "expect: pass\nP0 munmap\n",
	  "x.svm:2: no target; expected \"target: NAME\" before this\n" },
	{ "target: nouveau-onepage\nP0 munmap\n",
	  "x.svm:2: no expectation; expected \"expect: CLASS\" or \"expect: pass\" before this\n" },
	{ "target: nouveau-onepage\nexpect: sadness\n\nP0 munmap\n",
	  "x.svm:2: unknown failure class \"sadness\"; `list oracles` names them, or pass\n" },
	{ "target: nouveau-onepage\nmutation: no_such\nexpect: pass\nP0 munmap\n",
	  "x.svm:2: unknown mutation \"no_such\"; `list mutations` names them\n" },
	{ HEADER "needs: luck\nP0 munmap\n",
	  "x.svm:3: unknown flavour \"luck\"; expected race\n" },
	{ HEADER "colour: red\n",
	  "x.svm:3:1: unknown key; expected target:, mutation:, expect:, needs:, fail-alloc:, faults:, memory:, points:, minimal: or schedule:\n" },
	{ HEADER "expect: pass\n", "x.svm:3:1: expect is given twice\n" },
	{ HEADER "needs:\n", "x.svm:3:7: expected a name after needs:\n" },
	{ HEADER "needs: race now\n",
	  "x.svm:3:8: expected one word after needs:, and no more\n" },
	{ HEADER, "x.svm:2: the program is empty; expected at least one call, such as \"P0  op\"\n" },
	{ HEADER "P0 munmop\n",
	  "x.svm:3:4: unknown op \"munmop\"; did you mean \"munmap\"?\n" },
	{ HEADER "\n  P0 munmap page=99\n",
	  "x.svm:4:18: page=99: expected a number from 0 to 15\n" },
	{ HEADER "P1 munmap\n",
	  "x.svm:3: P0 has no call, and a task of a higher number does\n" },
	{ HEADER "P0 munmap\nneeds: race\n",
	  "x.svm:4:1: needs: belongs before the program\n" },
	{ HEADER "P0 munmap\nschedule:\nP0 munmap\n",
	  "x.svm:5:4: expected \"until\" or a number of steps\n" },
	{ HEADER "P0 munmap\nschedule: now\n",
	  "x.svm:4:11: expected one word after schedule:, and no more\n" },
	{ HEADER "P0 munmap\nschedule:\nexpect: pass\n",
	  "x.svm:5:1: expect is given twice\n" },
	{ HEADER "P0 munmap\r\n",
	  "x.svm:3:10: a carriage return; save the file with Unix line ends\n" },
	{ HEADER "P0 \x1bmunmap\n",
	  "x.svm:3:4: a control character (0x1b); a reproducer is text\n" },
};

static void bad_files_are_refused_where_they_are_bad(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		CHECK_EQ(caught(parse, bad[i].text), -1);
		CHECK_STR(message, bad[i].message);
	}
}

static void limits_are_told(void)
{
	char *at = text + sprintf(text, HEADER);

	memset(at, 'x', 2000);
	strcpy(at + 2000, "\n");
	CHECK_EQ(caught(parse, text), -1);
	CHECK_STR(message, "x.svm:3: longer than 1023 characters\n");

	*text = 0;
	for (int i = 0; i < 600; i++)
		strcat(text, "# and then\n");
	CHECK_EQ(caught(parse, text), -1);
	CHECK(strstr(message, "the story is longer than 4095 characters"));

	at = text + sprintf(text, HEADER "P0 munmap\nschedule:\n");
	for (int i = 0; i <= SCHEDULE_SEGMENTS_MAX; i++)
		at += sprintf(at, "P0 1 step\n");
	CHECK_EQ(caught(parse, text), -1);
	CHECK(strstr(message, "more than 32768 segments"));
}

/* Cut or damaged anywhere, a file is parsed or refused, and nothing else. */
static int parse_silently(const char *t)
{
	struct prng prng;

	for (size_t n = 0; n < strlen(t); n++) {
		memcpy(text, t, n);
		text[n] = 0;
		svm_parse("x.svm", text, &svm);
		for (u32 i = 0; i < 20; i++) {
			prng_seed(&prng, n, PRNG_PROGRAM, i);
			strcpy(text, t);
			text[n] = (char)(1 + prng_below(&prng, 255));
			if (svm_parse("x.svm", text, &svm))
				continue;
			if (svm_print(&svm, text2, sizeof(text2)) < 0 ||
			    svm_parse("y.svm", text2, &again))
				return -1;
		}
	}
	return 0;
}

static void damage_is_parsed_or_refused(void)
{
	CHECK_EQ(caught(parse_silently, good), 0);
}

static void round_trips(const struct target *t, u64 i)
{
	static const char *const stories[] = {
		"", "One line.\n", "Title.\n\n  Indented.\n\n",
	};
	struct op_table ops = target_ops(t);
	struct prng prng;
	int n;

	prng_seed(&prng, 9, PRNG_PROGRAM, i);
	prog_generate(&ops, &prng, &svm.program);
	if (t->body)
		svm.program.nr_tasks = t->nr_fixed;
	strcpy(svm.story, stories[i % 3]);
	svm.target = t;
	svm.mutation = (int)(i % M_NR);
	svm.original = i % 5 == 0;
	if (svm.original)
		svm.mutation = M_none;
	svm.expect = i % 2 ? &oracle_deadlock : NULL;
	strcpy(svm.needs, i % 7 ? "" : "race");
	svm.has_schedule = i % 3 != 0;
	svm.schedule.nr = 0;
	if (svm.has_schedule) {
		u8 random[24];

		for (u32 b = 0; b < sizeof(random); b++)
			random[b] = (u8)prng_u64(&prng);
		schedule_decode(random, sizeof(random), &svm.schedule);
	}
	n = svm_print(&svm, text, sizeof(text));
	CHECK(n > 0);
	CHECK_EQ(svm_parse("x.svm", text, &again), 0);
	CHECK_STR(again.story, svm.story);
	CHECK_STR(again.needs, svm.needs);
	CHECK(again.target == t && again.expect == svm.expect);
	CHECK(again.mutation == svm.mutation && again.original == svm.original);
	CHECK(again.has_schedule == svm.has_schedule);
	CHECK(prog_same(&svm.program, &again.program));
	CHECK(schedule_same(&svm.schedule, &again.schedule));
	CHECK_EQ(svm_print(&again, text2, sizeof(text2)), n);
	CHECK_STR(text2, text);

	n = convert_to_bytes(&svm, bytes, sizeof(bytes));
	CHECK(n > 0);
	convert_from_bytes(t, bytes, (size_t)n, &again);
	CHECK(prog_same(&svm.program, &again.program));
	CHECK(schedule_same(&svm.schedule, &again.schedule));
}

static void every_target_round_trips(void)
{
	for (u32 k = 0; targets[k]; k++)
		for (u64 i = 0; i < (targets[k]->body ? 200 : 20000); i++)
			round_trips(targets[k], i);
}

static void every_op_table_is_sound(void)
{
	for (u32 k = 0; targets[k]; k++) {
		struct op_table t = target_ops(targets[k]);

		CHECK(t.nr_shared <= OP_TARGET && t.nr_own <= OP_TARGET);
		for (u32 code = 0; code < 256; code++) {
			const struct op *op = op_get(&t, (u8)code);
			u8 found;

			if (!op)
				continue;
			CHECK(op_find(&t, op->name, &found) == op);
			CHECK_EQ(found, code);
			CHECK(op->name[strspn(op->name, "abcdefghijklmnopqrstuvwxyz0123456789_")] == 0);
			CHECK(op->run && op->help && *op->help);
			for (u32 a = 0; a < op_nr_args(op); a++)
				CHECK(kind_valid(op->arg[a].kind, op->arg[a].def));
		}
	}
}

/* -- files --------------------------------------------------------------- */

static char folder[64];

static const char *in_folder(const char *name)
{
	static char path[128];

	if (!folder[0]) {
		strcpy(folder, "test_svm.XXXXXX");
		CHECK(mkdtemp(folder) != NULL);
	}
	snprintf(path, sizeof(path), "%s/%s", folder, name);
	return path;
}

/* Fails if anything but the files of the test is left in the folder. */
static void remove_folder(void)
{
	CHECK_EQ(rmdir(folder), 0);
	folder[0] = 0;
}

static void a_file_is_written_whole(void)
{
	const char *path = in_folder("a.svm");

	CHECK_EQ(svm_parse("x.svm", good, &svm), 0);
	CHECK_EQ(svm_write(path, &svm), 0);
	CHECK_EQ(svm_write(path, &svm), 0);
	CHECK_EQ(svm_read(path, &again), 0);
	CHECK(svm_print(&again, text, sizeof(text)) > 0);
	CHECK_STR(text, good);
	CHECK_EQ(unlink(path), 0);
	remove_folder();
}

static void what_cannot_be_written_leaves_the_old_file(void)
{
	struct rlimit old, none = { 16, RLIM_INFINITY };
	const char *path = in_folder("a.svm");
	int result;

	CHECK_EQ(svm_parse("x.svm", good, &svm), 0);
	CHECK_EQ(svm_write(path, &svm), 0);
	strcpy(svm.story, "Another.\n");
	signal(SIGXFSZ, SIG_IGN);
	CHECK_EQ(getrlimit(RLIMIT_FSIZE, &old), 0);
	none.rlim_max = old.rlim_max;
	CHECK_EQ(setrlimit(RLIMIT_FSIZE, &none), 0);
	errno = 0;
	result = svm_write(path, &svm);
	CHECK_EQ(setrlimit(RLIMIT_FSIZE, &old), 0);
	CHECK_EQ(result, -1);
	CHECK_EQ(errno, EFBIG);
	CHECK_EQ(svm_read(path, &again), 0);
	CHECK(svm_print(&again, text, sizeof(text)) > 0);
	CHECK_STR(text, good);
	CHECK_EQ(unlink(path), 0);
	remove_folder();

	CHECK_EQ(caught(write_path, "no/such/folder/a.svm"), -1);
	CHECK_STR(message, "HARNESS: no/such/folder/a.svm: cannot write: No such file or directory\n");
	CHECK_EQ(errno, ENOENT);
}

/* A device that was named is written to; a rename would replace it. */
static void what_is_no_file_stays_what_it_is(void)
{
	const char *path = in_folder("fifo");
	int fd;
	ssize_t n;

	CHECK_EQ(svm_parse("x.svm", good, &svm), 0);
	CHECK_EQ(mkfifo(path, 0600), 0);
	fd = open(path, O_RDWR | O_NONBLOCK);
	CHECK(fd >= 0);
	CHECK_EQ(svm_write(path, &svm), 0);
	n = read(fd, text, sizeof(text) - 1);
	close(fd);
	CHECK_EQ(n, sizeof(good) - 1);
	text[n] = 0;
	CHECK_STR(text, good);
	CHECK_EQ(unlink(path), 0);
	remove_folder();
}

static void what_cannot_be_read_is_told(void)
{
	const char *path = in_folder("b.svm");
	FILE *f;

	CHECK_EQ(caught(read_path, "no_such.svm"), -1);
	CHECK_STR(message, "no_such.svm: No such file or directory\n");
	CHECK_EQ(caught(read_path, folder), -1);
	CHECK(strstr(message, ": Is a directory\n"));

	f = fopen(path, "w");
	fwrite("target: \0\n", 1, 10, f);
	fclose(f);
	CHECK_EQ(caught(read_path, path), -1);
	CHECK(strstr(message, ": not a text file;"));
	CHECK_EQ(unlink(path), 0);
	remove_folder();
}

static int convert(const char *path)
{
	FILE *f = fopen("/dev/null", "w");
	int code = convert_file(path, NULL, f);

	fclose(f);
	return code;
}

static void a_file_converts_and_back(void)
{
	FILE *f;
	size_t n;

	CHECK_EQ(svm_parse("x.svm", HEADER "P0 munmap page=2\nschedule:\nP0 7 steps\n", &svm), 0);
	strcpy(svm.story, "Made from bytes.\n");
	CHECK_EQ(svm_write(in_folder("c.svm"), &svm), 0);
	f = fopen(in_folder("c.bytes"), "w");
	CHECK_EQ(convert_file(in_folder("c.svm"), NULL, f), EXIT_PASS);
	fclose(f);
	f = tmpfile();
	CHECK_EQ(convert_file(in_folder("c.bytes"), svm.target, f), EXIT_PASS);
	rewind(f);
	n = fread(text, 1, sizeof(text) - 1, f);
	text[n] = 0;
	fclose(f);
	CHECK(svm_print(&svm, text2, sizeof(text2)) > 0);
	CHECK_STR(text, text2);
	CHECK_EQ(caught(convert, in_folder("c.bytes")), EXIT_USAGE);
	CHECK(strstr(message, "--target says of which target"));
	CHECK_EQ(unlink(in_folder("c.svm")), 0);
	CHECK_EQ(unlink(in_folder("c.bytes")), 0);
	remove_folder();
}

static const struct test tests[] = {
	TEST(a_good_file_is_printed_as_it_was),
	TEST(optional_parts_may_be_missing),
	TEST(a_file_may_say_which_allocation_fails),
	TEST(a_file_may_say_what_goes_wrong),
	TEST(a_file_may_say_what_memory_is_like),
	TEST(a_file_may_say_which_accesses_are_points),
	TEST(a_file_may_say_what_was_proven),
	TEST(every_mutation_is_known_by_name),
	TEST(bad_files_are_refused_where_they_are_bad),
	TEST(limits_are_told),
	TEST(damage_is_parsed_or_refused),
	TEST(every_target_round_trips),
	TEST(every_op_table_is_sound),
	TEST(a_file_is_written_whole),
	TEST(what_cannot_be_written_leaves_the_old_file),
	TEST(what_is_no_file_stays_what_it_is),
	TEST(what_cannot_be_read_is_told),
	TEST(a_file_converts_and_back),
	{ NULL, NULL },
};

TEST_MAIN("svm", tests)
