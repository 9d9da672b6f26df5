// SPDX-License-Identifier: GPL-2.0
/*
 * percpu: per-cpu memory, and the counters the tree builds on it.
 *
 * Dynamic per-cpu memory is a part of the static area, so that it is found the
 * same way and is copied with it where tasks have areas of their own. Counters
 * and references do not use it: they are plain atomics, always exact, which is
 * a state the kernel's own can be in too.
 */
#include <linux/cpumask.h>
#include <linux/percpu.h>
#include <linux/percpu_counter.h>
#include <linux/percpu-refcount.h>
#include <linux/slab.h>
#include "targets/ktree/glue/glue.h"

#define AREA	(64u << 10)
#define UNIT	16u

static DEFINE_PER_CPU_ALIGNED(u8[AREA], area);
static u16 runs[AREA / UNIT];		/* units of an allocation at its first */
static u32 lock;

unsigned long __per_cpu_offset[NR_CPUS];
unsigned int nr_cpu_ids = 1;
struct cpumask __cpu_possible_mask = { { 1 } };
struct cpumask __cpu_online_mask = { { 1 } };
struct cpumask __cpu_present_mask = { { 1 } };
atomic_t __num_online_cpus = ATOMIC_INIT(1);

/* First fit: @units free ones in a row from a multiple of @align on. */
static u32 find_room(u32 units, u32 align)
{
	u32 at = 0, i;

	while (at + units <= ARRAY_SIZE(runs)) {
		for (i = 0; i < units && !runs[at + i]; i++)
			;
		if (i == units)
			return at;
		at = ALIGN(at + i + runs[at + i], align);
	}
	return ARRAY_SIZE(runs);
}

/* Every unit says how many of its run are left, so that one is seen from inside. */
static void __percpu *alloc(size_t size, size_t align, gfp_t gfp)
{
	u32 units = (u32)DIV_ROUND_UP(size, UNIT), at, i;

	if (should_fail_alloc(gfp, "alloc_percpu"))
		return NULL;
	kt_raw_lock(&lock);
	at = find_room(units, max_t(u32, (u32)align / UNIT, 1));
	for (i = 0; at < ARRAY_SIZE(runs) && i < units; i++)
		runs[at + i] = (u16)(units - i);
	kt_raw_unlock(&lock);
	if (at == ARRAY_SIZE(runs))
		return NULL;
	memset((u8 *)&area + at * UNIT, 0, units * UNIT);
	return (void __percpu *)((u8 *)&area + at * UNIT);
}

#if KT_SINCE(6, 10)
void __percpu *pcpu_alloc_noprof(size_t size, size_t align, bool reserved,
				 gfp_t gfp)
{
	return alloc(size, align, gfp);
}
#else
void __percpu *__alloc_percpu(size_t size, size_t align)
{
	return alloc(size, align, GFP_KERNEL);
}

void __percpu *__alloc_percpu_gfp(size_t size, size_t align, gfp_t gfp)
{
	return alloc(size, align, gfp);
}
#endif

void free_percpu(void __percpu *p)
{
	u32 at = (u32)((u8 *)p - (u8 *)&area) / UNIT, i, units;

	if (!p)
		return;
	kt_raw_lock(&lock);
	units = at < ARRAY_SIZE(runs) ? runs[at] : 0;
	for (i = 0; i < units; i++)
		runs[at + i] = 0;
	kt_raw_unlock(&lock);
	if (!units)
		journal_emit(EV_bad_free, (u64)p,
			     (u64)"nothing was allocated there", (u64)"percpu");
}

/* -- counters: the count is all there is -- */

s32 percpu_counter_batch = 32;
static s32 no_counters;		/* what a live counter points at */

void percpu_counter_add_batch(struct percpu_counter *fbc, s64 amount, s32 batch)
{
	__atomic_fetch_add(&fbc->count, amount, __ATOMIC_RELAXED);
}

s64 __percpu_counter_sum(struct percpu_counter *fbc)
{
	return __atomic_load_n(&fbc->count, __ATOMIC_RELAXED);
}

void percpu_counter_set(struct percpu_counter *fbc, s64 amount)
{
	__atomic_store_n(&fbc->count, amount, __ATOMIC_RELAXED);
}

int __percpu_counter_compare(struct percpu_counter *fbc, s64 rhs, s32 batch)
{
	s64 count = __percpu_counter_sum(fbc);

	return count > rhs ? 1 : count < rhs ? -1 : 0;
}

static int init_counters(struct percpu_counter *fbc, s64 amount, gfp_t gfp,
			 u32 nr)
{
	u32 i;

	if (should_fail_alloc(gfp, "percpu_counter_init"))
		return -ENOMEM;
	for (i = 0; i < nr; i++) {
		raw_spin_lock_init(&fbc[i].lock);
		fbc[i].count = amount;
		fbc[i].counters = (s32 __percpu *)&no_counters;
	}
	return 0;
}

#if KT_SINCE(6, 6)
int __percpu_counter_init_many(struct percpu_counter *fbc, s64 amount, gfp_t gfp,
			       u32 nr, struct lock_class_key *key)
{
	return init_counters(fbc, amount, gfp, nr);
}

void percpu_counter_destroy_many(struct percpu_counter *fbc, u32 nr)
{
	u32 i;

	for (i = 0; i < nr; i++)
		fbc[i].counters = NULL;
}
#else
int __percpu_counter_init(struct percpu_counter *fbc, s64 amount, gfp_t gfp,
			  struct lock_class_key *key)
{
	return init_counters(fbc, amount, gfp, 1);
}

void percpu_counter_destroy(struct percpu_counter *fbc)
{
	fbc->counters = NULL;
}
#endif

/* -- references: always in the mode of one atomic -- */

int percpu_ref_init(struct percpu_ref *ref, percpu_ref_func_t *release,
		    unsigned int flags, gfp_t gfp)
{
	struct percpu_ref_data *data = kzalloc(sizeof(*data), gfp);

	if (!data)
		return -ENOMEM;
	data->release = release;
	data->ref = ref;
	data->force_atomic = true;
	data->allow_reinit = flags & PERCPU_REF_ALLOW_REINIT;
	ref->data = data;
	ref->percpu_count_ptr = __PERCPU_REF_ATOMIC;
	if (flags & PERCPU_REF_INIT_DEAD)
		ref->percpu_count_ptr |= __PERCPU_REF_DEAD;
	else
		atomic_long_set(&data->count, 1);
	return 0;
}

void percpu_ref_exit(struct percpu_ref *ref)
{
	kfree(ref->data);
	ref->data = NULL;
	ref->percpu_count_ptr = __PERCPU_REF_ATOMIC_DEAD;
}

void percpu_ref_kill_and_confirm(struct percpu_ref *ref,
				 percpu_ref_func_t *confirm)
{
	rt_point(RT_SITE(RT_RMW, "percpu_ref_kill", NULL), ref->data);
	if (ref->percpu_count_ptr & __PERCPU_REF_DEAD)
		kt_warn("percpu_ref killed twice", "percpu_ref_kill_and_confirm",
			__LINE__);
	WRITE_ONCE(ref->percpu_count_ptr, __PERCPU_REF_ATOMIC_DEAD);
	if (confirm)
		confirm(ref);
	percpu_ref_put(ref);
}

void percpu_ref_reinit(struct percpu_ref *ref)
{
	percpu_ref_resurrect(ref);
}

void percpu_ref_resurrect(struct percpu_ref *ref)
{
	percpu_ref_get(ref);
	WRITE_ONCE(ref->percpu_count_ptr, __PERCPU_REF_ATOMIC);
}

bool percpu_ref_is_zero(struct percpu_ref *ref)
{
	return !ref->data || !atomic_long_read(&ref->data->count);
}
