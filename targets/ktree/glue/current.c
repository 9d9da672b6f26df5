// SPDX-License-Identifier: GPL-2.0
/*
 * current: which task runs, and the words of its CPU.
 *
 * The tree finds current and preempt_count in per-cpu memory. Where tasks are
 * fibers all of them share one CPU's, so whoever comes back from a switch puts
 * its own words there again. The link gives all calls of the waist that may
 * switch to the wrappers here, whoever makes them: code of the tree, models,
 * and the engine between two calls of a program.
 */
#include <linux/cred.h>
#include <linux/mm.h>
#include <linux/preempt.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>
#include <linux/user_namespace.h>
#include "targets/ktree/glue/glue.h"

DEFINE_PER_CPU_READ_MOSTLY(unsigned long, this_cpu_off);
#if KT_SINCE(6, 2)
DEFINE_PER_CPU_ALIGNED(struct pcpu_hot, pcpu_hot);
asm(".globl const_pcpu_hot\n.set const_pcpu_hot, pcpu_hot\n");
#else
DEFINE_PER_CPU(struct task_struct *, current_task);
DEFINE_PER_CPU(int, __preempt_count);
DEFINE_PER_CPU_READ_MOSTLY(int, cpu_number);
#endif

/* What boots the kernel, and then is M0 in each execution. */
static struct kt_task boot_task;
static struct signal_struct signals;
static struct sighand_struct sighands;
static struct cred creds;

bool ktree_booting;

/* A task of no execution yet: nothing to keep. */
static inline struct kt_task *leave(void)
{
	struct task_struct *t = this_cpu_read(KT_CURRENT);

	ktree_settle();
	if (!t)
		return NULL;
	kt_task_of(t)->preempt = this_cpu_read(KT_PREEMPT);
	return kt_task_of(t);
}

static inline void come_back(struct kt_task *k)
{
	if (!k)
		return;
	this_cpu_write(KT_CURRENT, &k->t);
	this_cpu_write(KT_PREEMPT, k->preempt);
}

void __real_rt_point(const struct rt_site *site, const void *obj);
void __wrap_rt_point(const struct rt_site *site, const void *obj);
void __wrap_rt_point(const struct rt_site *site, const void *obj)
{
	struct kt_task *k = leave();

	__real_rt_point(site, obj);
	come_back(k);
}

void ktree_point(const struct rt_site *site, const void *obj)
{
	__wrap_rt_point(site, obj);
}

int __real_rt_point_lock(const struct rt_site *site, const void *obj,
			 const u32 *word, u32 mask, unsigned int flags);
int __wrap_rt_point_lock(const struct rt_site *site, const void *obj,
			 const u32 *word, u32 mask, unsigned int flags);
int __wrap_rt_point_lock(const struct rt_site *site, const void *obj,
			 const u32 *word, u32 mask, unsigned int flags)
{
	struct kt_task *k = leave();
	int err = __real_rt_point_lock(site, obj, word, mask, flags);

	come_back(k);
	return err;
}

enum rt_wait __real_rt_wait(const u32 *addr, u32 expected, u64 until,
			    unsigned int flags);
enum rt_wait __wrap_rt_wait(const u32 *addr, u32 expected, u64 until,
			    unsigned int flags);
enum rt_wait __wrap_rt_wait(const u32 *addr, u32 expected, u64 until,
			    unsigned int flags)
{
	struct kt_task *k = leave();
	enum rt_wait why = __real_rt_wait(addr, expected, until, flags);

	come_back(k);
	return why;
}

enum rt_wait __real_rt_sleep(u64 until, unsigned int flags);
enum rt_wait __wrap_rt_sleep(u64 until, unsigned int flags);
enum rt_wait __wrap_rt_sleep(u64 until, unsigned int flags)
{
	struct kt_task *k = leave();
	enum rt_wait why = __real_rt_sleep(until, flags);

	come_back(k);
	return why;
}

void __real_rt_relax(void);
void __wrap_rt_relax(void);
void __wrap_rt_relax(void)
{
	struct kt_task *k = leave();

	__real_rt_relax();
	come_back(k);
}

void __real_rt_join(int task);
void __wrap_rt_join(int task);
void __wrap_rt_join(int task)
{
	struct kt_task *k = leave();

	__real_rt_join(task);
	come_back(k);
}

/* What the task changed until now comes before what it says now. */
u32 __real_journal_emit(u16 kind, u64 a, u64 b, u64 c);
u32 __wrap_journal_emit(u16 kind, u64 a, u64 b, u64 c);
u32 __wrap_journal_emit(u16 kind, u64 a, u64 b, u64 c)
{
	ktree_settle();
	return __real_journal_emit(kind, a, b, c);
}

/* -- tasks -- */

static void init_task_struct(struct kt_task *k, const char *name,
			     unsigned int flags)
{
	struct task_struct *t = &k->t;

	k->name = name;
	k->preempt = (int)PREEMPT_ENABLED;
	strscpy(t->comm, name, sizeof(t->comm));
	t->flags = flags;
	refcount_set(&t->usage, 1);
	refcount_set(&t->rcu_users, 1);
	spin_lock_init(&t->alloc_lock);
	INIT_LIST_HEAD(&t->tasks);
	INIT_LIST_HEAD(&t->children);
	INIT_LIST_HEAD(&t->sibling);
	INIT_LIST_HEAD(&t->pending.list);
	t->group_leader = t->real_parent = t->parent = t;
	t->signal = &signals;
	t->sighand = &sighands;
	RCU_INIT_POINTER(t->cred, &creds);
	RCU_INIT_POINTER(t->real_cred, &creds);
	rt_name(&t->__state, name, -1);
}

/*
 * Not inlined: a tree may take what it read of current for constant within a
 * function.
 */
static noinline void become(struct kt_task *k)
{
	k->t.pid = k->t.tgid = rt_self() + 1;
	rt_set_private(k);
	come_back(k);
}

static struct kt_task *new_task(const char *name, unsigned int flags)
{
	struct kt_task *k = rt_alloc(sizeof(*k));

	if (!k)
		panic("no memory for a task");
	init_task_struct(k, name, flags);
	return k;
}

void kt_current_boot(void)
{
	int i;

	for (i = 0; i < RLIM_NLIMITS; i++)
		signals.rlim[i].rlim_cur = signals.rlim[i].rlim_max = RLIM_INFINITY;
	INIT_LIST_HEAD(&signals.shared_pending.list);
	spin_lock_init(&sighands.siglock);
	creds.user_ns = &init_user_ns;
	init_task_struct(&boot_task, "main", 0);
	come_back(&boot_task);
}

/* M0 is the boot task: it had no execution to be known in. */
void kt_task_start(void)
{
	/* What it was at the last switch of the boot means nothing. */
	boot_task.preempt = (int)PREEMPT_ENABLED;
	become(&boot_task);
}

static noinline void check_idle(struct kt_task *k, const char *when)
{
	kt_lock_check_none(k, when);
	if ((k->preempt & ~PREEMPT_NEED_RESCHED) || k->t.rcu_read_lock_nesting)
		kt_warn("task left atomic or in an RCU reader", when, __LINE__);
}

void ktree_task_idle_check(void)
{
	struct kt_task *k = kt_self();

	kt_files_put();
	k->preempt = this_cpu_read(KT_PREEMPT);
	check_idle(k, "held at return");
}

void ktree_task_begin(const char *name)
{
	if (ktree_cpu_begin)
		ktree_cpu_begin();
	become(new_task(name, 0));
}

void ktree_task_end(void)
{
	struct kt_task *k = kt_self();

	k->preempt = this_cpu_read(KT_PREEMPT);
	check_idle(k, "held at exit");
	k->t.flags |= PF_EXITING;
	if (ktree_cpu_end)
		ktree_cpu_end();
}

/* What a system task is to run, until it does. */
struct birth {
	struct kt_task *k;
	void (*fn)(void *arg);
	void *arg;
};

static void system_task(void *arg)
{
	const struct birth *b = arg;

	if (ktree_cpu_begin)
		ktree_cpu_begin();
	become(b->k);
	b->fn(b->arg);
	ktree_task_end();
}

int ktree_task_spawn(char role, const char *name, void (*fn)(void *), void *arg)
{
	struct birth *b = rt_alloc(sizeof(*b));
	int task;

	if (!b)
		panic("no memory for a task");
	b->k = new_task(name, PF_KTHREAD);
	b->fn = fn;
	b->arg = arg;
	task = rt_spawn(role, name, system_task, b);
	if (task >= 0)
		rt_set_daemon(task);
	return task;
}
