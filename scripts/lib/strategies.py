# SPDX-License-Identifier: GPL-2.0
"""Strategies beside each other, from the rows of scripts/measure.

A seed that did not find a mutation took longer than the budget, and counts as
such in the median of its row: where most seeds did not, there is none. Means
are geometric, as figures span five orders of magnitude.
"""
import math


class Row:
    """One mutation by one strategy."""

    def __init__(self, line, cap):
        (self.mutation, self.kind, self.target, self.oracle, self.strategy, _,
         _, *seeds) = line.rstrip("\n").split("\t")
        figures = sorted(int(s.lstrip("~")) if s.lstrip("~").isdigit() else cap
                         for s in seeds)
        self.found = sum(s.lstrip("~").isdigit() for s in seeds)
        self.whole = self.found == len(seeds)
        self.cost = figures[len(figures) // 2]
        self.missed = 2 * self.found < len(seeds)

    def cell(self):
        text = "-" if self.missed else str(self.cost)
        return text if self.whole else "%s (%d)" % (text, self.found)


def geometric(figures):
    if not figures:
        return "-"
    return "%.0f" % math.exp(sum(map(math.log, figures)) / len(figures))


def table(head, rows):
    yield "| " + " | ".join(head) + " |"
    yield "|---" + "|---:" * (len(head) - 1) + "|"
    for row in rows:
        yield "| " + " | ".join(map(str, row)) + " |"
    yield ""


def misses(strategies, found, key):
    """Of each group: its size, and how many each strategy missed."""
    groups = {}
    for by in found.values():
        groups.setdefault(key(by[strategies[0]]), []).append(by)
    for name in sorted(groups):
        missed = [sum(by[s].missed for by in groups[name]) for s in strategies]
        if any(missed):
            yield [name, len(groups[name])] + missed


def overall(strategies, found):
    common = [by for by in found.values()
              if not any(by[s].missed for s in strategies)]
    for s in strategies:
        rows = [by[s] for by in found.values()]
        best = sum(by[s].cost == min(r.cost for r in by.values()) and
                   not by[s].missed for by in found.values())
        alone = sum(not by[s].missed and
                    all(by[o].missed for o in strategies if o != s)
                    for by in found.values())
        yield [s, sum(r.whole for r in rows),
               sum(not r.whole and not r.missed for r in rows),
               sum(r.missed for r in rows),
               geometric([by[s].cost for by in common]),
               geometric([r.cost for r in rows]), best, alone]


def summary(command, lines, cap):
    """The page, line by line, from rows as measure writes them."""
    found = {}
    for line in lines:
        if not line.startswith("#"):
            row = Row(line, cap)
            found.setdefault(row.mutation, {})[row.strategy] = row
    strategies = list(dict.fromkeys(s for by in found.values() for s in by))
    one = lambda by: by[strategies[0]]
    yield "# strategies"
    yield ""
    yield "`%s`" % command
    yield ""
    yield ("Executions to the first failure of the mutation's own class, by random "
           "programs of its target: the median of the seeds, a seed that found "
           "nothing in %d counting as %d; \"missed\" is what most seeds did not "
           "find." % (cap, cap))
    yield ""
    yield from table(
        ["strategy", "found by all seeds", "by most", "missed",
         "mean where none missed", "mean of all", "best or equal", "alone"],
        overall(strategies, found))
    for title, key in (("target", lambda r: r.target),
                       ("class", lambda r: r.oracle),
                       ("kind", lambda r: r.kind)):
        yield "Missed, by %s:" % title
        yield ""
        yield from table([title, "rows"] + strategies,
                         misses(strategies, found, key))
    yield "All rows; in brackets how many seeds found it, where not all did:"
    yield ""
    yield from table(["mutation", "target"] + strategies, (
        [m, one(by).target] + [by[s].cell() for s in strategies]
        for m, by in found.items()))
