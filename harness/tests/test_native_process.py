#!/usr/bin/env python3
"""test_native_process: whatever ends svmtorture-native ends all of it.

usage: test_native_process.py SVMTORTURE_NATIVE

A campaign on threads is three processes deep: the parent, its workers, and
the child each of them runs executions in. A hung execution is a child that is
stopped. Ends are waited for, not timed.
"""
import os
import select
import signal
import subprocess
import sys
import tempfile

NATIVE = os.path.abspath(sys.argv[1])
CUT = 5
PATIENCE = 60	# seconds; what ends at all ends long before


def children(pid):
    found = []
    for tid in os.listdir("/proc/%d/task" % pid):
        with open("/proc/%d/task/%s/children" % (pid, tid)) as f:
            found += [int(word) for word in f.read().split()]
    return found


def state(pid):
    with open("/proc/%d/stat" % pid) as f:
        return f.read().rsplit(")", 1)[1].split()[0]


def runs(pid):
    """Threads are made in the first execution; a sanitizer has its own."""
    return len(os.listdir("/proc/%d/task" % pid)) > 3


def start(out, jobs):
    """The campaign, its workers and their children, all under way."""
    p = subprocess.Popen([NATIVE, "run", "--target", "mm", "--seed", "1",
                          "--seconds", "3600", "--jobs", str(jobs),
                          "--out", out], stderr=subprocess.PIPE)
    workers, leaves = [], []
    while len(leaves) < jobs:
        assert p.poll() is None, p.stderr.read()
        workers = children(p.pid)
        leaves = [leaf for w in workers for leaf in children(w) if runs(leaf)]
        os.sched_yield()
    return p, workers, leaves


def stop(pids):
    for pid in pids:
        os.kill(pid, signal.SIGSTOP)
        while state(pid) != "T":
            os.sched_yield()


def all_end(fds):
    for fd in fds:
        ready, _, _ = select.select([fd], [], [], PATIENCE)
        assert ready, "a process outlived the campaign"
        os.close(fd)


def ends(out, sig, jobs, hung):
    p, workers, leaves = start(out, jobs)
    fds = [os.pidfd_open(pid) for pid in workers + leaves]
    if hung:
        stop(leaves)
    p.send_signal(sig)
    try:
        _, err = p.communicate(timeout=PATIENCE)
    finally:
        p.kill()
    all_end(fds)
    if sig == signal.SIGKILL:
        assert p.returncode == -sig, p.returncode
        return
    assert p.returncode == CUT, (p.returncode, err)
    assert b"--- end: CUT" in err.splitlines()[-1], err


def main():
    # A shell's background job is started with SIGINT ignored, and passes it on.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    with tempfile.TemporaryDirectory() as out:
        for sig in signal.SIGTERM, signal.SIGINT, signal.SIGKILL:
            for jobs in 1, 2:
                for hung in False, True:
                    ends(out, sig, jobs, hung)
                    print("PASS %s jobs=%d hung=%s" % (sig.name, jobs, hung))


main()
