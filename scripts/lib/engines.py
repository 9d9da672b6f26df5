"""The engines of a campaign: how each is started for a turn, and what it left.

An engine is judged by what is there, not by what it says: afl-fuzz exits 0
after crashes and on a full disk, libFuzzer with 77, which elsewhere means
skipped. See verdict.py for the codes.
"""
import glob
import json
import os
import re
import shutil

from lib import files
from lib.finding import read
from lib.tool import Broken, header, json_of, run
from lib.verdict import FINDING, PASS, VACUOUS, translate

ARTIFACTS = ("crash-*", "timeout-*", "oom-*", "leak-*")
COLLECT_MAX = 50	# inputs of one engine and target that become findings
AFL = {"AFL_NO_UI": "1", "AFL_NO_COLOR": "1", "AFL_SKIP_CPUFREQ": "1",
       "AFL_I_DONT_CARE_ABOUT_MISSING_CRASHES": "1", "AFL_NO_AFFINITY": "1",
       "AFL_FORKSRV_INIT_TMOUT": "30000", "AFL_AUTORESUME": "1",
       "TERM": "dumb"}


class Turn:
    """What came of one: code None is a death."""

    def __init__(self, code, executions=0, titles=(), why=""):
        self.code, self.executions = code, executions
        self.titles, self.why = list(titles), why


class Torture:
    """svmtorture run, in sim or on threads."""

    def __init__(self, name, program, more=()):
        self.name, self.program, self.more = name, program, list(more)
        self.exclusive = False

    def present(self):
        return os.access(self.program, os.X_OK)

    def targets(self):
        rows = json_of(run([self.program, "list", "targets", "--json"]))
        return [t["name"] for t in rows
                if not t["planted"] and not t["name"].startswith("litmus")]

    def command(self, c, target, seed, seconds):
        limit = ["--executions", str(c.executions)] if c.executions else \
            ["--seconds", str(max(1, int(seconds)))]
        return [self.program, "run", "--json", "--target", target, "--seed",
                str(seed), *limit, *self.more, "--out",
                os.path.join(c.folder, "findings", self.name)], {}

    def result(self, c, target, code, out, log):
        ours = translate("svmtorture", code)
        try:
            r = json.loads(out)
        except ValueError:
            r = {"executions": 0, "title": ""}
            ours = None
        if ours not in (PASS, FINDING, VACUOUS):
            return Turn(None, r["executions"], why="exit code %s: %s" % (
                code, last_line(log)))
        return Turn(ours, r["executions"],
                    [r["title"]] if ours == FINDING else [])


class Fuzzer:
    """An entry of fuzz/ under an engine; a target is an entry's name."""
    exclusive = True		# its corpus is one process's at a time

    def __init__(self, name, build):
        self.name, self.folder = name, os.path.join(build, "fuzz")

    def entries(self):
        return sorted(p for p in glob.glob(os.path.join(self.folder, "fuzz_*"))
                      if os.access(p, os.X_OK) and os.path.isfile(p) and
                      not p.endswith(".so"))

    def present(self):
        return bool(self.entries())

    def targets(self):
        return [os.path.basename(p)[len("fuzz_"):] for p in self.entries()]

    def entry(self, target):
        return os.path.join(self.folder, "fuzz_" + target)

    def seeds(self, target):
        """An engine that starts from nothing says it is content: it is not."""
        folder = os.path.join(self.folder, "seed", target)
        if not os.path.isdir(folder) or not os.listdir(folder):
            raise Broken("%s: no seeds for %s: %s is empty" % (
                self.name, target, folder))
        return folder

    def collect(self, c, target):
        """Every artifact as a finding, once: as a .svm if the entry can tell
        what it does and fails, else as it is. The titles of new ones."""
        found, empty = [], []
        folder = files.folder(os.path.join(c.folder, "findings", self.name))
        for path in self.artifacts(c, target)[:COLLECT_MAX]:
            stem = os.path.join(folder, "%s-%s" % (target, re.sub(
                r"[^\w.-]+", "_", os.path.relpath(path, c.folder))[-120:]))
            if os.path.exists(stem + ".svm") or os.path.exists(stem + ".input"):
                continue
            if not os.path.getsize(path):
                empty.append(path)
                continue
            p = run([self.entry(target), "--decode", path], 60, env=c.env({}))
            if p.returncode == PASS and "\nexpect:" in p.stdout and \
                    not re.search(r"^expect:\s*pass$", p.stdout, re.M):
                files.write(stem + ".svm", p.stdout)
                found.append(header(stem + ".svm").get("expect", "?"))
            else:
                files.write(stem + ".entry", self.entry(target) + "\n")
                files.write(stem + ".input", read(path))
                found.append("crash of fuzz_" + target)
        return found, empty

    def judge(self, c, target, code, executions, log, engine):
        found, empty = self.collect(c, target)
        if empty:
            return Turn(None, executions, found, "an empty file: %s" % empty[0])
        ours = translate(engine, code, len(found))
        if ours == FINDING and not found and not self.artifacts(c, target):
            return Turn(None, executions, why="exit code %s and nothing left: %s"
                        % (code, last_line(log)))
        if ours not in (PASS, FINDING):
            return Turn(None, executions, found, "exit code %s: %s" % (
                code, last_line(log)))
        if not executions:
            return Turn(None, 0, found, "made no execution: " + last_line(log))
        return Turn(FINDING if found else PASS, executions, found)


class LibFuzzer(Fuzzer):
    def artifacts(self, c, target):
        base = os.path.join(c.folder, "libfuzzer", self.name, target)
        return sorted(p for a in ARTIFACTS
                      for p in glob.glob(os.path.join(base, a)))

    def command(self, c, target, seed, seconds):
        base = files.folder(os.path.join(c.folder, "libfuzzer", self.name,
                                         target))
        corpus = files.folder(os.path.join(base, "corpus"))
        entry = self.entry(target)
        dictionary = entry + ".dict"
        limit = "-runs=%d" % c.executions if c.executions else \
            "-max_total_time=%d" % max(1, int(seconds))
        return [entry, limit, "-seed=%d" % (seed or 1), "-timeout=25",
                "-print_final_stats=1", "-rss_limit_mb=%d" % c.memory,
                "-artifact_prefix=%s/" % base] + \
            (["-dict=" + dictionary] if os.path.exists(dictionary) else []) + \
            [corpus, self.seeds(target)], {
                "ASAN_OPTIONS": "detect_leaks=0", "SVMTORTURE_REPORT": "none"}

    def result(self, c, target, code, out, log):
        stats = re.findall(r"stat::number_of_executed_units:\s*(\d+)", log) or \
            re.findall(r"^#(\d+)\s", log, re.M)
        return self.judge(c, target, code, int(stats[-1]) if stats else 0, log,
                          "libfuzzer")


class Afl(Fuzzer):
    def present(self):
        return super().present() and shutil.which("afl-fuzz") is not None

    def artifacts(self, c, target):
        return sorted(glob.glob(os.path.join(
            c.folder, "afl", target, "*", "crashes*", "id:*")))

    def command(self, c, target, seed, seconds):
        entry, out = self.entry(target), os.path.join(c.folder, "afl", target)
        seeds = self.seeds(target)
        files.folder(out)
        env = dict(AFL, AFL_TMPDIR=out)
        if os.path.exists(entry + "_mutator.so"):
            env["AFL_CUSTOM_MUTATOR_LIBRARY"] = entry + "_mutator.so"
        limit = ["-E", str(c.executions)] if c.executions else \
            ["-V", str(max(1, int(seconds)))]
        dictionary = entry + ".dict"
        return ["afl-fuzz", "-i", seeds, "-o", out, "-s", str(seed), "-t",
                "10000", *limit] + (["-x", dictionary] if os.path.exists(
                    dictionary) else []) + ["--", entry], env

    def result(self, c, target, code, out, log):
        done = 0
        for path in glob.glob(os.path.join(c.folder, "afl", target, "*",
                                           "fuzzer_stats")):
            with open(path, encoding="utf-8", errors="replace") as f:
                m = re.search(r"^execs_done\s*:\s*(\d+)", f.read(), re.M)
            done += int(m[1]) if m else 0
        return self.judge(c, target, code, done, log, "afl")


def last_line(log):
    lines = [s for s in log.splitlines() if s.strip()]
    return lines[-1][-200:] if lines else "not a word"


def all_engines(build):
    """Every engine there can be, of the build folders below @build."""
    def at(*path):
        return os.path.join(build, *path)
    return [Torture("random", at("release", "svmtorture"), ["--strategy", "mix"]),
            Torture("native", at("release", "svmtorture-native")),
            Torture("tsan", at("tsan", "svmtorture-native")),
            LibFuzzer("libfuzzer", at("fuzz")),
            LibFuzzer("libfuzzer-asan", at("fuzz-asan")),
            Afl("afl", at("afl"))]
