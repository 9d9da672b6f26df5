/* SPDX-License-Identifier: GPL-2.0 */
/* STUB of <linux/init.h>: a target's boot calls what initcalls would. */
#ifndef _LINUX_INIT_H
#define _LINUX_INIT_H

#define __init
#define __exit
#define __initdata

#endif /* _LINUX_INIT_H */
