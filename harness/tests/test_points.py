#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""test_points.py SVMTORTURE: plain accesses as switch points, in the race preset.

A lost update of a plain counter is found with the points that its data race
leads to, and with none it is not; the finding says which they were, and is
replayed, shrunk and refused by them.
"""
import json
import os
import re
import subprocess
import sys
import tempfile

TOOL = os.path.abspath(sys.argv[1])
PASS, FINDING, USAGE, HARNESS, VACUOUS, CUT = range(6)
POINTS = "count_up:write"
failed = []


def tool(*argv):
    p = subprocess.run([TOOL, *argv], capture_output=True, text=True)
    return p.returncode, p.stdout, p.stderr


def run(*argv, mutate="lm_skip_lock"):
    code, out, err = tool("run", "--json", "--target", "litmus-lock",
                          "--mutate", mutate, "--seed", "1", "--out", "out",
                          *argv)
    return code, json.loads(out) if out else {}, err


def same(what, saw, wanted):
    if saw != wanted:
        failed.append("%s: saw %r, not %r" % (what, saw, wanted))


def header(path):
    with open(path) as f:
        return dict(re.findall(r"^([a-z-]+): *(\S+)$", f.read(), re.M))


def found_by_promotion():
    for strategy in ("random", "pct", "pos", "surw", "rff", "mix"):
        code, r, _ = run("--strategy", strategy, "--points", "races",
                         "--executions", "2000")
        same(strategy, (code, r.get("class"), r.get("points")),
             (FINDING, "litmus", POINTS))
    # The race itself was written, too, and ends what has nothing worse.
    same("race", header("out/data-race-count_up.svm").get("needs"), "race")
    code, r, _ = run("--strategy", "random", "--points", "races",
                     "--executions", "1")
    same("race alone", (code, r["class"]), (FINDING, "data-race"))


def not_without():
    code, r, _ = run("--strategy", "random", "--executions", "100000", "--only",
                     "litmus")
    same("without points", (code, r["class"]), (VACUOUS, ""))
    for points in ("races", POINTS):
        code, r, _ = run("--executions", "20000", "--points", points,
                         mutate="none")
        same("correct code, " + points, (code, r["verdict"]), (PASS, "PASS"))


def by_name():
    code, r, _ = run("--strategy", "dpor", "--points", POINTS)
    same("dpor", (code, r["class"]), (FINDING, "litmus"))
    head = header(r["path"])
    same("file", (head["needs"], head["points"]), ("race", POINTS))
    same("replay", tool("replay", "--quiet", "--expect", r["path"])[0], PASS)
    with open(r["path"]) as f:
        text = f.read()
    with open("more.svm", "w") as f:
        f.write(text.replace(POINTS, POINTS + ",lock_body:read"))
    same("shrink", tool("shrink", "more.svm", "--out", "less.svm")[0], PASS)
    head = header("less.svm")
    same("shrunk", (head["points"], head["minimal"]), (POINTS, "proven:2"))
    same("shrunk replay", tool("replay", "--quiet", "--expect", "less.svm")[0],
         PASS)
    code, out, _ = tool("replay", "less.svm")
    same("said", "minimal: no schedule with fewer preemptions fails" in out,
         True)
    same("stopped", tool("shrink", "more.svm", "--prove", "1", "--out",
                         "cut.svm")[0], PASS)
    code, out, _ = tool("replay", "cut.svm")
    same("said so", "not proven minimal: search for fewer preemptions stopped "
         "after 1 executions" in out, True)
    with open("none.svm", "w") as f:
        f.write(text.replace(POINTS, "count_down:write"))
    code, _, err = tool("replay", "none.svm")
    same("no such", (code, "there is no count_down:write" in err),
         (HARNESS, True))
    same("no name", run("--points", "count_up")[0], USAGE)


os.environ["LC_ALL"] = "C"
with tempfile.TemporaryDirectory() as scratch:
    os.chdir(scratch)
    for case in (found_by_promotion, not_without, by_name):
        case()
        os.chdir(scratch)
for line in failed:
    print(line)
print("%d wrong" % len(failed))
sys.exit(1 if failed else 0)
