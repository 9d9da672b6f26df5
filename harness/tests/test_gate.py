#!/usr/bin/env python3
"""test_gate: a verdict that cannot be green by accident.

usage: test_gate.py BUILD-FOLDER [I/N | NAME...]

Executions in place of seconds; a tree of its own where git is asked.
"""
import json
import os
import select
import shutil
import signal
import subprocess
import sys
import xml.etree.ElementTree as ET

from tooling import (BROKEN, CUT, FINDING, PASS, ROOT, USAGE, VACUOUS, has,
                     lacks, main, program, read, script, write)

BUILD = os.path.abspath(sys.argv[1])
SIM = os.path.join(BUILD, "svmtorture")
NATIVE = os.path.join(BUILD, "svmtorture-native")
GIT = ["git", "-c", "user.name=t", "-c", "user.email=t@t", "-c",
       "commit.gpgsign=false"]
# A gate's seeds come of the commit, and that of its date.
DATE = {"GIT_AUTHOR_DATE": "@0 +0000", "GIT_COMMITTER_DATE": "@0 +0000"}


def git(root, *argv):
    return subprocess.run([*GIT, "-C", root, *argv], check=True, text=True,
                          capture_output=True, timeout=60,
                          env={**os.environ, **DATE}).stdout


def put_build(root, sim, native="exec %s \"$@\"" % NATIVE):
    """A scripts/build that takes no time: it copies these two programs."""
    program(os.path.join(root, "programs/svmtorture"), sim)
    program(os.path.join(root, "programs/svmtorture-native"), native)
    program(os.path.join(root, "scripts/build"),
            'cd "$(dirname "$0")/.." && mkdir -p build/release && '
            "cp programs/* build/release/")


def tree(folder, sim="exec %s \"$@\"" % SIM, **kw):
    """A clean tree with the scripts, and its commit."""
    root = os.path.join(folder, "tree")
    shutil.copytree(os.path.join(ROOT, "scripts"), os.path.join(root, "scripts"),
                    ignore=shutil.ignore_patterns("__pycache__"))
    os.makedirs(os.path.join(root, "corpus/repro"))
    for name in "mm_skip_tlb_flush.svm", "mm_skip_tlb_flush.report":
        shutil.copy(os.path.join(ROOT, "corpus/repro", name),
                    os.path.join(root, "corpus/repro"))
    write(os.path.join(root, ".gitignore"), "/build/\n/results/\n")
    put_build(root, sim, **kw)
    git(folder, "init", "-q", root)
    commit(root)
    return root


def commit(root):
    git(root, "add", "-A")
    git(root, "commit", "-q", "-m", "t")


def gate(root, out, *argv, code, executions="2000", target="mm", **kw):
    """(verdict.json, all it said)."""
    _, said = script("gate", "--executions", executions, "--target", target,
                     "--out", out, *argv, code=code, root=root, **kw)
    path = os.path.join(out, "verdict.json")
    verdict = json.loads(read(path)) if os.path.exists(path) else None
    assert code == USAGE or not verdict or verdict["exit"] == code, verdict
    return verdict, said


def cases(out):
    root = ET.parse(os.path.join(out, "junit.xml")).getroot()
    return {c.get("classname") + " " + c.get("name"): [e.tag for e in c]
            for c in root.iter("testcase")}


def a_clean_tree_passes(folder):
    root, out = tree(folder), os.path.join(folder, "out")
    verdict, said = gate(root, out, code=PASS)
    has(said, "gate: PASS:", "canary", "nv_skip_retry", "nv_skip_mmput")
    assert [r["runtime"] for r in verdict["runs"]] == ["sim", "native"]
    assert verdict["runs"][0]["executions"] == 5 * 2000, verdict["runs"]
    assert not verdict["findings"] and len(cases(out)) == 7 + 2
    assert all(t == ["system-out"] for t in cases(out).values()), cases(out)
    # Its seeds are the commit's.
    again = os.path.join(folder, "again")
    gate(root, again, code=PASS)
    lines = [[s for s in read(o + "/log.txt").splitlines() if "canary" in s and
              "mmput" not in s] for o in (out, again)]
    assert lines[0] == lines[1] and len(lines[0]) == 6, lines


def a_dirty_tree_is_refused(folder):
    root, out = tree(folder), os.path.join(folder, "out")
    write(os.path.join(root, "corpus/new.txt"), "x\n")
    _, said = gate(root, out, code=USAGE)
    has(said, "not clean", "corpus/new.txt")
    assert not os.path.exists(out)
    verdict, _ = gate(root, out, "--allow-dirty", code=PASS)
    has(verdict["commit"], "-dirty")
    assert os.path.exists(os.path.join(out, "diff.patch"))
    # What has results in it is not written to.
    _, said = gate(root, out, "--allow-dirty", code=USAGE)
    has(said, "has something in it")


def a_finding_fails_with_all_that_ci_shows(folder):
    # Of the correct code, says the file: somebody put a known bug in.
    sim = """real=%s
case $1 in
replay) for last; do :; done
	grep -q ^mutation: "$last" || set -- "$@" --mutate mm_skip_tlb_flush
	exec $real "$@" ;;
run) case "$*" in *--mutate*) exec $real "$@" ;; esac
	$real "$@" --mutate mm_skip_tlb_flush; code=$?
	while [ $# -gt 1 ]; do [ "$1" = --out ] && out=$2; shift; done
	sed -i '/^mutation:/d' "$out"/*.svm; exit $code ;;
shrink) exit 3 ;;
*) exec $real "$@" ;;
esac""" % SIM
    root, out = tree(folder, sim), os.path.join(folder, "out")
    verdict, said = gate(root, out, code=FINDING)
    has(said, "gate: FAIL", "NEW", "::error file=targets/", ",line=",
        "stale-tlb", "svmtorture replay")
    assert verdict["findings"] and all(
        f["new"] and os.path.exists(f["path"]) and f["class"] == "stale-tlb"
        for f in verdict["findings"])
    failed = [n for n, tags in cases(out).items() if "failure" in tags]
    assert "sim mm" in failed and any("finding stale-tlb" in n for n in failed), failed
    # One that is put up with, and said to be.
    known = write(os.path.join(folder, "known.txt"), "".join(
        f["title"] + "\tput up with\n" for f in verdict["findings"]))
    verdict, said = gate(root, out + "2", "--known", known, code=PASS)
    has(said, "KNOWN", "put up with", "::notice ")
    lacks(said, "::error")
    assert not any("failure" in tags for tags in cases(out + "2").values())


def too_small_a_budget_is_vacuous(folder):
    root = tree(folder)
    verdict, said = gate(root, folder + "/a", code=VACUOUS, executions="1")
    has(said, "too small a budget", "gate: VACUOUS", "::error title=gate VACUOUS")
    # Of seconds: none are left for anybody.
    _, said = script("gate", "--budget", "0.5s", "--target", "mm", "--out",
                     folder + "/b", code=VACUOUS, root=root)
    has(said, "no time left")
    assert "skipped" not in {t for tags in cases(folder + "/b").values()
                             for t in tags}


def a_target_that_saw_nothing_is_vacuous(folder):
    sim = """case "$*" in run*--mutate*) ;; run*) set -- "$@" --executions 1 ;; esac
exec %s "$@\"""" % SIM
    _, said = gate(tree(folder, sim), folder + "/out", code=VACUOUS)
    has(said, "PASS  canary", "never saw the event", "VACUOUS  sim")


def a_canary_that_is_missed_breaks_the_gate(folder):
    # All its executions are made, and the bug is not there.
    sim = """case "$*" in run*--mutate*) echo '{"exit": 0, "class": "", "title":
"", "path": "", "verdict": "PASS", "seconds": 1, "executions": 50000}' ;;
*) exec %s "$@" ;; esac""" % SIM
    verdict, said = gate(tree(folder, sim), folder + "/a", code=BROKEN,
                         executions="60000")
    has(said, "BROKEN  canary", "nothing would be")
    assert not verdict["runs"], "went on without an alarm"


def a_canary_that_does_not_replay_breaks_the_gate(folder):
    sim = """case "$1" in replay) exit 3 ;; *) exec %s "$@" ;; esac""" % SIM
    _, said = gate(tree(folder, sim), folder + "/a", code=BROKEN)
    has(said, "found, and does not replay")


def a_tool_that_dies_is_broken_and_a_crash_is_not_skipped(folder):
    sim = """case "$*" in run*--mutate*|list*|replay*) exec %s "$@" ;; esac
kill -SEGV $$""" % SIM
    _, said = gate(tree(folder, sim), folder + "/a", code=BROKEN)
    has(said, "exit code -11 without totals")
    root = os.path.join(folder, "tree")
    program(os.path.join(root, "scripts/build"), "echo boom >&2; exit 3")
    commit(root)
    shutil.rmtree(os.path.join(root, "build"))
    _, said = gate(root, folder + "/b", code=BROKEN)
    has(said, "does not build", "boom")


def what_the_base_has_is_not_new(folder):
    """Three commits: a bug, the same bug, no bug."""
    hidden = """case "$1" in
replay) exit 0 ;;
run) case "$*" in *litmus-abba*|*--program*) exec %s run --json --target litmus-seqflag3 \
--executions 100 --seed 1 --out "$PWD/results/x" ;; esac ;;
esac
exec %s "$@\"""" % (SIM, SIM)
    root = tree(folder, hidden, native=hidden.replace(SIM, NATIVE))
    put_build(root, "exec %s \"$@\"" % SIM, native=hidden.replace(SIM, NATIVE))
    commit(root)
    write(os.path.join(root, "corpus/more.txt"), "x\n")
    commit(root)
    _, said = gate(root, folder + "/a", "--base", "HEAD~1", code=PASS,
                   target="litmus-abba")
    has(said, "the base has it too", "::notice", "KNOWN")
    verdict, said = gate(root, folder + "/b", "--base", "HEAD~2", code=FINDING,
                         target="litmus-abba")
    has(said, "not in the base", "::error")
    assert verdict["findings"][0]["new"]
    # The base is searched for what was found, with its share of the time.
    lacks(said.split("gate: the same on")[1], " mm ")
    # The worktrees are gone.
    assert len(git(root, "worktree", "list").splitlines()) == 1
    _, said = gate(root, folder + "/c", "--base", "no-such", code=USAGE)
    has(said, "no such commit")


def an_annotation_is_put_at_what_changed(folder):
    """The finding of a change to the code that a stack goes through."""
    sys.path.insert(0, os.path.join(ROOT, "scripts"))
    from lib.outputs import annotation
    title = "unchecked-map in nouveau_range_map / zap_present_pte"
    report = read(os.path.join(ROOT, "corpus/repro/nv_skip_retry.report"))
    has(annotation(title, report, "x"),
        "::error file=targets/nouveau/nouveau_svm_range.c,line=")
    has(annotation(title, report, "x", changed={"targets/mm/mmap.c"}),
        "::error file=targets/mm/mmap.c,line=")
    has(annotation(title, report, "x", changed={"README.md"}),
        "file=targets/nouveau/nouveau_svm_range.c,")


def a_signal_cuts_it_short(folder):
    """Told when it is in the middle of a run, which is waited for by a pipe. The
    run is a sleep that nobody waits for: the signal has to end it."""
    fifo = os.path.join(folder, "fifo")
    os.mkfifo(fifo)
    sim = """case "$*" in run*--mutate*|list*|replay*) exec %s "$@" ;; esac
echo $$ >%s; exec sleep 600""" % (SIM, fifo)
    root, out = tree(folder, sim), os.path.join(folder, "out")
    p = subprocess.Popen([sys.executable, root + "/scripts/gate",
                          "--executions", "2000", "--target", "mm", "--out", out],
                         stdout=subprocess.PIPE, text=True)
    with open(fifo, encoding="ascii") as f:
        child = int(f.read())
    fd = os.pidfd_open(child)
    p.send_signal(signal.SIGTERM)
    said, _ = p.communicate(timeout=60)
    assert p.returncode == CUT, (p.returncode, said)
    has(said, "gate: CUT")
    assert json.loads(read(out + "/verdict.json"))["exit"] == CUT
    assert select.select([fd], [], [], 60)[0], "a run outlived the gate"


main("gate", [a_clean_tree_passes, a_dirty_tree_is_refused,
              a_finding_fails_with_all_that_ci_shows,
              too_small_a_budget_is_vacuous,
              a_target_that_saw_nothing_is_vacuous,
              a_canary_that_is_missed_breaks_the_gate,
              a_canary_that_does_not_replay_breaks_the_gate,
              a_tool_that_dies_is_broken_and_a_crash_is_not_skipped,
              what_the_base_has_is_not_new,
              an_annotation_is_put_at_what_changed, a_signal_cuts_it_short])
