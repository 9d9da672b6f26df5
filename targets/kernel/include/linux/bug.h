/* SPDX-License-Identifier: GPL-2.0 */
/*
 * MODEL of <linux/bug.h>. A WARN is a finding (oracle "warn") and a BUG is one
 * too (oracle "bug"), which never returns. _ONCE is not remembered: in sim the
 * first ends the execution. The message of a WARN() is type-checked and dropped;
 * the expression, function and line are what a report shows.
 */
#ifndef _LINUX_BUG_H
#define _LINUX_BUG_H

#include <linux/build_bug.h>
#include <linux/compiler.h>
#include <linux/printk.h>

void kernel_warn(const char *expr, const char *func, int line) __cold;
void kernel_bug(const char *expr, const char *func, int line)
	__cold __noreturn;

#define WARN_ON(cond) ({						\
	bool warn_ = !!(cond);						\
									\
	if (unlikely(warn_))						\
		kernel_warn("WARN_ON(" #cond ")", __func__, __LINE__);	\
	unlikely(warn_);						\
})

#define WARN(cond, fmt, ...) ({						\
	bool warn_ = !!(cond);						\
									\
	no_printk(fmt, ##__VA_ARGS__);					\
	if (unlikely(warn_))						\
		kernel_warn("WARN(" #cond ")", __func__, __LINE__);	\
	unlikely(warn_);						\
})

#define WARN_ON_ONCE(cond)		WARN_ON(cond)
#define WARN_ONCE(cond, fmt, ...)	WARN(cond, fmt, ##__VA_ARGS__)

#define BUG()		kernel_bug("BUG()", __func__, __LINE__)
#define BUG_ON(cond) do {						\
	if (unlikely(cond))						\
		kernel_bug("BUG_ON(" #cond ")", __func__, __LINE__);	\
} while (0)

#define VM_BUG_ON(cond)			BUG_ON(cond)
#define VM_BUG_ON_PAGE(cond, page)	BUG_ON(cond)
#define VM_BUG_ON_FOLIO(cond, folio)	BUG_ON(cond)
#define VM_BUG_ON_VMA(cond, vma)	BUG_ON(cond)
#define VM_BUG_ON_MM(cond, mm)		BUG_ON(cond)
#define VM_WARN_ON(cond)		((void)WARN_ON(cond))
#define VM_WARN_ON_ONCE(cond)		WARN_ON(cond)
#define VM_WARN_ON_FOLIO(cond, folio)	WARN_ON(cond)

#endif /* _LINUX_BUG_H */
