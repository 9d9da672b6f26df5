"""One run in N shards on machines that nobody watches: a folder for each, and
what they come to together.

The folder is the record, and the only one:

	job.json		the command, its seed, N, and the program's digest
	shard-I/started		a line for each attempt: when, where, as which job
	shard-I/result.json	the totals of the run, written when it has ended
	shard-I/findings/	what `svmtorture run --out` leaves
	shard-I/log		what the run said
	verdict.json, junit.xml, findings/	of merge()

A shard without a result was killed, or has never begun, and the whole is cut
short, whatever the others say. A cut one is done again by whoever starts it
again, and makes the same executions from the first.
"""
import glob
import hashlib
import json
import os
import signal
import socket
import subprocess
import time

from lib import files
from lib.finding import read
from lib.outputs import Case, junit
from lib.tool import Broken, die_with_parent
from lib.triage import Triage
from lib.verdict import BROKEN, CUT, FINDING, PASS, VACUOUS, WORD, gravest

SUMS = ("executions", "steps", "switches", "preemptions")
FINAL = (PASS, FINDING, VACUOUS)	# a result that another attempt repeats
WORD_MAX = 1 << 64


def digest(path):
    return hashlib.sha256(read(path)).hexdigest()


def folder_of(out, i):
    return os.path.join(out, "shard-%d" % i)


def load(path):
    """JSON, or None if there is none, or half of it."""
    try:
        with open(path, encoding="utf-8") as f:
            return json.load(f)
    except (OSError, ValueError):
        return None


def job_of(out):
    job = load(os.path.join(out, "job.json"))
    if not job:
        raise Broken("%s: has no job.json" % out)
    return job


def unfinished(out, job):
    return [i for i in range(job["shards"]) if (load(os.path.join(
        folder_of(out, i), "result.json")) or {"exit": CUT})["exit"]
        not in FINAL]


# -- one of them ----------------------------------------------------------
def task(out, i, job_id=""):
    """Run shard @i; its exit code. A signal that ends this process ends the
    run first, which then says how far it came."""
    job, folder = job_of(out), files.folder(folder_of(out, i))
    path = os.path.join(folder, "result.json")
    done = load(path)
    if done and done["exit"] in FINAL:
        print("shard %d: %s already" % (i, done["verdict"]))
        return done["exit"]
    files.append(os.path.join(folder, "started"), "%s %s %s\n" % (
        time.strftime("%Y-%m-%dT%H:%M:%S"), socket.gethostname(), job_id))
    if digest(job["tool"]) != job["digest"]:
        result = broken("%s is not the program it was" % job["tool"])
    else:
        result = run_shard(job, folder, i)
    result["host"], result["job"] = socket.gethostname(), job_id
    files.write_json(path, result)
    print("shard %d: %s, %d executions" % (i, result["verdict"],
                                           result["executions"]))
    return result["exit"]


def broken(why):
    return {"exit": BROKEN, "verdict": WORD[BROKEN], "executions": 0,
            "seconds": 0, "events": {}, "title": why, "path": "", "shard": ""}


def run_shard(job, folder, i):
    argv = [job["tool"], "run", "--json", *job["arguments"], "--seed",
            str(job["seed"]), "--shard", "%d/%d" % (i, job["shards"]),
            "--out", os.path.join(folder, "findings")]
    told = []
    with open(os.path.join(folder, "log"), "a", encoding="utf-8") as log:
        p = subprocess.Popen(argv, stdin=subprocess.DEVNULL,
                             stdout=subprocess.PIPE, stderr=log, text=True,
                             preexec_fn=die_with_parent)
        for sig in signal.SIGTERM, signal.SIGINT, signal.SIGHUP:
            signal.signal(sig, lambda n, _: (told.append(n), p.terminate()))
        said, _ = p.communicate()
    try:
        return json.loads(said)
    except ValueError:
        result = broken("exit code %d without totals" % p.returncode)
        if told:	# before it could make any
            result.update(exit=CUT, verdict=WORD[CUT])
        return result


# -- all of them ----------------------------------------------------------
class Merge:
    def __init__(self, out, tools, say=print):
        self.out, self.tools, self.say = out, tools, say
        self.job = job_of(out)
        self.cases, self.codes, self.missing = [], [], []
        self.sums, self.events = dict.fromkeys(SUMS, 0), {}
        self.story, self.seconds, self.findings = 0, 0.0, []

    def run(self):
        n = self.job["shards"]
        for i in range(n):
            self.shard(i)
        passed = [c for c in self.codes if c != VACUOUS]
        code = gravest(passed) if passed else VACUOUS
        try:
            lost = self.triage()
        except Broken as e:
            lost = str(e)
        if lost:
            self.add("findings", BROKEN, 0, lost)
            code = gravest([code, BROKEN])
        self.write(code)
        self.say("shards: %s: %d of %d done, %d executions, %.0f s, "
                 "%d findings, exit %d" % (
                     WORD[code], n - len(self.missing), n,
                     self.sums["executions"], self.seconds,
                     len(self.findings), code))
        return code

    def add(self, name, code, seconds, text):
        self.cases.append(Case("shard", name, code, seconds, text))
        self.say("%8s  %-10s %s" % (WORD[code], name, text))

    def shard(self, i):
        folder = folder_of(self.out, i)
        result = load(os.path.join(folder, "result.json"))
        if result is None:
            self.missing.append(i)
            self.codes.append(CUT)
            self.add("shard-%d" % i, CUT, 0, self.why_missing(folder))
            return
        wrong = self.foreign(result, i)
        if wrong:
            code, text = BROKEN, wrong
        else:
            code, text = result["exit"], "%d executions" % result["executions"]
            self.count(result)
        if code == FINDING and not glob.glob(folder + "/findings/*.svm"):
            code, text = BROKEN, "found, and the file is not there: " + \
                result["path"]
        elif code not in (PASS, VACUOUS) and not wrong:
            text += ": " + (result["title"] or result["verdict"])
        self.codes.append(code)
        self.add("shard-%d" % i, code, result.get("seconds", 0), text)

    def why_missing(self, folder):
        try:
            last = read(os.path.join(folder, "started")).decode().splitlines()
        except OSError:
            return "has never begun"
        return "was killed; begun %d time%s, last: %s" % (
            len(last), "s" * (len(last) > 1), last[-1].strip())

    def foreign(self, result, i):
        """Why that is no part of this run; nothing of a broken one is."""
        if not {"exit", "executions", "shard"} <= set(result) or \
                result["exit"] not in WORD:
            return "not a result of a run"
        if result["exit"] == BROKEN:
            return result["title"] or WORD[BROKEN]
        want = "%d/%d" % (i, self.job["shards"])
        if result["executions"] and result["shard"] != want:
            return "is of shard " + result["shard"]
        if result.get("seed", self.job["seed"]) != self.job["seed"]:
            return "is of another seed"
        return ""

    def count(self, r):
        for k in SUMS:
            self.sums[k] += r.get(k, 0)
        for k, v in r["events"].items():
            self.events[k] = self.events.get(k, 0) + v
        self.story = (self.story + int(r.get("story", "0"), 16)) % WORD_MAX
        self.seconds += r["seconds"]

    def triage(self):
        """By title. What is wrong with them, or nothing."""
        found = sorted(glob.glob(os.path.join(self.out, "shard-*/findings")))
        if not any(glob.glob(f + "/*.svm") for f in found):
            return ""
        triage = Triage(self.tools, os.path.join(self.out, "findings"),
                        say=self.say)
        triage.run(found)
        self.findings = [e.row() for e in triage.entries]
        for e in triage.entries:
            self.cases.append(Case("finding", e.title, FINDING, 0, "%s; %s" % (
                e.word, e.path), e.best.report))
        return "; ".join("%s: %s" % (f.path, f.broken) for f in triage.lost)

    def write(self, code):
        junit(os.path.join(self.out, "junit.xml"), "shards", self.cases)
        files.write_json(os.path.join(self.out, "verdict.json"), {
            "verdict": WORD[code], "exit": code, "shards": self.job["shards"],
            "missing": self.missing, "seed": self.job["seed"],
            "arguments": self.job["arguments"], "commit": self.job["commit"],
            **self.sums, "events": self.events, "seconds": self.seconds,
            "story": "%016x" % self.story, "findings": self.findings})
