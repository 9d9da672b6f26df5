"""What the tests of the command line share: both programs, run as a shell would
run them, and what they must return. The arguments are those of the suites:
SVMTORTURE SVMTORTURE_NATIVE CORPUS [NAME]."""
import contextlib
import os
import signal
import subprocess
import sys
import tempfile
import traceback

SIM, NATIVE, CORPUS = (os.path.abspath(p) for p in sys.argv[1:4])
PASS, FINDING, USAGE, HARNESS, VACUOUS, CUT = range(6)
ABBA = ["run", "--target", "litmus-abba", "--executions", "1000", "--seed", "1"]
# Fails on threads too, whatever their order: the first fault that is served
# leaves a user of the mm behind.
LEAK = ["run", "--target", "nouveau-onepage", "--mutate", "nv_skip_mmput",
        "--executions", "1000", "--seed", "1"]


def begin(closed):
    """In a child: the state a shell would give it, less the streams @closed."""
    for s in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(s, signal.SIG_DFL)
    for fd in closed:
        os.close(fd)


def defaults():
    begin(())


def run(argv, tool=SIM, **kw):
    """Exit code, stdout as bytes, stderr as text."""
    kw.setdefault("preexec_fn", defaults)
    kw.setdefault("stdout", subprocess.PIPE)
    kw.setdefault("stderr", subprocess.PIPE)
    kw.setdefault("stdin", subprocess.DEVNULL)
    p = subprocess.run([tool] + argv, timeout=60, **kw)
    return p.returncode, p.stdout, (p.stderr or b"").decode(errors="replace")


def expect(argv, code, *words, tool=SIM, **kw):
    got, out, err = run(argv, tool, **kw)
    assert got == code, "%s: exit %d, expected %d: %s" % (argv, got, code, err)
    for w in words:
        assert w in err, "%s: no '%s' in: %s" % (argv, w, err)
    return out, err


def write(path, text):
    with open(path, "w", newline="") as f:
        f.write(text)
    return path


def read(path):
    with open(path, "rb") as f:
        return f.read()


def finding(out, *more):
    """Path of the .svm of a deadlock of litmus-abba in @out."""
    _, err = expect(ABBA + ["--seed", "1", "--out", out, *more], FINDING)
    return err.split("written: ")[1].split("\n")[0]


@contextlib.contextmanager
def started(argv, tool, sig, closed=()):
    """The process, once it has a handler for @sig."""
    p = subprocess.Popen([tool] + argv, preexec_fn=lambda: begin(closed),
                         stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    with p:
        caught = 0
        while not caught >> (sig - 1) & 1:
            assert p.poll() is None, (argv, p.returncode)
            with open("/proc/%d/status" % p.pid) as f:
                caught = int([line.split()[1] for line in f
                              if line.startswith("SigCgt")][0], 16)
            os.sched_yield()
        yield p


def main(suite, tests):
    """Each in a folder of its own; or the one that is named."""
    failed = 0
    tests = [t for t in tests if sys.argv[4:] in ([], [t.__name__])]
    for test in tests:
        with tempfile.TemporaryDirectory() as folder:
            os.chdir(folder)
            try:
                test()
                word = "PASS"
            except Exception:
                traceback.print_exc()
                failed += 1
                word = "FAIL"
            os.chdir("/")
        print("%12s %s.%s" % (word, suite, test.__name__), flush=True)
    print("%12s %s: %d run: %d passed, %d failed" % (
        "Summary", suite, len(tests), len(tests) - failed, failed))
    sys.exit(failed != 0)
