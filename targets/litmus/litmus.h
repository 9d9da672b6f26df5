/* SPDX-License-Identifier: GPL-2.0 */
/*
 * litmus.h: targets without an mm, a dozen lines each. bench, the exhaustive
 * strategies and the shrinker are tested on them, since what they must find,
 * and in how many schedules, can be worked out by hand.
 *
 * Every access to a shared word is a switch point and then one sequentially
 * consistent atomic. The words are static: an execution resets them with the
 * rest of machine_data.
 */
#ifndef TARGETS_LITMUS_H
#define TARGETS_LITMUS_H

#include "targets/target.h"

#define LITMUS_LOAD(word)						\
	({								\
		rt_point(RT_SITE(RT_LOAD, "load", #word), &(word));	\
		__atomic_load_n(&(word), __ATOMIC_SEQ_CST);		\
	})
#define LITMUS_STORE(word, value)					\
	({								\
		rt_point(RT_SITE(RT_STORE, "store", #word), &(word));	\
		__atomic_store_n(&(word), (value), __ATOMIC_SEQ_CST);	\
	})

/* A lock over one word, 0 when free; the acquire idiom of rt.h. */
#define LITMUS_LOCK(word) \
	litmus_lock(RT_SITE(RT_LOCK, "lock", #word), &(word))
#define LITMUS_UNLOCK(word) \
	litmus_unlock(RT_SITE(RT_UNLOCK, "unlock", #word), &(word))
void litmus_lock(const struct rt_site *site, u32 *word);
void litmus_unlock(const struct rt_site *site, u32 *word);

/*
 * The program saw what must not be (or what its planted bug makes possible):
 * ends the execution as a failure of class litmus. @what is static storage.
 */
void litmus_bad(const char *what, u64 b, u64 c);
/* It saw something worth having seen; without any, a pass is VACUOUS. */
void litmus_seen(const char *what);

extern const struct oracle oracle_litmus;
extern const struct oracle *const litmus_oracles[];	/* that one; NULL */
extern const u16 litmus_must_see[];			/* EV_litmus_seen */

/* Never fail. */
extern const struct target target_litmus_seqflag3, target_litmus_seqflag3_small,
	target_litmus_mp, target_litmus_barriers, target_litmus_lock;
/* Planted bugs. litmus: d2, d3, counter. deadlock: abba, lost_wakeup. */
extern const struct target target_litmus_d2, target_litmus_d3,
	target_litmus_counter, target_litmus_abba, target_litmus_lost_wakeup;

#endif /* TARGETS_LITMUS_H */
