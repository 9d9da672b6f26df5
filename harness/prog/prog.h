/* SPDX-License-Identifier: GPL-2.0 */
/*
 * prog.h: a program is data. Pure: no globals but const tables, no I/O.
 *
 *   bytes --decode--> program --print--> text --parse--> program --encode--> bytes
 *
 * decode is total: any bytes are some valid program. print and parse, encode
 * and decode are exact inverses on valid programs.
 */
#ifndef HARNESS_PROG_PROG_H
#define HARNESS_PROG_PROG_H

#include "harness/prng.h"
#include "harness/schedule.h"
#include "harness/prog/op.h"

struct call {
	u8 op;				/* opcode */
	u32 arg[OP_ARGS_MAX];		/* unused ones are 0 */
};

struct prog_task {
	u32 nr_calls;
	struct call call[PROG_CALLS_MAX];
};

struct program {
	u32 nr_tasks;			/* at least 1 */
	struct prog_task task[PROG_TASKS_MAX];
};

/* The ops a program may use: the shared ones and a target's own. */
struct op_table {
	const struct op *shared;	/* NULL if the target has no mm */
	u32 nr_shared;
	const struct op *own;
	u32 nr_own;
	/* Or NULL. Ops that are about one thing, see generate.c: names, of which
	 * the first is how it begins, and comes again if it is there twice. */
	const char *const *themes;
};

const struct op *op_get(const struct op_table *t, u8 opcode);	/* NULL if none */
const struct op *op_find(const struct op_table *t, const char *name, u8 *opcode);
u32 op_nr_args(const struct op *op);

/* kinds.c: one row per argument kind drives everything below. */
struct kind {
	const char *name;
	u32 base, count;	/* values base..base+count-1; count 0: any u32 */
	const char *const *words;	/* spelling of each value, or NULL: decimal */
	u8 bytes;		/* in the byte form */
	bool written;		/* in text even when it is the default */
};
extern const struct kind kinds[];
bool kind_valid(u8 kind, u32 value);

/* Where and why a text was refused. */
struct prog_error {
	u32 line;		/* from 1 */
	u32 column;		/* from 1, 0 if the line as a whole */
	char text[160];
};

/* valid.c: every decode, mutate and shrink ends with this asserted. */
bool prog_valid(const struct op_table *t, const struct program *p,
		struct prog_error *err);

/* text.c. prog_print returns the length (without NUL), or -1 if it does not
 * fit. prog_parse_line takes one "P0  op a=1" line; 0 or -1 with err. */
int prog_print(const struct op_table *t, const struct program *p, char *buf,
	       size_t size);
int prog_print_call(const struct op_table *t, const struct call *c, char *buf,
		    size_t size);
int prog_parse_line(const struct op_table *t, const char *line, u32 lineno,
		    struct program *p, struct prog_error *err);
/* A whole program text, comments allowed. */
int prog_parse(const struct op_table *t, const char *text, struct program *p,
	       struct prog_error *err);

/* bytes.c. Total: consumes at most len, says how much in used. */
void prog_decode(const struct op_table *t, const u8 *bytes, size_t len,
		 struct program *p, size_t *used);
/* Returns the length, or -1 if it does not fit. */
int prog_encode(const struct op_table *t, const struct program *p, u8 *bytes,
		size_t size);
/* Steps of a schedule as bytes, and back; decode is total. Named segments
 * have no byte form: -1. */
int schedule_encode(const struct schedule *s, u8 *bytes, size_t size);
void schedule_decode(const u8 *bytes, size_t len, struct schedule *s);

/* schedule_text.c: one segment a line, "P0 until mutex_lock(x) #2". */
int schedule_print(const struct schedule *s, char *buf, size_t size);
int schedule_parse_line(const char *line, u32 lineno, struct schedule *s,
			struct prog_error *err);

/* generate.c: a random valid program of 2..PROG_TASKS_MAX tasks. Swarm: each
 * program draws which ops it uses and how pages cluster, so that calls collide. */
void prog_generate(const struct op_table *t, struct prng *prng,
		   struct program *p);

/* mutate.c: change a little; always valid. splice takes calls of both. */
void prog_mutate(const struct op_table *t, struct prng *prng, struct program *p);
void prog_splice(const struct op_table *t, struct prng *prng,
		 struct program *p, const struct program *other);

/* schedule_mutate.c: the same for schedules of steps, which it keeps short. */
#define SCHEDULE_DRAWN_MAX	256	/* segments that chance adds to */
#define SCHEDULE_COUNT_DRAWN	4096	/* steps of one, likewise */
#define SCHEDULE_TASKS_MAX	32

/* Tasks that a segment may name; at least one. */
struct schedule_tasks {
	u32 nr;
	struct {
		char role;
		u8 index;
	} task[SCHEDULE_TASKS_MAX];
};
void schedule_mutate(const struct schedule_tasks *t, struct prng *prng,
		     struct schedule *s);
/* This one's head, the other's tail. */
void schedule_splice(struct prng *prng, struct schedule *s,
		     const struct schedule *other);

u32 prog_nr_calls(const struct program *p);
/* Remove one call; a task left empty is removed and later ones move up. */
bool prog_remove_call(struct program *p, u32 task, u32 call);

#endif /* HARNESS_PROG_PROG_H */
