// SPDX-License-Identifier: GPL-2.0
/*
 * test_rcu: P0 reads an object, P1 unlinks and frees it. With a grace period
 * in between the reader never meets freed memory; without one it does.
 */
#include <linux/delay.h>
#include <linux/preempt.h>
#include <linux/rculist.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>
#include <linux/srcu.h>
#include "targets/kernel/tests/kernel_test.h"

struct object {
	int value;
	struct rcu_head rcu;
	struct list_head entry;
};

DEFINE_STATIC_SRCU(domain);

static struct {
	struct object *ptr;
	struct list_head list;
	struct srcu_struct own;
	int called;
} s __machine;

void rcu_test_boot(void)
{
	struct object *o = kzalloc(sizeof(*o), GFP_KERNEL);

	o->value = 1;
	RCU_INIT_POINTER(s.ptr, o);
	INIT_LIST_HEAD(&s.list);
	list_add(&o->entry, &s.list);
	CUT_CHECK(init_srcu_struct(&s.own) == 0);
}

static void look(struct object *o)
{
	if (o)
		CUT_CHECK(READ_ONCE(o->value) == 1);
}

static void read_rcu(void)
{
	rcu_read_lock();
	look(rcu_dereference(s.ptr));
	rcu_read_unlock();
}

static struct object *unpublish(void)
{
	struct object *o = rcu_access_pointer(s.ptr);

	rcu_assign_pointer(s.ptr, NULL);
	return o;
}

static void free_object(struct rcu_head *head)
{
	CUT_CHECK(in_interrupt());
	s.called++;
	kfree(container_of(head, struct object, rcu));
}

void rcu_synchronize(u32 index)
{
	struct object *o;

	if (index == 0) {
		read_rcu();
		return;
	}
	o = unpublish();
	synchronize_rcu();
	kfree(o);
}

void rcu_no_grace_period(u32 index)
{
	if (index == 0)
		read_rcu();
	else
		kfree(unpublish());
}

void rcu_callback(u32 index)
{
	if (index == 0)
		read_rcu();
	else
		call_rcu(&unpublish()->rcu, free_object);
}

void rcu_kfree_rcu(u32 index)
{
	struct object *o;

	if (index == 0) {
		read_rcu();
		return;
	}
	o = unpublish();
	kfree_rcu(o, rcu);
}

/* The reader goes on with the pointer after it has left. */
void rcu_callback_early(u32 index)
{
	struct object *o;

	if (index == 1) {
		call_rcu(&unpublish()->rcu, free_object);
		return;
	}
	rcu_read_lock();
	o = rcu_dereference(s.ptr);
	rcu_read_unlock();
	look(o);
}

void rcu_barrier_waits(u32 index)
{
	if (index == 0) {
		read_rcu();
		return;
	}
	call_rcu(&unpublish()->rcu, free_object);
	rcu_barrier();
	CUT_CHECK(s.called == 1);
}

void rcu_no_barrier(u32 index)
{
	call_rcu(&unpublish()->rcu, free_object);
	cond_resched();
	CUT_CHECK(s.called == 1);
}

void rcu_reader_sleeps(u32 index)
{
	rcu_read_lock();
	msleep(1);
	rcu_read_unlock();
	kfree(unpublish());
}

void rcu_list(u32 index)
{
	struct object *o;

	if (index == 0) {
		rcu_read_lock();
		list_for_each_entry_rcu(o, &s.list, entry)
			look(o);
		rcu_read_unlock();
		return;
	}
	o = list_first_entry(&s.list, struct object, entry);
	list_del_rcu(&o->entry);
	synchronize_rcu();
	kfree(o);
}

static void read_srcu(struct srcu_struct *ss)
{
	int idx = srcu_read_lock(ss);

	look(srcu_dereference(s.ptr, ss));
	msleep(1);
	look(srcu_dereference(s.ptr, ss));
	srcu_read_unlock(ss, idx);
	CUT_CHECK(!srcu_read_lock_held(ss));
}

void srcu_synchronize(u32 index)
{
	struct object *o;

	if (index == 0) {
		read_srcu(&domain);
		return;
	}
	o = unpublish();
	synchronize_srcu(&domain);
	kfree(o);
}

void srcu_other_domain(u32 index)
{
	struct object *o;

	if (index == 0) {
		read_srcu(&s.own);
		return;
	}
	o = unpublish();
	synchronize_srcu(&domain);
	synchronize_rcu();
	kfree(o);
}

void srcu_callback(u32 index)
{
	if (index == 0) {
		read_srcu(&s.own);
		return;
	}
	call_srcu(&s.own, &unpublish()->rcu, free_object);
	srcu_barrier(&s.own);
	CUT_CHECK(s.called == 1);
}

void srcu_halt(void)
{
	synchronize_srcu(&s.own);
	cleanup_srcu_struct(&s.own);
}

void srcu_self_wait(u32 index)
{
	int idx = srcu_read_lock(&domain);

	synchronize_srcu(&domain);
	srcu_read_unlock(&domain, idx);
}
