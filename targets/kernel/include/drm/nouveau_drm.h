/* SPDX-License-Identifier: GPL-2.0 */
/*
 * drm/nouveau_drm.h: arguments of Nouveau's SVM ioctls.
 *
 * MODEL of the uapi header: SVM_INIT and SVM_BIND.
 */
#ifndef _NOUVEAU_DRM_H_
#define _NOUVEAU_DRM_H_

#include <linux/types.h>

/* In bytes: the range of GPU addresses that never mirrors the process. */
struct drm_nouveau_svm_init {
	u64 unmanaged_addr;
	u64 unmanaged_size;
};

/*
 * Of a range in bytes, rounded to whole pages: what @header says. Reserved
 * fields, @stride and the header's upper 16 bits are 0. @npages is not looked
 * at; @result is 0 on return.
 */
struct drm_nouveau_svm_bind {
	u64 header;
	u64 va_start;
	u64 va_end;
	u64 npages;
	u64 stride;
	u64 result;
	u64 reserved0;
	u64 reserved1;
};

#define NOUVEAU_SVM_BIND_COMMAND_SHIFT	0
#define NOUVEAU_SVM_BIND_COMMAND_MASK	0xffull
#define NOUVEAU_SVM_BIND_TARGET_SHIFT	16
#define NOUVEAU_SVM_BIND_TARGET_MASK	0xffffffffull
#define NOUVEAU_SVM_BIND_VALID_MASK	((1ull << 48) - 1)

#define NOUVEAU_SVM_BIND_COMMAND__MIGRATE	0
#define NOUVEAU_SVM_BIND_TARGET__GPU_VRAM	(1ull << 31)

#endif /* _NOUVEAU_DRM_H_ */
