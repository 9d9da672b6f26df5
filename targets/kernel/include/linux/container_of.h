/* SPDX-License-Identifier: GPL-2.0 */
/* MODEL of <linux/container_of.h>: from a member to what it is a member of. */
#ifndef _LINUX_CONTAINER_OF_H
#define _LINUX_CONTAINER_OF_H

#include <linux/types.h>

#define container_of(ptr, type, member) ({				\
	void *member_ = (void *)(ptr);					\
	_Static_assert(__builtin_types_compatible_p(__typeof__(*(ptr)),	\
			__typeof__(((type *)0)->member)) ||		\
		__builtin_types_compatible_p(__typeof__(*(ptr)), void),	\
		"container_of: not a pointer to that member");		\
	(type *)((char *)member_ - offsetof(type, member));		\
})

#endif /* _LINUX_CONTAINER_OF_H */
