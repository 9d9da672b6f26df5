// SPDX-License-Identifier: GPL-2.0
/*
 * json: the totals of a campaign as one object, for scripts.
 */
#include <stdio.h>

#include "harness/campaign/campaign.h"
#include "harness/exec/faults.h"

static void text(const char *key, const char *s)
{
	printf("\"%s\": \"", key);
	for (; *s; s++) {
		if (*s == '"' || *s == '\\')
			putchar('\\');
		if ((unsigned char)*s >= ' ')
			putchar(*s);
	}
	fputs("\", ", stdout);
}

void campaign_json(const struct campaign *c, const struct tally *sum,
		   const char *verdict, int code, double seconds)
{
	char faults[FAULTS_TEXT_MAX];
	bool first = true;

	putchar('{');
	text("target", c->target->name);
	text("runtime", rt_runtime_name);
	text("strategy", c->strategy ? c->strategy_text : "threads");
	text("mutation", c->mutate);
	text("commit", build_commit);
	text("verdict", verdict);
	text("class", sum->class);
	text("title", sum->title);
	text("path", sum->written ? sum->path : "");
	text("summary", sum->summary);
	text("points", sum->points);
	printf("\"exit\": %d, \"seed\": %llu, \"executions\": %llu, \"seconds\": %.3f, ",
	       code, c->seed, sum->executions, seconds);
	printf("\"shard\": \"%u/%u\", \"jobs\": %u, ", c->shard, c->shards,
	       c->jobs);
	printf("\"steps\": %llu, \"switches\": %llu, \"preemptions\": %llu, \"found_at\": %llu, ",
	       sum->steps, sum->switches, sum->preemptions, sum->index);
	if (rt_deterministic)
		printf("\"story\": \"%016llx\", ", sum->story);
	if (c->fail_alloc)
		printf("\"failed\": %llu, \"fail_last\": %u, ", sum->failed,
		       sum->fail_last);
	if (c->faults)
		text("faults_idle",
		     faults_print(campaign_idle_faults(c, sum, code), faults));
	if (c->known)
		campaign_known_json(sum);
	fputs("\"events\": {", stdout);
	for (int k = EV_none + 1; k < EV_NR; k++) {
		if (!sum->count[k])
			continue;
		printf("%s\"%s\": %llu", first ? "" : ", ", event_defs[k].name,
		       sum->count[k]);
		first = false;
	}
	putchar('}');
	if (c->windows)
		campaign_windows_json(c, sum);
	puts("}");
}
