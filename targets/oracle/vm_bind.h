/* SPDX-License-Identifier: GPL-2.0 */
/*
 * vm_bind.h: what the oracles of VM_BIND share: how a VM's tables translate.
 */
#ifndef TARGETS_ORACLE_VM_BIND_H
#define TARGETS_ORACLE_VM_BIND_H

#include "targets/view_panthor.h"

#define VM_IDS	64	/* of an execution; VMs above are not judged */

/* The entry that translates @va below @root, its address that of the page; 0 if
 * none does. *table: the level-3 table it is in, or 0. */
static inline u64 vm_translate(const struct view_panthor *p, u32 root, u64 va,
			       u32 *table)
{
	u32 frame = root;

	*table = 0;
	for (u32 level = 0; ; level++) {
		u64 pte = p->pte(frame, VIEW_VM_INDEX(level, va));

		if (level == 3) {
			*table = frame;
			return pte;
		}
		if (!VIEW_VM_IS_TABLE(pte, level)) {
			if (pte)
				pte += va & ((1ull << VIEW_VM_SHIFT(level)) -
					     VIEW_PAGE_SIZE);
			return pte;
		}
		frame = VIEW_VM_PTE_FRAME(pte);
	}
}

/*
 * Slots whose owner is gone and whose next has not been programmed. What is left
 * of the first there nobody can use: nothing runs in it, and enabling flushes it.
 */
static inline void vm_changes_hands(u32 *slots, const struct event *e)
{
	if (e->kind == EV_as_release)
		*slots |= 1u << e->b;
	else if (e->kind == EV_as_update)
		*slots &= ~(1u << e->a);
}

/* VM @id among those of the device; false: it is not there. */
static inline bool vm_find(const struct view_panthor *p, u32 id,
			   struct view_as_vm *found)
{
	struct view_as_vm vm[VIEW_AS_VMS];
	u32 nr = p->vms(vm);

	for (u32 i = 0; i < nr; i++) {
		if (vm[i].id != id)
			continue;
		*found = vm[i];
		return true;
	}
	return false;
}

#endif /* TARGETS_ORACLE_VM_BIND_H */
