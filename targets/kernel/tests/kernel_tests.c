// SPDX-License-Identifier: GPL-2.0
/*
 * kernel_tests: what is expected of each case of the kernel services' tests.
 *
 * HOLDS: passes on every schedule. SHOWS: passes, and the thing it is about
 * happened on some schedule. CAUGHT: some schedule raises that class and none
 * another; these are the tests of the checkers, and of the services, since a
 * grace period that is not waited for must be seen to matter.
 */
#include "targets/kernel/tests/kernel_test.h"

/*	      name  tasks  boot  body  halt  */
#define HOLDS(name_, nr, boot_, body_, halt_) \
	{ .name = name_, .nr_tasks = nr, .boot = boot_, .body = body_, \
	  .halt = halt_ }
#define SHOWS(name_, nr, boot_, body_, halt_, seen_, ...) \
	{ .name = name_, .nr_tasks = nr, .boot = boot_, .body = body_, \
	  .halt = halt_, .seen = EV_##seen_, __VA_ARGS__ }
#define CAUGHT(name_, nr, boot_, body_, halt_, class) \
	{ .name = name_, .nr_tasks = nr, .boot = boot_, .body = body_, \
	  .halt = halt_, .expect = &oracle_##class }

const struct cut_test kernel_tests[] = {
	SHOWS("mutex.excludes", 2, lock_boot, lock_mutex_excludes, lock_halt, lock),
	SHOWS("mutex.trylock_fails_when_held", 2, lock_boot, lock_mutex_trylock, NULL, litmus_seen),
	SHOWS("mutex.killable_gives_up", 2, lock_boot, lock_mutex_killable, NULL, litmus_seen),
	HOLDS("spinlock.excludes", 3, lock_boot, lock_spin_excludes, lock_halt),
	SHOWS("spinlock.trylock_fails_when_held", 2, lock_boot,
	      lock_spin_trylock, NULL, litmus_seen),
	CAUGHT("exclusion.is_missed_without_lock", 2, lock_boot, lock_nothing_excludes, NULL, bug),
	HOLDS("mutex.static_ones_work", 2, lock_boot, lock_static, lock_halt),
	HOLDS("rwsem.writer_is_alone", 3, lock_boot, lock_rwsem_excludes, lock_halt),
	SHOWS("rwsem.readers_share", 2, lock_boot, lock_rwsem_shares, NULL, litmus_seen),
	SHOWS("rwsem.trylock_fails_when_held", 2, lock_boot, lock_rwsem_trylock, NULL, litmus_seen),
	SHOWS("rwsem.killable_gives_up", 2, lock_boot, lock_rwsem_killable, NULL, litmus_seen),
	HOLDS("rwsem.downgrade_lets_readers_in", 2, lock_boot, lock_downgrade, NULL),
	HOLDS("atomic.counts_all", 3, lock_boot, lock_atomic_counts, lock_atomic_counts_halt),
	CAUGHT("atomic.is_needed", 3, lock_boot, lock_once_loses, lock_atomic_counts_halt, bug),

	HOLDS("wait.event_sees_wakeup", 2, wait_boot, wait_sees_wakeup, NULL),
	CAUGHT("wait.test_before_queueing_loses_wakeup", 2, wait_boot,
	      wait_tests_too_early, NULL, deadlock),
	HOLDS("wait.state_before_test_sees_wakeup", 2, wait_boot, wait_state_first, NULL),
	CAUGHT("wait.state_after_test_loses_wakeup", 2, wait_boot,
	      wait_state_too_late, NULL, deadlock),
	HOLDS("wait.timeout_ends_it", 1, wait_boot, wait_times_out, NULL),
	SHOWS("wait.wakeup_comes_before_timeout", 2, wait_boot,
	      wait_timeout_wins, NULL, litmus_seen),
	SHOWS("wait.killable_gives_up", 2, wait_boot, wait_is_killed, NULL, litmus_seen),
	HOLDS("wait.wake_up_all_wakes_all", 3, wait_boot, wait_all_wake, NULL),
	HOLDS("completion.one_permit_each", 3, wait_boot, wait_completion, NULL),
	HOLDS("completion.all_is_for_ever", 3, wait_boot, wait_completion_all, NULL),
	CAUGHT("completion.one_permit_is_not_two", 3, wait_boot,
	      wait_completion_short, NULL, deadlock),
	HOLDS("completion.timeout_ends_it", 1, wait_boot, wait_completion_timeout, NULL),
	HOLDS("kthread.stop_waits_for_it", 1, wait_boot, wait_kthread_stop, NULL),
	CAUGHT("kthread.state_after_test_misses_stop", 1, wait_boot,
	      wait_kthread_late, NULL, deadlock),

	SHOWS("rcu.synchronize_waits_for_readers", 2, rcu_test_boot, rcu_synchronize, NULL, free),
	CAUGHT("rcu.grace_period_is_needed", 2, rcu_test_boot,
	      rcu_no_grace_period, NULL, use_after_free),
	SHOWS("rcu.callback_waits_for_readers", 2, rcu_test_boot, rcu_callback, NULL, free),
	SHOWS("rcu.kfree_rcu_waits_for_readers", 2, rcu_test_boot, rcu_kfree_rcu, NULL, free),
	CAUGHT("rcu.reader_after_unlock_is_too_late", 2, rcu_test_boot,
	      rcu_callback_early, NULL, use_after_free),
	HOLDS("rcu.barrier_waits_for_callbacks", 2, rcu_test_boot, rcu_barrier_waits, NULL),
	CAUGHT("rcu.barrier_is_needed", 1, rcu_test_boot, rcu_no_barrier, NULL, bug),
	CAUGHT("rcu.reader_must_not_sleep", 1, rcu_test_boot, rcu_reader_sleeps, NULL, lock_order),
	SHOWS("rculist.reader_survives_removal", 2, rcu_test_boot, rcu_list, NULL, free),
	SHOWS("srcu.synchronize_waits_for_sleeping_readers", 2, rcu_test_boot,
	      srcu_synchronize, NULL, free),
	CAUGHT("srcu.rcu_does_not_wait_for_its_readers", 2, rcu_test_boot,
	      srcu_other_domain, NULL, use_after_free),
	SHOWS("srcu.callback_waits_for_readers", 2, rcu_test_boot, srcu_callback, srcu_halt, free),
	CAUGHT("srcu.reader_must_not_wait_for_itself", 1, rcu_test_boot,
	      srcu_self_wait, NULL, lock_order),

	HOLDS("workqueue.one_instance_at_a_time", 3, work_boot,
	      work_one_at_a_time, work_one_at_a_time_halt),
	HOLDS("workqueue.flush_waits", 2, work_boot, work_flush, NULL),
	CAUGHT("workqueue.flush_is_needed", 1, work_boot, work_no_flush, NULL, bug),
	HOLDS("workqueue.work_queues_itself_again", 1, work_boot,
	      work_requeues, work_requeues_halt),
	HOLDS("workqueue.cancel_sync_leaves_it_idle", 2, work_boot, work_cancel, NULL),
	CAUGHT("workqueue.cancel_alone_is_not_enough", 1, work_boot,
	      work_cancel_nosync, NULL, use_after_free),
	HOLDS("workqueue.destroy_drains", 1, work_boot, work_destroy, NULL),
	HOLDS("workqueue.flush_workqueue_waits_for_all", 2, work_boot, work_flush_queue, NULL),
	CAUGHT("workqueue.flush_under_its_lock_is_an_order", 1, work_boot,
	      work_flush_under_lock, NULL, lock_order),
	CAUGHT("workqueue.work_must_release_its_locks", 1, work_boot,
	      work_keeps_lock, NULL, lock_leak),
	HOLDS("workqueue.delayed_work_waits", 1, work_timer_boot, work_delayed, NULL),
	HOLDS("workqueue.cancel_delayed_sync_leaves_it_idle", 1, work_timer_boot,
	      work_delayed_cancel, NULL),
	SHOWS("timer.delete_sync_waits", 1, work_timer_boot, work_timer_sync, NULL, litmus_seen),
	CAUGHT("timer.delete_alone_is_not_enough", 1, work_timer_boot,
	      work_timer_nosync, NULL, use_after_free),
	HOLDS("timer.expire_in_order", 1, work_timer_boot, work_timer_order, NULL),

	HOLDS("slab.ordinary_use_is_silent", 2, NULL, slab_ordinary, NULL),
	CAUGHT("slab.double_free", 1, NULL, slab_double_free, NULL, bad_free),
	CAUGHT("slab.double_free_raced", 2, NULL, slab_double_free_raced, NULL, bad_free),
	CAUGHT("slab.wild_free", 1, NULL, slab_wild_free, NULL, bad_free),
	CAUGHT("slab.write_after_free", 1, NULL, slab_write_after_free, NULL, use_after_free),
	CAUGHT("slab.point_after_free", 1, NULL, slab_point_after_free, NULL, use_after_free),
	CAUGHT("slab.overrun", 1, NULL, slab_overrun, NULL, bad_free),
	CAUGHT("slab.leak", 1, NULL, slab_leak, NULL, leak),
	HOLDS("slab.caches_count", 2, NULL, slab_cache, NULL),
	CAUGHT("slab.free_to_wrong_cache", 1, NULL, slab_wrong_cache, NULL, bad_free),
	CAUGHT("slab.gfp_kernel_may_sleep", 1, NULL, slab_atomic_sleeps, NULL, lock_order),
	HOLDS("slab.gfp_atomic_does_not", 1, NULL, slab_atomic, NULL),
	SHOWS("slab.allocations_fail_when_asked", 1, slab_faults_boot,
	      slab_faults, NULL, litmus_seen),
	HOLDS("slab.allocations_succeed_unless_asked", 1, NULL, slab_no_faults, NULL),

	CAUGHT("lockdep.abba_without_deadlock", 2, lockdep_test_boot,
	      lockdep_abba, NULL, lock_order),
	HOLDS("lockdep.one_order_is_fine", 3, lockdep_test_boot, lockdep_one_order, NULL),
	HOLDS("lockdep.trylock_may_go_against_it", 2, lockdep_test_boot,
	      lockdep_trylock_order, NULL),
	CAUGHT("lockdep.cycle_of_three", 3, lockdep_test_boot, lockdep_three, NULL, lock_order),
	CAUGHT("lockdep.recursion", 1, lockdep_test_boot, lockdep_recursion, NULL, lock_order),
	CAUGHT("lockdep.read_recursion", 1, lockdep_test_boot,
	      lockdep_read_recursion, NULL, lock_order),
	CAUGHT("lockdep.two_of_a_class", 1, lockdep_test_boot,
	      lockdep_same_class, NULL, lock_order),
	HOLDS("lockdep.two_of_a_class_on_purpose", 1, lockdep_test_boot, lockdep_nested, NULL),
	CAUGHT("lockdep.sleep_in_spinlock", 1, lockdep_test_boot,
	      lockdep_sleep_in_spinlock, NULL, lock_order),
	CAUGHT("lockdep.mutex_in_rcu_reader", 1, lockdep_test_boot,
	      lockdep_mutex_in_rcu, NULL, lock_order),
	CAUGHT("lockdep.held_at_return", 1, lockdep_test_boot,
	      lockdep_held_at_return, NULL, lock_leak),
	CAUGHT("lockdep.held_at_exit", 1, lockdep_test_boot, lockdep_held_at_exit, NULL, lock_leak),
	CAUGHT("lockdep.freed_while_held", 1, lockdep_test_boot,
	      lockdep_freed_while_held, NULL, lock_order),
	CAUGHT("lockdep.stray_unlock", 1, lockdep_test_boot,
	      lockdep_stray_unlock, NULL, lock_order),
	CAUGHT("lockdep.assert_held_fails", 1, lockdep_test_boot, lockdep_assert_fails, NULL, warn),
	SHOWS("lockdep.knows_who_holds_what", 2, lockdep_test_boot,
	      lockdep_introspection, NULL, litmus_seen,
	      .sim_only = "looks at the locks of tasks that run"),

	CAUGHT("bug.warn_on_fires", 1, NULL, lib_warn, NULL, warn),
	CAUGHT("bug.bug_on_fires", 1, NULL, lib_bug, NULL, bug),
	CAUGHT("refcount.underflow_warns", 1, NULL, lib_refcount_underflow, NULL, warn),
	CAUGHT("refcount.increment_of_zero_warns", 1, NULL, lib_refcount_resurrect, NULL, warn),
	HOLDS("refcount.last_put_is_one", 3, lib_refcount_boot, lib_refcount, lib_refcount_halt),
	HOLDS("sort.sorts", 1, NULL, lib_sort, NULL),
	{ .name = NULL },
};
