/* SPDX-License-Identifier: GPL-2.0 */
/*
 * interval_tree.h: intervals [start, last], last inclusive, found by overlap.
 *
 * MODEL of <linux/interval_tree.h>: a list sorted by start and then by age,
 * not an augmented red-black tree, since a tree here has a handful of nodes.
 * The order of visits is upstream's (by start). The caller serialises.
 * interval_tree_linked() stands for upstream's RB_EMPTY_NODE test.
 */
#ifndef _LINUX_INTERVAL_TREE_H
#define _LINUX_INTERVAL_TREE_H

#include <linux/types.h>

struct interval_tree_node {
	struct interval_tree_node *next;
	unsigned long start;
	unsigned long last;
	bool linked;
};

struct interval_tree_root {
	struct interval_tree_node *first;
	u32 nr;
};

static inline void interval_tree_init_node(struct interval_tree_node *node)
{
	node->next = NULL;
	node->linked = false;
}

static inline bool interval_tree_linked(const struct interval_tree_node *node)
{
	return node->linked;
}

static inline void interval_tree_insert(struct interval_tree_node *node,
					struct interval_tree_root *root)
{
	struct interval_tree_node **link = &root->first;

	while (*link && (*link)->start <= node->start)
		link = &(*link)->next;
	node->next = *link;
	*link = node;
	node->linked = true;
	root->nr++;
}

static inline void interval_tree_remove(struct interval_tree_node *node,
					struct interval_tree_root *root)
{
	struct interval_tree_node **link = &root->first;

	while (*link != node)
		link = &(*link)->next;
	*link = node->next;
	node->linked = false;
	root->nr--;
}

static inline struct interval_tree_node *
interval_tree_overlap(struct interval_tree_node *node, unsigned long start,
		      unsigned long last)
{
	while (node && (node->last < start || node->start > last))
		node = node->next;
	return node;
}

static inline struct interval_tree_node *
interval_tree_iter_first(struct interval_tree_root *root, unsigned long start,
			 unsigned long last)
{
	return interval_tree_overlap(root->first, start, last);
}

static inline struct interval_tree_node *
interval_tree_iter_next(struct interval_tree_node *node, unsigned long start,
			unsigned long last)
{
	return interval_tree_overlap(node->next, start, last);
}

#endif /* _LINUX_INTERVAL_TREE_H */
