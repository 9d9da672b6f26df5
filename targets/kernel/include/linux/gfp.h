/* SPDX-License-Identifier: GPL-2.0 */
/*
 * MODEL of <linux/gfp.h>: what of the flags has meaning here. GFP_KERNEL may
 * sleep and so must not be used by an atomic task; __GFP_NOFAIL never fails,
 * even under fault injection. Pages themselves are the mm's (<linux/mm.h>).
 */
#ifndef _LINUX_GFP_H
#define _LINUX_GFP_H

#include <linux/types.h>

#define __GFP_HIGHMEM		0x02u
#define __GFP_MOVABLE		0x08u
#define __GFP_ZERO		0x100u
#define __GFP_DIRECT_RECLAIM	0x400u
#define __GFP_IO		0x40u
#define __GFP_FS		0x80u
#define __GFP_NOWARN		0x2000u
#define __GFP_RETRY_MAYFAIL	0x4000u
#define __GFP_NOFAIL		0x8000u
#define __GFP_NORETRY		0x10000u
#define __GFP_ACCOUNT		0x400000u

#define GFP_KERNEL		(__GFP_DIRECT_RECLAIM | __GFP_IO | __GFP_FS)
#define GFP_KERNEL_ACCOUNT	(GFP_KERNEL | __GFP_ACCOUNT)
#define GFP_NOFS		(__GFP_DIRECT_RECLAIM | __GFP_IO)
#define GFP_NOIO		__GFP_DIRECT_RECLAIM
#define GFP_ATOMIC		0x20u
#define GFP_NOWAIT		0u
#define GFP_USER		GFP_KERNEL
#define GFP_HIGHUSER		(GFP_USER | __GFP_HIGHMEM)
#define GFP_HIGHUSER_MOVABLE	(GFP_HIGHUSER | __GFP_MOVABLE)

#define gfpflags_allow_blocking(gfp)	(!!((gfp) & __GFP_DIRECT_RECLAIM))

#endif /* _LINUX_GFP_H */
