"""Many findings in, a short list of distinct ones out. See scripts/triage."""
import os

from lib import files
from lib.finding import PROVE, REPLAYS, SHRINK, Finding, read, slug
from lib.known import Known
from lib.tool import replay
from lib.verdict import BROKEN, FINDING, PASS

ENDINGS = (".svm", ".input")


def collect(paths):
    """Every finding there is, in one order; OSError for a name of nothing."""
    found = []
    for path in paths:
        if not os.path.isdir(path):
            os.stat(path)
            found.append(path)
            continue
        for folder, folders, names in os.walk(path):
            folders.sort()
            found += [os.path.join(folder, n) for n in sorted(names)
                      if n.endswith(ENDINGS)]
    return found


class Entry:
    """A title, and all files that have it."""

    def __init__(self, findings):
        # The easiest to shrink: what comes back always, then what is short.
        self.findings = sorted(findings, key=lambda f: (
            -f.hits / max(f.tries, 1), os.path.getsize(f.path), f.path))
        self.best = self.findings[0]
        self.title = self.best.title
        self.path, self.word, self.new, self.small = "", "", True, ""

    def row(self):
        return {"title": self.title, "new": self.new, "word": self.word,
                "class": self.title.split(" in ")[0],
                "target": self.best.target, "mutation": self.best.mutation,
                "replays": self.best.rate, "path": self.path,
                "shrunk": self.small, "files": [f.path for f in self.findings],
                "targets": sorted({f.target for f in self.findings})}


class Triage:
    def __init__(self, tools, out, times=REPLAYS, known=None, say=print,
                 tries=SHRINK, prove=PROVE):
        self.tools, self.out, self.times, self.say = tools, out, times, say
        self.tries, self.prove = tries, prove
        self.known = Known(tools, known)
        self.entries, self.lost = [], []

    def run(self, paths):
        """An exit code; entries and lost are there to be looked at."""
        files.folder(self.out)
        groups = {}
        for path in collect(paths):
            finding = Finding(path)
            finding.replay(self.tools, self.times)
            if finding.broken:
                self.lost.append(finding)
                self.say("LOST   %s: %s (%s)" % (path, finding.broken,
                                                 finding.rate))
                continue
            groups.setdefault(finding.title, []).append(finding)
        for title in sorted(groups):
            entry = Entry(groups[title])
            self.entries.append(entry)
            self.write(entry)
            self.say("%-6s %s: %s, replays %s, %s, %d file%s\n       %s" % (
                "NEW" if entry.new else "known", entry.title, entry.word,
                entry.best.rate, entry.small, len(entry.findings),
                "s" * (len(entry.findings) > 1), shown(entry.path)))
        self.keep_lost()
        files.write_json(os.path.join(self.out, "triage.json"), {
            "findings": [e.row() for e in self.entries],
            "lost": [{"path": f.path, "why": f.broken, "replays": f.rate}
                     for f in self.lost]})
        return self.code()

    def code(self):
        if any(e.new for e in self.entries):
            return FINDING
        return BROKEN if self.lost else PASS

    def write(self, entry):
        """The reproducer, small if it can be, and its report, from the file as
        it lies there."""
        best = entry.best
        entry.new, entry.word = self.known.look(best)
        stem = os.path.join(self.out, slug(entry.title))
        ending = ".input" if best.input else ".svm"
        scratch = stem + ".part"
        entry.small = best.shrink(self.tools, scratch, self.tries, self.prove)
        entry.path = files.keep(stem, ending, read(scratch))
        os.unlink(scratch)
        report = best.report
        if best.input:
            files.write(entry.path[:-len("input")] + "entry", best.tool + "\n")
        else:
            code, _, text, _ = replay(best.tool, shown(entry.path))
            report = text if code == FINDING else report
        files.write(os.path.splitext(entry.path)[0] + ".report", report)
        best.report = report

    def keep_lost(self):
        for f in self.lost:
            name, ending = os.path.splitext(os.path.basename(f.path))
            folder = files.folder(os.path.join(self.out, "lost"))
            if os.access(f.path, os.R_OK):
                files.keep(os.path.join(folder, name), ending, read(f.path))


def shown(path):
    """As a reader in the tree would name it."""
    relative = os.path.relpath(path, os.getcwd())
    return path if relative.startswith("..") else relative
