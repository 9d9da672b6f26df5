/* SPDX-License-Identifier: GPL-2.0 */
/*
 * MODEL of <linux/rculist.h>: lists read without the writer's lock. Each step
 * of a reader and each store that publishes or unlinks is a switch point.
 */
#ifndef _LINUX_RCULIST_H
#define _LINUX_RCULIST_H

#include <linux/list.h>
#include <linux/rcupdate.h>

static inline void list_add_rcu(struct list_head *entry, struct list_head *head)
{
	entry->next = head->next;
	entry->prev = head;
	rcu_assign_pointer(head->next, entry);
	entry->next->prev = entry;
}

static inline void list_add_tail_rcu(struct list_head *entry,
				     struct list_head *head)
{
	entry->next = head;
	entry->prev = head->prev;
	rcu_assign_pointer(entry->prev->next, entry);
	head->prev = entry;
}

/* Readers may still stand on @entry: its next stays. */
static inline void list_del_rcu(struct list_head *entry)
{
	entry->next->prev = entry->prev;
	WRITE_ONCE(entry->prev->next, entry->next);
	entry->prev = LIST_POISON2;
}

static inline void hlist_add_head_rcu(struct hlist_node *n,
				      struct hlist_head *h)
{
	struct hlist_node *first = h->first;

	n->next = first;
	WRITE_ONCE(n->pprev, &h->first);
	rcu_assign_pointer(h->first, n);
	if (first)
		WRITE_ONCE(first->pprev, &n->next);
}

static inline void hlist_unlink_rcu_(struct hlist_node *n)
{
	struct hlist_node *next = n->next;
	struct hlist_node **pprev = n->pprev;

	WRITE_ONCE(*pprev, next);
	if (next)
		WRITE_ONCE(next->pprev, pprev);
}

static inline void hlist_del_rcu(struct hlist_node *n)
{
	hlist_unlink_rcu_(n);
	WRITE_ONCE(n->pprev, LIST_POISON2);
}

static inline void hlist_del_init_rcu(struct hlist_node *n)
{
	if (hlist_unhashed(n))
		return;
	hlist_unlink_rcu_(n);
	WRITE_ONCE(n->pprev, NULL);
}

#define list_entry_rcu(ptr, type, member) \
	container_of(READ_ONCE(ptr), type, member)
#define list_for_each_entry_rcu(pos, head, member, ...)			\
	for (pos = list_entry_rcu((head)->next, __typeof__(*pos), member); \
	     &pos->member != (head);					\
	     pos = list_entry_rcu(pos->member.next, __typeof__(*pos), member))
#define hlist_for_each_entry_rcu(pos, head, member, ...)		\
	for (pos = hlist_entry_safe(rcu_dereference_raw((head)->first),	\
				    __typeof__(*(pos)), member);	\
	     pos;							\
	     pos = hlist_entry_safe(rcu_dereference_raw((pos)->member.next), \
				    __typeof__(*(pos)), member))
/* @held: what makes it safe, "srcu_read_lock_held(&srcu)". */
#define hlist_for_each_entry_srcu(pos, head, member, held)		\
	for (rcu_check_(held), pos =					\
	     hlist_entry_safe(rcu_dereference_raw((head)->first),	\
			      __typeof__(*(pos)), member);		\
	     pos;							\
	     pos = hlist_entry_safe(rcu_dereference_raw((pos)->member.next), \
				    __typeof__(*(pos)), member))

#endif /* _LINUX_RCULIST_H */
