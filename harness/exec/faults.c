// SPDX-License-Identifier: GPL-2.0
/*
 * faults: see faults.h.
 */
#include <stdio.h>
#include <string.h>

#include "harness/exec/faults.h"
#include "targets/kernel/kernel.h"

static const struct {
	const char *name;
	u32 kind;
} words[] = {
	{ "alloc",	KERNEL_FAULT_ALLOC },
	{ "trylock",	KERNEL_FAULT_TRYLOCK },
	{ "wake",	KERNEL_FAULT_WAKE },
	{ "timer",	KERNEL_FAULT_TIMER },
	{ "all",	KERNEL_FAULT_ALLOC | KERNEL_FAULT_TRYLOCK |
			KERNEL_FAULT_WAKE | KERNEL_FAULT_TIMER },
};

const char faults_words[] = "alloc, trylock, wake, timer or all";

int faults_parse(const char *text, u32 *kinds)
{
	*kinds = 0;
	for (;;) {
		size_t len = strcspn(text, ",");
		u32 i = 0;

		while (i < ARRAY_SIZE(words) &&
		       (strlen(words[i].name) != len ||
			memcmp(words[i].name, text, len)))
			i++;
		if (i == ARRAY_SIZE(words))
			return -1;
		*kinds |= words[i].kind;
		if (!text[len])
			return 0;
		text += len + 1;
	}
}

const char *faults_print(u32 kinds, char *buf)
{
	int at = 0;

	buf[0] = 0;
	/* The last word is made of the others. */
	for (u32 i = 0; i + 1 < ARRAY_SIZE(words); i++)
		if (kinds & words[i].kind)
			at += snprintf(buf + at, FAULTS_TEXT_MAX - (size_t)at,
				       "%s%s", at ? "," : "", words[i].name);
	return buf;
}
