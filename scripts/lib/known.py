"""What is known already: the mutations of corpus/repro, and a list of titles.

A finding with its own mutation turned on is no news. One of the correct code
that has the title of a mutation is, and the mutation says what it looks like:
somebody may have put that very bug in. Only known.txt makes such a title old:

    # comment
    stale-pte in munmap / nouveau_range_fault	reported, see ...

a title a line, and after a tab why it is put up with.
"""
import glob
import os

from lib.tool import ROOT, TITLE, Broken, replay
from lib.verdict import PASS

KNOWN = os.path.join(ROOT, "corpus", "known.txt")


class Known:
    def __init__(self, tools, path=None, repro=None):
        repro = repro or os.path.join(ROOT, "corpus", "repro")
        self.oracles = {m["name"]: m["oracle"]
                        for m in tools.list("mutations")}
        self.titles = {}	# title: mutations that have it
        for report in sorted(glob.glob(os.path.join(repro, "**", "*.report"),
                                       recursive=True)):
            with open(report, encoding="utf-8") as f:
                title = TITLE.search(f.read())
            if title:
                self.titles.setdefault(title[1], []).append(
                    os.path.basename(report)[:-len(".report")])
        self.listed = read_list(path)

    def look(self, finding):
        """(is it new, a word)."""
        if finding.title in self.listed:
            why = self.listed[finding.title]
            return False, "in known.txt" + (": " + why if why else "")
        like = self.titles.get(finding.title, [])
        if finding.mutation == "original":
            return False, "planted: original"
        if finding.mutation != "none":
            if finding.mutation in like or finding.oracle == \
                    self.oracles.get(finding.mutation):
                return False, "planted: " + finding.mutation
            # Of another class than it should be of. Is it the mutation's?
            if replay(finding.tool, finding.path, 1,
                      ["--mutate", "none"])[0] == PASS:
                return False, "planted: %s, which should be %s" % (
                    finding.mutation, self.oracles.get(finding.mutation))
            return True, "new, fails without %s as well" % finding.mutation
        if like:
            return True, "new; looks like " + ", ".join(like)
        return True, "new"


def read_list(path):
    """title: reason. Without a name the list may be missing."""
    if path is None and not os.path.exists(KNOWN):
        return {}
    try:
        with open(path or KNOWN, encoding="utf-8") as f:
            lines = [line.strip() for line in f]
    except OSError as e:
        raise Broken("%s: %s" % (path, e.strerror)) from e
    rows = [line.partition("\t") for line in lines
            if line and not line.startswith("#")]
    return {title.strip(): why.strip() for title, _, why in rows}
