// SPDX-License-Identifier: GPL-2.0
/*
 * ring: each slot of the fault buffer is read once, before the hardware gets
 * it back, and no slot is given back with its valid bit set: the next entry
 * there would seem complete before it is.
 *
 * Slots are counted without wrapping: put >= parsed >= get at all times, and
 * put - get is less than the number of slots.
 */
#include "targets/oracle/ledger.h"
#include "targets/oracle/svm_oracles.h"

static struct {
	u32 entries;		/* 0: not asked yet */
	u32 put, parsed, get;	/* slots since boot */
	u32 get_seq;
} ring __machine;

static void start(const struct view *v)
{
	struct view_ring r = v->ring();

	ring.entries = r.entries ? r.entries : 1;
}

static void parsed(const struct event *e)
{
	u32 slot = (u32)e->c;

	if (slot >= ring.entries)
		oracle_raise(&oracle_ring, 0, "",
			     "Slot %u was parsed; the ring has %u.", slot,
			     ring.entries);
	if (slot != ring.parsed % ring.entries || ring.parsed == ring.put)
		oracle_raise(&oracle_ring, ring.get_seq, "",
			     "Slot %u was parsed; the next unread slot is %u of %u written and not read.",
			     slot, ring.parsed % ring.entries,
			     ring.put - ring.parsed);
	ring.parsed++;
}

static void given_back(const struct view *v, u32 n)
{
	u32 valid = v->ring().valid;

	for (u32 i = 0; i < n; i++) {
		u32 slot = (ring.get + i) % ring.entries;

		if (valid >> slot & 1)
			oracle_raise(&oracle_ring, ring.get_seq, "",
				     "Slot %u was given back with its valid bit set.",
				     slot);
	}
}

static void get(const struct view *v, const struct event *e)
{
	u32 value = (u32)e->b, n;

	if (value >= ring.entries)
		oracle_raise(&oracle_ring, 0, "",
			     "GET was set to %u; the ring has %u slots.", value,
			     ring.entries);
	n = (value + ring.entries - ring.get % ring.entries) % ring.entries;
	if (n > ring.parsed - ring.get)
		oracle_raise(&oracle_ring, 0, "",
			     "GET was set to %u, which gives back %u slot(s); %u of them have been parsed.",
			     value, n, ring.parsed - ring.get);
	given_back(v, n);
	ring.get += n;
	ring.get_seq = e->seq;
}

static void put(const struct event *e)
{
	u32 n = ((u32)e->b + ring.entries - ring.put % ring.entries) %
		ring.entries;

	ring.put += n;
	if (ring.put - ring.get >= ring.entries)
		oracle_raise(&oracle_ring, ring.get_seq, "",
			     "PUT is %llu: an entry was written over one the driver has not given back.",
			     e->b);
}

static void event(const struct view *v, const struct event *e)
{
	if (!ring.entries)
		start(v);
	switch (e->kind) {
	case EV_fault_parsed:
	case EV_fault_dropped:
		parsed(e);
		break;
	case EV_ring_get:
		get(v, e);
		break;
	case EV_ring_put:
		put(e);
		break;
	}
}

static void quiesce(const struct view *v)
{
	struct view_ring r = v->ring();

	if (r.get >= r.entries || r.put >= r.entries || r.sw_get >= r.entries ||
	    r.sw_put >= r.entries)
		oracle_raise(&oracle_ring, 0, "",
			     "A ring pointer is outside %u slots: GET %u, PUT %u, the driver's %u and %u.",
			     r.entries, r.get, r.put, r.sw_get, r.sw_put);
}

static const u16 kinds[] = {
	EV_fault_parsed, EV_fault_dropped, EV_ring_get, EV_ring_put, 0
};

const struct oracle oracle_ring = {
	.name	= "ring",
	.claim	= "each slot of the fault buffer is parsed once, and given back only after that, marked as read",
	.spec	= "I-A8",
	.kinds	= kinds,
	.event	= event,
	.quiesce = quiesce,
};
