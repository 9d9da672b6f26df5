// SPDX-License-Identifier: GPL-2.0
/*
 * race.c: data races, by happens-before (FastTrack: Flanagan and Freund, PLDI
 * 2009), with the kernel's rule of what a race is (KCSAN): two accesses of one
 * place by two tasks, one of them a write and one of them plain, with nothing
 * that orders them. Two marked accesses never race.
 *
 * Nothing has to collide for that: whatever the schedule, an order that no
 * lock, no atomic and no barrier enforces is missing.
 *
 * What a cell remembers is in cells.h. Plain and marked accesses are remembered
 * apart, so that a WRITE_ONCE() does not hide the plain store before it. Fields
 * that share half a cell share its records: of two single bytes, the older
 * access may be forgotten for the other's. Reads by several tasks, unordered
 * among themselves, move to a list by task.
 *
 * What only one task has used has nothing to be judged, and most is of that
 * kind. A plain write makes it the writer's alone again: what does not come
 * after the accesses before it does not come after it, and races with it.
 *
 * The journal has a row of each access that is new to its cell, in detail only:
 * in search nobody asks where the other access was. In detail nothing goes the
 * short way of cells.h, therefore, and nor does it in data_race(): the name of
 * the running task is nobody's then.
 */
#include <string.h>
#include <sys/mman.h>

#include "harness/hooks/cells.h"

#define SHARED	4096		/* cells read by several at once */

struct cell *hooks_cells;
u32 hooks_generation;

/* Rows of the journal, of each stamp of each cell and of each reader. */
static struct rows {
	u32 of[4][2];
} *rows;

/* Of each task. What a list held in an earlier execution is in nobody's way. */
static union two several[SHARED][RT_TASKS_MAX];
static union two several_row[SHARED][RT_TASKS_MAX];
static u32 nr_several;

static bool allowed;	/* in data_race(): looked at by nobody */
static bool known;	/* its race was reported before */

static u32 row_now;	/* of the access that is judged, in detail */

static void *reserve(size_t size)
{
	void *p = mmap(NULL, size, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (p == MAP_FAILED)
		sim_broken("no address space for the cells of race.c");
	return p;
}

#define CELLS_SIZE	(CELLS * (sizeof(struct cell) + sizeof(struct marked)))

static void cells_empty(void)
{
	if (madvise(cell_marked(hooks_cells), CELLS_SIZE, MADV_DONTNEED))
		sim_broken("the cells of race.c cannot be emptied");
	memset(several, 0, sizeof(several));
	hooks_generation = 0;
	clocks_anew();
}

void race_reset(void)
{
	if (!hooks_cells) {
		hooks_cells = (struct cell *)((struct marked *)
					      reserve(CELLS_SIZE) + CELLS);
		rows = reserve(CELLS * sizeof(*rows));
	}
	if (!clocks_go_on() || hooks_generation == WHOSE_MAX - 1)
		cells_empty();
	hooks_generation++;
	allowed = known = false;
	nr_several = 0;
}

void race_name(int task)
{
	hooks_task[task].name = whose((u32)task);
	hooks_task[task].me = rt_detail || allowed ? ~0ull :
						     hooks_task[task].name;
}

void race_allowed(bool begin)
{
	allowed = begin;
	race_name(sim.cur);
}

bool race_is_allowed(void)
{
	return allowed;
}

void race_known(bool begin)
{
	known = begin;
}

/* The stamps of accesses with these flags. */
static inline union two *last_of(const struct cell *c, u32 flags)
{
	struct marked *m = cell_marked(c);

	if (flags & ACCESS_MARKED)
		return &m->last[flags & ACCESS_WRITE];
	return (union two *)&c->last[flags];
}

/* Did the running task know of it? Then what it does comes after. */
static inline bool ordered(const struct hooks_task *t, u32 stamp)
{
	return clock_knows(&t->now, stamp);
}

/* -- one half, with all that may be said of it -- */

struct access {
	const void *p;
	u32 size, flags;
	u32 half, bytes;
};

static void judge(const struct access *a, u32 stamp, u32 flags, u32 row)
{
	if (ordered(&hooks_task[sim.cur], stamp) || !(stamp & a->bytes) || known)
		return;
	journal_emit(EV_data_race, (u64)(size_t)a->p, row,
		     a->flags | (u64)flags << 8 |
		     (u64)a->size << 16);
}

static u32 row_of(const struct cell *c, u32 half, u32 flags)
{
	return rt_detail ? rows[c - hooks_cells].of[flags][half] : 0;
}

static void judge_last(const struct cell *c, const struct access *a, u32 flags)
{
	if (!(flags & ACCESS_MARKED) || c->marked)
		judge(a, last_of(c, flags)->half[a->half], flags,
		      row_of(c, a->half, flags));
}

/* The last by a task that has been alone since is not in the list. */
static void judge_reads(const struct cell *c, const struct access *a,
			u32 flags)
{
	u32 list = c->readers[flags / ACCESS_MARKED];
	u32 last = last_of(c, flags)->half[a->half];

	judge_last(c, a, flags);
	for (u32 i = 0; list && i < sim.view.nr_tasks; i++) {
		u32 stamp = several[list - 1][i].half[a->half];

		if (stamp != last)
			judge(a, stamp, flags,
			      several_row[list - 1][i].half[a->half]);
	}
}

static void judge_half(const struct cell *c, const struct access *a)
{
	judge_last(c, a, ACCESS_WRITE);
	if (!(a->flags & ACCESS_MARKED))
		judge_last(c, a, ACCESS_WRITE | ACCESS_MARKED);
	if (!(a->flags & ACCESS_WRITE))
		return;
	judge_reads(c, a, 0);
	if (!(a->flags & ACCESS_MARKED))
		judge_reads(c, a, ACCESS_MARKED);
}

static __attribute__((noinline)) void
judge_all(const struct cell *c, const void *p, u32 size, u32 flags)
{
	struct access a = {
		.p = p, .size = size, .flags = flags,
		.half = cell_half(p), .bytes = STAMP_BYTES,
	};

	if (size < CELL_HALF)
		a.bytes = ((1u << size) - 1) << (size_t)p % CELL_HALF;
	judge_half(c, &a);
	if (size == CELL_SIZE) {
		a.half = 1;
		judge_half(c, &a);
	}
}

/*
 * Eight bytes, four, or some of four, compiled for each: @size and @flags are
 * constants in all of the following but others_judged(), changed_in_detail() and
 * hooks_some().
 */
#define INLINE static inline __attribute__((always_inline))

INLINE void set(union two *two, u32 half, u32 size, u64 value)
{
	if (size == CELL_SIZE)
		two->both = value;
	else
		two->half[half] = (u32)value;
}

/* Does it come after the last with these flags? */
INLINE bool after(const struct hooks_task *t, const struct cell *c,
		  u32 half, u32 size, u32 flags)
{
	union two last = *last_of(c, flags);

	if (size < CELL_SIZE)
		return ordered(t, last.half[half]);
	return last.both == 0 ||
	       ((u32)ordered(t, last.half[0]) & (u32)ordered(t, last.half[1]));
}

INLINE bool after_marked(const struct hooks_task *t, const struct cell *c,
			 u32 half, u32 size, u32 flags)
{
	return likely(!c->marked) || after(t, c, half, size, flags | ACCESS_MARKED);
}

/* Does it come after all that it may race with? Of a write where there are lists
 * of readers that is not said here. */
INLINE bool after_all(const struct hooks_task *t, const struct cell *c,
		      u32 half, u32 size, u32 flags)
{
	if (!after(t, c, half, size, ACCESS_WRITE))
		return false;
	if (!(flags & ACCESS_MARKED) &&
	    !after_marked(t, c, half, size, ACCESS_WRITE))
		return false;
	if (!(flags & ACCESS_WRITE))
		return true;
	if (c->readers[0] || !after(t, c, half, size, 0))
		return false;
	return (flags & ACCESS_MARKED) ||
	       (!c->readers[1] && after_marked(t, c, half, size, 0));
}

INLINE void add_reader(u32 list, const struct cell *c, u32 half, u32 flags,
		       u32 stamp)
{
	u32 last = last_of(c, flags)->half[half];
	u32 task = last >> STAMP_TASK & STAMP_TASK_MASK;

	several[list][task].half[half] = last;
	several[list][sim.cur].half[half] = stamp;
	if (unlikely(rt_detail)) {
		several_row[list][task].half[half] = row_of(c, half, flags);
		several_row[list][sim.cur].half[half] = row_now;
	}
}

/* Reads by several, unordered, are kept by task. The newest stands in the cell
 * besides. */
INLINE void add_readers(const struct hooks_task *t, struct cell *c, u32 half,
			u32 size, u32 flags, u64 stamp)
{
	u16 *list = &c->readers[flags / ACCESS_MARKED];

	if (!*list) {
		if (after(t, c, half, size, flags) || nr_several == SHARED)
			return;
		*list = (u16)++nr_several;
	}
	add_reader(*list - 1u, c, half, flags, (u32)stamp);
	if (size == CELL_SIZE)
		add_reader(*list - 1u, c, 1, flags, (u32)stamp);
}

/* Of what others have used, too. */
INLINE void note_others(const struct hooks_task *t, struct cell *c, u32 half,
			u32 size, u32 flags, u64 stamp)
{
	struct marked *m = cell_marked(c);
	u64 who = t->name | WHOSE_SEVERAL | (u64)WHOSE_SEVERAL << 32;

	if (!(flags & ACCESS_WRITE)) {
		add_readers(t, c, half, size, flags, stamp);
	} else if (flags == ACCESS_WRITE && size >= CELL_HALF) {
		who = t->name;
		set(&c->last[0], half, size, 0);
		if (c->marked) {
			set(&m->last[0], half, size, 0);
			set(&m->last[ACCESS_WRITE], half, size, 0);
		}
	}
	set(&c->whose, half, size, who);
	set(last_of(c, flags), half, size, stamp);
}

/* The stamp to leave: of one time, the bytes of both stand. */
INLINE u64 stamp_of(const struct hooks_task *t, const struct cell *c,
		    const void *p, u32 size, u32 flags)
{
	u32 last = last_of(c, flags)->half[cell_half(p)], bytes;

	if (size >= CELL_HALF)
		return t->stamp;
	bytes = ((1u << size) - 1) << (size_t)p % CELL_HALF;
	if ((last ^ (u32)t->stamp) <= STAMP_BYTES)
		bytes |= last;
	return ((u32)t->stamp & ~STAMP_BYTES) | bytes;
}

/* Something is not ordered, or there are lists to be looked at. */
static __attribute__((noinline)) void
others_judged(struct cell *c, const void *p, u32 size, u32 flags)
{
	const struct hooks_task *t = &hooks_task[sim.cur];
	u32 half = size == CELL_SIZE ? 0 : cell_half(p);

	judge_all(c, p, size, flags);
	if (flags == ACCESS_WRITE && size == CELL_SIZE)
		c->readers[0] = c->readers[1] = 0;
	note_others(t, c, half, size, flags, stamp_of(t, c, p, size, flags));
}

INLINE void others(struct cell *c, const void *p, u32 size, u32 flags)
{
	const struct hooks_task *t = &hooks_task[sim.cur];
	u32 half = size == CELL_SIZE ? 0 : cell_half(p);

	if (unlikely(!after_all(t, c, half, size, flags)))
		others_judged(c, p, size, flags);
	else
		note_others(t, c, half, size, flags,
			    stamp_of(t, c, p, size, flags));
}

/* The running task's or nobody's yet. */
INLINE bool is_own(const struct hooks_task *t, const struct cell *c, u32 half)
{
	u32 who = c->whose.half[half];

	return who == (u32)t->name || who % (1u << WHOSE_BITS) == WHOSE_NOBODY;
}

/* True if that was all; else others are to be asked. */
INLINE bool changed_own(struct cell *c, const void *p, u32 size, u32 flags)
{
	const struct hooks_task *t = &hooks_task[sim.cur];
	u32 half = size == CELL_SIZE ? 0 : cell_half(p);

	if (flags & ACCESS_MARKED)
		cell_mark(c);
	else if (!cell_used(c))
		cell_begin(c);
	if (!is_own(t, c, half) || (size == CELL_SIZE && !is_own(t, c, 1)))
		return false;
	set(&c->whose, half, size, t->name);
	set(last_of(c, flags), half, size, stamp_of(t, c, p, size, flags));
	return true;
}

static __attribute__((noinline)) void
changed_in_detail(struct cell *c, const void *p, u32 size, u32 flags)
{
	u32 *row = rows[c - hooks_cells].of[flags];

	if (allowed)
		return;
	row_now = journal_emit(EV_access, (u64)(size_t)p, size, flags);
	if (!changed_own(c, p, size, flags))
		others_judged(c, p, size, flags);
	row[cell_half(p)] = row_now;
	if (size == CELL_SIZE)
		row[1] = row_now;
}

/* Boot, and oracles that look. */
static inline bool is_quiet(void)
{
	return journal_judged || !sim.going;
}

/*
 * Each kind has a function for what is nobody else's, without a frame, that ends
 * in a jump to another for what is (see CMakeLists.txt).
 */
#define CHANGED(name, size, flags)					\
static __attribute__((noinline)) void name##_others(struct cell *c,	\
						    const void *p)	\
{									\
	others(c, p, size, flags);					\
}									\
void name(struct cell *c, const void *p)				\
{									\
	if (is_quiet())							\
		return;							\
	if (unlikely(hooks_task[sim.cur].me == ~0ull))			\
		changed_in_detail(c, p, size, flags);			\
	else if (!changed_own(c, p, size, flags))			\
		name##_others(c, p);					\
}

CHANGED(hooks_read_8, CELL_SIZE, 0)
CHANGED(hooks_write_8, CELL_SIZE, ACCESS_WRITE)
CHANGED(hooks_marked_read_8, CELL_SIZE, ACCESS_MARKED)
CHANGED(hooks_marked_write_8, CELL_SIZE, ACCESS_MARKED | ACCESS_WRITE)
CHANGED(hooks_read_4, CELL_HALF, 0)
CHANGED(hooks_write_4, CELL_HALF, ACCESS_WRITE)
CHANGED(hooks_marked_read_4, CELL_HALF, ACCESS_MARKED)
CHANGED(hooks_marked_write_4, CELL_HALF, ACCESS_MARKED | ACCESS_WRITE)

void hooks_some(struct cell *c, const void *p, u32 size, u32 flags)
{
	if (is_quiet())
		return;
	if (unlikely(hooks_task[sim.cur].me == ~0ull))
		changed_in_detail(c, p, size, flags);
	else if (!changed_own(c, p, size, flags))
		others_judged(c, p, size, flags);
}
