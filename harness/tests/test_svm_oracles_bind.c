// SPDX-License-Identifier: GPL-2.0
/*
 * The oracles of VM_BIND, in both directions: a story that is right is silent,
 * one that is wrong is named. See test_svm_oracles.c.
 *
 * The machine is one VM, id 2, in AS 1. Its tables are 20 (the root), 21, 22 and,
 * of the first block, 23; object 1 has the sixteen frames from 144 on. The verbs
 * below change tables, tree, TLB and counts, and say so.
 */
#include "harness/tests/svm_world.h"
#include "targets/view_panthor.h"

#define NR_AS	2
#define VMID	2u
#define ROOT	20u
#define LAST	23u		/* the level-3 table of pages 0 to 3 */
#define FRAME	144u
#define TABLE(frame)	((u64)(frame) << 12 | 3)
#define MAP(async)	VIEW_BIND(VMID, 0, async)
#define UNMAP		VIEW_BIND(VMID, 1, 0)
#define PAGES(first, n)	((u64)(first) | (u64)(n) << 32)
#define OBJECT		VIEW_BIND_BO(1, 0, 0)

static struct {
	u64 pte[VIEW_VM_TABLES][4];
	u64 tlb[VIEW_VM_PAGES];
	u32 walk[VIEW_VM_PAGES / VIEW_VM_BLOCK];
	struct view_as_vm vm;
	struct view_gpuva va[2];
	struct view_bo bo;
	u32 out, stale;
	bool owed, evicted;
} p;

static struct view_as p_as(u32 as)
{
	return as == 1 && p.vm.as == 1 ?
		(struct view_as){ .root = ROOT, .enabled = true, .vm = VMID } :
		(struct view_as){ .root = 0 };
}
static u32 p_nr_as(void) { return NR_AS; }
static u64 p_pte(u32 table, u32 i) { return p.pte[table][i]; }
static u64 p_tlb(u32 as, u64 va) { return as == 1 ? p.tlb[va / VIEW_PAGE_SIZE] : 0; }
static u32 p_walk(u32 as, u32 block) { return as == 1 ? p.walk[block] : 0; }
static u32 p_vms(struct view_as_vm *vm) { *vm = p.vm; return 1; }
static bool p_gpuva(u32 id, u32 nr, struct view_gpuva *va)
{
	*va = p.va[nr & 1];
	return id == VMID && nr < 2 && va->bo;
}
static u32 p_frame(u32 id, u32 nr, u32 page)
{
	return p.evicted ? VIEW_FRAME_OUT : FRAME + p.va[nr].bo_page + page;
}
static u32 p_stale(u32 id) { return p.stale; }
static u32 p_out(void) { return p.out; }
static bool p_bo(u32 nr, struct view_bo *bo) { *bo = p.bo; return !nr; }
static bool p_owed(void) { return p.owed; }

static const struct view_panthor questions = {
	.as = p_as, .nr_as = p_nr_as, .vms = p_vms, .pte = p_pte, .tlb = p_tlb,
	.walk_cache = p_walk, .gpuva = p_gpuva, .gpuva_frame = p_frame,
	.stale_tables = p_stale, .tables_out = p_out, .bo = p_bo,
	.reset_owed = p_owed,
};
static const struct view bind_view = { .panthor = &questions };

static const struct oracle *const heard[] = {
	&oracle_signalling, &oracle_op_reserve, &oracle_vm_op_ctx,
	&oracle_vm_unusable, &oracle_vm_lifetime, &oracle_pt_reuse,
	&oracle_bo_unpinned, &oracle_vm_stale_tlb, &oracle_vm_tree,
	&oracle_vm_refs, &oracle_pt_balance, NULL,
};

static void say(u16 kind, u64 a, u64 b, u64 c)
{
	struct event e = { .seq = seq + 1, .step = seq + 1, .kind = kind,
			   .task = task, .a = a, .b = b, .c = c };

	seq++;
	for (const struct oracle *const *o = heard; *o; o++)
		for (const u16 *k = (*o)->kinds; k && *k; k++)
			if (*k == kind)
				(*o)->event(&bind_view, &e);
}

static void rest(void)
{
	for (const struct oracle *const *o = heard; *o; o++)
		if ((*o)->quiesce)
			(*o)->quiesce(&bind_view);
}

/* -- verbs -- */
static void entry(u32 table, u32 i, u64 pte)
{
	p.pte[table][i] = pte;
	say(EV_pgt_set, table, i, pte);
}
static void begin(u64 what, u64 range) { say(EV_vm_op_begin, what, range, OBJECT); }
static void over(u64 what, u64 range, u64 err) { say(EV_vm_op_end, what, range, err); }
static void table_free(u32 frame) { p.out--; say(EV_pgt_free, 0, frame, 0); }
static void unpin(void) { p.bo = (struct view_bo){ .id = 1 }; say(EV_bo_unpin, 1, 0, FRAME); }
static void evict(void) { p.vm.as = -1; say(EV_as_release, VMID, 1, 0); }

/* The VM exists, and page 0 of object 1 is mapped at page 0. */
static void world(void)
{
	memset(&p, 0, sizeof(p));
	p.vm = (struct view_as_vm){ .id = VMID, .root = ROOT, .as = 1 };
	say(EV_vm_new, VMID, ROOT, 0);
	begin(MAP(0), PAGES(0, 1));
	for (u32 t = ROOT; t < LAST; t++)
		entry(t, 0, TABLE(t + 1));
	entry(LAST, 0, TABLE(FRAME));
	p.out = LAST - ROOT + 1;
	p.va[0] = (struct view_gpuva){ .pages = 1, .bo = 1 };
	p.bo = (struct view_bo){ .id = 1, .pins = 1, .vm_bos = 1,
				 .gpuvas = 1, .refs = 1 };
	over(MAP(0), PAGES(0, 1), 0);
}
static void forget(void)
{
	begin(UNMAP, PAGES(0, 1));
	entry(LAST, 0, 0);
	p.va[0].bo = 0;
}
static void unmapped(void) { world(); forget(); over(UNMAP, PAGES(0, 1), 0); }

/* -- tree -- */
static void tr_right(void) { world(); rest(); }
static void tr_unmapped(void) { unmapped(); unpin(); rest(); }
static void tr_frame(void)
{
	world();
	begin(UNMAP, PAGES(1, 1));
	entry(LAST, 0, TABLE(FRAME + 1));
	over(UNMAP, PAGES(1, 1), 0);
}
static void tr_entry_left(void)
{
	world();
	begin(UNMAP, PAGES(0, 1));
	p.va[0].bo = 0;
	over(UNMAP, PAGES(0, 1), 0);
}
static void tr_evicted(void)
{
	world();
	p.evicted = true;
	entry(LAST, 0, 0);
	rest();
}
static void tr_evicted_entry(void) { world(); p.evicted = true; rest(); }
static void tr_entry_gone(void) { world(); entry(LAST, 0, 0); rest(); }
static void tr_rights(void)
{
	world();
	entry(LAST, 0, TABLE(FRAME) | VIEW_VM_PTE_RDONLY);
	rest();
}
static void tr_not_done(void)
{
	world();
	begin(UNMAP, PAGES(0, 1));
	over(UNMAP, PAGES(0, 1), 0);
}
static void tr_failed(void) { world(); begin(UNMAP, PAGES(0, 1)); over(UNMAP, PAGES(0, 1), 5); }
static void tr_overlap(void) { world(); p.va[1] = p.va[0]; rest(); }
static void tr_empty(void) { world(); p.va[0].pages = 0; rest(); }
/* Page 1 keeps what it maps when page 0 of two is cut off; or moves. */
static void cut(u32 bo_page)
{
	world();
	begin(MAP(0), PAGES(0, 2));
	entry(LAST, 1, TABLE(FRAME + 1));
	p.va[0].pages = 2;
	over(MAP(0), PAGES(0, 2), 0);
	begin(UNMAP, PAGES(0, 1));
	entry(LAST, 0, 0);
	entry(LAST, 1, TABLE(FRAME + bo_page));
	p.va[0] = (struct view_gpuva){ .first = 1, .pages = 1, .bo = 1,
				       .bo_page = bo_page };
	over(UNMAP, PAGES(0, 1), 0);
}
static void tr_cut(void) { cut(1); }
static void tr_cut_moves(void) { cut(0); }

static void tree_test(void)
{
	SILENT(tr_right);
	SILENT(tr_unmapped);
	SILENT(tr_evicted);
	SILENT(tr_failed);
	SILENT(tr_cut);
	RAISES("vm-tree", tr_frame);
	RAISES("vm-tree", tr_evicted_entry);
	RAISES("vm-tree", tr_entry_left);
	RAISES("vm-tree", tr_entry_gone);
	RAISES("vm-tree", tr_rights);
	RAISES("vm-tree", tr_not_done);
	RAISES("vm-tree", tr_overlap);
	RAISES("vm-tree", tr_empty);
	RAISES("vm-tree", tr_cut_moves);
}

/* -- what the GPU remembers -- */
static void remembered(void) { world(); p.tlb[0] = TABLE(FRAME); p.walk[0] = LAST; }
static void st_right(void)
{
	remembered();
	begin(MAP(0), PAGES(0, 1));
	over(MAP(0), PAGES(0, 1), 0);
}
static void st_page(void) { remembered(); forget(); over(UNMAP, PAGES(0, 1), 0); }
static void st_excused(void)
{
	remembered();
	p.owed = true;
	forget();
	over(UNMAP, PAGES(0, 1), 0);
}
static void st_unbound(void) { remembered(); evict(); forget(); over(UNMAP, PAGES(0, 1), 0); }
static void st_table(void)
{
	world();
	p.walk[0] = LAST + 1;
	begin(MAP(0), PAGES(0, 1));
	over(MAP(0), PAGES(0, 1), 0);
}
static void st_rights(void)
{
	remembered();
	begin(MAP(0), PAGES(0, 1));
	p.pte[LAST][0] |= VIEW_VM_PTE_RDONLY;
	over(MAP(0), PAGES(0, 1), 0);
}

/* -- an object loses its pages -- */
static void un_mapped(void) { world(); unpin(); }
static void un_remembered(void) { unmapped(); p.tlb[0] = TABLE(FRAME + 3); unpin(); }
static void un_other(void) { unmapped(); p.tlb[0] = TABLE(FRAME + VIEW_BO_RUN); unpin(); }
static void un_evicted(void) { unmapped(); p.tlb[0] = TABLE(FRAME); evict(); unpin(); }
static void un_next(void)
{
	unmapped();
	p.tlb[0] = TABLE(FRAME);
	evict();
	say(EV_as_update, 1, 30, 6);
	unpin();
}

static void remembers_test(void)
{
	SILENT(st_right);
	SILENT(st_excused);
	SILENT(st_unbound);
	RAISES("vm-stale-tlb", st_page);
	RAISES("vm-stale-tlb", st_table);
	RAISES("vm-stale-tlb", st_rights);
	RAISES("bo-unpinned", un_mapped);
	RAISES("bo-unpinned", un_remembered);
	SILENT(un_other);
	SILENT(un_evicted);
	RAISES("bo-unpinned", un_next);
}

/* -- tables -- */
static void unlinked(void) { unmapped(); entry(LAST - 1, 0, 0); }
static void tb_freed(void) { unlinked(); table_free(LAST); unpin(); rest(); }
static void tb_linked(void) { unmapped(); table_free(LAST); }
static void tb_twice(void) { unlinked(); table_free(LAST); table_free(LAST); }
static void tb_again(void)
{
	unlinked();
	table_free(LAST);
	say(EV_pgt_alloc, VMID, LAST, 0);
	entry(LAST - 1, 0, TABLE(LAST));
}
static void tb_links(void) { unlinked(); table_free(LAST); entry(LAST - 1, 0, TABLE(LAST)); }
static void tb_walk(void) { unlinked(); p.walk[0] = LAST; table_free(LAST); }
static void tb_walk_evicted(void) { unlinked(); p.walk[0] = LAST; evict(); table_free(LAST); }
static void tb_walked(void)
{
	unlinked();
	table_free(LAST);
	p.walk[0] = LAST;
	say(EV_as_tlb_fill, 1, 0, 0);
}
static void tb_root(void) { unmapped(); say(EV_vm_gone, VMID, ROOT, 0); table_free(ROOT); }
static void tb_lost(void) { world(); p.out++; rest(); }
static void tb_waits(void) { world(); p.out++; p.stale++; rest(); }

static void tables_test(void)
{
	SILENT(tb_freed);
	SILENT(tb_again);
	SILENT(tb_walk_evicted);
	SILENT(tb_waits);
	RAISES("pt-reuse", tb_linked);
	RAISES("pt-reuse", tb_twice);
	RAISES("pt-reuse", tb_links);
	RAISES("pt-reuse", tb_walk);
	RAISES("pt-reuse", tb_walked);
	RAISES("pt-reuse", tb_root);
	RAISES("pt-balance", tb_lost);
}

/* -- pins and references -- */
static void rf_pin(void) { world(); p.bo.pins++; rest(); }
static void rf_ref(void) { world(); p.bo.refs++; rest(); }
static void rf_foreign(void) { world(); p.bo.foreign = true; rest(); }

/* -- sections, reserves, turns -- */
static void sg_outside(void)
{
	say(EV_fence_section, 1, 0, 0);
	say(EV_fence_section, 0, 0, 0);
	say(EV_alloc, 0, 0, 0);
}
static void sg_other(void) { say(EV_fence_section, 1, 0, 0); task = 2; say(EV_alloc, 0, 0, 0); }
static void sg_alloc(void) { say(EV_fence_section, 1, 0, 0); say(EV_alloc, 0, 0, 0); }
static void sg_resv(void) { say(EV_fence_section, 1, 0, 0); say(EV_resv_lock, 0, 0, 0); }
static void rs_tables(void) { say(EV_op_exhausted, VMID, 1, 0); }
static void oc_turns(void)
{
	for (u32 i = 0; i < 4; i++)
		say(EV_vm_op_ctx, VMID, ~i & 1, 1);
}
static void oc_two(void) { say(EV_vm_op_ctx, VMID, 1, 1); say(EV_vm_op_ctx, VMID, 1, 1); }
static void oc_unlocked(void) { say(EV_vm_op_ctx, VMID, 1, 0); }

static void sections_test(void)
{
	RAISES("vm-refs", rf_pin);
	RAISES("vm-refs", rf_ref);
	RAISES("vm-refs", rf_foreign);
	SILENT(sg_outside);
	SILENT(sg_other);
	RAISES("signalling", sg_alloc);
	RAISES("signalling", sg_resv);
	RAISES("op-reserve", rs_tables);
	SILENT(oc_turns);
	RAISES("vm-op-ctx", oc_two);
	RAISES("vm-op-ctx", oc_unlocked);
}

/* -- unusable, destroyed -- */
static void unusable(void) { world(); say(EV_vm_unusable, VMID, 0, 0); }
static void failed(u64 what) { world(); begin(what, PAGES(8, 1)); over(what, PAGES(8, 1), 22); }
static void us_failed(void) { failed(MAP(0)); }
static void us_async(void) { failed(MAP(1)); }
static void us_half(void)
{
	world();
	begin(UNMAP, PAGES(0, 1));
	entry(LAST, 0, TABLE(FRAME));
	over(UNMAP, PAGES(0, 1), 22);
}
static void us_map(void)
{
	unusable();
	begin(MAP(0), PAGES(0, 1));
	over(MAP(0), PAGES(0, 1), 0);
}
static void us_unmap(void) { unusable(); forget(); over(UNMAP, PAGES(0, 1), 0); }
static void job(u64 err)
{
	unusable();
	say(EV_vm_bind, MAP(1), 0, 0);
	say(EV_vm_bind, MAP(1), 1, err);
}
static void us_job(void) { job(0); }
static void us_no_job(void) { job(22); }
static void us_job_lags(void)
{
	unusable();
	loads_lag = true;
	say(EV_vm_bind, MAP(1), 0, 0);
	say(EV_vm_bind, MAP(1), 1, 0);
}
static void destroyed(void) { unmapped(); say(EV_vm_destroy, VMID, 0, 0); }
static void lf_right(void) { destroyed(); say(EV_vm_freed, VMID, 0, 0); }
static void lf_mappings(void) { destroyed(); say(EV_vm_freed, VMID, 1, 0); }
static void lf_map(void)
{
	world();
	say(EV_vm_destroy, VMID, 0, 0);
	begin(MAP(0), PAGES(0, 1));
	over(MAP(0), PAGES(0, 1), 0);
}
static void lf_stays(void) { world(); say(EV_vm_destroy, VMID, 0, 0); rest(); }

static void end_test(void)
{
	SILENT(us_failed);
	SILENT(us_unmap);
	SILENT(us_no_job);
	SILENT(us_job_lags);
	RAISES("vm-unusable", us_async);
	RAISES("vm-unusable", us_half);
	RAISES("vm-unusable", us_map);
	RAISES("vm-unusable", us_job);
	SILENT(lf_right);
	RAISES("vm-lifetime", lf_mappings);
	RAISES("vm-lifetime", lf_map);
	RAISES("vm-lifetime", lf_stays);
}

static const struct test tests[] = {
	TEST(tree_test),
	TEST(remembers_test),
	TEST(tables_test),
	TEST(sections_test),
	TEST(end_test),
	{ NULL, NULL },
};
TEST_MAIN("svm_oracles_bind", tests)
