// SPDX-License-Identifier: GPL-2.0
/*
 * front_libc: functions that would speak a hundred thousand times a second, or
 * that answer differently in the next execution.
 *
 * What the program prints is thrown away. In a detail execution with --output
 * it goes to stderr, so that it does not mix with the report.
 */
#define _GNU_SOURCE
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "harness/rt/pthread/front.h"

#define RAND_RANGE	0x7fffffff

static u64 seed __machine;

int front_printf(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
int front_fprintf(FILE *f, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
int front_vprintf(const char *fmt, va_list args)
	__attribute__((format(printf, 1, 0)));
int front_vfprintf(FILE *f, const char *fmt, va_list args)
	__attribute__((format(printf, 2, 0)));
int front_printf_chk(int flag, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
int front_fprintf_chk(FILE *f, int flag, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
int front_puts(const char *s);
int front_fputs(const char *s, FILE *f);
int front_putchar(int c);
int front_fputc(int c, FILE *f);
size_t front_fwrite(const void *p, size_t size, size_t n, FILE *f);
int front_fflush(FILE *f);
void front_perror(const char *s);
int front_number(void);
void front_seed(unsigned int value);

static bool loud(void)
{
	return rt_detail && front_options.output;
}

int front_vfprintf(FILE *f, const char *fmt, va_list args)
{
	if (loud())
		return vfprintf(stderr, fmt, args);
	return vsnprintf(NULL, 0, fmt, args);
}

int front_vprintf(const char *fmt, va_list args)
{
	return front_vfprintf(stderr, fmt, args);
}

#define PRINT(fmt) ({							\
	va_list args;							\
	int n;								\
									\
	va_start(args, fmt);						\
	n = front_vfprintf(stderr, fmt, args);				\
	va_end(args);							\
	n;								\
})

int front_printf(const char *fmt, ...) { return PRINT(fmt); }
int front_fprintf(FILE *f, const char *fmt, ...) { return PRINT(fmt); }
int front_printf_chk(int flag, const char *fmt, ...) { return PRINT(fmt); }
int front_fprintf_chk(FILE *f, int flag, const char *fmt, ...)
{
	return PRINT(fmt);
}

int front_puts(const char *s)
{
	return loud() ? fprintf(stderr, "%s\n", s) : 0;
}

int front_fputs(const char *s, FILE *f)
{
	return loud() ? fputs(s, stderr) : 0;
}

int front_fputc(int c, FILE *f)
{
	return loud() ? fputc(c, stderr) : c;
}

int front_putchar(int c)
{
	return front_fputc(c, stderr);
}

size_t front_fwrite(const void *p, size_t size, size_t n, FILE *f)
{
	return loud() ? fwrite(p, size, n, stderr) : n;
}

int front_fflush(FILE *f)
{
	return 0;
}

void front_perror(const char *s)
{
	front_fprintf(stderr, "%s: error\n", s);
}

/* The same numbers in each execution, as of a program that is started again. */
int front_number(void)
{
	seed = seed * 6364136223846793005ull + 1442695040888963407ull;
	return (int)(seed >> 33) & RAND_RANGE;
}

void front_seed(unsigned int value)
{
	seed = value;
}

FRONT_ALIAS(front_putc, front_fputc);
FRONT_ALIAS(front_IO_putc, front_fputc);

FRONT_ALIAS(front_random, front_number);
FRONT_ALIAS(front_lrand48, front_number);

FRONT_ALIAS(front_srandom, front_seed);
