// SPDX-License-Identifier: GPL-2.0
/*
 * ledger_gpu: GPU address spaces, the fault buffer, and the handler's batch.
 */
#include "targets/oracle/ledger.h"

struct ledger_fault *ledger_fault(u64 id)
{
	struct ledger_fault *f = &ledger.faults[id % LEDGER_FAULTS];

	return id && f->id == (u32)id ? f : NULL;
}

static void space_event(const struct event *e)
{
	u32 space = (u32)e->a, bit = 1u << space;

	if (e->kind == EV_gpu_space) {
		ledger.spaces |= (u8)bit;
		ledger.space_mm[space] = (u8)e->b;
		ledger.notifier[space] = e->c;
		if (e->b < PROG_MMS)
			ledger.space_of[e->b] |= (u8)bit;
	} else {
		ledger.spaces &= (u8)~bit;
		if (ledger.space_mm[space] < PROG_MMS)
			ledger.space_of[ledger.space_mm[space]] &= (u8)~bit;
	}
	ledger.gpu_owed[space] = 0;
	for (u32 page = 0; page < PROG_PAGES; page++)
		ledger.gpu[space][page] = ledger.gpu_tlb[space][page] = 0;
}

static void entry_event(const struct event *e)
{
	u32 space = (u32)e->a, page = ledger_page(e->b);
	u32 word = e->kind == EV_gpu_map ? (u32)e->c : 0;

	ledger.old_word = 0;
	if (page >= PROG_PAGES)
		return;
	ledger.old_word = ledger.gpu[space][page];
	ledger.gpu[space][page] = word;
	ledger.gpu_seq[space][page] = e->seq;
	if (VIEW_KIND(ledger.old_word) != VIEW_NONE &&
	    ledger.old_word != word)
		ledger.gpu_owed[space] |= (u16)(1u << page);
}

static void tlb_event(const struct event *e)
{
	u32 space = (u32)e->a, first, last;

	if (e->kind == EV_gpu_tlb_fill) {
		u32 page = ledger_page(e->b);

		if (page < PROG_PAGES)
			ledger.gpu_tlb[space][page] = (u32)e->c;
		return;
	}
	ledger_range(e->b, e->c, &first, &last);
	for (u32 page = first; page < last; page++) {
		if (e->kind == EV_gpu_flush)
			ledger.gpu_tlb[space][page] = 0;
		ledger.gpu_owed[space] &= (u16)~(1u << page);
	}
}

static void fault_raised(const struct event *e)
{
	ledger.faults[e->a % LEDGER_FAULTS] = (struct ledger_fault){
		.va = e->b,
		.id = (u32)e->a,
		.raised = e->seq,
		.access = (u8)e->c,
		.space = LEDGER_UNKNOWN,
		.mm = LEDGER_UNKNOWN,
	};
}

static void batch_begin(const struct event *e)
{
	ledger.batch = e->seq;
	ledger.batch_task = e->task;
	for (u32 mm = 0; mm < PROG_MMS; mm++)
		ledger.batch_users[mm] = ledger.batch_count[mm] = 0;
}

/* Outcomes are the business of oracle fault-ledger. */
static void fault_event(const struct event *e)
{
	struct ledger_fault *f;

	switch (e->kind) {
	case EV_fault_raised:
		fault_raised(e);
		break;
	case EV_fault_lookup:
		f = ledger_fault(e->a);
		if (!f)
			break;
		f->looked_up = true;
		f->space = e->b < VIEW_SPACES ? (u8)e->b : LEDGER_UNKNOWN;
		f->mm = e->b < VIEW_SPACES && e->c < PROG_MMS ? (u8)e->c :
			LEDGER_UNKNOWN;
		break;
	case EV_batch_begin:
		batch_begin(e);
		break;
	case EV_batch_end:
		ledger.batch = 0;
		break;
	}
}

void ledger_gpu_event(const struct event *e)
{
	switch (e->kind) {
	case EV_gpu_replay:
		ledger.replay = e->seq;
		return;
	case EV_batch_begin:
	case EV_batch_end:
	case EV_fault_raised:
	case EV_fault_lookup:
		fault_event(e);
		return;
	}
	if (e->a >= VIEW_SPACES)
		return;
	switch (e->kind) {
	case EV_gpu_space:
	case EV_gpu_space_gone:
		space_event(e);
		break;
	case EV_gpu_map:
	case EV_gpu_unmap:
		entry_event(e);
		break;
	default:
		tlb_event(e);
	}
}
