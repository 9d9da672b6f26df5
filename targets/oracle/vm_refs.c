// SPDX-License-Identifier: GPL-2.0
/*
 * vm-refs: when no operation is under way, each VM that maps an object keeps
 * one pin of its pages and one reference a mapping, and who maps an object that
 * belongs to one VM is that VM.
 */
#include "targets/oracle/svm_oracles.h"
#include "targets/oracle/vm_bind.h"

static void quiesce(const struct view *v)
{
	struct view_bo bo;

	for (u32 nr = 0; v->panthor->bo(nr, &bo); nr++) {
		if (bo.pins != bo.vm_bos)
			oracle_raise(&oracle_vm_refs, 0, "",
				     "Object %u is pinned %u times for %u VMs that map it.",
				     bo.id, bo.pins, bo.vm_bos);
		if (bo.refs != bo.gpuvas)
			oracle_raise(&oracle_vm_refs, 0, "",
				     "What VMs know of object %u has %u references for %u mappings.",
				     bo.id, bo.refs, bo.gpuvas);
		if (bo.foreign)
			oracle_raise(&oracle_vm_refs, 0, "",
				     "Object %u belongs to one VM and another maps it.",
				     bo.id);
	}
}

const struct oracle oracle_vm_refs = {
	.name	= "vm-refs",
	.claim	= "an object has a pin for each VM that maps it, a reference for each mapping, and no VM but its own",
	.spec	= "I-E14",
	.quiesce = quiesce,
};
