// SPDX-License-Identifier: GPL-2.0
/*
 * format: the spelling of event arguments that only memory management knows,
 * the same for every ground.
 */
#include "targets/oracle/ledger.h"

static const char *const event_name[] = {
	[LEDGER_UNMAP]		= "UNMAP",
	[LEDGER_CLEAR]		= "CLEAR",
	[LEDGER_PROTECTION_VMA]	= "PROTECTION_VMA",
	[LEDGER_PROTECTION_PAGE] = "PROTECTION_PAGE",
	[LEDGER_SOFT_DIRTY]	= "SOFT_DIRTY",
	[LEDGER_RELEASE]	= "RELEASE",
	[LEDGER_MIGRATE]	= "MIGRATE",
	[LEDGER_EXCLUSIVE]	= "EXCLUSIVE",
};

static const char *const access_name[] = {
	"read", "write", "atomic", "prefetch",
};

/* What an entry that is not present says of its page: kind, and rights. */
static const struct {
	const char *name, *rights;
} swap_kind[] = {
	[VIEW_MIGRATION_READ]		= { "migration", "r" },
	[VIEW_MIGRATION_READ_EXCLUSIVE]	= { "migration", "r exclusive" },
	[VIEW_MIGRATION_WRITE]		= { "migration", "rw" },
	[VIEW_DEVICE_READ]		= { "device", "r" },
	[VIEW_DEVICE_WRITE]		= { "device", "rw" },
	[VIEW_EXCLUSIVE_READ]		= { "exclusive", "r" },
	[VIEW_EXCLUSIVE_WRITE]		= { "exclusive", "rw" },
};

#define say(...)	__builtin_snprintf(buf, size, __VA_ARGS__)

static int format_word(u64 word, char *buf, size_t size)
{
	const char *write = word & VIEW_W ? "w" : "";
	const char *none = word & VIEW_PROT_NONE ? " prot_none" : "";
	const char *atomic = word & VIEW_A ? " atomic" : "";
	u32 kind = VIEW_KIND(word);

	if (kind == VIEW_NONE)
		return say("none");
	if (kind != VIEW_PRESENT && kind < ARRAY_SIZE(swap_kind))
		return say("%s page#%u %s", swap_kind[kind].name,
			   VIEW_PFN(word), swap_kind[kind].rights);
	if (word & VIEW_ZERO)
		return say("%s r%s%s", VIEW_PFN(word) ? "register" :
			   "zero page", write, none);
	return say("page#%u r%s%s%s", VIEW_PFN(word), write, none, atomic);
}

int view_format(char letter, u64 value, char *buf, size_t size)
{
	u32 event = VIEW_BRACKET_EVENT(value);

	switch (letter) {
	case 'p':
		return format_word(value, buf, size);
	case 'm':
		return say("mm%u", (u32)(value & 0xff));
	case 'f':
		return say("%s", value < ARRAY_SIZE(access_name) ?
			   access_name[value] : "?");
	case 'i':
		return say("%s", event < ARRAY_SIZE(event_name) ?
			   event_name[event] : "?");
	case 'v':
		return say("%u (page#%u)", VIEW_DATA_VALUE(value),
			   VIEW_DATA_PFN(value));
	}
	return -1;
}
