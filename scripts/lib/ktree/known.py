"""What unmodified trees show, and results/upstream explains.

manifest/known has a row for each title: the title, the file that explains it, the
ops it takes, the versions that have it and functions of which one must be in a
stack of either side of the report, or with a "~" before it, of a row of the life of
its page as well. A run passes over these titles and counts them; what is not
on the list is new, and so is what is on it in a program without its ops, or with
other stacks. "CLASS ..." is any title of a class, if its functions are there.
Nothing is put on the list that no file explains.
"""
import collections
import functools
import os
import re

from lib import files
from lib.known import read_list
from lib.ktree import manifest
from lib.tool import ROOT, Broken, header, replay
from lib.verdict import FINDING, PASS

PATH = os.path.join(manifest.FOLDER, "known")
RACES = os.path.join(manifest.FOLDER, "races")	# besides, with --races
UPSTREAM = os.path.join("results", "upstream")

Row = collections.namedtuple("Row", "title file ops trees functions")


def rows(path=PATH, root=ROOT):
    """[Row], each whole; none says what another has said."""
    try:
        with open(path, encoding="utf-8") as f:
            lines = [line.rstrip("\n") for line in f]
    except OSError as e:
        raise Broken("%s: %s" % (path, e.strerror)) from e
    found, titles = [], []
    for number, line in enumerate(lines, 1):
        if not line.strip() or line.startswith("#"):
            continue
        where = "%s:%d: " % (path, number)
        words = [w for w in line.split("\t") if w]
        if len(words) not in (4, 5):
            raise Broken(where + "title, file, ops, versions and perhaps "
                         "functions, with tabs between")
        row = Row(words[0], words[1], words[2].replace("-", ""),
                  words[3].split(), "".join(words[4:]))
        if row.title.endswith(" ...") and not (
                row.functions and (row.ops or path == RACES)):
            raise Broken(where + "a whole class needs ops and functions")
        if row[:1] + row[2:] in titles:
            raise Broken(where + "is there a second time")
        if not os.path.exists(os.path.join(root, UPSTREAM, row.file)):
            raise Broken(where + "there is no %s/%s to explain it" % (
                UPSTREAM, row.file))
        if not all(re.fullmatch(r"\d+\.\d+", v) for v in row.trees):
            raise Broken(where + "versions are 6.12 or 6.1")
        titles.append(row[:1] + row[2:])
        found.append(row)
    return found


class Known:
    """What is known of one tree; path is the list as the engine reads it, titles
    what of it is known by title alone."""

    def __init__(self, folder, version, more=None, races=False):
        self.tree = "%d.%d" % tuple(version[:2])
        self.rows = [r for r in rows() + (rows(RACES) if races else [])
                     if self.tree in r.trees]
        lines = ["\t".join([r.title, self.why_of(r), r.ops or "-",
                            r.functions or "-"]) for r in self.rows]
        self.more = {t: w or more for t, w in read_list(more).items()} \
            if more else {}
        more = ["\t".join(item) for item in self.more.items()]
        self.path = os.path.join(files.folder(folder),
                                 "known-races" if races else "known")
        self.titles = self.path + ".titles"
        files.write(self.path, "\n".join(lines + more) + "\n")
        files.write(self.titles, "\n".join(more) + "\n")

    @staticmethod
    def why_of(row):
        return "%s/%s" % (UPSTREAM, row.file)

    def options(self):
        return ["--known", self.path]

    def strangers(self, program):
        """(title, function) of rows that name what the built tree does not have,
        inlined or not: its code has changed, and the row says nothing any more."""
        with open(program, "rb") as f:
            names = f.read()	# of all functions, in the debug information

        @functools.lru_cache(None)
        def there(name):	# the linker keeps one string for two of one end
            return name.encode() + b"\0" in names

        for row in self.rows:
            functions = row.title.partition(" in ")[2].split(" / ") + \
                row.functions.replace("~", "").split()
            for name in filter(None, functions):
                if not there(name):
                    yield row.title, name

    def reproducer(self, file):
        """Of a file's two the tree's own: a schedule names places in the code, and
        not every one can be followed on every tree."""
        stem = os.path.join(ROOT, UPSTREAM, file[:-len(".md")])
        own = "%s.%s.svm" % (stem, self.tree)
        return own if os.path.exists(own) else stem + ".svm"

    def gone(self, tool, seen):
        """(file, words) of files of which no title was @seen, and whose reproducer
        does not fail either. That a rare title did not turn up says nothing."""
        files_seen = {why for _, why in seen}
        for file in sorted({r.file for r in self.rows}):
            if "%s/%s" % (UPSTREAM, file) in files_seen:
                continue
            svm = self.reproducer(file)
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
