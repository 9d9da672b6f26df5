// SPDX-License-Identifier: GPL-2.0
/*
 * paragraph: sentences of any length within the width of a report.
 */
#include <stdio.h>
#include <string.h>

#include "harness/report/internal.h"

static void put_word(FILE *out, int *at, int indent, const char *word, int n)
{
	if (*at > indent && *at + 1 + n > REPORT_WIDTH) {
		fprintf(out, "\n%*s", indent, "");
		*at = indent;
	} else if (*at > indent) {
		fputc(' ', out);
		++*at;
	}
	*at += fprintf(out, "%.*s", n, word);
}

void paragraph_put(FILE *out, int *at, int indent, const char *words)
{
	while (*words) {
		int n = strcspn(words, " ");

		put_word(out, at, indent, words, n);
		words += n;
		words += *words == ' ';
	}
}
