"""What unmodified trees show, and results/upstream explains.

manifest/known has a row for each title: the title, the file that explains it, the
ops it takes and the versions that have it. A run passes over these titles and
counts them; what is not on the list is new, and so is what is on it in a program
without its ops. Nothing is put on the list that no file explains.
"""
import collections
import os
import re

from lib import files
from lib.known import read_list
from lib.ktree import manifest
from lib.tool import ROOT, Broken, header, replay
from lib.verdict import FINDING, PASS

PATH = os.path.join(manifest.FOLDER, "known")
UPSTREAM = os.path.join("results", "upstream")

Row = collections.namedtuple("Row", "title file ops trees")


def rows(path=PATH, root=ROOT):
    """[Row], each whole; none says what another has said."""
    try:
        with open(path, encoding="utf-8") as f:
            lines = [line.rstrip("\n") for line in f]
    except OSError as e:
        raise Broken("%s: %s" % (path, e.strerror)) from e
    found, titles = [], set()
    for number, line in enumerate(lines, 1):
        if not line.strip() or line.startswith("#"):
            continue
        where = "%s:%d: " % (path, number)
        words = [w for w in line.split("\t") if w]
        if len(words) != 4:
            raise Broken(where + "title, file, ops and versions, with tabs "
                         "between")
        row = Row(words[0], words[1], words[2].replace("-", ""),
                  words[3].split())
        if "*" in row.title and not row.ops:
            raise Broken(where + "a star needs ops")
        if (row.title, row.ops) in titles:
            raise Broken(where + "has its title and ops a second time")
        if not os.path.exists(os.path.join(root, UPSTREAM, row.file)):
            raise Broken(where + "there is no %s/%s to explain it" % (
                UPSTREAM, row.file))
        if not all(re.fullmatch(r"\d+\.\d+", v) for v in row.trees):
            raise Broken(where + "versions are 6.12 or 6.1")
        titles.add((row.title, row.ops))
        found.append(row)
    return found


class Known:
    """What is known of one tree; path is the list as the engine reads it."""

    def __init__(self, folder, version, more=None):
        tree = "%d.%d" % tuple(version[:2])
        self.rows = [r for r in rows() if tree in r.trees]
        self.why = {r.title: self.why_of(r) for r in self.rows}
        lines = ["\t".join([r.title, self.why_of(r), r.ops]) for r in self.rows]
        if more:
            added = {t: w or more for t, w in read_list(more).items()}
            self.why.update(added)
            lines += ["\t".join(item) for item in added.items()]
        self.path = os.path.join(files.folder(folder), "known")
        files.write(self.path, "\n".join(lines) + "\n")

    @staticmethod
    def why_of(row):
        return "%s/%s" % (UPSTREAM, row.file)

    def options(self):
        return ["--known", self.path]

    def listed(self, title):
        """The row that a title of threads has, of which no program is at hand."""
        words = title.split()
        for row, why in self.why.items():
            parts = row.split()
            if len(parts) == len(words) and all(
                    p in ("*", w) for p, w in zip(parts, words)):
                return row, why
        return None

    def gone(self, tool, seen):
        """(file, words) of files of which no title was @seen, and whose reproducer
        does not fail either. That a rare title did not turn up says nothing."""
        files_seen = {why for _, why in seen}
        for file in sorted({r.file for r in self.rows}):
            if "%s/%s" % (UPSTREAM, file) in files_seen:
                continue
            svm = os.path.join(ROOT, UPSTREAM, file[:-len(".md")] + ".svm")
            if not os.path.exists(svm):
                yield file, "and it has no reproducer"
                continue
            code, title, _, said = replay(tool, svm)
            if code == FINDING and title.split(" in ")[0] == \
                    header(svm).get("expect"):
                continue
            yield file, "its reproducer passes" if code == PASS else \
                "its reproducer cannot be followed: " + \
                (said.splitlines() or ["no word"])[-1]
