// SPDX-License-Identifier: GPL-2.0
/*
 * explore_build: from a source to a program that explores itself.
 *
 * Each source is compiled with -fsanitize=thread, for the calls that tell of
 * its accesses, and linked without it. In the object, what it calls is renamed
 * (harness/rt/pthread/symbols.txt), and its statics are put into machine_data,
 * where the engine resets them before each execution. Then it is linked with
 * the front and the engine, which are a library beside this program.
 *
 * Its debug information says that the sources lie in targets/pthread, since
 * reports tell code under test from the harness by the folder.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <spawn.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness/cli/explore.h"
#include "harness/exec/exec.h"

#define WORDS_MAX	128
#define WORD_SIZE	(PATH_MAX + 64)

extern char **environ;

static char folder[PATH_MAX];		/* of what is made here */
static char library[PATH_MAX];		/* folder of the engine */
static u32 nr_objects;

static pid_t running;

static void pass_on(int sig)
{
	if (running > 0)
		kill(running, sig);
}

int explore_spawn(char *const argv[])
{
	const struct sigaction pass = { .sa_handler = pass_on,
					.sa_flags = SA_RESTART };
	int status, err;

	err = posix_spawnp(&running, argv[0], NULL, NULL, argv, environ);
	if (err) {
		fprintf(stderr, "HARNESS: %s: cannot be run: %s\n", argv[0],
			strerror(err));
		return -1;
	}
	sigaction(SIGINT, &pass, NULL);
	sigaction(SIGTERM, &pass, NULL);
	sigaction(SIGHUP, &pass, NULL);
	while (waitpid(running, &status, 0) < 0)
		if (errno != EINTR)
			return -1;
	running = 0;
	if (WIFEXITED(status))
		return WEXITSTATUS(status);
	fprintf(stderr, "HARNESS: %s died of signal %d (%s)\n", argv[0],
		WTERMSIG(status), strsignal(WTERMSIG(status)));
	return -1;
}

/* Words of a command line; those made with add() live until the next one. */
static struct {
	char *word[WORDS_MAX + 1];
	char text[WORDS_MAX][WORD_SIZE];
	u32 nr;
	bool full;
} line;

__attribute__((format(printf, 1, 2)))
static void add(const char *fmt, ...)
{
	va_list args;

	if (line.nr == WORDS_MAX) {
		line.full = true;
		return;
	}
	va_start(args, fmt);
	vsnprintf(line.text[line.nr], WORD_SIZE, fmt, args);
	va_end(args);
	line.word[line.nr] = line.text[line.nr];
	line.word[++line.nr] = NULL;
}

static void add_all(const char *const *words)
{
	for (; *words; words++)
		add("%s", *words);
}

/* Run what was added. */
static int run(void)
{
	int code = line.full ? -1 : explore_spawn(line.word);

	if (line.full)
		fprintf(stderr, "HARNESS: more than %d words of flags\n",
			WORDS_MAX);
	line.nr = 0;
	return code;
}

static bool in_path(const char *name)
{
	const char *path = getenv("PATH");
	char file[PATH_MAX];

	while (path && *path) {
		size_t n = strcspn(path, ":");

		snprintf(file, sizeof(file), "%.*s/%s", (int)n, path, name);
		if (!access(file, X_OK))
			return true;
		path += n + (path[n] == ':');
	}
	return false;
}

static const char *compiler(const struct explore_build *b)
{
	if (b->cc)
		return b->cc;
	return in_path("clang") ? "clang" : in_path("clang-14") ? "clang-14" :
	       "cc";
}

static int compile(const struct explore_build *b, const char *source)
{
	static const char *const common[] = {
		"-c", "-g", "-O1", "-pthread", "-fno-pie", "-fno-common",
		"-fno-omit-frame-pointer", "-fno-optimize-sibling-calls",
		"-fno-zero-initialized-in-bss", "-fno-stack-protector",
		"-fno-builtin-malloc", "-fno-builtin-calloc",
		"-fno-builtin-realloc", "-fno-builtin-free",
		"-fsanitize=thread", NULL,
	};
	static const char *const clang[] = {
		"-mllvm", "-tsan-distinguish-volatile=1",
		"-mllvm", "-tsan-instrument-func-entry-exit=0",
		"-mllvm", "-tsan-instrument-read-before-write=1",
		"-femulated-tls", "-Wno-unused-command-line-argument", NULL,
	};
	static const char *const gcc[] = {
		"--param", "tsan-distinguish-volatile=1",
		"-D__thread=front_has_no_thread_locals",
		"-D_Thread_local=front_has_no_thread_locals", NULL,
	};
	const char *cc = compiler(b);
	char path[PATH_MAX];

	if (!realpath(source, path)) {
		fprintf(stderr, "%s: %s\n", source, strerror(errno));
		return EXIT_USAGE;
	}
	add("%s", cc);
	add_all(common);
	add_all(strstr(cc, "clang") ? clang : gcc);
	add_all((const char *const *)b->flags);
	add("-fdebug-prefix-map=%.*s=targets/pthread",
	    (int)(strrchr(path, '/') - path), path);
	add("-U_FORTIFY_SOURCE");
	add("-o");
	add("%s/%u.o", folder, nr_objects);
	add("%s", path);
	if (!run())
		return EXIT_PASS;
	fprintf(stderr, "%s: does not compile\n", source);
	return EXIT_USAGE;
}

static int convert(void)
{
	static const char *const sections[] = {
		"--set-section-flags", ".bss=alloc,load,data,contents",
		"--rename-section", ".bss=machine_data",
		"--rename-section", ".data=machine_data", NULL,
	};

	add("objcopy");
	add("--redefine-syms=%s/symbols.txt", library);
	add_all(sections);
	add("%s/%u.o", folder, nr_objects++);
	return run() ? EXIT_HARNESS : EXIT_PASS;
}

static int link_program(const struct explore_build *b, const char *program)
{
	add("%s", compiler(b));
	add("-no-pie");
	add("-o");
	add("%s", program);
	for (u32 i = 0; i < nr_objects; i++)
		add("%s/%u.o", folder, i);
	/* Nothing asks for them by a strong name: see harness/rt/hooks.h. */
	add("-Wl,-u,rt_hooks,-u,__tsan_atomic32_load");
	add("%s/libsvmtorture-pthread.a", library);
	add_all((const char *const *)b->flags);
	if (!run())
		return EXIT_PASS;
	fprintf(stderr, "%s: does not link; what is called front_has_no_X is a function X that cannot be explored\n",
		b->source[0]);
	return EXIT_USAGE;
}

static int make_folders(void)
{
	const char *temporary = getenv("TMPDIR");
	ssize_t n = readlink("/proc/self/exe", library, sizeof(library) - 64);
	char *slash;

	if (n < 0) {
		perror("HARNESS: /proc/self/exe");
		return EXIT_HARNESS;
	}
	library[n] = 0;
	slash = strrchr(library, '/');
	strcpy(slash, "/pthread");
	if (access(library, X_OK)) {
		fprintf(stderr, "HARNESS: %s: the library of the front is not there: %s\n",
			library, strerror(errno));
		return EXIT_HARNESS;
	}
	snprintf(folder, sizeof(folder), "%.3000s/svmtorture-XXXXXX",
		 temporary && *temporary ? temporary : "/tmp");
	if (mkdtemp(folder))
		return EXIT_PASS;
	fprintf(stderr, "HARNESS: %s: %s\n", folder, strerror(errno));
	folder[0] = 0;
	return EXIT_HARNESS;
}

int explore_build(const struct explore_build *b, char *program)
{
	int code = make_folders();

	if (b->keep)
		snprintf(program, PATH_MAX, "%s%s", strchr(b->keep, '/') ? "" :
			 "./", b->keep);
	else
		snprintf(program, PATH_MAX, "%.4000s/program", folder);
	for (u32 i = 0; i < b->nr_sources && !code; i++) {
		code = compile(b, b->source[i]);
		if (!code)
			code = convert();
	}
	return code ? code : link_program(b, program);
}

void explore_clean(void)
{
	char path[PATH_MAX];

	if (!folder[0])
		return;
	for (u32 i = 0; i <= nr_objects; i++) {
		snprintf(path, sizeof(path), "%.4000s/%u.o", folder, i);
		unlink(path);
	}
	snprintf(path, sizeof(path), "%.4000s/program", folder);
	unlink(path);
	rmdir(folder);
}
