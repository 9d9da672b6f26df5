/* SPDX-License-Identifier: GPL-2.0 */
/* STUB of <linux/export.h>: one program, so every symbol is in reach. */
#ifndef _LINUX_EXPORT_H
#define _LINUX_EXPORT_H

#define EXPORT_SYMBOL(sym)
#define EXPORT_SYMBOL_GPL(sym)
#define EXPORT_SYMBOL_NS(sym, ns)
#define THIS_MODULE	((struct module *)0)

#endif /* _LINUX_EXPORT_H */
