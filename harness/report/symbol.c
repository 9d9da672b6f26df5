// SPDX-License-Identifier: GPL-2.0
/*
 * symbol: the names of code addresses, asked of one symbolizer child.
 *
 * llvm-symbolizer, or else addr2line, is started at the first question and
 * kept, since it reads the whole debug information once. It talks over a
 * socket rather than pipes, so that its death is an error to us and not a
 * signal; and it ends by itself when that socket closes, however we end.
 *
 * Programs are linked -no-pie, so a return address is an address of the file.
 * What is looked up is the byte before it, which belongs to the call.
 *
 * Answers are cached: rows share most of their frames. Compilers clone and
 * split functions (foo.isra.0, foo.part.1); the suffix is dropped.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness/report/report.h"

#define CACHE_SIZE	4096	/* a power of two; code has fewer call sites */
#define INLINED_MAX	8

struct cached {
	u64 pc;
	u32 nr;
	struct frame frame[INLINED_MAX];
};

static struct cached *cache[CACHE_SIZE];

enum tool { TOOL_LLVM, TOOL_ADDR2LINE };

static struct {
	enum { UNTRIED, RUNNING, MISSING } state;
	enum tool tool;
	pid_t pid, owner;
	int fd;
	char buf[4096];
	size_t start, end;
} child;

static bool child_spawn(enum tool tool, const char *name, char *exe)
{
	char *llvm[] = { (char *)name, "--functions", "--inlines", "--obj", exe,
			 NULL };
	char *addr2line[] = { (char *)name, "-a", "-f", "-i", "-e", exe, NULL };
	char *env[] = { "LC_ALL=C", NULL };
	posix_spawn_file_actions_t actions;
	int fd[2], err;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fd))
		return false;
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, fd[1], STDIN_FILENO);
	posix_spawn_file_actions_adddup2(&actions, fd[1], STDOUT_FILENO);
	posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null",
					 O_WRONLY, 0);
	err = posix_spawnp(&child.pid, name, &actions, NULL,
			   tool == TOOL_LLVM ? llvm : addr2line, env);
	posix_spawn_file_actions_destroy(&actions);
	close(fd[1]);
	if (err) {
		close(fd[0]);
		return false;
	}
	child.tool = tool;
	child.fd = fd[0];
	child.owner = getpid();
	child.start = child.end = 0;
	child.state = RUNNING;
	return true;
}

void symbol_close(void)
{
	if (child.state == RUNNING) {
		bool ours = child.owner == getpid();

		/* A forked process may hold the socket too. */
		if (ours)
			shutdown(child.fd, SHUT_RDWR);
		close(child.fd);
		while (ours && waitpid(child.pid, NULL, 0) < 0 && errno == EINTR)
			;
	}
	child.state = UNTRIED;
}

/* By our pid: the child's own /proc/self would be the tool. */
static void child_start(void)
{
	static bool registered;
	char exe[64];

	snprintf(exe, sizeof(exe), "/proc/%d/exe", (int)getpid());
	if (!child_spawn(TOOL_LLVM, "llvm-symbolizer-14", exe) &&
	    !child_spawn(TOOL_LLVM, "llvm-symbolizer", exe) &&
	    !child_spawn(TOOL_ADDR2LINE, "addr2line", exe)) {
		child.state = MISSING;
		fprintf(stderr, "note: neither llvm-symbolizer nor addr2line is "
			"installed; functions are shown as \"?\"\n");
	}
	if (!registered)
		atexit(symbol_close);
	registered = true;
}

/* A child that stopped to talk is not asked again. */
static void child_lost(void)
{
	symbol_close();
	child.state = MISSING;
	fprintf(stderr, "note: the symbolizer died; functions are shown as \"?\"\n");
}

static bool read_line(char *line, size_t size)
{
	size_t n = 0;

	for (;;) {
		if (child.start == child.end) {
			ssize_t got = read(child.fd, child.buf, sizeof(child.buf));

			if (got < 0 && errno == EINTR)
				continue;
			if (got <= 0)
				return false;
			child.start = 0;
			child.end = got;
		}
		char c = child.buf[child.start++];

		if (c == '\n')
			break;
		if (n + 1 < size)
			line[n++] = c;
	}
	line[n] = 0;
	return true;
}

/*
 * Relative to the source root, which the build may or may not have mapped. A
 * kernel tree's build has: its files are relative as they stand.
 */
static const char *relative(const char *path)
{
	static const char *const roots[] = { "targets/", "harness/", "fuzz/" };
	const char *last = NULL, *p;

	while (!strncmp(path, "./", 2))
		path += 2;
	for (u32 i = 0; i < ARRAY_SIZE(roots); i++)
		for (p = path; (p = strstr(p, roots[i])); p++)
			if ((p == path || p[-1] == '/') && (!last || p > last))
				last = p;
	if (last)
		return last;
	if (path[0] != '/' && path[0] != '.')
		return path;
	p = strrchr(path, '/');
	return p ? p + 1 : path;
}

static void parse_frame(char *func, char *where, struct frame *f)
{
	char *p = strchr(func, '.');

	if (p)
		*p = 0;
	snprintf(f->func, sizeof(f->func), "%.*s", (int)sizeof(f->func) - 1,
		 *func == '?' ? "?" : func);
	/* file:line:column, or file:line (discriminator n) */
	f->line = 0;
	p = strchr(where, ':');
	if (p) {
		*p++ = 0;
		f->line = strtoul(p, NULL, 10);
	}
	snprintf(f->file, sizeof(f->file), "%.*s", (int)sizeof(f->file) - 1,
		 relative(where));
}

/*
 * An answer is pairs of lines, innermost first. llvm-symbolizer ends it with
 * an empty line. addr2line does not end it, so a second question about
 * address 0 goes along: its answer begins with that address.
 */
static bool ask(u64 pc, struct cached *c)
{
	char line[512], where[512];
	bool llvm = child.tool == TOOL_LLVM;
	int n = snprintf(line, sizeof(line), llvm ? "0x%llx\n" : "0x%llx\n0x0\n",
			 pc);

	if (send(child.fd, line, n, MSG_NOSIGNAL) != n)
		return false;
	if (!llvm && !read_line(line, sizeof(line)))
		return false;
	for (;;) {
		if (!read_line(line, sizeof(line)))
			return false;
		if (llvm ? !line[0] : !strncmp(line, "0x", 2))
			break;
		if (!read_line(where, sizeof(where)))
			return false;
		if (c->nr < INLINED_MAX)
			parse_frame(line, where, &c->frame[c->nr++]);
	}
	return llvm || (read_line(line, sizeof(line)) &&
			read_line(where, sizeof(where)));
}

static struct cached *lookup(u64 pc)
{
	u32 i = (u32)(pc * 0x9e3779b97f4a7c15ull >> 32) & (CACHE_SIZE - 1);
	struct cached *c;

	for (u32 tries = 0; cache[i] && tries < CACHE_SIZE; tries++) {
		if (cache[i]->pc == pc)
			return cache[i];
		i = (i + 1) & (CACHE_SIZE - 1);
	}
	/* Two processes must not talk to one child. */
	if (child.state == RUNNING && child.owner != getpid())
		symbol_close();
	if (child.state == UNTRIED)
		child_start();
	c = calloc(1, sizeof(*c));
	if (!c)
		return NULL;
	c->pc = pc;
	if (child.state == RUNNING && !ask(pc - 1, c))
		child_lost();
	if (!c->nr) {
		snprintf(c->frame[0].func, sizeof(c->frame[0].func), "?");
		snprintf(c->frame[0].file, sizeof(c->frame[0].file), "?");
		c->nr = 1;
	}
	free(cache[i]);		/* only when the table is full */
	return cache[i] = c;
}

const char *frame_where(const struct frame *f, char buf[FRAME_WHERE_MAX])
{
	int n = snprintf(buf, FRAME_WHERE_MAX, "%s", f->file);

	if (f->line)
		snprintf(buf + n, FRAME_WHERE_MAX - n, ":%u", f->line);
	return buf;
}

u32 symbol_lookup(u64 pc, struct frame *f, u32 max)
{
	const struct cached *c = lookup(pc);
	u32 n = c ? c->nr : 0;

	if (n > max)
		n = max;
	if (n)
		memcpy(f, c->frame, n * sizeof(*f));
	return n;
}
