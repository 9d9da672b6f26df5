/* SPDX-License-Identifier: GPL-2.0 */
/*
 * MODEL of <linux/types.h>: same names and widths; u64 is unsigned long long
 * on every host, as in the kernel. Userspace (__user) and endian annotations
 * are accepted and mean nothing.
 */
#ifndef _LINUX_TYPES_H
#define _LINUX_TYPES_H

#include <stdint.h>
#include "harness/types.h"

typedef u8 __u8;
typedef u16 __u16;
typedef u32 __u32;
typedef u64 __u64;
typedef s8 __s8;
typedef s16 __s16;
typedef s32 __s32;
typedef s64 __s64;
typedef u16 __le16, __be16;
typedef u32 __le32, __be32;
typedef u64 __le64, __be64;

typedef long ssize_t;
typedef long long loff_t;
typedef unsigned int uint;
typedef unsigned long ulong;
typedef unsigned long pgoff_t;
typedef unsigned int gfp_t;
typedef unsigned int fmode_t;
typedef u64 dma_addr_t;
typedef u64 phys_addr_t;
typedef phys_addr_t resource_size_t;
typedef int pid_t;

typedef struct {
	int counter;
} atomic_t;

typedef struct {
	s64 counter;
} atomic64_t;

typedef atomic64_t atomic_long_t;

struct list_head {
	struct list_head *next, *prev;
};

struct hlist_node {
	struct hlist_node *next, **pprev;
};

struct hlist_head {
	struct hlist_node *first;
};

/*
 * A callback after a grace period. One field more than the kernel's: which
 * domain's grace period (NULL: RCU itself), since one task R0 serves them all.
 */
struct srcu_struct;
struct callback_head {
	struct callback_head *next;
	void (*func)(struct callback_head *head);
	struct srcu_struct *domain;
};
#define rcu_head callback_head
typedef void (*rcu_callback_t)(struct rcu_head *head);

#endif /* _LINUX_TYPES_H */
