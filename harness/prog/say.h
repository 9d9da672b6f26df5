/* SPDX-License-Identifier: GPL-2.0 */
/*
 * say.h: what is printed and what is refused, for who prints and parses text.
 */
#ifndef HARNESS_PROG_SAY_H
#define HARNESS_PROG_SAY_H

#include "harness/prog/prog.h"

/* Text as it grows; len goes on past size, so that what did not fit is known. */
struct out {
	char *buf;
	size_t size, len;
};

__attribute__((format(printf, 2, 3)))
void prog_say(struct out *o, const char *fmt, ...);
/* The length, or -1 if it did not fit. */
int prog_said(const struct out *o);

/* A line as it is read: where it begins, where the reader is, where it ends. */
struct in {
	const char *line, *at, *end;
	u32 lineno;
	struct prog_error *err;
};

/* Refuse the text at @at, in the words of @fmt; returns -1. */
__attribute__((format(printf, 3, 4)))
int prog_refuse(const struct in *in, const char *at, const char *fmt, ...);

#endif /* HARNESS_PROG_SAY_H */
