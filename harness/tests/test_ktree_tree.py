#!/usr/bin/env python3
"""A real kernel tree, from its sources to what is found in it.

usage: SVMTORTURE_TREE=DIR test_ktree_tree.py SVMTORTURE_KTREE

The tree is built and proved, known bugs are found in copies of its files, what
did not change is not made again, an edit remakes its object alone, and the tree
is as it was. Exit: 0, 1, or 4 without a tree.
"""
import json
import os
import shutil
import subprocess
import sys
import tempfile

KTREE = os.path.abspath(sys.argv[1])
TREE = os.environ.get("SVMTORTURE_TREE", "")
EDITED = "lib/test_hmm.c"


def ktree(*argv, tree=TREE, code=0):
    p = subprocess.run([KTREE, "--tree", tree, *argv], capture_output=True,
                       text=True)
    assert p.returncode == code, (argv, p.returncode, p.stdout, p.stderr)
    return p.stdout, p.stderr


def listing(tree):
    return {path: os.stat(os.path.join(folder, path)).st_mtime_ns
            for folder, _, names in os.walk(tree) for path in names}


def farm(folder):
    """The tree again, of symbolic links, but for the file that is edited."""
    subprocess.run(["cp", "-rs", os.path.realpath(TREE), folder], check=True)
    path = os.path.join(folder, EDITED)
    shutil.copy2(path, path + ".own")
    os.replace(path + ".own", path)
    return path


def same_seed_same_run():
    argv = ["run", "--json", "--target", "mm", "--seed", "3", "--executions",
            "200", "--out", os.path.join(scratch, "found")]
    first, second = (json.loads(ktree(*argv)[0]) for _ in range(2))
    for key in ("story", "steps", "switches"):
        assert first[key] == second[key], key


def planted_is_found():
    out, _ = ktree("canaries", "--seeds", "1", "dm_skip_update")
    assert "PASS" in out and "found by 1 of 1" in out, out


def races_are_found():
    """One that is planted, whose title the tree itself does not have."""
    out, _ = ktree("canaries", "--races", "--seeds", "1", "dm_free_unlocked")
    assert "PASS" in out and "as data-race" in out, out


def nothing_is_made_twice():
    _, said = ktree("build", "--no-self-test")
    for word in ("configured", "objects of the tree", "files of the glue",
                 "linked"):
        assert word not in said, said


def an_edit_remakes_one_object():
    tree = os.path.join(scratch, "linux")
    path = farm(tree)
    cache = ["--cache", os.path.join(scratch, "cache"), "--set", "dmirror"]
    ktree("build", "--no-self-test", *cache, tree=tree)
    with open(path, "a", encoding="utf-8") as f:
        f.write("\n/* edited */\n")
    _, said = ktree("build", "--no-self-test", *cache, tree=tree)
    assert "1 of " in said and ": lib/test_hmm.o in " in said, said
    # Of an older time, as another file in its place would have it.
    with open(path, "a", encoding="utf-8") as f:
        f.write("\n/* and again */\n")
    os.utime(path, (1, 1))
    _, said = ktree("build", "--no-self-test", *cache, tree=tree)
    assert ": lib/test_hmm.o in " in said, said


if not TREE:
    print("skipped: SVMTORTURE_TREE names no kernel tree")
    sys.exit(4)
before = listing(TREE)
with tempfile.TemporaryDirectory() as scratch:
    print(ktree("build")[1], end="", flush=True)
    for test in (same_seed_same_run, planted_is_found, races_are_found,
                 nothing_is_made_twice, an_edit_remakes_one_object):
        test()
        print("ok %s" % test.__name__, flush=True)
assert listing(TREE) == before, "the tree was written to"
