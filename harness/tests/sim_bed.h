/* SPDX-License-Identifier: GPL-2.0 */
/*
 * sim_bed.h: small machines for the tests of sim and its strategies.
 *
 * A bed is a handful of tasks over eight shared words in the arena. The
 * journal is a stand-in that counts and hashes, so that these suites stand on
 * the runtime alone.
 */
#ifndef HARNESS_TESTS_SIM_BED_H
#define HARNESS_TESTS_SIM_BED_H

#include "harness/journal/journal.h"
#include "harness/rt/engine.h"
#include "harness/rt/strategy.h"
#include "harness/tests/test.h"

struct bed {
	void (*boot)(void);		/* may be NULL */
	u32 nr;
	void (*body[6])(void);
	void (*halt)(void);		/* may be NULL */
};

#define BED_WORDS 8

static u32 *w;				/* shared words, zero at boot */
static int task[6];
static const struct bed *bed;
static u32 events[EV_NR];
static u64 story;			/* of all that happened */
static struct rt_result result;

static inline void tell(u64 word)
{
	story = (story ^ word) * 0x9e3779b97f4a7c15ull;
	story ^= story >> 31;
}

u32 journal_emit(u16 kind, u64 a, u64 b, u64 c)
{
	events[kind]++;
	tell(kind * 64ull + (u64)rt_self());
	tell(rt_step());
	return 1;
}

#define POINT(kind, verb, i)	rt_point(RT_SITE(kind, verb, "w[" #i "]"), &w[i])
#define LOAD(i)	({ POINT(RT_LOAD, "load", i); tell(w[i]); w[i]; })
#define STORE(i, v) ({ POINT(RT_STORE, "store", i); w[i] = (v); })
#define INC(i)	({ POINT(RT_RMW, "inc", i); ++w[i]; })
#define LOCK(i)	({ int got_ = rt_point_lock(RT_SITE(RT_LOCK, "lock",	\
		   "w[" #i "]"), &w[i], &w[i], ~0u, 0); w[i] = 1; got_; })
#define UNLOCK(i) ({ POINT(RT_UNLOCK, "unlock", i); w[i] = 0; })

static inline void bed_body(void *arg)
{
	((void (*)(void))arg)();
}

static inline void bed_main(void *arg)
{
	w = rt_alloc(BED_WORDS * sizeof(*w));
	if (bed->boot)
		bed->boot();
	for (u32 i = 0; i < bed->nr; i++)
		task[i] = rt_spawn('P', "program", bed_body,
				   (void *)bed->body[i]);
	rt_go();
	for (u32 i = 0; i < bed->nr; i++)
		rt_join(task[i]);
	if (bed->halt)
		bed->halt();
}

static inline void bed_config(const struct bed *b, const struct rt_config *c)
{
	bed = b;
	story = 0;
	memset(events, 0, sizeof(events));
	if (rt_engine_init())
		exit(3);
	rt_engine_run(c, bed_main, NULL, &result);
}

static inline void bed_run(const struct bed *b, const struct strategy *s,
			   u64 execution)
{
	struct rt_config c = { .strategy = s, .seed = 42,
			       .execution = execution };

	bed_config(b, &c);
}

static inline void bed_setup(const struct strategy *s, const char *arg)
{
	char err[128];

	CHECK_EQ(s->setup(arg, err, sizeof(err)), 0);
}

/* What is left of an execution when the next one overwrites it. */
struct bed_copy {
	u8 trace[4096];
	u32 len;
	u64 story;
	enum rt_outcome outcome;
};

static inline void bed_save(struct bed_copy *c)
{
	CHECK(result.trace_len <= sizeof(c->trace));
	memcpy(c->trace, result.trace, result.trace_len);
	c->len = result.trace_len;
	c->story = story;
	c->outcome = result.outcome;
}

static inline void bed_same(const struct bed_copy *c)
{
	if (result.outcome == RT_DIVERGED)
		printf("%s\n", result.diverged);
	CHECK_EQ(result.outcome, c->outcome);
	CHECK_EQ(result.trace_len, c->len);
	CHECK(!memcmp(result.trace, c->trace, c->len));
	CHECK_EQ(story, c->story);
}

#endif /* HARNESS_TESTS_SIM_BED_H */
