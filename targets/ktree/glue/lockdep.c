// SPDX-License-Identifier: GPL-2.0
/*
 * lockdep: what each task holds, and complaints about orders of locks.
 *
 * The tree gives each lock a lockdep_map with the name and the key of its
 * class; the number of the class is kept in the map's class_cache, which is
 * ours since the tree's own lockdep is not there. after[a] is the set of
 * classes that were taken while a was held, in this execution: wanting b while
 * holding a is wrong if a can be reached from b. Two locks of one class may
 * nest if the tree says so by a subclass.
 *
 * The tree's lockdep_assert_held() asks lock_is_held_type(), and so judges the
 * tree by these locks.
 */
#include <linux/debug_locks.h>
#include <linux/gfp.h>
#include <linux/mmu_notifier.h>
#include <linux/rcupdate.h>
#include <linux/sched/mm.h>
#include "targets/ktree/glue/glue.h"

#define CLASSES	128

static struct {
	u32 lock;
	u32 nr;				/* numbers from 1 */
	const void *key[CLASSES];
	u64 after[CLASSES][CLASSES / 64];
} classes;

int debug_locks = 1;
int debug_locks_silent;

/* Not the tree's strncmp(): its accesses may be points, and names are asked for
 * in detail executions alone, which must go as the others went. */
static bool begins(const char *s, const char *with)
{
	while (*with)
		if (*s++ != *with++)
			return false;
	return true;
}

/* The port's words where the tree's are others. */
const char *kt_lock_words(const char *name)
{
	if (!name)
		return "lock";
	if (begins(name, "ptlock_ptr("))
		return "ptl";
	return *name == '&' ? name + 1 : name;
}

void kt_lock_complain(const char *complaint, const void *wanted,
		      const void *held)
{
	if (!ktree_booting)
		journal_emit(EV_lockdep, (u64)complaint, (u64)wanted, (u64)held);
}

void lockdep_init_map_type(struct lockdep_map *map, const char *name,
			   struct lock_class_key *key, int subclass, u8 inner,
			   u8 outer, u8 lock_type)
{
	*map = (struct lockdep_map){
		.key = key,
		.name = name,
		.wait_type_inner = inner,
		.wait_type_outer = outer,
		.lock_type = lock_type,
	};
}

void kt_lock_init(struct lockdep_map *map, const void *lock, const char *name,
		  struct lock_class_key *key)
{
	lockdep_init_map_type(map, name, key, 0, 0, 0, 0);
	rt_name(lock, kt_lock_words(name), -1);
}

/* A static lock has no key: it is a class by itself. */
static u32 class_new(const void *key)
{
	u32 id;

	kt_raw_lock(&classes.lock);
	for (id = 1; id <= classes.nr; id++)
		if (classes.key[id] == key)
			break;
	if (id > classes.nr) {
		if (id == CLASSES)
			panic("too many lock classes");
		classes.key[id] = key;
		classes.nr = id;
	}
	kt_raw_unlock(&classes.lock);
	return id;
}

static u32 class_of(struct lockdep_map *map)
{
	u32 id = (u32)(unsigned long)READ_ONCE(map->class_cache[0]);

	if (likely(id))
		return id <= classes.nr ? id : 0;	/* freed memory */
	id = class_new(map->key ? (const void *)map->key : map);
	WRITE_ONCE(map->class_cache[0], (void *)(unsigned long)id);
	return id;
}

static bool after(u32 a, u32 b)
{
	return __atomic_load_n(&classes.after[a][b / 64], __ATOMIC_RELAXED) >>
	       b % 64 & 1;
}

/* Can @to be reached from @from? */
static bool reaches(u32 from, u32 to)
{
	u8 todo[CLASSES], nr = 0;
	bool seen[CLASSES] = { };
	u32 c;

	for (todo[nr++] = from, seen[from] = true; nr; ) {
		u32 at = todo[--nr];

		if (at == to)
			return true;
		for (c = 1; c <= classes.nr; c++) {
			if (!seen[c] && after(at, c)) {
				seen[c] = true;
				todo[nr++] = c;
			}
		}
	}
	return false;
}

/* Wanting @class while holding @h: a new edge is judged once. */
static void add_edge(const struct kt_held *h, u32 class, const void *lock)
{
	if (after(h->class, class))
		return;
	__atomic_fetch_or(&classes.after[h->class][class / 64],
			  1ull << class % 64, __ATOMIC_SEQ_CST);
	if (reaches(class, h->class))
		kt_lock_complain("possible circular locking dependency", lock,
				 h->lock);
}

static void judge(struct kt_task *k, u32 class, const void *lock, bool nest)
{
	u32 i;

	for (i = k->nr_held; i-- > 0; ) {
		const struct kt_held *h = &k->held[i];

		if (h->lock == lock || (h->class == class && !nest))
			kt_lock_complain("possible recursive locking", lock,
					 h->lock);
		else if (h->class != class)
			add_edge(h, class, lock);
	}
}

static void push(struct lockdep_map *map, const void *lock, const char *verb,
		 enum kt_mode mode)
{
	struct kt_task *k = kt_self();

	if (k->nr_held == KT_HELD_MAX)
		panic("too many locks held");
	k->held[k->nr_held++] = (struct kt_held){
		.lock = lock,
		.map = map,
		.verb = verb,
		.since = rt_step(),
		.class = (u8)class_of(map),
		.mode = (u8)mode,
	};
}

/* Newest first: locks mostly nest. */
static bool pop(const void *lock)
{
	struct kt_task *k = kt_self();
	u32 i;

	for (i = k->nr_held; i-- > 0; ) {
		if (k->held[i].lock != lock)
			continue;
		for (k->nr_held--; i < k->nr_held; i++)
			k->held[i] = k->held[i + 1];
		return true;
	}
	return false;
}

/* What was initialised at boot has no name in this execution yet. */
void kt_lock_want(struct lockdep_map *map, const void *lock, u32 subclass)
{
	struct kt_task *k = kt_self();

	/* The point that follows tells of a lock that was freed. */
	if (rt_is_freed(lock))
		return;
	rt_name(lock, kt_lock_words(map->name), -1);
	if (k->nr_held)
		judge(k, class_of(map), lock, subclass);
}

void kt_lock_got(struct lockdep_map *map, const void *lock, const char *verb,
		 enum kt_mode mode)
{
	push(map, lock, verb, mode);
	if (!ktree_booting)
		journal_emit(EV_lock, (u64)verb, (u64)lock,
			     mode == KT_EXCLUSIVE);
}

void kt_lock_put(const void *lock, const char *verb)
{
	if (!pop(lock))
		kt_lock_complain("unlock of a lock that this task does not hold",
				 lock, NULL);
	if (!ktree_booting)
		journal_emit(EV_unlock, (u64)verb, (u64)lock, 0);
}

void kt_lock_wait(struct lockdep_map *map, const void *lock)
{
	struct kt_task *k = kt_self();
	u32 class = class_of(map), i;

	kt_sleeps();
	for (i = k->nr_held; i-- > 0; ) {
		if (k->held[i].class == class)
			kt_lock_complain("waits for itself", lock,
					 k->held[i].lock);
		else
			add_edge(&k->held[i], class, lock);
	}
}

void kt_lock_enter(struct lockdep_map *map)
{
	push(map, map, "lock_map_acquire", KT_RECURSIVE);
}

void kt_lock_leave(struct lockdep_map *map)
{
	pop(map);
}

void kt_lock_check_none(struct kt_task *k, const char *when)
{
	if (k->nr_held)
		kt_lock_complain(when, NULL, k->held[k->nr_held - 1].lock);
}

/* Only the caller's own, as in the kernel. */
void kt_lock_check_freed(const void *p, size_t size)
{
	struct kt_task *k = kt_self();
	u32 i;

	for (i = 0; i < k->nr_held; i++) {
		const void *lock = k->held[i].lock;

		if ((size_t)lock - (size_t)p < size)
			kt_lock_complain("lock freed while held", lock, lock);
	}
}

/* -- what the tree's inlines call -- */

struct lockdep_map rcu_lock_map = { .name = "rcu_read_lock" };
struct lockdep_map rcu_bh_lock_map = { .name = "rcu_read_lock_bh" };
struct lockdep_map rcu_sched_lock_map = { .name = "rcu_read_lock_sched" };
struct lockdep_map rcu_callback_map = { .name = "rcu_callback" };

/* RCU's own are counted by rcu.c and are everywhere. */
static bool is_rcu(const struct lockdep_map *map)
{
	return map == &rcu_lock_map || map == &rcu_bh_lock_map ||
	       map == &rcu_sched_lock_map || map == &rcu_callback_map;
}

void lock_acquire(struct lockdep_map *map, unsigned int subclass, int trylock,
		  int read, int check, struct lockdep_map *nest_lock,
		  unsigned long ip)
{
	if (is_rcu(map))
		return;
	rt_name(map, kt_lock_words(map->name), -1);
	if (!trylock && kt_self()->nr_held)
		judge(kt_self(), class_of(map), map, true);
	push(map, map, "lock_acquire", KT_RECURSIVE);
}

void lock_release(struct lockdep_map *map, unsigned long ip)
{
	if (!is_rcu(map))
		pop(map);
}

void lock_sync(struct lockdep_map *map, unsigned int subclass, int read,
	       int check, struct lockdep_map *nest_lock, unsigned long ip)
{
	if (!is_rcu(map) && kt_self()->nr_held)
		judge(kt_self(), class_of(map), map, true);
}

/*
 * Whoever allocates and can wait may have to reclaim memory, and that has to
 * tell the listeners of other address spaces: so a lock that an invalidation
 * callback takes must not be held, nor may a callback itself allocate this way.
 * Nobody reclaims here; this is how it is known all the same.
 */
extern struct lockdep_map __mmu_notifier_invalidate_range_start_map;

void kt_might_alloc(gfp_t gfp)
{
	struct lockdep_map *map = &__mmu_notifier_invalidate_range_start_map;

	if (ktree_booting || !gfpflags_allow_blocking(gfp))
		return;
	kt_sleeps();
	if ((current->flags & PF_MEMALLOC) || (gfp & __GFP_NOLOCKDEP))
		return;
	kt_lock_want(map, map, 1);
}

void fs_reclaim_acquire(gfp_t gfp)
{
	kt_might_alloc(gfp);
}

void fs_reclaim_release(gfp_t gfp)
{
}

int lock_is_held_type(const struct lockdep_map *map, int read)
{
	struct kt_task *k = kt_self();
	u32 i;

	if (map == &rcu_lock_map)
		return k->t.rcu_read_lock_nesting > 0;
	for (i = k->nr_held; i-- > 0; )
		if (k->held[i].map == map)
			return read < 0 || k->held[i].mode == KT_RECURSIVE ||
			       (k->held[i].mode == KT_SHARED) == !!read;
	return 0;
}
