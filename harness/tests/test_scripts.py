#!/usr/bin/env python3
"""test_scripts: what was asked for wrongly, or is damaged, ends with its own
code and says where; 1 is for findings.

usage: test_scripts.py BUILD-FOLDER [I/N | NAME...]
"""
import json
import os
import shutil
import sys

from tooling import (BROKEN, FINDING, PASS, ROOT, USAGE, has, lacks, main,
                     program, read, script, write)

BUILD = os.path.abspath(sys.argv[1])
SIM = os.path.join(BUILD, "svmtorture")
CLEAN = os.path.join(ROOT, "corpus/seed/mm")


def tree(folder, body="exec %s \"$@\"" % SIM):
    """A root whose scripts are ours and whose build is a program of its own."""
    os.symlink(os.path.join(ROOT, "scripts"), os.path.join(folder, "scripts"))
    program(os.path.join(folder, "build/release/svmtorture"), body)
    return folder


def usage_is_2(folder):
    missing = os.path.join(folder, "nothing.txt")
    once = ["--name", "t", "--out", folder + "/out", "--builds",
            folder + "/build"]
    hour = [*once, "--hours", "1"]
    tree(folder)
    for name, argv, word in (
            ("campaign", [*once, "--hours", "-1"], "--hours: '-1'"),
            ("campaign", [*once, "--hours", "nan"], "--hours: 'nan'"),
            ("campaign", [*once, "--hours", "inf"], "--hours: 'inf'"),
            ("campaign", [*once, "--hours", "0"], "--hours: '0'"),
            ("campaign", [*hour, "--jobs", "-1"], "--jobs: '-1'"),
            ("campaign", [*hour, "--memory", "x"], "--memory: 'x'"),
            ("campaign", [*hour, "--engine", "x"], "no such engine: x"),
            ("campaign", [*hour, "--engine", "random", "--target", "nosuch"],
             "no such target: nosuch"),
            ("campaign", [*hour, "--known", missing], missing),
            ("gate", ["--budget", "5m", "--known", missing], missing),
            ("gate", ["--executions", "0"], "--executions: '0'"),
            ("determinism", ["--executions", "0", "a", "b"], "--executions"),
            ("determinism", ["a"], "give two"),
            ("replay-corpus", [], "BUILD-FOLDER"),
            ("reproduce", [], "NAME"),
            ("reproduce", ["nosuch"], "no such mutation: nosuch"),
            ("measure-fuzz", [], "usage: "),
            ("measure-fuzz", ["speed"], "usage: ")):
        _, said = script(name, *argv, code=USAGE, root=folder)
        has(said, name, word)
        lacks(said, "Traceback")
    assert not os.path.exists(folder + "/out"), "usage has left a folder"


def a_gate_knows_its_targets(folder):
    _, said = script("gate", "--executions", "1", "--allow-dirty", "--target",
                     "nosuch", "--build", BUILD, "--out", folder + "/out",
                     code=USAGE)
    has(said, "gate: no such target: nosuch")


def a_tool_that_is_not_there_or_talks_nonsense_is_3(folder):
    tree(folder, "echo '{'; echo why >&2; exit 9")
    _, said = script("reproduce", "x", code=BROKEN, root=folder)
    has(said, "reproduce: BROKEN: ", "svmtorture list mutations --json",
        "exit code 9", "why")
    _, said = script("determinism", folder + "/build/release", folder + "/no",
                     code=BROKEN)
    has(said, "determinism: BROKEN: ", folder + "/no/svmtorture")
    for name, argv in (("replay-corpus", [folder]),
                       ("measure-fuzz", ["speed", folder])):
        _, said = script(name, *argv, code=BROKEN)
        has(said, "no fuzz entries in " + folder)


def determinism_is_asked_from_anywhere(folder):
    """Folders are the caller's. Two builds of one story, then of two."""
    body = ('case $1 in list) echo \'[{"name": "x"}]\' ;; *) echo \'{"story": "%s", '
            '"verdict": "PASS", "executions": 1, "steps": 1, "switches": 1, '
            '"exit": 0, "events": {}}\' ;; esac')
    program(folder + "/a/svmtorture", body % "one")
    program(folder + "/b/svmtorture", body % "one")
    program(folder + "/c/svmtorture", body % "another")
    _, said = script("determinism", "a", "b", code=PASS, cwd=folder)
    has(said, "1 targets, 2 builds", " 0 differences")
    _, said = script("determinism", "a", "c", code=FINDING, cwd=folder)
    has(said, "x: c differs from a in story")


def junk_in_the_corpus_is_named_and_the_rest_replayed(folder):
    corpus = os.path.join(folder, "corpus/mm")
    seed = sorted(os.listdir(CLEAN))[-1]
    os.makedirs(corpus)
    shutil.copy(os.path.join(CLEAN, seed), os.path.join(corpus, "z.svm"))
    _, said = script("replay-corpus", BUILD, folder + "/corpus", code=PASS)
    has(said, "1 replayed, 0 skipped of 1")
    junk = {"empty": "", "junk": "\x01\x02 of nothing\n",
            "half": "target: mm\nP0 no such call\n",
            "strange": "target: nosuch\n"}
    for name, text in junk.items():
        write(os.path.join(corpus, name + ".svm"), text)
    with open(os.path.join(corpus, "bytes.svm"), "wb") as f:
        f.write(b"\xff\xfe\x00target")
    _, said = script("replay-corpus", BUILD, folder + "/corpus", code=FINDING)
    has(said, "1 replayed, 0 skipped of 6", "there is no fuzz_nosuch", *(
        "FAILED %s/%s.svm: " % (corpus, n) for n in [*junk, "bytes"]))
    lacks(said, "Traceback", "z.svm")


def resumed(folder, code):
    """What is said of the campaign in folder/out."""
    _, said = script("campaign", "--resume", folder + "/out", code=code)
    lacks(said, "Traceback")
    return said


def a_damaged_campaign_is_named(folder):
    """And one that has only lost what can be made again goes on."""
    program(folder + "/b/release/svmtorture", "exec %s \"$@\"" % SIM)
    out = os.path.join(folder, "out")
    script("campaign", "--name", "t", "--out", out, "--builds", folder + "/b",
           "--engine", "random", "--target", "mm", "--turns", "1",
           "--executions", "3000", "--seed", "1", "--disk-floor", "0",
           "--jobs", "1", code=PASS)
    turns, saved = out + "/turns.jsonl", out + "/campaign.json"
    good, kept = read(turns), json.loads(read(saved))
    row = json.loads(good)
    del row["code"]
    for bad in json.dumps(row), "[]", "3", json.dumps(dict(row, code="x")):
        write(turns, good + bad + "\n")
        has(resumed(folder, BROKEN), turns + ":2: is damaged")
    write(turns, good)
    for bad in ("{", "[]", json.dumps(dict(kept, jobs=-1)),
                json.dumps(dict(kept, hours="x", turns=None)),
                json.dumps({k: v for k, v in kept.items() if k != "seed"})):
        write(saved, bad)
        has(resumed(folder, BROKEN), saved + ": ")
    write(saved, json.dumps(kept))
    write(out + "/status.json", "[]")
    has(resumed(folder, PASS), "1 turns so far")


main("scripts", [usage_is_2, a_gate_knows_its_targets,
                 a_tool_that_is_not_there_or_talks_nonsense_is_3,
                 determinism_is_asked_from_anywhere,
                 junk_in_the_corpus_is_named_and_the_rest_replayed,
                 a_damaged_campaign_is_named])
