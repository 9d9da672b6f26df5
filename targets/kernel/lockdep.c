// SPDX-License-Identifier: GPL-2.0
/*
 * lockdep: complains about an order of locks that could deadlock, on any
 * execution that shows both orders, whether or not it does deadlock.
 *
 * Locks initialised at one place are one class. after[a] is the set of classes
 * that were taken while a was held, in this execution. Wanting b while holding
 * a adds the edge a -> b, and is wrong if a can be reached from b already. The
 * graph is forgotten with the execution: an order is judged against what the
 * same program did, so that every complaint has its opposite in the journal.
 *
 * The class of a lock is in the top byte of its word, and what a task holds is
 * in its task_struct. So there is no table of locks to look up or to reset,
 * and the owner of a lock is found by asking the tasks, in reports only.
 *
 * native: edges are set with atomics and judged right after. Two tasks that
 * make the two halves of a cycle at once each see at least their own and one
 * of them both, since a read-modify-write does not pass another.
 */
#include <linux/lockdep.h>
#include <linux/sched.h>
#include "harness/journal/locks.h"
#include "targets/kernel/internal.h"

struct classes {
	u32 lock;
	u32 nr;				/* numbers from 1 */
	const char *name[LOCKDEP_CLASSES];
	u64 after[LOCKDEP_CLASSES];
};

static struct classes *classes __machine;

void lockdep_boot(void)
{
	classes = rt_alloc(sizeof(*classes));
}

void lockdep_complain(const char *complaint, const void *wanted,
		      const void *held)
{
	journal_emit(EV_lockdep, (u64)(size_t)complaint, (u64)(size_t)wanted,
		     (u64)(size_t)held);
}

static u32 class_new(const char *name)
{
	u32 id = classes->nr + 1;

	BUG_ON(id >= LOCKDEP_CLASSES);
	classes->name[id] = name;
	__atomic_store_n(&classes->nr, id, __ATOMIC_RELEASE);
	return id;
}

static bool class_known(u32 class)
{
	return class && class <= __atomic_load_n(&classes->nr, __ATOMIC_ACQUIRE);
}

u32 lockdep_class(struct lock_class_key *key)
{
	u32 id = __atomic_load_n(&key->id, __ATOMIC_ACQUIRE);

	if (id || !classes)
		return id;
	raw_lock(&classes->lock);
	if (!key->id)
		__atomic_store_n(&key->id, class_new(key->name),
				 __ATOMIC_RELEASE);
	id = key->id;
	raw_unlock(&classes->lock);
	return id;
}

u32 lockdep_init_word(const void *lock, struct lock_class_key *key)
{
	rt_name(lock, key->name, -1);
	return lockdep_class(key) << LOCK_CLASS_SHIFT;
}

/* A static lock is a class by itself, from its first use on. */
u32 lockdep_class_static(u32 *word, const void *lock, const char *name)
{
	u32 id;

	raw_lock(&classes->lock);
	id = LOCK_CLASS(__atomic_load_n(word, __ATOMIC_RELAXED));
	if (!id) {
		id = class_new(name);
		__atomic_fetch_or(word, id << LOCK_CLASS_SHIFT,
				  __ATOMIC_RELAXED);
	}
	raw_unlock(&classes->lock);
	rt_name(lock, name, -1);
	return id;
}

void lockdep_set_class_(void *lock, struct lock_class_key *key)
{
	u32 *word = lock;

	*word = (*word & ((1u << LOCK_CLASS_SHIFT) - 1)) |
		lockdep_class(key) << LOCK_CLASS_SHIFT;
}

void lockdep_nest(unsigned int subclass)
{
	current->nest = subclass;
}

/* Can @to be reached from @from? */
static bool reaches(u32 from, u32 to)
{
	u64 seen = 0, todo = 1ull << from;

	while (todo) {
		u32 c = (u32)__builtin_ctzll(todo);

		todo &= todo - 1;
		seen |= 1ull << c;
		if (c == to)
			return true;
		todo |= __atomic_load_n(&classes->after[c], __ATOMIC_RELAXED) &
			~seen;
	}
	return false;
}

/* Wanting @class while holding @h: a new edge is judged once. */
static void add_edge(const struct held_lock *h, u32 class, const void *lock)
{
	u64 bit = 1ull << class;
	u64 *after = &classes->after[h->class];

	if (__atomic_load_n(after, __ATOMIC_RELAXED) & bit)
		return;
	__atomic_fetch_or(after, bit, __ATOMIC_SEQ_CST);
	if (reaches(class, h->class))
		lockdep_complain("possible circular locking dependency",
				 lock, h->lock);
}

static void judge(struct task_struct *t, u32 class, const void *lock, bool nest)
{
	for (u32 i = t->nr_held; i-- > 0; ) {
		const struct held_lock *h = &t->held[i];

		if (h->lock == lock || (h->class == class && !nest))
			lockdep_complain("possible recursive locking",
					 lock, h->lock);
		else if (h->class != class)
			add_edge(h, class, lock);
	}
}

/*
 * The word of freed memory is no class; the point that follows says so better.
 */
void lockdep_want(u32 *word, const void *lock, const char *name,
		  enum lockdep_mode mode)
{
	struct task_struct *t = current;
	u32 class = LOCK_CLASS(__atomic_load_n(word, __ATOMIC_RELAXED));
	bool nest = t->nest;

	t->nest = 0;
	if (!class)
		class = lockdep_class_static(word, lock, name ? name : "lock");
	if (t->nr_held && class_known(class))
		judge(t, class, lock, nest);
}

void lockdep_push(u32 class, const void *lock, const char *verb,
		  enum lockdep_mode mode)
{
	struct task_struct *t = current;

	BUG_ON(t->nr_held == LOCKDEP_DEPTH);
	t->held[t->nr_held++] = (struct held_lock){
		.lock = lock,
		.verb = verb,
		.since = rt_step(),
		.class = (u8)class,
		.mode = (u8)mode,
	};
}

/* Newest first: locks mostly nest. */
bool lockdep_pop(const void *lock)
{
	struct task_struct *t = current;

	for (u32 i = t->nr_held; i-- > 0; ) {
		if (t->held[i].lock != lock)
			continue;
		for (t->nr_held--; i < t->nr_held; i++)
			t->held[i] = t->held[i + 1];
		return true;
	}
	return false;
}

void lockdep_got(u32 word, const void *lock, const char *verb,
		 enum lockdep_mode mode)
{
	u32 class = LOCK_CLASS(word);

	if (!class)
		class = lockdep_class_static((u32 *)lock, lock, "lock");
	lockdep_push(class, lock, verb, mode);
	journal_emit(EV_lock, (u64)(size_t)verb, (u64)(size_t)lock,
		     mode == LOCKDEP_EXCLUSIVE);
}

void lockdep_put(const void *lock, const char *verb)
{
	if (!lockdep_pop(lock))
		lockdep_complain("unlock of a lock that this task does not hold",
				 lock, NULL);
	journal_emit(EV_unlock, (u64)(size_t)verb, (u64)(size_t)lock, 0);
}

void lockdep_wait(u32 class, const void *lock)
{
	struct task_struct *t = current;

	might_sleep();
	for (u32 i = t->nr_held; i-- > 0; ) {
		if (t->held[i].class == class)
			lockdep_complain("waits for itself", lock,
					 t->held[i].lock);
		else
			add_edge(&t->held[i], class, lock);
	}
}

void lockdep_key_want(struct lock_class_key *key, const void *lock)
{
	struct task_struct *t = current;
	bool nest = t->nest;

	t->nest = 0;
	if (t->nr_held)
		judge(t, lockdep_class(key), lock, nest);
}

void lockdep_key_got(struct lock_class_key *key, const void *lock,
		     const char *verb)
{
	lockdep_push(lockdep_class(key), lock, verb, LOCKDEP_EXCLUSIVE);
}

void lockdep_key_put(const void *lock)
{
	lockdep_pop(lock);
}

void lock_map_acquire(struct lockdep_map *map)
{
	u32 class = lockdep_class(&map->key);

	judge(current, class, map, true);
	lockdep_push(class, map, "lock_map_acquire", LOCKDEP_RECURSIVE);
}

void lock_map_release(struct lockdep_map *map)
{
	lockdep_pop(map);
}

void might_lock_(const void *lock, bool shared)
{
	u32 class = LOCK_CLASS(__atomic_load_n((const u32 *)lock,
					       __ATOMIC_RELAXED));

	if (class_known(class))
		judge(current, class, lock, false);
}

static const struct held_lock *find_held(struct task_struct *t, const void *lock)
{
	for (u32 i = t->nr_held; i-- > 0; )
		if (t->held[i].lock == lock)
			return &t->held[i];
	return NULL;
}

bool lock_is_held(const void *lock)
{
	return find_held(current, lock);
}

bool lock_is_held_write(const void *lock)
{
	const struct held_lock *h = find_held(current, lock);

	return h && h->mode == LOCKDEP_EXCLUSIVE;
}

/*
 * Only the caller's own locks, as in the kernel: another task that holds a
 * lock of freed memory meets it at its unlock.
 */
void lockdep_check_freed(const void *p, size_t size)
{
	struct task_struct *t = current;

	for (u32 i = 0; t && i < t->nr_held; i++) {
		const void *lock = t->held[i].lock;

		if ((size_t)lock - (size_t)p < size)
			lockdep_complain("lock freed while held", lock, lock);
	}
}

void lockdep_check_none(struct task_struct *t, const char *when)
{
	if (t->nr_held)
		lockdep_complain(when, NULL, t->held[t->nr_held - 1].lock);
}

/* -- harness/journal/locks.h -- */

u32 lockdep_held(int task, struct lockdep_held_info *out, u32 max)
{
	struct task_struct *t = task < sched_nr_tasks() ? rt_private(task) : NULL;
	u32 n = 0;

	for (u32 i = 0; t && i < t->nr_held && n < max; i++) {
		const struct held_lock *h = &t->held[i];

		if (h->mode == LOCKDEP_RECURSIVE)
			continue;
		out[n++] = (struct lockdep_held_info){
			.lock = h->lock,
			.name = classes->name[h->class],
			.verb = h->verb,
			.since = h->since,
			.shared = h->mode != LOCKDEP_EXCLUSIVE,
		};
	}
	return n;
}

int lock_owner(const void *lock)
{
	int owner = -1;

	for (int task = 0; task < sched_nr_tasks(); task++) {
		struct task_struct *t = rt_private(task);
		const struct held_lock *h = t ? find_held(t, lock) : NULL;

		if (h && h->mode == LOCKDEP_EXCLUSIVE)
			return task;
		if (h && owner < 0)
			owner = task;
	}
	return owner;
}

const char *lock_name(const void *lock)
{
	u32 class = LOCK_CLASS(__atomic_load_n((const u32 *)lock,
					       __ATOMIC_RELAXED));

	return classes && class_known(class) ? classes->name[class] : NULL;
}
