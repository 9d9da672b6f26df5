// SPDX-License-Identifier: GPL-2.0
/*
 * say: what is printed and what is refused, for who prints and parses text.
 */
#include <stdarg.h>
#include <stdio.h>

#include "harness/prog/say.h"

void prog_say(struct out *o, const char *fmt, ...)
{
	size_t room = o->len < o->size ? o->size - o->len : 0;
	va_list ap;

	va_start(ap, fmt);
	o->len += (size_t)vsnprintf(room ? o->buf + o->len : NULL, room, fmt, ap);
	va_end(ap);
}

int prog_said(const struct out *o)
{
	return o->len < o->size ? (int)o->len : -1;
}

int prog_refuse(const struct in *in, const char *at, const char *fmt, ...)
{
	va_list ap;

	in->err->line = in->lineno;
	in->err->column = (u32)(at - in->line) + 1;
	va_start(ap, fmt);
	vsnprintf(in->err->text, sizeof(in->err->text), fmt, ap);
	va_end(ap);
	return -1;
}
