/* SPDX-License-Identifier: GPL-2.0 */
/*
 * mman.h: MODEL of <linux/mman.h>: the rights a program asks for.
 */
#ifndef _LINUX_MMAN_H
#define _LINUX_MMAN_H

#include <linux/mm.h>

#define PROT_READ	0x1
#define PROT_WRITE	0x2
#define PROT_NONE	0x0

#define MAP_SHARED	0x01
#define MAP_PRIVATE	0x02
#define MAP_ANONYMOUS	0x20

static inline vm_flags_t calc_vm_prot_bits(unsigned long prot)
{
	return (prot & PROT_READ ? VM_READ : 0) |
	       (prot & PROT_WRITE ? VM_WRITE : 0);
}

#endif /* _LINUX_MMAN_H */
