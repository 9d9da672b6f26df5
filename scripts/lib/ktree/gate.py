"""One verdict on a tree: canaries, stories, then every target for the budget.

What unmodified trees show (manifest/known) is passed over, counted and named: it
never ends a run, and a pass in which it turned up is not called clean.

A trap that was reached, a canary that was missed, a build that cannot be proved
are exit code 3: they are not passes, and not findings in the tree either.
"""
import collections
import glob
import os
import re
import sys
import time

from lib import files
from lib.hammer import FINDINGS_MAX, SLACK, Budget, Hammer
from lib.ktree import canary, proof
from lib.ktree.kbuild import read
from lib.outputs import Case, annotation, junit
from lib.tool import ROOT, Broken, header, run
from lib.triage import Triage, collect, shown
from lib.verdict import (BROKEN, CUT, FINDING, PASS, USAGE, VACUOUS, WORD,
                         gravest)

STORIES = os.path.join(ROOT, "corpus", "clean")
STORY_EXECUTIONS = 100
STORY_SHARE = 0.2		# of the budget at most
# Of the port's own drivers: a tree's answers these with -EINVAL.
PORT_ALONE = re.compile(r"^P\d+ +dev_migrate_pin\b", re.M)
STRATEGIES = ("random", "pct", "mix")
PASSED_OVER = re.compile(r"^known: (.*): (\d+) executions: (.*)$", re.M)


class TreeHammer(Hammer):
    """As scripts/gate's, of the runtimes there are."""

    def __init__(self, tools, budget, salt, out, say, runtimes):
        super().__init__(tools, budget, salt, out, say)
        self.runtimes = runtimes
        self.seen = collections.Counter()	# executions by known title

    def slices(self, name, native, share):
        if native:
            return [(None, share)]
        if not self.budget.executions and share < len(STRATEGIES):
            return [("mix", share)]
        return [(s, share / len(STRATEGIES)) for s in STRATEGIES]

    def targets(self, names):
        todo = [(n, r == "native") for n in names for r in self.runtimes]
        for i, (name, native) in enumerate(todo):
            self.target(name, native, self.budget.left() / (len(todo) - i))

    def until_spent(self, name, native, strategy, seconds):
        """On threads what is known ends a run, and not the search."""
        if not native:
            yield from super().until_spent(name, native, strategy, seconds)
            return
        n = new = 0
        left = self.budget.executions
        while new < FINDINGS_MAX:
            options = self.budget.options(seconds, left)
            if not options:
                return
            r, err = self.tools.campaign(
                ["--target", name, *options, "--out", os.path.join(
                    self.out, "found", "native"), "--seed",
                 str(self.seed(name, strategy, n))], native, SLACK + seconds)
            yield r, err
            n, seconds = n + 1, seconds - r["seconds"]
            new += r["exit"] == FINDING
            if left:
                left = max(0, left - r["executions"])
            if left == 0 or r["exit"] not in (PASS, FINDING, VACUOUS) or \
                    r["exit"] != FINDING and not r.get("passed_over"):
                return

    def judge(self, name, native, results, said, seconds):
        super().judge(name, native, results, said, seconds)
        passed = sum(r.get("passed_over", 0) for r in results)
        self.rows[-1]["known"] = passed
        for r in results:
            for title, why, n in r.get("known", []):
                self.seen[title, why] += n
        if passed:
            self.say("          not clean: %d of %d executions ended in known "
                     "findings" % (passed, self.rows[-1]["executions"]))

    def stories(self, names):
        """The committed clean programs of targets that this ground has too."""
        end = time.monotonic() + self.budget.left() * STORY_SHARE
        done = {PASS: 0, FINDING: 0, VACUOUS: 0}
        self.uncovered = []
        left = 0
        for path in sorted(glob.glob(os.path.join(STORIES, "*.svm"))):
            head = header(path)
            if head.get("target") not in names:
                continue
            if not self.budget.executions and time.monotonic() > end:
                left += 1
                continue
            alone = PORT_ALONE.search(read(path))
            code = self.port_alone(path) if alone else self.story(path)
            if code in done:
                done[code] += 1
        self.say("          stories: %d passed, %d found something, %d not "
                 "covered, %d left for lack of time" % (
                     done[PASS], done[FINDING], done[VACUOUS], left))
        if self.uncovered:
            self.say("          not covered: " + " ".join(self.uncovered))

    def port_alone(self, path):
        name = os.path.basename(path)[:-len(".svm")]
        self.uncovered.append(name)
        self.cases.append(Case("story", name, PASS, 0, "not covered: the "
                               "port's own call"))
        return VACUOUS

    def story(self, path):
        name = os.path.basename(path)[:-len(".svm")]
        p = run([self.tools.sim, "run", "--program", path, "--strategy", "mix",
                 "--executions", str(STORY_EXECUTIONS), "--seed",
                 str(self.seed("story", name)), "--out",
                 os.path.join(self.out, "found", "stories"),
                 *self.tools.known.options()], SLACK * 4)
        code = p.returncode if p.returncode in WORD else BROKEN
        last = (p.stderr.strip().splitlines() or ["died"])[-1]
        titles = [s for s in p.stderr.splitlines()
                  if s.startswith(("finding: ", "HARNESS", "trap"))]
        for title, n, why in PASSED_OVER.findall(p.stderr):
            self.seen[title, why] += int(n)
        # A story of what this ground lacks (files, huge pages) says nothing.
        if code == BROKEN and (titles or [""])[0].startswith("finding: trap in"):
            code, last = VACUOUS, titles[0]
            self.uncovered.append(name)
        elif code == USAGE and "unknown op" in last:
            code = VACUOUS
            self.uncovered.append(name)
        if code not in (PASS, VACUOUS):
            self.add("story", name, code, 0, (titles or [last])[0],
                     p.stderr[-4000:])
        else:
            self.cases.append(Case("story", name, PASS, 0,
                                   "" if code == PASS else "not covered: " +
                                   last))
        return code


class TreeGate:
    def __init__(self, o, build, say):
        self.o, self.build, self.say_on = o, build, say
        self.out = o.out
        self.cases, self.lines, self.rows, self.findings = [], [], [], []
        self.known_seen = []
        self.code = PASS

    def say(self, line):
        self.lines.append(line)
        print(line, flush=True)

    def fail(self, name, code, text):
        self.say("%8s  %s: %s" % (WORD[code], name, text))
        self.cases.append(Case("gate", name, code, text=text))
        self.code = gravest([self.code, code])

    def run(self):
        files.folder(self.out)
        self.say("gate: %s (%s), results in %s" % (
            self.build.tree.path, self.build.tree.state(),
            shown(self.out)))
        try:
            self.search()
        except Broken as e:
            self.fail("harness", BROKEN, str(e))
        except (KeyboardInterrupt, SystemExit):
            self.fail("interrupted", CUT, "cut short by a signal")
        return self.finish()

    def search(self):
        link = self.build.run()
        tools = proof.KtreeTools(link, self.build.known)
        self.covered = proof.coverage_lines(link)
        self.say("gate: " + self.covered[0])
        self.prove(link)
        # Without an alarm that rings there is no point in waiting for one.
        if self.code == BROKEN:
            return
        names = sorted(canary.targets_of(self.build))
        hammer = TreeHammer(tools, Budget(self.o.budget, self.o.executions),
                            self.salt(), self.out, self.say,
                            self.build.runtimes)
        hammer.cases, self.rows = self.cases, hammer.rows
        hammer.stories(names)
        hammer.targets(names)
        self.tell_known(tools, hammer.seen)
        self.code = gravest(c.code for c in self.cases if c.code != FINDING)
        if any(c.code == FINDING for c in self.cases):
            self.triage(tools)

    def salt(self):
        """Seeds are a function of the tree: the same tree has the same gate."""
        return "%s %s" % (self.build.tree.name, self.build.tree.state())

    def prove(self, link):
        for target in proof.KtreeTools(link,
                                       self.build.known).list("targets"):
            code, words = proof.try_target(self.build, link, target)
            if code != PASS:
                self.fail("self-test " + target["name"], code, words)
        begun = time.monotonic()
        planted = canary.plant_all(self.build, lambda c: c.of_gate)
        self.say("gate: %d canaries planted in %.1f s" % (
            sum(fits for _, fits in planted), time.monotonic() - begun))
        rang = set()
        for p, fits in planted:
            code, words = canary.judge(p, fits, range(1, self.o.seeds + 1))
            self.say("%8s  canary   %-28s %s" % (WORD[code], p.canary.name,
                                                 words))
            if code == PASS:
                rang.add(p.canary.target)
            if code != VACUOUS:
                self.cases.append(Case("canary", p.canary.name, code,
                                       text=words))
                self.code = gravest([self.code, code])
        silent = canary.targets_of(self.build) - rang
        if silent:
            self.fail("canaries", BROKEN, "of %s none was found" %
                      ", ".join(sorted(silent)))

    def tell_known(self, tools, seen):
        """What was passed over, and what is not there any more."""
        for (title, why), n in sorted(seen.items()):
            self.say("%8s  %s: %d executions, see %s" % ("KNOWN", title, n, why))
        self.known_seen = [{"title": title, "see": why, "executions": n}
                           for (title, why), n in sorted(seen.items())]
        for file, words in tools.known.gone(tools.sim, seen):
            self.say("%8s  %s: not seen, %s" % ("GONE", file, words))
        for title, name in tools.known.strangers(tools.sim):
            self.say("%8s  the row %s: there is no %s() in the tree" % (
                "GONE", title, name))

    def triage(self, tools):
        triage = Triage(tools, os.path.join(self.out, "findings"),
                        known=tools.known.titles, say=lambda line: None)
        # What ran into a trap was told as such, and is nothing of the tree's.
        triage.run([p for p in collect([os.path.join(self.out, "found")])
                    if not os.path.basename(p).startswith("trap-")])
        if not triage.entries and not triage.lost:
            raise Broken("a finding left no file")
        for f in triage.lost:
            self.fail(os.path.basename(f.path), BROKEN,
                      "%s: %s" % (f.path, f.broken))
        new = False
        for entry in triage.entries:
            new = new or entry.new
            self.add_finding(entry)
        if not new:
            for case in self.cases:
                case.code = PASS if case.code == FINDING else case.code
        self.code = gravest([self.code, FINDING if new else PASS])

    def add_finding(self, entry):
        code = FINDING if entry.new else PASS
        text = "%s; %s; replays %s; %s" % (entry.title, entry.word,
                                           entry.best.rate, entry.path)
        self.cases.append(Case("finding", entry.title, code, 0, text,
                               entry.best.report))
        self.findings.append(entry.row())
        self.say("%8s  %s: %s" % ("NEW" if entry.new else "KNOWN", entry.title,
                                  entry.word))
        self.say("          %s replay %s" % (
            os.environ.get("SVMTORTURE_PROGRAM", "svmtorture-ktree"),
            shown(entry.path)))
        # The tree's own lines, not those of a port.
        print(annotation(entry.title, entry.best.report, text,
                         "error" if entry.new else "notice").replace(
                             "file=targets/", "file=", 1), flush=True)

    def finish(self):
        if not self.cases:
            self.fail("gate", BROKEN, "nothing was run")
        known = self.known_seen
        last = "gate: %s%s: %d executions, %d new findings, %d known in %d " \
            "executions, exit %d" % (
                WORD[self.code], ", not clean" if known and
                self.code == PASS else "",
                sum(r["executions"] for r in self.rows),
                sum(f["new"] for f in self.findings), len(known),
                sum(k["executions"] for k in known), self.code)
        self.say(last)
        try:
            junit(os.path.join(self.out, "junit.xml"), "ktree-gate", self.cases)
            files.write(os.path.join(self.out, "log.txt"),
                        "\n".join(self.lines) + "\n")
            files.write_json(os.path.join(self.out, "verdict.json"), {
                "verdict": WORD[self.code], "exit": self.code,
                "tree": self.build.tree.path, "version": self.build.tree.name,
                "state": self.build.tree.state(), "budget": self.o.budget,
                "command": sys.argv, "runs": self.rows,
                "findings": self.findings, "known": known,
                "not_covered": getattr(self, "covered", [])})
        except Broken as e:
            print("gate: BROKEN: %s" % e, file=sys.stderr)
            self.code = gravest([self.code, BROKEN])
        return self.code
