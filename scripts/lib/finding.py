"""One finding: what it is, how often it comes back, and what is left of it.

A finding is a .svm, or, of an engine that left no more than an input, the
input (NAME.input) with the entry that runs it in NAME.entry.
"""
import os
import re

from lib import files
from lib.tool import PATIENCE, header, replay, run
from lib.verdict import BROKEN, FINDING, PASS, TRAPS, VACUOUS

REPLAYS = 5		# of a schedule, which has to come back each time
SHRINK = 20000		# executions to shrink one, and to prove it small
PROVE = 20000
ASSERTION = re.compile(r"Assertion '(.*)' failed\.")
SANITIZER = re.compile(r"(?:ERROR|WARNING): (\w+Sanitizer): ([\w-]+).*?(?:\n.*?"
                       r"#\d+ \S+ in (\w+) [^\n]*(?:targets|harness)/|$)", re.S)


def slug(title):
    """As the tool names files."""
    words = re.sub(r"[^A-Za-z0-9_]+", "-", title.replace(" in ", " ", 1))
    return words.strip("-")[:140] or "finding"


class Finding:
    """After replay(): title, hits of tries, report; broken says why not."""

    def __init__(self, path):
        self.path = path
        self.title, self.report, self.oracle = "", "", ""
        self.hits = self.tries = 0
        self.broken = ""
        self.tool = None	# the program that it came back in
        self.target, self.mutation, self.scheduled = "", "none", False
        self.input = path.endswith(".input")

    @property
    def rate(self):
        return "%d of %d" % (self.hits, self.tries)

    def load(self):
        if not os.path.getsize(self.path):
            self.broken = "the file is empty, as a full disk leaves it"
            return False
        if self.input:
            with open(self.path[:-len("input")] + "entry",
                      encoding="utf-8") as f:
                self.tool = f.read().strip()
            self.target = os.path.basename(self.tool)
            return True
        head = header(self.path)
        self.target = head.get("target", "")
        self.mutation = head.get("mutation", "none")
        self.oracle = head.get("expect", "")
        self.scheduled = head["scheduled"]
        self.needs_race = "needs" in head or "memory" in head
        return True

    def replay(self, tools, times):
        """@times; a title counts as often as it came."""
        try:
            if not self.load():
                return
        except OSError as e:
            self.broken = e.strerror
            return
        if self.input:
            self.replay_input(times)
        elif self.needs_race:
            self.try_with(tools.race, times)
        else:
            self.try_with(tools.sim, times)
            # Of threads, and not met by search: on threads, then.
            if not self.hits and not self.scheduled and not self.broken:
                self.try_with(tools.native, times)
        if not self.hits and not self.broken:
            self.broken = "does not come back"

    def try_with(self, tool, times):
        if not os.access(tool, os.X_OK):
            self.broken = "needs %s, which is not built" % tool
            return
        # Same seed, same search: only another one tells how often.
        seen, codes = {}, set()
        for i in range(times):
            code, title, report, said = replay(tool, self.path, 1 + i)
            codes.add(code)
            if code == FINDING:
                n, _ = seen.get(title, (0, ""))
                seen[title] = (n + 1, report)
        self.tries = times
        if codes - {PASS, FINDING}:
            self.broken = "replay: exit code %s: %s" % (
                max(codes - {PASS, FINDING}), said.splitlines()[-1]
                if said else "")
        if seen:
            self.tool = tool
            self.title = max(seen, key=lambda t: (seen[t][0], t))
            self.hits, self.report = seen[self.title]
            self.broken = ""

    def replay_input(self, times):
        """Under its entry, which traps; what else it dies of counts, too."""
        self.tries = times
        env = {k: v for k, v in os.environ.items()
               if not k.startswith(("AFL_", "SVMTORTURE_"))}
        titles = {}
        for _ in range(times):
            p = run([self.tool, self.path], PATIENCE, env=env)
            if p.returncode == VACUOUS or p.returncode == PASS:
                continue
            if p.returncode == BROKEN:
                self.broken = p.stderr.strip()[-200:]
                continue
            title = input_title(p, self.target)
            titles[title] = titles.get(title, 0) + 1
            self.report = p.stdout + p.stderr
        if titles:
            self.title = max(titles, key=titles.get)
            self.hits = titles[self.title]

    def shrink(self, tools, out, tries=SHRINK, prove=PROVE):
        """Shrink to @out; a word about it. The file is left as it was if that
        fails, or would be another finding."""
        if self.input or self.tool == tools.native:
            files.write(out, read(self.path))
            return "not shrunk: no schedule"
        small = out + ".small"
        p = run([self.tool, "shrink", self.path, "--out", small, "--tries",
                 str(tries), "--prove", str(prove)])
        try:
            if p.returncode or not os.path.exists(small):
                files.write(out, read(self.path))
                return "not shrunk: exit code %d" % p.returncode
            code, title, _, _ = replay(self.tool, small, 1)
            if code == FINDING and title == self.title:
                files.write(out, read(small))
                return shrunk_by(p.stderr)
            files.write(out, read(self.path))
            return "not shrunk: became %s" % (title or "no failure")
        finally:
            if os.path.exists(small):
                os.unlink(small)


def shrunk_by(said):
    m = re.search(r"calls (\d+) \(from (\d+)\), preemptions (\d+) \(from (\d+)\)",
                  said)
    return "calls %s to %s, preemptions %s to %s" % (
        m[2], m[1], m[4], m[3]) if m else "shrunk"


def read(path):
    with open(path, "rb") as f:
        return f.read()


def input_title(p, entry):
    said = p.stdout + p.stderr
    m = ASSERTION.search(said)
    if m:
        return m[1]
    m = SANITIZER.search(said)
    if m:
        return "%s in %s" % (m[2], m[3] or entry)
    return "%s in %s" % ("trap" if p.returncode in TRAPS else
                         "crash" if p.returncode < 0 else
                         "exit code %d" % p.returncode, entry)
