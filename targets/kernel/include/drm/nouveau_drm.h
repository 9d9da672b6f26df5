/* SPDX-License-Identifier: GPL-2.0 */
/*
 * drm/nouveau_drm.h: arguments of Nouveau's SVM ioctls.
 *
 * MODEL of the uapi header: SVM_INIT alone; SVM_BIND comes with device memory.
 */
#ifndef _NOUVEAU_DRM_H_
#define _NOUVEAU_DRM_H_

#include <linux/types.h>

/* In bytes: the range of GPU addresses that never mirrors the process. */
struct drm_nouveau_svm_init {
	u64 unmanaged_addr;
	u64 unmanaged_size;
};

#endif /* _NOUVEAU_DRM_H_ */
