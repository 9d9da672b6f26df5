#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""test_cross.py PROGRAM CORPUS PTHREAD [CASE...]: one data race, seen by two.

PROGRAM is svmtorture of the race preset, whose hooks say what races, or
svmtorture-native of the tsan preset, where ThreadSanitizer does, on real
threads. Both have to name the two functions of the table below; and nothing of
the same program as it should be.

The table has races whose accesses nothing orders in any schedule of the
program, so that they are reported though they never meet. Other mutations that
are data races end natively in another way if the threads come in another
order, or race in several places.
"""
import os
import re
import shutil
import subprocess
import sys
import tempfile

PROGRAM, CORPUS, PTHREAD = map(os.path.abspath, sys.argv[1:4])
NATIVE = os.path.basename(PROGRAM) == "svmtorture-native"
EXECUTIONS = 500

RACES = {
    "lm_skip_lock": ("count_up", "count_up"),
    "nv_a12_follows_svmm_of_page": ("nouveau_dmem_clear_one",
                                    "nouveau_svmm_free_notifier"),
    "plain_counter": ("increment", "increment"),
}
failed = []


def output(argv, **more):
    p = subprocess.run(argv, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                       text=True, errors="replace", **more)
    return p.stdout


def stacks(text):
    """The functions on the two stacks of ThreadSanitizer's first report."""
    m = re.search(r"WARNING: ThreadSanitizer: data race.*\n((?:.*\S.*\n)+)\n"
                  r"((?:.*\S.*\n)+)", text)
    return [re.findall(r"#\d+ (\w+)", part) for part in m.groups()] if m else []


def silent(text):
    """A campaign that passed, or a program that had nothing to say."""
    return not text or (" end: PASS " in text and
                        "ThreadSanitizer" not in text)


def threads_race(text, pair):
    if pair is None:
        return silent(text)
    s = stacks(text)
    return bool(s) and any(a in s[0] and b in s[1]
                           for a, b in (pair, pair[::-1]))


def sim_races(text, pair):
    if pair is None:
        return silent(text)
    m = re.search(r"^BUG: svmtorture: (.*)$", text, re.M)
    return m and m[1] == "data-race in " + " / ".join(sorted(set(pair)))


def kernel(name, mutate):
    """One campaign of the program of mutation @name."""
    path = os.path.join(CORPUS, "repro", name + ".svm")
    with open(path) as f:
        target = re.search(r"^target: *(\S+)", f.read(), re.M)[1]
    # What has a program of its own is chosen by name; its file needs race.
    what = ["--target", target] if target.startswith("litmus-") else \
        ["--program", path]
    more = [] if NATIVE else ["--strategy", "random"]
    if mutate != "none" and not NATIVE:
        more += ["--only", "data-race"]
    return output([PROGRAM, "run", *what, "--mutate", mutate, "--executions",
                   str(EXECUTIONS), "--seed", "1", "--out", "out", *more])


def threads(name, fixed):
    source = os.path.join(PTHREAD, name + ".c")
    define = ["-DFIXED"] if fixed else []
    if not NATIVE:
        return output([PROGRAM, "explore-pthread", "--races", "--executions",
                       str(EXECUTIONS), "--seed", "1", "--out", "out", source,
                       "--", *define])
    subprocess.run(["clang", "-g", "-O1", "-fsanitize=thread", "-pthread",
                    *define, source, "-o", "program"], check=True)
    return output(["./program"])


def check(name, pair, text):
    said = threads_race if NATIVE else sim_races
    if not said(text, pair):
        failed.append(name)
        print("%s: not %s:\n%s" % (name, " / ".join(pair) if pair else
                                   "silent", text[:4000]))


def main():
    os.environ["LC_ALL"] = "C"
    if not shutil.which("clang"):
        print("skipped: no clang")
        return 4
    with tempfile.TemporaryDirectory() as scratch:
        os.chdir(scratch)
        for name in sys.argv[4:] or RACES:
            if os.path.exists(os.path.join(PTHREAD, name + ".c")):
                check(name, RACES[name], threads(name, False))
                check(name + " mended", None, threads(name, True))
            else:
                check(name, RACES[name], kernel(name, name))
                check(name + " off", None, kernel(name, "none"))
        os.chdir("/")
    print("%d wrong" % len(failed))
    return 1 if failed else 0


sys.exit(main())
