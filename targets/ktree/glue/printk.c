// SPDX-License-Identifier: GPL-2.0
/*
 * printk: what the kernel says, and how it complains.
 *
 * Lines are made by the tree's own vsprintf and are rows of the journal. They
 * are no findings; WARN and BUG are: those of the tree's code trap in its own
 * instruction, those of the glue come from here.
 */
#include <linux/device.h>
#include <linux/kallsyms.h>
#include <linux/kernel.h>
#include <linux/printk.h>
#include <linux/ratelimit.h>
#include "targets/ktree/glue/glue.h"

#define LINE	256

/* The line lives as long as the execution: the row points at it. */
static void say(const char *prefix, const char *fmt, va_list args)
{
	char line[LINE], *copy;
	int n;

	if (ktree_booting)
		return;
	n = scnprintf(line, sizeof(line), "%s", prefix);
	n += vscnprintf(line + n, sizeof(line) - (size_t)n,
			printk_skip_level(fmt), args);
	while (n && line[n - 1] == '\n')
		line[--n] = '\0';
	copy = n ? rt_alloc((size_t)n + 1) : NULL;
	if (!copy)
		return;
	memcpy(copy, line, (size_t)n + 1);
	journal_emit(EV_printk, (u64)copy, 0, 0);
}

/* %pS and its kind. Lines are compared, and addresses differ. */
int sprint_symbol(char *buffer, unsigned long address)
{
	return sprintf(buffer, "a function");
}

int sprint_symbol_no_offset(char *buffer, unsigned long address)
{
	return sprint_symbol(buffer, address);
}

#define SAY(prefix) do {						\
	va_list args_;							\
									\
	va_start(args_, fmt);						\
	say(prefix, fmt, args_);					\
	va_end(args_);							\
} while (0)

int _printk(const char *fmt, ...)
{
	SAY("");
	return 0;
}

void __warn_printk(const char *fmt, ...)
{
	SAY("WARNING: ");
}

void _dev_emerg(const struct device *dev, const char *fmt, ...)
{
	SAY("device: ");
}

void _dev_err(const struct device *dev, const char *fmt, ...)
{
	SAY("device: ");
}

void _dev_warn(const struct device *dev, const char *fmt, ...)
{
	SAY("device: ");
}

void _dev_info(const struct device *dev, const char *fmt, ...)
{
	SAY("device: ");
}

/* Nothing is held back: there is no flood in an execution. */
int ___ratelimit(struct ratelimit_state *rs, const char *func)
{
	return 1;
}

void kt_warn(const char *expr, const char *func, int line)
{
	journal_emit(EV_warn, (u64)expr, (u64)func, (u64)line);
}

/* The oracle "bug" has raised by the time we come back, if it listens. */
void panic(const char *fmt, ...)
{
	SAY("Kernel panic: ");
	journal_emit(EV_bug, (u64)fmt, (u64)"panic", 0);
	rt_stop();
}
