/* SPDX-License-Identifier: GPL-2.0 */
/*
 * bind_tests.h: the unit tests of VM_BIND and of what it stands on; rows of
 * panthor_tests.c. Bodies: test_bind.c, test_fence.c.
 *
 * Those with an oracle's name turn on one mutation and expect it to be found.
 */
#ifndef TARGETS_PANTHOR_TESTS_BIND_TESTS_H
#define TARGETS_PANTHOR_TESTS_BIND_TESTS_H

#include "targets/cut_test.h"
#include "targets/oracle/svm_oracles.h"
#include "targets/panthor/panthor.h"

void bind_boot(void);
void bind_halt(void);
void bind_split(u32 index);
void bind_limits(u32 index);
void bind_two_sync(u32 index);
void bind_two_of_one_object(u32 index);
void bind_jobs_and_destroy(u32 index);
void bind_mixed(u32 index);
void bind_under_gpu(u32 index);
void bind_block_under_gpu(u32 index);
void bind_lost_flush(u32 index);
void bind_handle(u32 index);
void bind_exclusive(u32 index);
void bind_under_unplug(u32 index);
void bind_size_zero(u32 index);
void bind_heap_lost(u32 index);
void fence_boot(void);
void fence_wait(u32 index);
void fence_callback(u32 index);
void sched_in_order(u32 index);
void sched_after_dependency(u32 index);
void fence_halt(void);

#define BIND_ROW(name_, tasks, body_, seen_)				\
	{ .name = name_, .nr_tasks = tasks, .boot = bind_boot,		\
	  .body = body_, .halt = bind_halt, .seen = seen_,		\
	  .oracles = svm_oracles_panthor, .view = &view_panthor }
#define BIND_CAUGHT(name_, tasks, body_, mutation_, oracle_)		\
	{ .name = name_, .nr_tasks = tasks, .boot = bind_boot,		\
	  .body = body_, .halt = bind_halt, .mutation = M_##mutation_,	\
	  .expect = &oracle_, .oracles = svm_oracles_panthor,		\
	  .view = &view_panthor, .asan_first = true,			\
	  .sim_only = "the checker judges single steps" }
#define FENCE_ROW(name_, tasks, body_, seen_)				\
	{ .name = name_, .nr_tasks = tasks, .boot = fence_boot,		\
	  .body = body_, .halt = fence_halt, .seen = seen_ }

#define PANTHOR_BIND_TESTS						\
	FENCE_ROW("fence.wait_ends_with_the_signal", 2, fence_wait,	\
		  EV_fence_signal),					\
	FENCE_ROW("fence.callback_runs_once_or_is_removed", 2,		\
		  fence_callback, EV_fence_signal),			\
	FENCE_ROW("sched.jobs_run_in_order", 2, sched_in_order,		\
		  EV_fence_signal),					\
	FENCE_ROW("sched.job_waits_for_its_dependency", 2,		\
		  sched_after_dependency, EV_fence_signal),		\
	BIND_ROW("bind.cuts_keep_their_pages", 1, bind_split,		\
		 EV_vm_op_end),						\
	BIND_ROW("bind.ranges_are_checked", 1, bind_limits, EV_vm_bind), \
	BIND_ROW("bind.sync_operations_take_turns", 2, bind_two_sync,	\
		 EV_vm_op_end),						\
	BIND_ROW("bind.object_is_pinned_once_a_vm", 2,			\
		 bind_two_of_one_object, EV_bo_unpin),			\
	BIND_ROW("bind.destroy_meets_queued_jobs", 2,			\
		 bind_jobs_and_destroy, EV_vm_unusable),		\
	BIND_ROW("bind.sync_and_async_mix", 2, bind_mixed,		\
		 EV_fence_section),					\
	BIND_ROW("bind.gpu_reads_under_map_over_map", 2, bind_under_gpu, \
		 EV_vm_load),						\
	BIND_ROW("bind.gpu_walks_under_unmap_of_a_block", 2,		\
		 bind_block_under_gpu, EV_pgt_free),			\
	BIND_ROW("bind.lost_flush_ends_in_a_reset", 1, bind_lost_flush,	\
		 EV_as_timeout),					\
	BIND_ROW("bind.handle_is_taken_whole", 2, bind_handle,		\
		 EV_vm_freed),						\
	BIND_ROW("bind.exclusive_object_has_one_vm", 2, bind_exclusive,	\
		 EV_vm_op_end),						\
	BIND_ROW("bind.unplug_meets_an_operation", 2, bind_under_unplug, \
		 EV_as_unplug),						\
	BIND_CAUGHT("vm_tree.notices_a_moved_rest", 1, bind_split,	\
		    gpuvm_next_keeps_offset, oracle_vm_tree),		\
	BIND_CAUGHT("vm_tree.notices_a_lost_step", 1, bind_lost_flush,	\
		    pan_flush_error_aborts, oracle_vm_tree),		\
	BIND_CAUGHT("vm_tree.notices_no_size", 1, bind_size_zero,	\
		    pan_async_size_zero, oracle_vm_tree),		\
	BIND_CAUGHT("vm_tree.notices_a_wrong_frame", 1, bind_split,	\
		    pan_v2_sg_offset_sign, oracle_vm_tree),		\
	BIND_CAUGHT("vm_op_ctx.notices_two", 2, bind_two_sync,		\
		    pan_sync_skips_op_lock, oracle_vm_op_ctx),		\
	BIND_CAUGHT("vm_refs.notices_a_second_pin", 2,			\
		    bind_two_of_one_object, pan_pin_kept_twice,		\
		    oracle_vm_refs),					\
	BIND_CAUGHT("vm_refs.notices_another_vm", 2, bind_exclusive,	\
		    pan_exclusive_bo_shared, oracle_vm_refs),		\
	BIND_CAUGHT("vm_lifetime.notices_a_late_map", 2,		\
		    bind_jobs_and_destroy, pan_map_after_destroy,	\
		    oracle_vm_lifetime),				\
	BIND_CAUGHT("vm_stale_tlb.notices_no_flush", 2, bind_under_gpu,	\
		    pan_skip_flush, oracle_vm_stale_tlb),		\
	BIND_CAUGHT("pt_reuse.notices_an_early_free", 2,		\
		    bind_block_under_gpu, pan_table_freed_before_flush,	\
		    oracle_pt_reuse),					\
	BIND_CAUGHT("pt_reuse.notices_a_linked_table", 1, bind_split,	\
		    pan_reserve_freed_whole, oracle_pt_reuse),		\
	BIND_CAUGHT("pt_balance.notices_a_kept_reserve", 1, bind_split,	\
		    pan_reserve_kept, oracle_pt_balance),		\
	BIND_CAUGHT("op_reserve.notices_one_mapping_less", 1, bind_split, \
		    pan_unmap_one_vma, oracle_op_reserve),		\
	BIND_CAUGHT("signalling.notices_a_reservation", 2, bind_mixed,	\
		    pan_returned_freed_in_section, oracle_signalling),	\
	BIND_CAUGHT("vm_unusable.notices_a_half", 1, bind_lost_flush,	\
		    pan_sync_failure_ignored, oracle_vm_unusable),	\
	BIND_CAUGHT("vm_unusable.notices_a_failed_job", 2,		\
		    bind_jobs_and_destroy, pan_async_failure_ignored,	\
		    oracle_vm_unusable),				\
	BIND_CAUGHT("bo_unpinned.notices_an_early_unpin", 1,		\
		    bind_lost_flush, pan_cleanup_skips_reset,		\
		    oracle_bo_unpinned),				\
	BIND_CAUGHT("use_after_free.notices_a_node", 1, bind_heap_lost,	\
		    pan_kernel_va_left, oracle_use_after_free),		\
	BIND_CAUGHT("lock_order.notices_the_unpin", 2,			\
		    bind_two_of_one_object, pan_unpin_under_list_lock,	\
		    oracle_lock_order)

#endif /* TARGETS_PANTHOR_TESTS_BIND_TESTS_H */
