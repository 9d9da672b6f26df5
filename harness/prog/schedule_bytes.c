// SPDX-License-Identifier: GPL-2.0
/*
 * schedule_bytes: the byte form of a schedule of counted steps.
 *
 * The same grammar as a program's: heads are 0x80 and above, data is below,
 * so a byte lost or added spoils one segment and no other.
 *
 *	100iiiii	P<i> runs; data: the count less one, seven bits a byte
 *	101iiiii	another task <i>; data: its role letter less 'A', count
 *	11vvvvvv	rt_choose() answers v; data: why, in ASCII
 *
 * Decoding is total: counts are cut to 32 bits, letters taken modulo 26,
 * characters that no name has are dropped, and a schedule that is full ends.
 * Names of switch points have no byte form: they are resolved by replay first.
 */
#include <string.h>

#include "harness/prog/prog.h"

#define HEAD	0x80
#define OTHER	0x20
#define CHOOSE	0xc0
#define INDEX	0x1f
#define ANSWER	0x3f

struct writer {
	u8 *at, *end;
	bool full;
};

static void put(struct writer *w, u32 byte)
{
	if (w->at == w->end)
		w->full = true;
	else
		*w->at++ = (u8)byte;
}

static bool in_name(u8 c)
{
	return c >= ' ' && c < 0x7f;
}

static bool encode_segment(const struct segment *g, struct writer *w)
{
	if (g->kind == SEGMENT_CHOOSE) {
		if (g->count > ANSWER)
			return false;
		put(w, CHOOSE | g->count);
		for (const char *c = g->name; *c; c++) {
			if (!in_name((u8)*c))
				return false;
			put(w, (u8)*c);
		}
		return true;
	}
	if (g->kind != SEGMENT_STEPS || g->index > INDEX || !g->count ||
	    g->role < 'A' || g->role > 'Z')
		return false;
	put(w, HEAD | (g->role == 'P' ? 0 : OTHER) | g->index);
	if (g->role != 'P')
		put(w, (u32)(g->role - 'A'));
	for (u32 n = g->count - 1; n; n >>= 7)
		put(w, n & 0x7f);
	return true;
}

int schedule_encode(const struct schedule *s, u8 *bytes, size_t size)
{
	struct writer w = { bytes, bytes + size, false };

	for (u32 i = 0; i < s->nr; i++)
		if (!encode_segment(&s->seg[i], &w))
			return -1;
	return w.full ? -1 : (int)(w.at - bytes);
}

static const u8 *decode_choose(const u8 *at, const u8 *end, struct segment *g)
{
	u32 n = 0;

	g->kind = SEGMENT_CHOOSE;
	g->role = 0;
	g->index = 0;
	g->count = at[-1] & ANSWER;
	for (; at < end && *at < HEAD; at++)
		if (in_name(*at) && (*at > ' ' || n) && n < SCHEDULE_NAME_MAX - 1)
			g->name[n++] = (char)*at;
	while (n && g->name[n - 1] == ' ')
		n--;
	/* A choice without a reason could not be written as text. */
	if (!n)
		strcpy(g->name, "any");
	else
		g->name[n] = 0;
	return at;
}

static const u8 *decode_steps(const u8 *at, const u8 *end, struct segment *g)
{
	u64 count = 0;
	u32 shift = 0;

	g->kind = SEGMENT_STEPS;
	g->role = 'P';
	g->index = at[-1] & INDEX;
	g->name[0] = 0;
	if (at[-1] & OTHER && at < end && *at < HEAD)
		g->role = (char)('A' + *at++ % 26);
	for (; at < end && *at < HEAD; at++, shift += 7)
		if (shift < 35)
			count |= (u64)*at << shift;
	g->count = (u32)count + 1;
	if (!g->count)
		g->count = 1;
	return at;
}

void schedule_decode(const u8 *bytes, size_t len, struct schedule *s)
{
	const u8 *at = bytes, *end = bytes + len;

	s->nr = 0;
	while (at < end && s->nr < SCHEDULE_SEGMENTS_MAX) {
		u8 head = *at++;

		if (head < HEAD)
			continue;
		if (head >= CHOOSE)
			at = decode_choose(at, end, &s->seg[s->nr]);
		else
			at = decode_steps(at, end, &s->seg[s->nr]);
		s->nr++;
	}
}
