"""Exit codes, their words, and what each engine's own codes mean.

One table: a code that is not in it is a death, never a pass. Which is gravest:
a finding outranks a broken harness outranks the rest.
"""
import signal
import traceback

PASS, FINDING, USAGE, BROKEN, VACUOUS, CUT = range(6)
WORD = {PASS: "PASS", FINDING: "FAIL", USAGE: "USAGE", BROKEN: "BROKEN",
        VACUOUS: "VACUOUS", CUT: "CUT"}
RANK = {PASS: 0, VACUOUS: 1, CUT: 2, USAGE: 3, BROKEN: 4, FINDING: 5}

# What a fuzz entry ends with that has met a failure (and has trapped).
TRAPS = (-signal.SIGILL, -signal.SIGTRAP)
# engine -> its exit code -> ours; None: it died.
ENGINE = {
    "svmtorture": {0: PASS, 1: FINDING, 2: USAGE, 3: BROKEN, 4: VACUOUS, 5: CUT},
    # 77 is a crash (and elsewhere "skipped"), 70 a timeout, 71 out of memory,
    # 72 interrupted; 1 is a sanitizer's, or libFuzzer's own usage.
    "libfuzzer": {0: PASS, 77: FINDING, 70: FINDING, 71: FINDING, 72: CUT,
                  3: BROKEN, **{t: FINDING for t in TRAPS}},
    # Whatever it found: the crashes are to be counted.
    "afl": {0: PASS},
}


def gravest(codes):
    return max(codes, key=RANK.get, default=PASS)


def translate(engine, code, crashes=0):
    """An engine's end as one of ours; None if it died. @crashes: the files it
    left, which count whatever its exit code says."""
    if crashes:
        return FINDING
    return ENGINE[engine].get(code)


def of(main):
    """What main() comes to. Python's own end of what it does not expect is 1,
    which here is a finding."""
    try:
        return main()
    except KeyboardInterrupt:
        return CUT
    except Exception:
        traceback.print_exc()
        return BROKEN
