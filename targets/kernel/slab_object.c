// SPDX-License-Identifier: GPL-2.0
/*
 * slab_object: allocations that are never reused within an execution, so that
 * every misuse of one stays visible until its end.
 *
 * What is written into a freed object without a switch point, at which the waist
 * would notice, is found at the end, when every one of them is looked at.
 */
#include <linux/compiler.h>
#include <linux/string.h>

#include "harness/journal/journal.h"
#include "targets/kernel/slab_object.h"

#define MAGIC_LIVE	0x51ab11feu
#define MAGIC_FREED	0x51abdeadu
#define POISON_INUSE	0x5a	/* fresh from kmalloc() */
#define POISON_FREE	0x6b
#define RED		0xbb

static struct slab_object *objects __machine;

void slab_object_init(struct slab_object *o, size_t size, const char *name,
		      bool zeroed)
{
	u8 *start = slab_object_start(o);

	o->size = (u32)size;
	o->magic = MAGIC_LIVE;
	o->name = name;
	if (!zeroed)
		memset(start, POISON_INUSE, size);
	memset(start + size, RED, slab_object_end(size) - size);
}

void slab_object_track(struct slab_object *o)
{
	o->next = __atomic_load_n(&objects, __ATOMIC_RELAXED);
	while (!__atomic_compare_exchange_n(&objects, &o->next, o, false,
					    __ATOMIC_RELEASE, __ATOMIC_RELAXED))
		;
	journal_emit(EV_alloc, (u64)(size_t)slab_object_start(o), o->size,
		     (u64)(size_t)o->name);
}

bool slab_object_live(const struct slab_object *o)
{
	return __atomic_load_n(&o->magic, __ATOMIC_RELAXED) == MAGIC_LIVE;
}

void __cold slab_bad_free(const void *p, const char *complaint,
			  const char *name)
{
	journal_emit(EV_bad_free, (u64)(size_t)p, (u64)(size_t)complaint,
		     (u64)(size_t)name);
}

bool slab_object_retire(struct slab_object *o)
{
	const void *p = slab_object_start(o);
	u32 magic = MAGIC_LIVE;

	if (__atomic_compare_exchange_n(&o->magic, &magic, MAGIC_FREED, false,
					__ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE))
		return true;
	if (magic == MAGIC_FREED)
		slab_bad_free(p, "it was freed before", o->name);
	else
		slab_bad_free(p, "nothing was allocated there", "?");
	return false;
}

/*
 * The first byte of [from, to) that is not @value, or @to. Reads freed memory.
 * By words where it can: all that was freed is looked at in each execution.
 */
__attribute__((no_sanitize("address")))
static size_t differs(const u8 *p, size_t from, size_t to, u8 value)
{
	const u64 word = value * 0x0101010101010101ull;
	u64 seen;

	for (; from + sizeof(seen) <= to; from += sizeof(seen)) {
		__builtin_memcpy(&seen, p + from, sizeof(seen));
		if (seen != word)
			break;
	}
	while (from < to && p[from] == value)
		from++;
	return from;
}

static void check_redzone(struct slab_object *o)
{
	const void *p = slab_object_start(o);
	size_t end = slab_object_end(o->size);

	if (differs(p, o->size, end, RED) != end)
		slab_bad_free(p, "its red zone was written over", o->name);
}

void slab_object_poison(struct slab_object *o)
{
	check_redzone(o);
	memset(slab_object_start(o), POISON_FREE, o->size);
}

static void check_freed(struct slab_object *o)
{
	const u8 *p = slab_object_start(o);
	size_t at = differs(p, 0, o->size, POISON_FREE);

	if (at < o->size)
		journal_emit(EV_use_after_free, (u64)(size_t)p,
			     (u64)(size_t)p + at, (u64)(size_t)o->name);
}

void slab_objects_check(void)
{
	for (struct slab_object *o = objects; o; o = o->next) {
		check_redzone(o);
		if (o->magic == MAGIC_FREED)
			check_freed(o);
		else
			journal_emit(EV_leak, (u64)(size_t)slab_object_start(o),
				     o->size, (u64)(size_t)o->name);
	}
}
