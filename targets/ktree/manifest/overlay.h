/* SPDX-License-Identifier: GPL-2.0 */
/*
 * overlay.h: included before the first line of every object of the tree, and
 * includes nothing itself. What asm/irqflags.h does with instructions that user
 * level may not use is done by functions: interrupts are a bit of the running
 * CPU, and a TLB flush waits for a CPU that has them off.
 *
 * Three names of that header are macros from here on, which tell a definition,
 * name(void), from a use, name(). So the header defines functions of other
 * names, that nobody uses, and whatever it builds on the three uses ours.
 */
#ifndef __ASSEMBLY__
unsigned long ktree_irq_flags(void);
void ktree_irqs_off(void);
void ktree_irqs_on(void);

#define arch_local_save_flags(x)	KTREE_SAVE_##x
#define KTREE_SAVE_			ktree_irq_flags()
#define KTREE_SAVE_void			tree_local_save_flags(void)

#define arch_local_irq_disable(x)	KTREE_DISABLE_##x
#define KTREE_DISABLE_			ktree_irqs_off()
#define KTREE_DISABLE_void		tree_local_irq_disable(void)

#define arch_local_irq_enable(x)	KTREE_ENABLE_##x
#define KTREE_ENABLE_			ktree_irqs_on()
#define KTREE_ENABLE_void		tree_local_irq_enable(void)
#endif
