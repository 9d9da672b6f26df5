#!/usr/bin/env python3
"""test_cli_machine: the command line on a machine that lets it down: disks that
are full, streams that are closed, readers that go, signals.

usage: test_cli_machine.py SVMTORTURE SVMTORTURE_NATIVE CORPUS [NAME]

Nothing here waits for a clock: a signal is sent once the program has its handler
in place.
"""
import glob
import os
import resource
import signal
import subprocess

from cli import (SIM, NATIVE, CORPUS, PASS, FINDING, HARNESS, CUT, ABBA, LEAK,
                 begin, defaults, run, expect, write, read, finding, started,
                 main)


def limited(size):
    def limit():
        defaults()
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))
    return limit


def a_full_disk_takes_nothing():
    svm = finding("out")
    text = read(svm)
    for tool, argv, name in (SIM, ABBA, "deadlock"), (NATIVE, LEAK, "leak"):
        code, out, err = run(argv + ["--out", "full"], tool,
                             preexec_fn=limited(0))
        assert code == HARNESS, (tool, err)
        assert "finding: " + name in err and "cannot write" in err
        assert "written: " not in err
        assert b"BUG: svmtorture: " + name.encode() in out
        assert not os.listdir("full")
    for argv in ["shrink", svm, "--out", svm], ["convert", svm, "--out", svm]:
        expect(argv, HARNESS, "cannot write", preexec_fn=limited(0))
        assert read(svm) == text
    for argv in ["list", "ops"], ["convert", svm], ["--help"]:
        with open("/dev/full", "w") as full:
            expect(argv, HARNESS, "HARNESS: stdout", stdout=full)
    with open("/dev/full", "w") as full:
        expect(ABBA + ["--out", "full"], FINDING, stdout=full)
        expect(["replay", svm], FINDING, stdout=full)


def closed_streams_are_not_written_over():
    for fds in (0,), (1,), (2,), (0, 1, 2):
        def close():
            begin(fds)
        out = "closed" + "".join(map(str, fds))
        code, _, _ = run(ABBA + ["--seed", "1", "--out", out],
                         preexec_fn=close)
        assert code == FINDING, fds
        svm = finding("out")
        for path in glob.glob(out + "/*.svm"):
            assert read(path) == read(svm)
        code, _, _ = run(["replay", svm, "--report", out + "/r"],
                         preexec_fn=close)
        assert code == FINDING, fds
        expect(["replay", svm, "--report", "r"], FINDING)
        assert read("r") == read(out + "/r"), fds
        argv = ["run", "--target", "litmus-mp", "--seconds", "50"]
        with started(argv, SIM, signal.SIGTERM, fds) as p:
            for fd in fds:
                assert os.readlink("/proc/%d/fd/%d" % (p.pid, fd)) == "/dev/null"
            p.terminate()
    code, _, _ = run(["list", "ops"], preexec_fn=lambda: os.close(1))
    assert code == HARNESS


def a_reader_that_goes_is_no_crash():
    leak = os.path.join(CORPUS, "repro", "nv_skip_mmput.svm")
    for tool in SIM, NATIVE:
        for argv, code in [(LEAK + ["--out", "pipe"], FINDING),
                           (["list", "ops"], PASS), (["replay", leak], FINDING)]:
            r, w = os.pipe()
            os.close(r)
            try:
                got, _, err = run(argv, tool, stdout=w)
            finally:
                os.close(w)
            assert got == code, (tool, argv, err)
    for path in os.listdir("pipe"):
        assert "crash" not in path


def a_signal_is_5_and_an_end_line():
    svm = finding("out")
    text = read(svm)
    forever = str(10 ** 9)
    write("mp.svm", "target: litmus-mp\nexpect: pass\n")
    for tool in SIM, NATIVE:
        for sig in signal.SIGINT, signal.SIGTERM, signal.SIGHUP:
            for argv in [
                    ["run", "--target", "litmus-mp", "--seconds", "50"],
                    ["replay", "mp.svm", "--near", forever],
                    ["shrink", svm, "--out", svm, "--tries", forever]]:
                if tool == NATIVE and argv[0] == "shrink":
                    continue
                with started(argv, tool, sig) as p:
                    p.send_signal(sig)
                    err = p.stderr.read().decode()
                assert p.returncode == CUT, (argv, sig, p.returncode, err)
                assert "--- end: CUT" in err.splitlines()[-1], err
    assert read(svm) == text and len(os.listdir("out")) == 2


def what_was_ignored_stays_ignored():
    def nohup():
        defaults()
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
    p = subprocess.Popen([SIM, "run", "--target", "litmus-mp", "--seed", "1",
                          "--executions", "300000"], preexec_fn=nohup,
                         stderr=subprocess.PIPE)
    with p:
        p.stderr.readline()
        p.send_signal(signal.SIGHUP)
        p.stderr.read()
    assert p.returncode == PASS, p.returncode


TESTS = [
    a_full_disk_takes_nothing, closed_streams_are_not_written_over,
    a_reader_that_goes_is_no_crash, a_signal_is_5_and_an_end_line,
    what_was_ignored_stays_ignored,
]

main("cli", TESTS)
