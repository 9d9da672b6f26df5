// SPDX-License-Identifier: GPL-2.0
/*
 * title: what a failure is called. Two failures with one title are one bug,
 * so a title has the class and the two functions that collided, sorted, and
 * nothing that differs from run to run: no step, no address, no task.
 */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "harness/report/internal.h"

/*
 * The function of one side; empty if none says anything. What M0 was in when
 * it looked at the quiet machine does not, nor does a primitive.
 */
static enum frame_level function(const struct failure *f, int side, char *func)
{
	const struct frame *fn;
	struct stack s;

	func[0] = 0;
	if (side == 0)
		stack_of_failure(f, &s);
	else
		stack_of_event(journal_event(f->other), &s);
	fn = stack_function(&s);
	if (!fn)
		return FRAME_HARNESS;
	snprintf(func, 64, "%s", fn->func);
	if (side == 0 && failure_at_rest(f))
		return FRAME_PRIMITIVE;
	return frame_level(fn);
}

/* The functions of both sides, sorted, one if they are the same. */
static u32 functions(const struct failure *f, char func[2][64])
{
	enum frame_level level[2];
	u32 n = 2;

	for (int side = 0; side < 2; side++)
		level[side] = function(f, side, func[side]);
	/* Of two primitives either is better than none. */
	if (level[0] <= FRAME_PRIMITIVE && level[1] > level[0])
		memcpy(func[0], func[1], sizeof(func[0]));
	else if (level[1] <= FRAME_PRIMITIVE && level[0] > level[1])
		memcpy(func[1], func[0], sizeof(func[0]));
	if (!func[0][0])
		return 0;
	if (n == 2 && strcmp(func[0], func[1]) == 0)
		n = 1;
	if (n == 2 && strcmp(func[0], func[1]) > 0) {
		char swap[64];

		memcpy(swap, func[0], sizeof(swap));
		memcpy(func[0], func[1], sizeof(swap));
		memcpy(func[1], swap, sizeof(swap));
	}
	return n;
}

const char *report_title(const struct failure *f, char *buf, size_t size)
{
	char func[2][64];
	u32 n = functions(f, func);

	snprintf(buf, size, "%s%s%s%s%s", f->oracle->name, n ? " in " : "",
		 n ? func[0] : "", n > 1 ? " / " : "", n > 1 ? func[1] : "");
	return buf;
}

/* A file name: everything but letters, digits and _ becomes one dash. */
const char *report_slug(const struct failure *f, char *buf, size_t size)
{
	char func[2][64];
	u32 n = functions(f, func);
	char *to = buf;

	snprintf(buf, size, "%s%s%s%s%s", f->oracle->name, n ? "-" : "",
		 n ? func[0] : "", n > 1 ? "-" : "", n > 1 ? func[1] : "");
	for (const char *p = buf; *p; p++) {
		if (isalnum((unsigned char)*p) || *p == '_')
			*to++ = *p;
		else if (to > buf && to[-1] != '-')
			*to++ = '-';
	}
	*to = 0;
	return buf;
}
