#!/usr/bin/env python3
"""test_pthread_litmus: C11's litmus tests, explored as programs of threads.

usage: test_pthread_litmus.py SVMTORTURE

A test is what each thread does and an outcome. What C11 forbids is not seen
under weak, nor what x86 forbids under tso: of two threads every schedule of
three preemptions is made, of more a good number at random. LB and two forms of
SB are allowed and never found (harness/hooks/weak.c, atomic.c).

All of them are one program, and its argument says which it is.
"""
import os
import re
import subprocess
import sys
import tempfile

TOOL = os.path.abspath(sys.argv[1])
PASS, FINDING = 0, 1
EXECUTIONS = 20000

RLX, ACQ, REL, AR, SC = ("relaxed", "acquire", "release", "acq_rel", "seq_cst")


def W(word, value, order):
    return "atomic_store_explicit(&%s, %d, memory_order_%s);" % (word, value, order)


def R(register, word, order):
    return "r%d = atomic_load_explicit(&%s, memory_order_%s);" % (register, word, order)


def X(word, value, order):
    return "atomic_exchange_explicit(&%s, %d, memory_order_%s);" % (word, value, order)


def F(order):
    return "atomic_thread_fence(memory_order_%s);" % order


SYNC = "__sync_synchronize();"
BUILTIN = "__atomic_thread_fence(__ATOMIC_SEQ_CST);"
SIGNAL = "atomic_signal_fence(memory_order_seq_cst);"
NONE = ""
FAILED = ("int was = 2; atomic_compare_exchange_strong_explicit(&%s, &was, 3, "
          "memory_order_%s, memory_order_%s);")
LOCK, UNLOCK = "pthread_mutex_lock(&m);", "pthread_mutex_unlock(&m);"


def sb(*between, store=RLX, load=RLX):
    return [W("x", 1, store) + between[0] + R(0, "y", load),
            W("y", 1, store) + between[-1] + R(1, "x", load)]


def mp(between, other, store=RLX, load=RLX):
    return [W("x", 1, RLX) + between + W("y", 1, store),
            R(0, "y", load) + other + R(1, "x", RLX)]


def iriw(between, store=RLX, load=RLX):
    return [W("x", 1, store), W("y", 1, store),
            R(0, "x", load) + between + R(1, "y", load),
            R(2, "y", load) + between + R(3, "x", load)]


def two_two(between, order=RLX):
    return [W("x", 1, order) + between + W("y", 2, order),
            W("y", 1, order) + between + W("x", 2, order)]


def r(between, store=RLX, load=RLX):
    return [W("x", 1, store) + between + W("y", 1, store),
            W("y", 2, store) + between + R(0, "x", load)]


SB, MP = "r0 == 0 && r1 == 0", "r0 == 1 && r1 == 0"
IRIW = "r0 == 1 && r1 == 0 && r2 == 1 && r3 == 0"
TWO_TWO, LAST = "x == 1 && y == 1", "y == 2 && r0 == 0"
ONCE = "pthread_once(&once, routine);"

# name, threads, outcome, found under tso, found under weak.
LITMUS = [
    ("SB", sb(NONE), SB, True, True),
    ("SB+seq_cst", sb(NONE, store=SC, load=SC), SB, False, False),
    ("SB+fences", sb(F(SC)), SB, False, False),
    ("SB+sync_synchronize", sb(SYNC), SB, False, False),
    ("SB+builtins", sb(BUILTIN), SB, False, False),
    ("SB+fence+none", sb(F(SC), NONE), SB, True, True),
    ("SB+acq_rel", sb(F(AR)), SB, True, True),
    ("SB+signal", sb(SIGNAL), SB, True, True),
    # On x86 the store is an exchange.
    ("SB+seq_cst_stores", sb(NONE, store=SC), SB, False, True),
    # Allowed under weak too, and never found there.
    ("SB+release+seq_cst", sb(NONE, store=REL, load=SC), SB, True, False),
    ("SB+exchange", [X("x", 1, SC) + R(0, "y", SC), X("y", 1, SC) + R(1, "x", SC)],
     SB, False, False),
    # An exchange that fails reads, and is ordered as a load.
    # An exchange that fails is ordered as a load; on x86 it waits for stores.
    ("SB+failed", [W("x", 1, SC) + FAILED % ("y", SC, SC) + "r0 = was;",
                   W("y", 1, SC) + R(1, "x", SC)], SB, False, False),
    ("SB+failed+between", sb(FAILED % ("z", RLX, RLX)), SB, False, True),
    ("MP", mp(NONE, NONE), MP, False, True),
    ("MP+release+acquire", mp(NONE, NONE, REL, ACQ), MP, False, False),
    ("MP+fences", mp(F(REL), F(ACQ)), MP, False, False),
    ("MP+seq_cst_fences", mp(F(SC), F(SC)), MP, False, False),
    ("MP+fence+none", mp(F(REL), NONE), MP, False, True),
    ("MP+none+fence", mp(NONE, F(ACQ)), MP, False, True),
    ("MP+acquire+release", mp(F(ACQ), F(REL)), MP, False, True),
    ("MP+locks", [LOCK + W("x", 1, RLX) + UNLOCK + LOCK + W("y", 1, RLX) + UNLOCK,
                  LOCK + R(0, "y", RLX) + UNLOCK + R(1, "x", RLX)],
     MP, False, False),
    ("MP+once", [ONCE, ONCE + R(1, "x", RLX) + "r0 = 1;"], MP, False, False),
    ("MP+semaphore", [W("x", 1, RLX) + "sem_post(&s);",
                      "sem_wait(&s); r0 = 1;" + R(1, "x", RLX)],
     MP, False, False),
    ("MP+barrier", [W("x", 1, RLX) + "pthread_barrier_wait(&b);",
                    "pthread_barrier_wait(&b); r0 = 1;" + R(1, "x", RLX)],
     MP, False, False),
    ("2+2W", two_two(NONE), TWO_TWO, False, True),
    ("2+2W+fences", two_two(F(SC)), TWO_TWO, False, False),
    ("2+2W+seq_cst", two_two(NONE, SC), TWO_TWO, False, False),
    ("R", r(NONE), LAST, True, True),
    ("R+fences", r(F(SC)), LAST, False, False),
    ("R+seq_cst", r(NONE, SC, SC), LAST, False, False),
    ("WRC+release+acquire",
     [W("x", 1, RLX), R(0, "x", ACQ) + W("y", 1, REL), R(1, "y", ACQ) + R(2, "x", RLX)],
     "r0 == 1 && r1 == 1 && r2 == 0", False, False),
    # The order of all that is seq_cst knows what a release tells.
    ("Z6+seq_cst",
     [W("x", 1, SC) + W("z", 1, REL), R(0, "z", ACQ) + R(1, "y", SC),
      W("y", 1, SC) + R(2, "x", SC)],
     "r0 == 1 && r1 == 0 && r2 == 0", False, False),
    ("IRIW+acquire", iriw(NONE, load=ACQ), IRIW, False, True),
    ("IRIW+seq_cst", iriw(NONE, SC, SC), IRIW, False, False),
    ("IRIW+fences", iriw(F(SC)), IRIW, False, False),
    ("LB", [R(0, "x", RLX) + W("y", 1, RLX), R(1, "y", RLX) + W("x", 1, RLX)],
     "r0 == 1 && r1 == 1", False, False),
]

SOURCE = """
#include <assert.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stdlib.h>

static atomic_int x, y, z;
static int r0, r1, r2, r3;
static pthread_mutex_t m = PTHREAD_MUTEX_INITIALIZER;
static pthread_once_t once = PTHREAD_ONCE_INIT;
static pthread_barrier_t b;
static sem_t s;

static void routine(void)
{
	atomic_store_explicit(&x, 1, memory_order_relaxed);
}

%s
int main(int argc, char **argv)
{
	static void *(*const threads[][5])(void *) = { %s };
	void *(*const *thread)(void *) = threads[atoi(argv[1])];
	pthread_t t[4];
	int n;

	pthread_barrier_init(&b, NULL, 2);
	sem_init(&s, 0, 0);
	for (n = 0; thread[n]; n++)
		pthread_create(&t[n], NULL, thread[n], NULL);
	while (n--)
		pthread_join(t[n], NULL);
	switch (atoi(argv[1])) {
	%s
	}
	return 0;
}
"""


def build(folder):
    """The program of all tests."""
    bodies, rows, outcomes = "", "", ""
    for i, (_, threads, outcome, _, _) in enumerate(LITMUS):
        for k, body in enumerate(threads):
            bodies += "static void *t%d_%d(void *unused) { %s return 0; }\n" % (i, k, body)
        rows += "{ %s }," % ", ".join("t%d_%d" % (i, k) for k in range(len(threads)))
        outcomes += "case %d: assert(!(%s)); break;\n" % (i, outcome)
    source, program = os.path.join(folder, "litmus.c"), os.path.join(folder, "litmus")
    with open(source, "w", encoding="utf-8") as f:
        f.write(SOURCE % (bodies, rows, outcomes))
    p = subprocess.run([TOOL, "explore-pthread", source, "--keep", program, "--arg", "0",
                        "--executions", "1"], capture_output=True, text=True, timeout=300)
    assert p.returncode == PASS, p.stderr
    return program


def explore(program, test, memory, strategy, executions):
    """Was the outcome seen? And what the run came to."""
    p = subprocess.run([program, "memory=" + memory, "seed=1", "strategy=" + strategy,
                        "executions=%d" % executions, "out=" + os.path.dirname(program),
                        "--", str(test)],
                       capture_output=True, text=True, timeout=300)
    assert p.returncode in (PASS, FINDING), p.stderr
    return p.returncode == FINDING, p.stderr


def check(program, test, memory, expected):
    name, threads, _, _, _ = LITMUS[test]
    seen, said = explore(program, test, memory, "random", EXECUTIONS)
    if not seen and not expected and len(threads) == 2:
        seen, said = explore(program, test, memory, "dfs:3", 10000000)
        assert seen or "bounded by 3 preemptions" in said, said
    if seen == expected:
        return True
    print("%s, %s: %s\n%s" % (name, memory, "seen" if seen else "not seen", said))
    return False


def main():
    with tempfile.TemporaryDirectory() as folder:
        os.environ["TMPDIR"] = folder
        program = build(folder)
        right = [check(program, test, memory, expected)
                 for test, (_, _, _, tso, weak) in enumerate(LITMUS)
                 for memory, expected in (("sc", False), ("tso", tso), ("weak", weak))]
    sys.exit(not all(right))


main()
