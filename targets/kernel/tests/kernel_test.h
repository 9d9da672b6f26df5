/* SPDX-License-Identifier: GPL-2.0 */
/*
 * kernel_test.h: the cases of the kernel services' tests, by file. A case is
 * a boot (setup), a body that all its tasks run, and a halt; the array with
 * what is expected of each is in kernel_tests.c.
 */
#ifndef TARGETS_KERNEL_TESTS_KERNEL_TEST_H
#define TARGETS_KERNEL_TESTS_KERNEL_TEST_H

#include "targets/cut_test.h"

/* An event that says: the interesting thing did happen. */
#define CUT_SEEN(what) journal_emit(EV_litmus_seen, (u64)(size_t)(what), 0, 0)

/* test_lock.c */
void lock_boot(void);
void lock_halt(void);
void lock_mutex_excludes(u32 index);
void lock_mutex_trylock(u32 index);
void lock_mutex_killable(u32 index);
void lock_mutex_interruptible(u32 index);
void lock_mutex_destroy_held(u32 index);
void lock_spin_excludes(u32 index);
void lock_spin_trylock(u32 index);
void lock_nothing_excludes(u32 index);
void lock_static(u32 index);
void lock_rwsem_excludes(u32 index);
void lock_rwsem_shares(u32 index);
void lock_rwsem_trylock(u32 index);
void lock_rwsem_killable(u32 index);
void lock_rwsem_read_killable(u32 index);
void lock_downgrade(u32 index);
void lock_atomic_counts(u32 index);
void lock_atomic_counts_halt(void);
void lock_once_loses(u32 index);

/* test_wait.c */
void wait_boot(void);
void wait_sees_wakeup(u32 index);
void wait_tests_too_early(u32 index);
void wait_state_too_late(u32 index);
void wait_state_first(u32 index);
void wait_times_out(u32 index);
void wait_timeout_wins(u32 index);
void wait_is_killed(u32 index);
void wait_all_wake(u32 index);
void wait_own_entry(u32 index);
void wait_exclusive(u32 index);
void wait_completion(u32 index);
void wait_completion_all(u32 index);
void wait_completion_short(u32 index);
void wait_completion_timeout(u32 index);
void wait_completion_killed(u32 index);
void wait_completion_reinit(u32 index);
void wait_kthread_stop(u32 index);
void wait_kthread_late(u32 index);

/* test_rcu.c */
void rcu_test_boot(void);
void rcu_synchronize(u32 index);
void rcu_no_grace_period(u32 index);
void rcu_callback(u32 index);
void rcu_kfree_rcu(u32 index);
void rcu_callback_early(u32 index);
void rcu_barrier_waits(u32 index);
void rcu_no_barrier(u32 index);
void rcu_reader_sleeps(u32 index);
void rcu_list(u32 index);
void srcu_synchronize(u32 index);
void srcu_other_domain(u32 index);
void srcu_callback(u32 index);
void srcu_halt(void);
void srcu_self_wait(u32 index);

/* test_work.c */
void work_boot(void);
void work_timer_boot(void);
void work_timer_late_boot(void);
void work_one_at_a_time(u32 index);
void work_one_at_a_time_halt(void);
void work_flush(u32 index);
void work_no_flush(u32 index);
void work_requeues(u32 index);
void work_requeues_halt(void);
void work_cancel(u32 index);
void work_cancel_nosync(u32 index);
void work_destroy(u32 index);
void work_flush_queue(u32 index);
void work_flush_under_lock(u32 index);
void work_keeps_lock(u32 index);
void work_delayed(u32 index);
void work_delayed_cancel(u32 index);
void work_timer_sync(u32 index);
void work_timer_nosync(u32 index);
void work_timer_order(u32 index);
void work_timer_together(u32 index);

/* test_delay.c */
void delay_boot(void);
void delay_interruptible(u32 index);
void delay_killable(u32 index);
void delay_usleep(u32 index);
void delay_work_cancel(u32 index);
void delay_work_mod(u32 index);
void delay_drain(u32 index);
void delay_add_timer(u32 index);
void delay_add_timer_twice(u32 index);

/* test_lib.c */
void lib_lock_boot(void);
void lib_lock_halt(void);
void lib_dec_and_lock(u32 index);
void lib_dec_and_mutex_lock(u32 index);
void lib_strscpy(u32 index);

/* test_fault.c */
void fault_trylock_boot(void);
void fault_wake_boot(void);
void fault_trylock(u32 index);
void fault_wake(u32 index);

/* test_slab.c */
void slab_ordinary(u32 index);
void slab_double_free(u32 index);
void slab_double_free_raced(u32 index);
void slab_wild_free(u32 index);
void slab_write_after_free(u32 index);
void slab_point_after_free(u32 index);
void slab_overrun(u32 index);
void slab_leak(u32 index);
void slab_cache(u32 index);
void slab_cache_size(u32 index);
void slab_wrong_cache(u32 index);
void slab_atomic_sleeps(u32 index);
void slab_atomic(u32 index);
void slab_faults_boot(void);
void slab_faults(u32 index);
void slab_no_faults(u32 index);
void slab_nth_boot(void);
void slab_nth_halt(void);
void slab_nth_fails(u32 index);
void slab_nth_is_one(u32 index);
void slab_nth_is_one_halt(void);

/* test_lockdep.c */
void lockdep_test_boot(void);
void lockdep_abba(u32 index);
void lockdep_spin_abba(u32 index);
void lockdep_one_order(u32 index);
void lockdep_trylock_order(u32 index);
void lockdep_three(u32 index);
void lockdep_recursion(u32 index);
void lockdep_read_recursion(u32 index);
void lockdep_same_class(u32 index);
void lockdep_nested(u32 index);
void lockdep_sleep_in_spinlock(u32 index);
void lockdep_completion_in_spinlock(u32 index);
void lockdep_mutex_in_rcu(u32 index);
void lockdep_held_at_return(u32 index);
void lockdep_held_at_exit(u32 index);
void lockdep_freed_while_held(u32 index);
void lockdep_stray_unlock(u32 index);
void lockdep_assert_fails(u32 index);
void lockdep_introspection(u32 index);
void lib_warn(u32 index);
void lib_bug(u32 index);
void lib_refcount_underflow(u32 index);
void lib_refcount_resurrect(u32 index);
void lib_refcount_boot(void);
void lib_refcount(u32 index);
void lib_refcount_halt(void);
void lib_sort(u32 index);

#endif /* TARGETS_KERNEL_TESTS_KERNEL_TEST_H */
