#!/usr/bin/env python3
"""A fuzz binary's command line, and a finding that cannot be written.

usage: test_entry.py BUILD-FOLDER

The same of all engines and of none. Exit: 0, 1 not as it should be.
"""
import glob
import os
import resource
import signal
import subprocess
import sys
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))))
MUTATION = "mm_wp_skip_copy"
PATIENCE = 300
TRAPS = (-signal.SIGILL, -signal.SIGTRAP)
LIBFUZZER_CRASH = 77
VERBS = ("--encode", "--decode", "--canonical", "--dictionary", "--tables",
         "--look", "--draw")


class Entry:
    def __init__(self, build, scratch):
        self.binary = os.path.join(os.path.abspath(build), "fuzz", "fuzz_mm")
        self.scratch = scratch

    def run(self, code, *argv, limit=None, **env):
        """What it said, on both."""
        clean = {k: v for k, v in os.environ.items()
                 if not k.startswith(("AFL_", "ASAN_", "SVMTORTURE_"))}

        def prepare():
            if limit:
                signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
                resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
        p = subprocess.run([self.binary, *argv], env=dict(
            clean, ASAN_OPTIONS="detect_leaks=0", **env), cwd=self.scratch,
            capture_output=True, text=True, errors="replace",
            timeout=PATIENCE, preexec_fn=prepare, restore_signals=False)
        said = p.stdout + p.stderr
        assert p.returncode in code, "%s %s: exit %d\n%s" % (
            argv, env, p.returncode, said[-2000:])
        return said

    def input(self):
        """One that ends in a failure with MUTATION, and in none without."""
        self.run([0], "--encode", self.scratch, os.path.join(
            ROOT, "corpus", "repro", MUTATION + ".svm"))
        return os.path.join(self.scratch, MUTATION)


def has(text, *words):
    for w in words:
        assert w in text, "no %r in:\n%s" % (w, text[-2000:])


def command_line(entry, path):
    """Nothing begins to fuzz that was asked for something else."""
    has(entry.run([0], "--help"), "usage: fuzz_mm", *VERBS)
    for argv in (["--decoed", path], ["--"], ["-runs=1", "--dict=x"]):
        has(entry.run([2], *argv), "there is no such option", "usage: fuzz_mm")
    has(entry.run([2], "--decode"), "FILE is needed")


def folder_of_findings(entry, path):
    """It is tried before the first input, whatever that is."""
    entry.run([0], path, SVMTORTURE_FINDINGS=entry.scratch + "/a/b")
    assert os.listdir(entry.scratch + "/a/b") == [], "something is left there"
    for folder in "/proc/x", "/proc", path, "/dev/null/x":
        has(entry.run([3], path, SVMTORTURE_FINDINGS=folder),
            "HARNESS: fuzz_mm: SVMTORTURE_FINDINGS cannot be", folder)


def finding_that_has_no_room(entry, path):
    """The disk takes the input and not the reproducer: there is a report, and
    an end that makes an engine keep the input."""
    corpus = os.path.join(entry.scratch, "corpus")
    os.mkdir(corpus)
    with open(path, "rb") as f:
        data = f.read()
    with open(os.path.join(corpus, "input"), "wb") as f:
        f.write(data)
    flags = ["-handle_xfsz=0", "-runs=1", "-artifact_prefix=%s/" %
             entry.scratch, corpus] if engine(entry) else [path]
    said = entry.run(
        [LIBFUZZER_CRASH] if engine(entry) else TRAPS, *flags, limit=len(data),
        SVMTORTURE_FINDINGS=entry.scratch + "/found", SVMTORTURE_MUTATE=MUTATION)
    has(said, "BUG: svmtorture: ", "' failed.",
        "this finding is not in SVMTORTURE_FINDINGS")
    assert not glob.glob(entry.scratch + "/found/*.svm")
    if engine(entry):
        kept = glob.glob(entry.scratch + "/crash-*")
        assert len(kept) == 1, "libFuzzer kept %s" % kept
        with open(kept[0], "rb") as f:
            assert f.read() == data
    # With room, the reproducer is there.
    entry.run([LIBFUZZER_CRASH, *TRAPS], path, SVMTORTURE_MUTATE=MUTATION,
              SVMTORTURE_FINDINGS=entry.scratch + "/found")
    assert len(glob.glob(entry.scratch + "/found/*.svm")) == 1


def engine(entry):
    """libFuzzer, which keeps what it crashed on."""
    return "libFuzzer" in entry.run([0, 2], "-help=1")


def main():
    if len(sys.argv) != 2:
        print(__doc__, file=sys.stderr)
        sys.exit(2)
    for test in command_line, folder_of_findings, finding_that_has_no_room:
        with tempfile.TemporaryDirectory() as scratch:
            entry = Entry(sys.argv[1], scratch)
            test(entry, entry.input())
        print("        PASS fuzz_entry." + test.__name__, flush=True)


if __name__ == "__main__":
    main()
