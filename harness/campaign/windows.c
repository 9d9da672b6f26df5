// SPDX-License-Identifier: GPL-2.0
/*
 * windows: how often a campaign's tasks were in the windows of the spec.
 */
#include <stdio.h>
#include <string.h>

#include "harness/campaign/campaign.h"
#include "targets/windows.h"

bool campaign_has_window(const struct target *t, u32 row)
{
	const char *at = windows[row].targets;
	size_t n = strlen(t->name);

	for (; (at = strstr(at, t->name)); at += n)
		if ((at == windows[row].targets || at[-1] == ' ') &&
		    (at[n] == ' ' || !at[n]))
			return true;
	return false;
}

void campaign_windows(const struct campaign *c, const struct tally *sum)
{
	printf("%8s %12s %12s  %s\n", "window", "opened", "entered",
	       "by another task:");
	for (u32 i = 0; i < WINDOW_NR; i++)
		if (campaign_has_window(c->target, i))
			printf("%8s %12llu %12llu  %s\n", windows[i].name,
			       sum->window[i].opened, sum->window[i].entered,
			       windows[i].text);
}

void campaign_windows_json(const struct campaign *c, const struct tally *sum)
{
	const char *comma = "";

	fputs(", \"windows\": {", stdout);
	for (u32 i = 0; i < WINDOW_NR; i++) {
		if (!campaign_has_window(c->target, i))
			continue;
		printf("%s\"%s\": {\"opened\": %llu, \"entered\": %llu}", comma,
		       windows[i].name, sum->window[i].opened,
		       sum->window[i].entered);
		comma = ", ";
	}
	putchar('}');
}
