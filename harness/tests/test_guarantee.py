#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""test_guarantee.py SVMTORTURE PROGRAM: what a run that passed is worth.

PROGRAM is a story that passes. Every strategy says something, in the end line
and in the JSON, and says no more than it can.
"""
import json
import os
import re
import subprocess
import sys
import tempfile

TOOL, PROGRAM = map(os.path.abspath, sys.argv[1:3])
PASS, FINDING = 0, 1
ALIKE = r"\(a failure that 1 execution in %d shows is missed with probability at most 0\.05\)"
BY_DEPTH = r"a bug is missed by \d+ executions of at most .* by its depth: 1: .*\)"
NO_BOUND = r"\(no bound: an execution goes by .*\)"


def guarantee(*argv, code=PASS):
    with tempfile.TemporaryDirectory() as out:
        p = subprocess.run([TOOL, "run", "--json", "--seed", "1", "--out", out,
                            *argv], capture_output=True, text=True)
    assert p.returncode == code, (argv, p.returncode, p.stderr)
    summary = json.loads(p.stdout)["summary"]
    end = [l for l in p.stderr.splitlines() if "--- end: " in l]
    assert len(end) == 1 and end[0].endswith(summary), (summary, end)
    return summary


def says(wanted, *argv, code=PASS):
    said = guarantee(*argv, code=code)
    assert re.fullmatch(wanted, said), (argv, said)


def of_one_program():
    argv = ["--program", PROGRAM, "--executions", "600", "--strategy"]
    for strategy in "random", "pos":
        says(ALIKE % 200, *argv, strategy)
    for strategy in "urw", "surw", "rff":
        says(NO_BOUND, *argv, strategy)
    says(r"\(" + BY_DEPTH, *argv, "pct")
    says(r"\(random 120, .*; pct: " + BY_DEPTH, *argv, "mix")
    says(r"\(bounded by 0 preemptions: .*\)", *argv, "dfs:0")


def of_random_programs():
    # Four executions of each: 1200 are 300 programs.
    argv = ["--target", "mm", "--executions", "1200", "--strategy"]
    for strategy in "random", "pos", "urw", "surw", "rff":
        says(ALIKE % 100, *argv, strategy)
        says(ALIKE % 100, *argv, strategy, "--jobs", "2")
    says(NO_BOUND, *argv, "pct")
    walk = "; a failure that 1 random walk in %d shows is missed .*"
    says(r"\(random 240, .*" + walk % 80 + r"; pct: no bound\)", *argv, "mix")


def of_several_processes():
    """Of all of them, not of the one that came last."""
    argv = ["--program", PROGRAM, "--executions", "600", "--jobs", "2",
            "--strategy"]
    said = guarantee(*argv, "pct:2")
    assert re.fullmatch(r"\(" + BY_DEPTH.replace("1:", "2:"), said), said
    # One that was longer than those before it is not counted.
    assert 500 < int(re.search(r" by (\d+) ", said)[1]) <= 600, said
    said = guarantee(*argv, "mix")
    turns = re.findall(r"[a-z]+ (\d+)[,;]", said)
    assert len(turns) == 5 and sum(map(int, turns)) == 600, said
    says(ALIKE % 200, *argv, "random")
    says(NO_BOUND, *argv, "surw")


def of_what_is_none():
    says(NO_BOUND.replace("an execution goes by .*", "there were too few"),
         "--program", PROGRAM, "--executions", "5", "--strategy", "random")
    # Each execution many times over, and one that failed.
    for strategy in "random", "pct":
        says(r"\(no bound: in each execution another allocation fails\)",
             "--program", PROGRAM, "--executions", "50", "--strategy",
             strategy, "--fail-alloc", "all")
    # Of what is drawn by another one nothing is said.
    for strategy in "twice", "twice:pos":
        says(r"\(no bound: the strategy gives none\)", "--program", PROGRAM,
             "--executions", "50", "--strategy", strategy)
    says("", "--target", "litmus-abba", "--executions", "400", "--strategy",
         "random", code=FINDING)


def main():
    for test in (of_one_program, of_random_programs, of_several_processes,
                 of_what_is_none):
        test()
        print("PASS guarantee." + test.__name__)


if __name__ == "__main__":
    main()
