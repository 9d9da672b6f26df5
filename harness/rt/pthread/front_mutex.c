// SPDX-License-Identifier: GPL-2.0
/*
 * front_mutex: mutexes of all types, in glibc's own words: __lock is 1 while
 * it is held, __owner the task that holds it (0: none), __count how often a
 * recursive one was taken beyond the first time, __kind its type; __nusers
 * counts those that wait with a deadline.
 *
 * Who takes a normal mutex twice waits for itself, as the standard says, and
 * that is found as a deadlock. Where the standard says that the behaviour is
 * undefined (unlocking what another one holds, destroying what is held, using
 * what was destroyed), a failure is raised.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <pthread.h>

#include "harness/rt/pthread/front.h"

#define TYPE_MASK	3
#define DESTROYED	(-1)

int front_mutex_init(pthread_mutex_t *m, const pthread_mutexattr_t *attr);
int front_mutex_destroy(pthread_mutex_t *m);
int front_mutex_lock(pthread_mutex_t *m);
int front_mutex_trylock(pthread_mutex_t *m);
int front_mutex_timedlock(pthread_mutex_t *m, const struct timespec *abstime);
int front_mutex_clocklock(pthread_mutex_t *m, clockid_t clock,
			  const struct timespec *abstime);
int front_mutex_unlock(pthread_mutex_t *m);

static int type(const pthread_mutex_t *m)
{
	return m->__data.__kind & TYPE_MASK;
}

static u32 *word(pthread_mutex_t *m)
{
	return (u32 *)&m->__data.__lock;
}

static bool is_mine(const pthread_mutex_t *m)
{
	return m->__data.__lock && m->__data.__owner == rt_self();
}

bool front_mutex_is_mine(const void *mutex)
{
	return is_mine(mutex);
}

static void check_alive(const pthread_mutex_t *m, const char *verb)
{
	if (m->__data.__kind == DESTROYED)
		front_misuse("%s() of a mutex that was destroyed", verb);
}

static void take(pthread_mutex_t *m, const char *verb)
{
	check_alive(m, verb);
	m->__data.__lock = 1;
	m->__data.__owner = rt_self();
	front_acquire(m);
	front_locked(verb, m, true);
}

static void let_go(pthread_mutex_t *m, const char *verb)
{
	m->__data.__owner = 0;
	m->__data.__lock = 0;
	front_release(m, false);
	front_unlocked(verb, m);
	if (m->__data.__nusers)
		rt_wake(word(m), ~0u);
}

int front_mutex_init(pthread_mutex_t *m, const pthread_mutexattr_t *attr)
{
	int kind = PTHREAD_MUTEX_NORMAL;

	if (attr)
		pthread_mutexattr_gettype(attr, &kind);
	front_point(RT_SITE(RT_STORE, "pthread_mutex_init", NULL), m);
	*m = (pthread_mutex_t){ .__data = { .__kind = kind } };
	return 0;
}

int front_mutex_destroy(pthread_mutex_t *m)
{
	front_point(RT_SITE(RT_STORE, "pthread_mutex_destroy", NULL), m);
	check_alive(m, "pthread_mutex_destroy");
	if (m->__data.__lock)
		front_misuse("pthread_mutex_destroy() of a mutex that is held");
	m->__data.__kind = DESTROYED;
	return 0;
}

/* The running task has it already: nobody can notice what that leads to.
 * True if the call is over, with @err to return. */
static bool again(pthread_mutex_t *m, int *err)
{
	if (!is_mine(m) || m->__data.__kind == DESTROYED)
		return false;
	switch (type(m)) {
	case PTHREAD_MUTEX_RECURSIVE:
		m->__data.__count++;
		*err = 0;
		return true;
	case PTHREAD_MUTEX_ERRORCHECK:
		*err = EDEADLK;
		return true;
	default:
		return false;
	}
}

int front_mutex_lock(pthread_mutex_t *m)
{
	int err;

	if (again(m, &err))
		return err;
	front_point_lock(RT_SITE(RT_LOCK, "pthread_mutex_lock", NULL), m,
			 word(m), ~0u);
	take(m, "pthread_mutex_lock");
	return 0;
}

int front_mutex_trylock(pthread_mutex_t *m)
{
	if (is_mine(m) && type(m) == PTHREAD_MUTEX_RECURSIVE) {
		m->__data.__count++;
		return 0;
	}
	front_point(RT_SITE(RT_RMW, "pthread_mutex_trylock", NULL), m);
	check_alive(m, "pthread_mutex_trylock");
	if (m->__data.__lock) {
		front_idle(__builtin_return_address(0), m, 0);
		return EBUSY;
	}
	take(m, "pthread_mutex_trylock");
	return 0;
}

/*
 * It may time out whenever it is held: that is the strategy's choice, once it
 * has to wait. Else it waits until time has come to a stand for all others.
 */
int front_mutex_timedlock(pthread_mutex_t *m, const struct timespec *abstime)
{
	u64 until = front_deadline(abstime);
	int err;

	if (again(m, &err))
		return err;
	for (;;) {
		front_point(RT_SITE(RT_RMW, "pthread_mutex_timedlock", NULL), m);
		check_alive(m, "pthread_mutex_timedlock");
		if (!m->__data.__lock) {
			take(m, "pthread_mutex_timedlock");
			return 0;
		}
		if (rt_choose(2, "pthread_mutex_timedlock times out")) {
			front_skip(until);
			return ETIMEDOUT;
		}
		m->__data.__nusers++;
		if (rt_wait(word(m), 1, until, 0) == RT_TIMEOUT) {
			m->__data.__nusers--;
			return ETIMEDOUT;
		}
		m->__data.__nusers--;
	}
}

int front_mutex_clocklock(pthread_mutex_t *m, clockid_t clock,
			  const struct timespec *abstime)
{
	return front_mutex_timedlock(m, abstime);
}

int front_mutex_unlock(pthread_mutex_t *m)
{
	bool checks = type(m) != PTHREAD_MUTEX_NORMAL;

	if (is_mine(m) && m->__data.__count) {
		m->__data.__count--;
		return 0;
	}
	front_point(RT_SITE(RT_UNLOCK, "pthread_mutex_unlock", NULL), m);
	check_alive(m, "pthread_mutex_unlock");
	if (!is_mine(m) && checks)
		return EPERM;
	if (!is_mine(m))
		front_misuse(m->__data.__lock ?
			     "pthread_mutex_unlock() of a mutex that another thread holds" :
			     "pthread_mutex_unlock() of a mutex that nobody holds");
	let_go(m, "pthread_mutex_unlock");
	return 0;
}

void front_mutex_release(void *mutex, const struct rt_site *site)
{
	front_point(site, mutex);
	let_go(mutex, site->verb);
}

void front_mutex_retake(void *mutex, const struct rt_site *site)
{
	front_point_lock(site, mutex, word(mutex), ~0u);
	take(mutex, site->verb);
}

void front_locked(const char *verb, const void *lock, bool exclusive)
{
	journal_emit(EV_lock, (u64)(size_t)verb, (u64)(size_t)lock, exclusive);
	if (unlikely(front_learning))
		front_share_lock(lock);
}

void front_unlocked(const char *verb, const void *lock)
{
	journal_emit(EV_unlock, (u64)(size_t)verb, (u64)(size_t)lock, 0);
	if (unlikely(front_learning))
		front_share_unlock(lock);
}
