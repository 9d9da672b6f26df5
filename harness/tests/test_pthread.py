#!/usr/bin/env python3
"""test_pthread: programs of POSIX threads, explored.

usage: test_pthread.py SVMTORTURE PROGRAMS-FOLDER NAME

NAME is a program of the folder: its bug must be found by each strategy within
so many executions, as the class it is, and be the same when it is replayed;
its twin, built with -DFIXED, must pass, and dpor must have seen all of it.
Other names are cases of their own, below.
"""
import glob
import os
import re
import signal
import subprocess
import sys
import tempfile

TOOL, FOLDER, NAME = os.path.abspath(sys.argv[1]), sys.argv[2], sys.argv[3]
PASS, FINDING, USAGE, HARNESS, VACUOUS, CUT = range(6)

# name: class, options, what dpor says of the twin.
EXECUTIONS = 5000
PROGRAMS = {
    "lost_update":      ("assertion", [], "complete: 2 traces"),
    "abba":             ("deadlock", [], "complete: 2 traces"),
    "lost_wakeup":      ("deadlock", [], "complete: 2 traces"),
    "signal_first":     ("deadlock", [], "complete: 2 traces"),
    "double_checked":   ("assertion", [], "complete: 4 traces"),
    "upgrade":          ("deadlock", [], "complete: 3 traces"),
    "barrier":          ("deadlock", [], "complete: 8 traces"),
    "free_before_join": ("use-after-free", [], "complete: 1 traces"),
    "free_while_used":  ("use-after-free", ["--plain-points"],
                         "complete: 2 traces"),
    "sem_order":        ("assertion", ["--plain-points"],
                         "complete: 1 traces, 1 executions given up"),
    "sem_waiters":      ("assertion", [],
                         "complete: 20 traces, 8 executions given up"),
    "outlived":         ("assertion", [],
                         "complete: 1 traces, 1 executions given up"),
    "aba":              ("assertion", [], "complete: 164 traces"),
    "wrong_waiter":     ("deadlock", [], "complete: 80 traces"),
    "plain_counter":    ("assertion", ["--plain-points"], "complete: 2 traces"),
}
STRATEGIES = ["pos", "surw", "rff", "dpor"]
EVERY_STRATEGY = ["random", "pct", "pos", "surw", "urw", "rff", "mix", "twice",
                  "dfs:2", "dfs-sleep", "dpor"]

# -DBREAK=n of primitives.c: what has to be said of it.
BROKEN = [
    ("deadlock", "held by P0"),
    ("misuse", "a mutex that nobody holds"),
    ("misuse", "with a mutex that is not held"),
    ("misuse", "pthread_rwlock_unlock"),
    ("misuse", "pthread_spin_unlock"),
    ("misuse", "was joined already"),
    ("misuse", "was detached already"),
    ("bad-free", "freed before"),
    ("bad-free", "never allocated"),
    ("use-after-free", "use after free"),
    ("out-of-bounds", "1 byte"),
    ("abort", "called abort"),
    ("exit-code", "code 3"),
    ("crash", "dereferenced NULL"),
    ("progress", "20000 steps and no end"),
    ("exit-code", "code 1"),
]


def words(options):
    """Options as the program itself has them: key=value, or a word alone."""
    said = []
    for o in options:
        if o.startswith("--"):
            said.append(o[2:])
        else:
            said[-1] += "=" + o
    return said


def command(out, name, options, flags):
    """
    The verb builds a program anew each time, which takes longer than what is
    asked of it: here it does so once, and then what it has built is run.
    """
    source = os.path.join(FOLDER, name + ".c")
    kept = os.path.join(out, "-".join((name,) + flags))
    options = ["--seed", "1", "--out", out] + options
    if not os.path.exists(kept):
        return [TOOL, "explore-pthread", source, "--keep", kept] + options + \
            ["--"] + list(flags)
    said = words(options) + ["source=" + source]
    return [kept] + said + (["flags=" + " ".join(flags)] if flags else [])


def explore(out, name, options, flags=()):
    """Exit code, stdout, stderr, and what the reproducer expects."""
    p = subprocess.run(command(out, name, options, tuple(flags)),
                       capture_output=True, text=True, timeout=120)
    written = re.search(r"^written: (.*)$", p.stderr, re.M)
    expected = None
    if written:
        with open(written[1], encoding="utf-8") as f:
            expected = re.search(r"^expect:\s+(\S+)", f.read(), re.M)[1]
    return p, written and written[1], expected


def end(p):
    return p.stderr.strip().split("\n")[-1]


def claim(text):
    """What was seen, from a report."""
    return text.split("Claim:")[0].split("\n", 2)[2]


def check_found(out, name, options, flags, wanted, words=""):
    p, path, expected = explore(out, name, options, flags)
    assert p.returncode == FINDING, "%s %s: exit %d\n%s" % (
        name, options, p.returncode, p.stderr)
    assert expected == wanted, "%s %s: %s" % (name, options, expected)
    assert words in claim(p.stdout), p.stdout
    assert " end: FAIL " in end(p), p.stderr
    kept = [o for o in options if o in ("--races", "--plain-points",
                                        "--spurious", "--fail-malloc")]
    r = explore(out, name, ["--replay", path] + kept, flags)[0]
    assert r.returncode == FINDING, "%s replayed: exit %d\n%s" % (
        path, r.returncode, r.stderr)
    assert claim(r.stdout) == claim(p.stdout), r.stdout + p.stdout


def check_program(out, name):
    wanted, options, summary = PROGRAMS[name]
    for s in STRATEGIES:
        budget = ["--strategy", s, "--executions", str(EXECUTIONS)]
        check_found(out, name, budget + options, [], wanted)
        # The twin has no data race either.
        p = explore(out, name, budget + ["--races"], ["-DFIXED"])[0]
        assert p.returncode == PASS, p.stdout + p.stderr
        if s == "dpor":
            assert "(%s)" % summary in end(p), end(p)
    # Who looks at no race sees as many.
    p = explore(out, name, ["--strategy", "dfs-sleep", "--executions",
                            "1000000"], ["-DFIXED"])[0]
    assert p.returncode == PASS, p.stdout + p.stderr
    assert "(%s, " % summary.split(",")[0] in end(p), end(p)


def check_primitives(out):
    for options in ([], ["--races"], ["--plain-points"], ["--races", "--spurious"]):
        for s in ("random", "pos", "surw", "pct"):
            p = explore(out, "primitives", ["--strategy", s, "--executions",
                                            "300"] + options)[0]
            assert p.returncode == PASS, p.stdout + p.stderr
    for n, (wanted, words) in enumerate(BROKEN, 1):
        check_found(out, "primitives", [], ["-DBREAK=%d" % n], wanted, words)


def check_orders(out):
    for s in ("random", "pos", "surw", "pct"):
        p = explore(out, "orders", ["--races", "--strategy", s, "--executions",
                                    "500"])[0]
        assert p.returncode == PASS, p.stdout + p.stderr
    # Loops over a lock end: that the others wait is not for ever.
    check_found(out, "orders", [], ["-DFIFO"], "assertion", "place == woken++")


def check_seqflag3(out):
    for flag, traces in (("-DSMALL", 72), ("-DFULL", 33354)):
        p = explore(out, "seqflag3", ["--strategy", "dpor", "--executions",
                                      "1000000"], [flag])[0]
        assert p.returncode == PASS, p.stdout + p.stderr
        assert "(complete: %d traces)" % traces in end(p), end(p)


def check_memory(out):
    """Peterson's lock: too weak an order is none under sc."""
    for memory in ("tso", "weak"):
        for s in ("random", "pos", "surw", "pct"):
            budget = ["--memory", memory, "--strategy", s, "--executions",
                      "20000"]
            check_found(out, "peterson", budget, [], "assertion", "inside")
            p = explore(out, "peterson", budget, ["-DFIXED"])[0]
            assert p.returncode == PASS, p.stdout + p.stderr
    p = explore(out, "peterson", ["--strategy", "dfs:3", "--executions",
                                  "1000000"])[0]
    assert p.returncode == PASS, p.stdout + p.stderr


def check_feedback(out):
    """What one constraint on a read makes likely; pos needs a hundred times as
    many."""
    found = {"rff": 0, "pos": 0}
    for s in found:
        for seed in range(1, 8):
            p = explore(out, "reorder", ["--strategy", s, "--seed", str(seed),
                                         "--executions", "20000"])[0]
            assert p.returncode == FINDING, p.stderr
            found[s] += int(re.search(r" done=(\d+) ", end(p))[1])
    assert 20 * found["rff"] < found["pos"], found
    p = explore(out, "reorder", ["--strategy", "rff", "--executions", "2000"],
                ["-DFIXED"])[0]
    assert p.returncode == PASS, p.stdout + p.stderr


def check_options(out):
    # A race is one in whatever order it comes.
    p, path, expected = explore(out, "plain_counter", ["--races"])
    assert expected == "data-race" and " done=1 " in end(p), p.stderr
    assert "counter" in p.stdout, p.stdout
    # Without points at plain accesses nothing can come in between.
    p = explore(out, "plain_counter", ["--executions", "1000"])[0]
    assert p.returncode == PASS, p.stdout
    # A wait that does not look again is no match for one that ends early.
    p = explore(out, "early", ["--executions", "1000"])[0]
    assert p.returncode == PASS, p.stdout
    check_found(out, "early", ["--spurious"], [], "assertion")
    check_found(out, "early", ["--fail-malloc"], ["-DMALLOC"], "crash")
    check_found(out, "early", [], ["-DTIMED"], "assertion")
    # A command that nobody could paste is not cut, and not written past its end.
    said = sum((["--arg", "x" * 12000] for _ in range(4)), [])
    p = explore(out, "abba", ["--tries", "0"] + said)[0]
    assert p.returncode == FINDING and "too long to be written" in p.stdout, \
        "exit %d\n%s" % (p.returncode, p.stdout)
    # Who ends the program first is an order, too.
    for s in "dpor", "dfs-sleep":
        for code in 0, 2:
            check_found(out, "outlived", ["--strategy", s],
                        ["-DEXIT=%d" % code], "exit-code")


def check_free(out):
    """A free, and a realloc, is a write of the whole block to every strategy."""
    for s in EVERY_STRATEGY:
        check_found(out, "free_while_used", ["--plain-points", "--strategy", s],
                    ["-DBY_REALLOC"], "use-after-free")


def check_simpler(out):
    """A finding has as few preemptions as it takes, and says what is proven."""
    name = "lost_update"
    p, path, _ = explore(out, name, ["--tries", "0"])
    assert p.returncode == FINDING and "simpler:" not in p.stderr, p.stderr
    assert "inimal" not in p.stdout, p.stdout
    p, path, _ = explore(out, name, [])
    assert re.search(r"^simpler: preemptions 1 ", p.stderr, re.M), p.stderr
    proven = "no schedule with fewer preemptions fails"
    assert proven in p.stdout, p.stdout
    with open(path, encoding="utf-8") as f:
        text = f.read()
    assert re.search(r"^minimal: +proven:\d+$", text, re.M), text
    r = explore(out, name, ["--replay", path])[0]
    assert r.returncode == FINDING and proven in r.stdout, r.stdout
    assert explore(out, name, ["--strategy", "dfs:0"])[0].returncode == PASS
    # As many steps as it may have, here too.
    p, path, _ = explore(out, "primitives", ["--steps", "100"], ["-DBREAK=15"])
    assert p.returncode == FINDING and "100 steps" in p.stdout, p.stdout
    for verb in (["replay"], ["shrink", "--out", path + ".2"]):
        p = subprocess.run([TOOL, verb[0], path] + verb[1:], timeout=60,
                           capture_output=True, text=True)
        assert p.returncode == USAGE, p.stderr
        assert "explore-pthread SOURCE.c --replay" in p.stderr, p.stderr


def check_worth(out):
    """Every run that passed says what that is worth, or that it is nothing."""
    for s in EVERY_STRATEGY:
        p = explore(out, "lost_update", ["--strategy", s, "--executions", "300"],
                    ["-DFIXED"])[0]
        said = re.search(r" seconds=\S+ \((.*)\)$", end(p))
        assert p.returncode == PASS and said, p.stderr
        assert re.match("a failure that 1 execution in 100 shows is missed|"
                        "a bug is missed by|no bound: |complete: |bounded by |"
                        "random 60, .*; a failure that 1 random walk in 20",
                        said[1]), said[1]
    p = explore(out, "plain_counter", ["--executions", "100"])[0]
    assert "--races or --plain-points looks at them" in p.stderr, p.stderr
    p = explore(out, "lost_update", ["--executions", "100"], ["-DFIXED"])[0]
    assert p.returncode == PASS and "note: plain" not in p.stderr, p.stderr


def check_limits(out):
    """Stacks are as deep as Linux makes them; what is deeper says so."""
    source = os.path.join(out, "deep.c")
    with open(source, "w", encoding="utf-8") as f:
        f.write("""
#include <pthread.h>
static int deep(int n)
{
	char frame[1024];
	volatile char *p = frame;

	for (int i = 0; i < 1024; i++)
		p[i] = (char)n;
	return n ? deep(n - 1) + p[n % 1024] : 0;
}
static void *thread(void *unused)
{
	volatile int sum = deep(KIB);
	return 0;
}
int main(void)
{
	pthread_t t[2];
	for (int i = 0; i < 2; i++)
		pthread_create(&t[i], 0, thread, 0);
	for (int i = 0; i < 2; i++)
		pthread_join(t[i], 0);
	return 0;
}
""")

    def runs(kib, *options):
        return subprocess.run([TOOL, "explore-pthread", source, "--executions", "3",
                               "--out", out, *options, "--", "-DKIB=%d" % kib],
                              timeout=120, capture_output=True, text=True)

    for options in [], ["--memory", "weak"]:
        p = runs(6000, *options)
        assert p.returncode == PASS, p.stderr
        p = runs(9000, *options)
        assert p.returncode == HARNESS, p.stderr
        assert "the limit is 8 MiB" in p.stderr, p.stderr


def check_cut(out):
    """Whoever interrupts a loop without points gets his answer."""
    source = os.path.join(out, "loop.c")
    with open(source, "w", encoding="utf-8") as f:
        f.write("#include <pthread.h>\nstatic void *spin(void *unused)\n"
                "{ for (;;) __asm__ volatile(\"\"); }\n"
                "int main(void) { pthread_t t; pthread_create(&t, 0, spin, 0);"
                " return pthread_join(t, 0); }\n")
    p = subprocess.Popen([TOOL, "explore-pthread", source, "--out", out],
                         stderr=subprocess.PIPE, text=True)
    line = p.stderr.readline()
    assert " start: " in line, line
    p.send_signal(signal.SIGINT)
    rest = p.communicate(timeout=120)[1]
    assert p.returncode == CUT and " end: CUT " in rest, rest


def check_usage(out):
    def says(argv, code, words):
        p = subprocess.run([TOOL, "explore-pthread"] + argv, timeout=60,
                           capture_output=True, text=True)
        assert p.returncode == code and words in p.stderr, p.stderr

    bad = os.path.join(out, "bad.c")
    with open(bad, "w", encoding="utf-8") as f:
        f.write("#include <pthread.h>\n#include <unistd.h>\n"
                "int main(void) { return fork(); }\n")
    says([], USAGE, "no source")
    says([bad], USAGE, "front_has_no_fork")
    says([bad, "--strategy", "best"], USAGE, "unknown strategy")
    says([bad, "--trace"], USAGE, "--replay")
    for s in "dpor", "dfs-sleep":
        for memory in "tso", "weak":
            says([bad, "--strategy", s, "--memory", memory], USAGE,
                 "--memory sc only")
    says([os.path.join(out, "none.c")], USAGE, "No such file")
    says([bad, "--", "-DOOPS=", "-Wno-such", "-Werror"], USAGE, "")
    with open(bad, "w", encoding="utf-8") as f:
        f.write("int main(void) { return 0; }\n")
    says([bad, "--executions", "10"], VACUOUS, "VACUOUS")
    deep = os.path.join(out, "made", "if", "need", "be")
    says([bad, "--executions", "10", "--out", deep], VACUOUS, "VACUOUS")
    assert os.path.isdir(deep)
    for there in "/proc/none", bad, os.path.join(bad, "below"):
        says([bad, "--out", there], HARNESS, "--out " + there)
    keep = os.path.join(out, "kept")
    says([bad, "--executions", "10", "--keep", keep], VACUOUS, "VACUOUS")
    assert os.access(keep, os.X_OK)
    assert not glob.glob(os.path.join(out, "svmtorture-*")), os.listdir(out)


def main():
    with tempfile.TemporaryDirectory() as out:
        os.environ["TMPDIR"] = out
        if NAME in PROGRAMS:
            check_program(out, NAME)
        else:
            {"primitives": check_primitives, "orders": check_orders,
             "seqflag3": check_seqflag3,
             "memory": check_memory, "feedback": check_feedback,
             "options": check_options, "usage": check_usage,
             "free": check_free, "simpler": check_simpler,
             "worth": check_worth, "limits": check_limits,
             "cut": check_cut}[NAME](out)


main()
