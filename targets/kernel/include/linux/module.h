/* SPDX-License-Identifier: GPL-2.0 */
/* STUB of <linux/module.h>: nothing is loaded or unloaded. */
#ifndef _LINUX_MODULE_H
#define _LINUX_MODULE_H

#include <linux/export.h>
#include <linux/init.h>

struct module;

#define MODULE_LICENSE(x)
#define MODULE_AUTHOR(x)
#define MODULE_DESCRIPTION(x)
#define MODULE_PARM_DESC(name, text)
#define module_param(name, type, perm)
#define module_init(fn)
#define module_exit(fn)

#endif /* _LINUX_MODULE_H */
