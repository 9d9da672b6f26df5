"""Whether another commit has the findings of this one.

A search that did not find a thing there says little: luck differs. So each
finding is replayed there, and where its schedule leads nowhere (the code is
another, that is the point) its program is searched.
"""
import os

from lib.finding import slug
from lib.tool import replay
from lib.triage import Triage
from lib.verdict import FINDING

EXECUTIONS = 20000


def compare(entries, tools, hammer, names):
    """Marks those of @entries that the base has, and says how it knows."""
    there = {t["name"] for t in tools.list("targets")}
    hammer.targets([n for n in names if n in there])
    titles = set()
    found = os.path.join(hammer.out, "found")
    if os.path.isdir(found):
        triage = Triage(tools, os.path.join(hammer.out, "findings"),
                        say=lambda line: hammer.say("    base: " + line))
        triage.run([found])
        titles = {e.title for e in triage.entries}
    for entry in entries:
        how = "by the same search" if entry.title in titles else \
            comes_back(entry, tools, hammer)
        if how:
            entry.new = False
            entry.word = "the base has it too (%s)" % how
        else:
            entry.word += "; not in the base"


def comes_back(entry, tools, hammer):
    best = entry.best
    if best.input or best.needs_race:
        return ""
    code, title, _, _ = replay(tools.sim, entry.path)
    if code == FINDING and title == entry.title:
        return "by replay"
    r, _ = tools.campaign(
        ["--program", entry.path, "--strategy", "mix", "--executions",
         str(EXECUTIONS), "--seed", str(hammer.seed(entry.title)), "--only",
         entry.title.split(" in ")[0], "--out",
         os.path.join(hammer.out, "again", slug(entry.title))])
    return "by search of its program" if r["exit"] == FINDING and \
        r["title"] == entry.title else ""
