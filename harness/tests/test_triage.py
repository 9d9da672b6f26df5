#!/usr/bin/env python3
"""test_triage: many findings in, a short true list out.

usage: test_triage.py BUILD-FOLDER [I/N | NAME...]
"""
import json
import os
import resource
import subprocess
import sys

from tooling import (ABBA, BROKEN, FINDING, PASS, ROOT, USAGE, contents, has,
                     main, program, read, script, write)

BUILD = os.path.abspath(sys.argv[1])
SIM = os.path.join(BUILD, "svmtorture")


def find(out, *argv):
    """The path of a finding in @out."""
    p = subprocess.run([SIM, *argv, "--json", "--out", out], check=False,
                       capture_output=True, text=True, timeout=60)
    assert p.returncode == FINDING, p.stderr
    return json.loads(p.stdout)["path"]


def abba(out, seed=1):
    return find(out, *ABBA, "--seed", str(seed))


def planted(out):
    return find(out, "run", "--target", "mm", "--mutate", "mm_skip_tlb_flush",
                "--seed", "1", "--executions", "5000", "--only", "stale-tlb")


def triage(folder, *paths, code, more=(), **kw):
    out = os.path.join(folder, "out")
    _, said = script("triage", "--build", BUILD, "--out", out, "--times", "3",
                     "--tries", "2000", "--prove", "0", *more, *paths,
                     code=code, **kw)
    path = os.path.join(out, "triage.json")
    return (json.loads(read(path)) if os.path.exists(path) else None), said


def nothing_is_nothing_new(folder):
    write(os.path.join(folder, "in/x"), "")
    rows, said = triage(folder, os.path.join(folder, "in"), code=PASS)
    assert rows == {"findings": [], "lost": []}, rows
    has(said, "0 distinct, 0 new, 0 lost")


def a_name_of_nothing_is_usage(folder):
    _, said = triage(folder, os.path.join(folder, "nobody"), code=USAGE)
    has(said, "No such file")


def a_title_is_one_finding(folder):
    raw = os.path.join(folder, "in")
    paths = {abba(os.path.join(raw, str(seed)), seed) for seed in range(1, 5)}
    assert len(paths) == 4
    rows, said = triage(folder, raw, code=FINDING)
    assert len(rows["findings"]) == 1 and not rows["lost"], rows
    row = rows["findings"][0]
    assert len(row["files"]) == 4 and row["new"] and row["replays"] == "3 of 3"
    has(said, "NEW    deadlock: new", "replays 3 of 3", "4 files")
    assert row["path"].endswith(".svm") and "calls" in row["shrunk"], row
    # What is written replays, is the title, and has its report.
    p = subprocess.run([SIM, "replay", "--expect", "--quiet", row["path"]],
                       check=False, capture_output=True, timeout=60)
    assert p.returncode == PASS, p.stderr
    has(read(row["path"][:-3] + "report"), row["title"])


def a_planted_one_is_known(folder):
    rows, said = triage(folder, planted(os.path.join(folder, "in")), code=PASS)
    assert [r["new"] for r in rows["findings"]] == [False]
    has(said, "known", "planted: mm_skip_tlb_flush")


def what_looks_planted_is_new(folder):
    """The very bug, put in by somebody: its title must not hide it."""
    fake = program(os.path.join(folder, "b/release/svmtorture"), """for a; do last=$a; done
case $1 in
replay) exec %s "$@" --mutate mm_skip_tlb_flush ;;
shrink) exit 3 ;;
*) exec %s "$@" ;;
esac""" % (SIM, SIM))
    repro = os.path.join(ROOT, "corpus", "repro", "mm_skip_tlb_flush.svm")
    lines = [s for s in read(repro).splitlines() if "mutation:" not in s]
    bare = write(os.path.join(folder, "in2/x.svm"), "\n".join(lines) + "\n")
    out = os.path.join(folder, "out")
    _, said = script("triage", "--build", os.path.dirname(fake), "--out", out,
                     "--times", "2", bare, code=FINDING)
    has(said, "NEW", "looks like", "mm_skip_tlb_flush", "not shrunk")


def a_list_makes_a_title_old(folder):
    path = abba(os.path.join(folder, "in"))
    rows, _ = triage(folder, path, code=FINDING)
    known = write(os.path.join(folder, "known.txt"), "# a comment\n%s\tABBA\n" %
                  rows["findings"][0]["title"])
    rows, said = triage(folder, path, code=PASS, more=["--known", known])
    has(said, "in known.txt: ABBA")
    triage(folder, path, code=USAGE,
           more=["--known", os.path.join(folder, "not-there")])


def what_does_not_come_back_is_red(folder):
    lost = write(os.path.join(folder, "in/lost.svm"),
                 "target: mm\nmutation: none\nexpect: data\n\nP0  store page=1\n"
                 "\nschedule:\n    P0 until exit\n")
    rows, said = triage(folder, lost, code=BROKEN)
    assert not rows["findings"] and rows["lost"][0]["replays"] == "0 of 3"
    has(said, "LOST", "does not come back", "0 of 3")
    assert read(os.path.join(folder, "out/lost/lost.svm")) == read(lost)
    # One that does outranks it.
    triage(folder, lost, abba(os.path.join(folder, "in2")), code=FINDING)


def what_cannot_be_read_is_red(folder):
    for text, word in (("", "empty"), ("rubbish\n", "exit code 2")):
        path = write(os.path.join(folder, "in/bad.svm"), text)
        rows, said = triage(folder, path, code=BROKEN)
        has(said, "LOST", word)


def a_missing_tool_is_red(folder):
    path = abba(os.path.join(folder, "in"))
    _, said = script("triage", "--build", folder, "--out", folder + "/o", path,
                     code=BROKEN)
    has(said, "BROKEN", "no such program")
    race = write(os.path.join(folder, "r/race.svm"),
                 "target: mm\nneeds: race\nexpect: data-race\n\nP0  store page=1\n")
    build = os.path.join(folder, "b/release")
    os.makedirs(os.path.dirname(build))
    os.symlink(BUILD, build)
    _, said = script("triage", "--build", build, "--out", folder + "/o2", race,
                     code=BROKEN)
    has(said, "which is not built")


def a_crash_is_never_skipped(folder):
    """An input of an engine, whose entry ends in each way it can."""
    for body, code, word in (
            ("echo \"t.c:1: f: Assertion 'data in f / g' failed.\" >&2\n"
             "kill -ILL $$", FINDING, "data in f / g"),
            ("kill -SEGV $$", FINDING, "crash in fuzz_x"),
            ("exit 77", FINDING, "exit code 77 in fuzz_x"),
            ("exit 0", BROKEN, "does not come back"),
            ("echo HARNESS: no >&2; exit 3", BROKEN, "HARNESS: no")):
        entry = program(os.path.join(folder, "fuzz_x"), body)
        path = write(os.path.join(folder, "in/a.input"), "bytes")
        write(os.path.join(folder, "in/a.entry"), entry + "\n")
        _, said = triage(folder, path, code=code)
        has(said, word)


def the_same_again_is_the_same(folder):
    raw = os.path.join(folder, "in")
    abba(raw)
    triage(folder, raw, code=FINDING)
    before = contents(os.path.join(folder, "out"))
    triage(folder, raw, code=FINDING)
    assert contents(os.path.join(folder, "out")) == before
    # And nothing is written over.
    mine = [n for n in before if n.endswith(".svm")][0]
    write(os.path.join(folder, "out", mine), "# mine\n")
    triage(folder, raw, code=FINDING)
    after = contents(os.path.join(folder, "out"))
    assert after[mine] == b"# mine\n"
    assert after[mine.replace(".svm", "-2.svm")] == before[mine], sorted(after)


def shrinking_keeps_the_title(folder):
    """What became another finding on the way is left as it was found."""
    other = planted(os.path.join(folder, "other"))
    fake = program(os.path.join(folder, "b/release/svmtorture"),
                   'case $1 in shrink) cp %s "$4" ;; *) exec %s "$@" ;; esac' %
                   (other, SIM))
    path, out = abba(os.path.join(folder, "in")), os.path.join(folder, "out")
    _, said = script("triage", "--build", os.path.dirname(fake), "--out", out,
                     path, code=FINDING)
    has(said, "not shrunk: became stale-tlb in")
    assert read(os.path.join(out, "deadlock.svm")) == read(path)


def a_full_disk_is_red(folder):
    path = abba(os.path.join(folder, "in"))

    def full():
        resource.setrlimit(resource.RLIMIT_FSIZE, (100, 100))
    _, said = triage(folder, path, code=BROKEN, preexec_fn=full)
    has(said, "BROKEN", "cannot be written")
    left = [n for n in contents(os.path.join(folder, "out"))
            if n.endswith((".svm", ".new", ".report"))]
    assert not left, left


main("triage", [nothing_is_nothing_new, a_name_of_nothing_is_usage,
                a_title_is_one_finding, a_planted_one_is_known,
                what_looks_planted_is_new, a_list_makes_a_title_old,
                what_does_not_come_back_is_red, what_cannot_be_read_is_red,
                a_missing_tool_is_red, a_crash_is_never_skipped,
                the_same_again_is_the_same,
                shrinking_keeps_the_title, a_full_disk_is_red])
