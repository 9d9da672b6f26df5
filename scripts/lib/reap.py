#!/usr/bin/env python3
"""Nothing of a campaign outlives it: processes by its mark, shared memory by
the processes that made it.

usage: reap.py MARK FOLDER

As a program it waits for the end of stdin, which is the end of whoever holds
the other side, SIGKILL or not. Every process of a campaign has MARK in its
environment; FOLDER/pids has the engines' own, a line each, as creators of
System V segments (afl-fuzz leaves them behind, and its children stopped).
"""
import ctypes
import os
import resource
import signal
import sys
import time

VARIABLE = "SVMTORTURE_CAMPAIGN"
IPC_RMID = 0
TRIES = 200		# a tenth of a second each, for what is being killed


def marked(mark):
    """Every process that has it, but zombies and ourselves."""
    want = ("%s=%s" % (VARIABLE, mark)).encode()
    found = []
    for name in os.listdir("/proc"):
        if not name.isdigit() or int(name) == os.getpid():
            continue
        try:
            with open("/proc/%s/environ" % name, "rb") as f:
                if want in f.read().split(b"\0"):
                    found.append(int(name))
        except OSError:		# it is gone, or somebody else's
            continue
    return found


def kill_marked(mark):
    """True if there are none any more."""
    for _ in range(TRIES):
        pids = marked(mark)
        if not pids:
            return True
        for pid in pids:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
        time.sleep(0.1)
    return False


def segments():
    """(id, creator, attached) of each System V segment."""
    try:
        with open("/proc/sysvipc/shm", encoding="ascii") as f:
            rows = [line.split() for line in f.readlines()[1:]]
    except OSError:
        return []
    return [(int(r[1]), int(r[4]), int(r[6])) for r in rows]


def remove_segments(creators):
    """What these processes left, and nobody uses. How many."""
    libc = ctypes.CDLL(None, use_errno=True)
    left = [i for i, creator, attached in segments()
            if creator in creators and not attached]
    for i in left:
        libc.shmctl(i, IPC_RMID, None)
    return len(left)


def creators(folder):
    try:
        with open(os.path.join(folder, "pids"), encoding="ascii") as f:
            return {int(line) for line in f if line.strip().isdigit()}
    except OSError:
        return set()


def rss_mb(session):
    """Of all processes of a session."""
    pages = 0
    for name in os.listdir("/proc"):
        if not name.isdigit():
            continue
        try:
            with open("/proc/%s/stat" % name, encoding="utf-8",
                      errors="replace") as f:
                fields = f.read().rsplit(")", 1)[1].split()
        except OSError:
            continue
        if int(fields[3]) == session:
            pages += int(fields[21])
    return pages * resource.getpagesize() >> 20


def reap(mark, folder):
    done = kill_marked(mark)
    remove_segments(creators(folder))
    return done


def main():
    for sig in signal.SIGINT, signal.SIGTERM, signal.SIGHUP:
        signal.signal(sig, signal.SIG_IGN)
    while os.read(0, 4096):
        pass
    return 0 if reap(sys.argv[1], sys.argv[2]) else 3


if __name__ == "__main__":
    sys.exit(main())
