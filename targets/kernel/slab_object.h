/* SPDX-License-Identifier: GPL-2.0 */
/*
 * slab_object.h: one allocation, and the marks by which a misuse of it shows.
 *
 *	| ... struct slab_object | object | red zone, 16 to 31 bytes |
 *
 * The head stands right before the object and outlives it, which is how a second
 * free is known; a ground puts what else it keeps of an allocation before the
 * head. Each has slab_object.c as it is, compiled with its own <linux/...>, and
 * a slab.c with the kernel's functions, which must free nothing for reuse: the
 * memory goes with the execution.
 */
#ifndef TARGETS_KERNEL_SLAB_OBJECT_H
#define TARGETS_KERNEL_SLAB_OBJECT_H

#include <linux/kernel.h>
#include <linux/types.h>

#define SLAB_REDZONE	16	/* at least */

struct slab_object {
	u32 magic;
	u32 size;
	struct slab_object *next;	/* all of the execution, newest first */
	const char *name;
};

static inline void *slab_object_start(struct slab_object *o)
{
	return o + 1;
}

static inline struct slab_object *slab_object_of(const void *p)
{
	return (struct slab_object *)p - 1;
}

/* Where the red zone ends, from the start of an object of @size. */
static inline size_t slab_object_end(size_t size)
{
	return ALIGN(size, 16) + SLAB_REDZONE;
}

/* @o is live; fresh memory does not look like zeroes unless @zeroed, which it is. */
void slab_object_init(struct slab_object *o, size_t size, const char *name,
		      bool zeroed);
/* It is of this execution: EV_alloc, and looked at in slab_objects_check(). */
void slab_object_track(struct slab_object *o);
bool slab_object_live(const struct slab_object *o);

/* Told as EV_bad_free of @p, which was meant to be of @name. */
void slab_bad_free(const void *p, const char *complaint, const char *name);

/* From live to freed, once, whoever else tries: false for those, who are told. */
bool slab_object_retire(struct slab_object *o);
/* Retired, and nobody may look at it any more: the red zone must be whole. */
void slab_object_poison(struct slab_object *o);

/* In M0, at the end: what is live leaks, and what was freed must be untouched. */
void slab_objects_check(void);

#endif /* TARGETS_KERNEL_SLAB_OBJECT_H */
