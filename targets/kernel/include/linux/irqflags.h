/* SPDX-License-Identifier: GPL-2.0 */
/*
 * irqflags.h: sections in which a CPU does not answer a TLB flush.
 *
 * MODEL of what GUP-fast relies on: a flush that began inside a section does
 * not return before its end, so no page table is freed under a walk of it, and
 * no page whose entry was read there. Nothing may sleep inside. Interrupts
 * themselves are tasks, and not kept out. Implementation: mm/tlb.c.
 */
#ifndef _LINUX_IRQFLAGS_H
#define _LINUX_IRQFLAGS_H

unsigned long arch_local_irq_save(void);
void arch_local_irq_restore(unsigned long flags);

#define local_irq_save(flags)		((flags) = arch_local_irq_save())
#define local_irq_restore(flags)	arch_local_irq_restore(flags)

#endif /* _LINUX_IRQFLAGS_H */
