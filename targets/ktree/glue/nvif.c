// SPDX-License-Identifier: GPL-2.0
/*
 * nvif: the far side of the tree's nvif calls, and the device's registers.
 *
 * The tree's nvif/object.c, vmm.c, event.c or notify.c run as they are. All
 * they do in the end is struct nvif_driver's ioctl(), behind which a real
 * machine has nvkm; here a switch that drives the device model. An object's
 * handle is its address, as nvkm's clients have it, and its priv is what NEW
 * has given it.
 *
 * An interrupt is delivered while the driver lets it be: ALLOW and BLOCK of the
 * event object, or up to 6.1 the notifier's GET and PUT, which are one-shot.
 * The line is level triggered: when it is let through again and the ring is not
 * empty, it fires at once.
 *
 * Not modelled: the engine objects behind, power management, an IOMMU.
 */
#include "targets/ktree/glue/nouveau.h"

#include <linux/preempt.h>
#include <nvif/class.h>
#include <nvif/clb069.h>
#include <nvif/client.h>
#include <nvif/event.h>
#include <nvif/if000c.h>
#include <nvif/ifc00d.h>
#include <nvif/ioctl.h>

#include "targets/ktree/glue/ground.h"

#if KT_NVIF_EVENT
#include <nvif/if000e.h>
#else
#include <nvif/notify.h>
#endif

#define PAGES_MAX	(2 * PROG_PAGES)	/* of one PFNMAP */

/* -- the interrupt -- */

#if KT_NVIF_EVENT
static struct nvif_event *listener;
#else
static struct nvif_notify *listener;
#endif
static bool armed;

static void listener_call(void)
{
#if KT_NVIF_EVENT
	listener->func(listener, NULL, 0);
#else
	const struct nvif_notify_rep_v0 rep = {
		.token = (unsigned long)listener,
	};

	/* One-shot: until the handler gets it again. */
	WRITE_ONCE(armed, false);
	nvif_notify(&rep, sizeof(rep), NULL, 0);
#endif
}

static void deliver(void)
{
	if (!listener || !READ_ONCE(armed))
		return;
	listener_call();
}

void nouveau_irq(void *arg)
{
	__preempt_count_add(HARDIRQ_OFFSET);
	deliver();
	__preempt_count_sub(HARDIRQ_OFFSET);
}

static void arm(bool on)
{
	WRITE_ONCE(armed, on);
	if (on && gpu_reg(GPU_FAULT_GET) != gpu_reg(GPU_FAULT_PUT))
		nouveau_irq(NULL);
}

/* -- registers -- */

unsigned int ioread32(const void __iomem *addr)
{
	unsigned long at = (unsigned long)addr;
	u32 value;

	if (at - NOUVEAU_BAR < NOUVEAU_BAR_SIZE) {
		value = gpu_rd32(at - NOUVEAU_BAR);
		if (at - NOUVEAU_BAR == GPU_FAULT_PUT)
			nouveau_saw_put(value);
		else if (at - NOUVEAU_BAR == GPU_FAULT_GET)
			nouveau_saw_get(value);
		return value;
	}
	if (at - NOUVEAU_RING >= NOUVEAU_RING_SIZE)
		return *(volatile u32 *)at;
	at -= NOUVEAU_RING;
	value = gpu_ring_rd32(at);
	if (at % GPU_ENTRY_SIZE == GPU_ENTRY_INFO && !(value & GPU_INFO_VALID))
		nouveau_dropped(at / GPU_ENTRY_SIZE);
	return value;
}

void iowrite32(u32 value, void __iomem *addr)
{
	unsigned long at = (unsigned long)addr;

	if (at - NOUVEAU_BAR < NOUVEAU_BAR_SIZE) {
		if (at - NOUVEAU_BAR == GPU_FAULT_GET)
			nouveau_wrote_get(value);
		gpu_wr32(at - NOUVEAU_BAR, value);
		return;
	}
	if (at - NOUVEAU_RING >= NOUVEAU_RING_SIZE) {
		*(volatile u32 *)at = value;
		return;
	}
	at -= NOUVEAU_RING;
	gpu_ring_wr32(at, value);
	if (at % GPU_ENTRY_SIZE == GPU_ENTRY_INFO && !(value & GPU_INFO_VALID))
		nouveau_parsed(at / GPU_ENTRY_SIZE);
}

/* -- address spaces -- */

/* A page's word for the model: the same bits, and the page's number in the view.
 * What the view has no number for is nothing a program can have. */
static u64 model_phys(u64 phys)
{
	u64 real = phys >> NVIF_VMM_PFNMAP_V0_ADDR_SHIFT;
	u32 pfn = ktree_view_pfn(real);

	if (!(phys & NVIF_VMM_PFNMAP_V0_V) || (real && !pfn))
		return NVIF_VMM_PFNMAP_V0_NONE;
	return (u64)pfn << NVIF_VMM_PFNMAP_V0_ADDR_SHIFT |
	       (phys & ~NVIF_VMM_PFNMAP_V0_ADDR);
}

static int pfnmap(u32 space, struct nvif_vmm_pfnmap_v0 *args, u32 size)
{
	u64 word[PAGES_MAX], nr;
	int ret;

	if (args->page >= 64)
		return -EINVAL;
	nr = args->size >> args->page;
	if (nr > PAGES_MAX || size != sizeof(*args) + nr * sizeof(u64))
		return -EINVAL;
	for (u64 i = 0; i < nr; i++)
		word[i] = model_phys(args->phys[i]);
	nouveau_mapping(space, args->addr, word, nr);
	ret = gpu_pfnmap(space, args->addr, args->page, args->size, word);
	if (ret)
		return ret;
	for (u64 i = 0; i < nr; i++)
		if (!(word[i] & NVIF_VMM_PFNMAP_V0_V))
			args->phys[i] = NVIF_VMM_PFNMAP_V0_NONE;
	nouveau_mapped(space, args->addr, word, nr);
	return 0;
}

static int pfnclr(u32 space, struct nvif_vmm_pfnclr_v0 *args, u32 size)
{
	if (size != sizeof(*args))
		return -EINVAL;
	return gpu_pfnclr(space, args->addr, args->size);
}

static int cancel(struct gp100_vmm_fault_cancel_v0 *args, u32 size)
{
	if (size != sizeof(*args))
		return -EINVAL;
	nouveau_cancels(args->inst, args->hub, args->gpc, args->client);
	gpu_cancel(args->inst, args->hub, args->gpc, args->client);
	return 0;
}

static int page_kind(struct nvif_vmm_page_v0 *args)
{
	args->shift = PAGE_SHIFT;
	args->vram = args->host = 1;
	return 0;
}

static int vmm_mthd(struct nvif_object *object, u32 mthd, void *data, u32 size)
{
	u32 space = nouveau_object_space(object);

	switch (mthd) {
	case NVIF_VMM_V0_PAGE:
		return page_kind(data);
	case GP100_VMM_VN_FAULT_REPLAY:
		gpu_replay();
		return 0;
	case GP100_VMM_VN_FAULT_CANCEL:
		return cancel(data, size);
	case NVIF_VMM_V0_PFNMAP:
		return pfnmap(space, data, size);
	case NVIF_VMM_V0_PFNCLR:
		return pfnclr(space, data, size);
	}
	return -ENOSYS;
}

static int vmm_new(struct nvif_vmm_v0 *args, void **priv)
{
	int space = gpu_space_new(args->addr, args->addr + args->size);

	if (space < 0)
		return space;
	args->page_nr = 1;
	*priv = (void *)(unsigned long)(space + 1);
	return 0;
}

/* -- objects -- */

static int object_new(struct nvif_ioctl_new_v0 *args, void **priv)
{
	struct nvif_clb069_v0 *buffer = (void *)args->data;

	switch (args->oclass) {
	case NVIF_CLASS_VMM_GP100:
		return vmm_new((void *)args->data, priv);
	case MAXWELL_FAULT_BUFFER_A:
		buffer->entries = GPU_ENTRIES;
		buffer->get = GPU_FAULT_GET;
		buffer->put = GPU_FAULT_PUT;
		return 0;
#if KT_NVIF_EVENT
	case NVIF_CLASS_EVENT:
		listener = container_of((struct nvif_object *)
					(unsigned long)args->object,
					struct nvif_event, object);
		return 0;
#endif
	}
	return -ENOSYS;
}

static int object_del(struct nvif_object *object)
{
	if (object->oclass == NVIF_CLASS_VMM_GP100 && object->priv)
		gpu_space_free(nouveau_object_space(object));
#if KT_NVIF_EVENT
	if (object->oclass == NVIF_CLASS_EVENT)
		listener = NULL;
#endif
	return 0;
}

static int object_mthd(struct nvif_object *object,
		       struct nvif_ioctl_mthd_v0 *args, u32 size)
{
	switch (object->oclass) {
	case NVIF_CLASS_VMM_GP100:
		return vmm_mthd(object, args->method, args->data,
				size - sizeof(*args));
#if KT_NVIF_EVENT
	case NVIF_CLASS_EVENT:
		arm(args->method == NVIF_EVENT_V0_ALLOW);
		return 0;
#endif
	}
	return -ENOSYS;
}

static int object_sclass(struct nvif_ioctl_sclass_v0 *args)
{
	if (args->count)
		args->oclass[0] = (struct nvif_ioctl_sclass_oclass_v0){
			.oclass = MAXWELL_FAULT_BUFFER_A,
		};
	args->count = 1;
	return 0;
}

static int object_map(struct nvif_ioctl_map_v0 *args)
{
	args->type = NVIF_IOCTL_MAP_V0_VA;
	args->handle = NOUVEAU_RING;
	args->length = NOUVEAU_RING_SIZE;
	return 0;
}

#if !KT_NVIF_EVENT
static int notify_new(struct nvif_ioctl_ntfy_new_v0 *args)
{
	struct nvif_notify_req_v0 *req = (void *)args->data;

	listener = (void *)(unsigned long)req->token;
	args->index = 0;
	return 0;
}
#endif

static int nouveau_nvif_ioctl(void *priv, void *data, u32 size, void **hack)
{
	struct nvif_ioctl_v0 *args = data;
	struct nvif_object *object = (void *)(unsigned long)args->object;

	switch (args->type) {
	case NVIF_IOCTL_V0_SCLASS:
		return object_sclass((void *)args->data);
	case NVIF_IOCTL_V0_NEW:
		return object_new((void *)args->data, hack);
	case NVIF_IOCTL_V0_DEL:
		return object_del(object);
	case NVIF_IOCTL_V0_MTHD:
		return object_mthd(object, (void *)args->data,
				   size - sizeof(*args));
	case NVIF_IOCTL_V0_MAP:
		return object_map((void *)args->data);
	case NVIF_IOCTL_V0_UNMAP:
		return 0;
#if !KT_NVIF_EVENT
	case NVIF_IOCTL_V0_NTFY_NEW:
		return notify_new((void *)args->data);
	case NVIF_IOCTL_V0_NTFY_DEL:
		listener = NULL;
		return 0;
	case NVIF_IOCTL_V0_NTFY_GET:
		arm(true);
		return 0;
	case NVIF_IOCTL_V0_NTFY_PUT:
		arm(false);
		return 0;
#endif
	}
	return -ENOSYS;
}

const struct nvif_driver nouveau_nvif_driver = {
	.name	= "model",
	.ioctl	= nouveau_nvif_ioctl,
};
