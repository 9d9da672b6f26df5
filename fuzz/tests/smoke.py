#!/usr/bin/env python3
"""A fuzz entry under its engine, briefly: silent on the correct code, and a
planted mutation found.

usage: smoke.py libfuzzer|afl BUILD-FOLDER ENTRY [MUTATION]

Engines judge themselves kindly: afl-fuzz exits with 0 whatever it found,
libFuzzer with 77, which elsewhere means "skipped", and both are content with a
folder of no seeds. So everything is looked at here: exit code, files, their
sizes. Executions are counted and seeds given, so that two runs are one.
Exit: 0; 1 not as it should be; 3 no engine, or nothing to start from.
"""
import glob
import os
import re
import shutil
import subprocess
import sys
import tempfile

PASSES = 3000           # executions on the correct code
FINDS = 60000           # with a mutation
LIBFUZZER_CRASH = 77
AFL = {
    "AFL_NO_UI": "1", "AFL_NO_COLOR": "1", "AFL_SKIP_CPUFREQ": "1",
    "AFL_I_DONT_CARE_ABOUT_MISSING_CRASHES": "1", "AFL_NO_AFFINITY": "1",
    "AFL_FORKSRV_INIT_TMOUT": "30000", "AFL_FAST_CAL": "1",
    "AFL_BENCH_UNTIL_CRASH": "1", "TERM": "dumb",
}


def fail(code, why):
    print("smoke: " + why)
    sys.exit(code)


def environment(mutation):
    env = {k: v for k, v in os.environ.items()
           if not k.startswith(("AFL_", "ASAN_", "UBSAN_", "SVMTORTURE_"))}
    if mutation:
        env["SVMTORTURE_MUTATE"] = mutation
    return env


def fixed():
    """libFuzzer learns from comparisons, and pointers are compared, too: with
    addresses that change, a seed is not yet a run."""
    argv = ["setarch", "-R"]
    works = shutil.which("setarch") and not subprocess.run(
        argv + ["true"], capture_output=True).returncode
    return argv if works else []


def libfuzzer(binary, seeds, scratch, mutation):
    """True if it found something; its output."""
    corpus = os.path.join(scratch, "corpus-" + str(mutation))
    os.mkdir(corpus)
    env = environment(mutation)
    env["ASAN_OPTIONS"] = "detect_leaks=0"
    env["SVMTORTURE_FINDINGS"] = os.path.join(scratch, "findings")
    p = subprocess.run(
        fixed() + [binary, "-runs=%d" % (FINDS if mutation else PASSES), "-seed=1",
         "-entropic=0", "-print_funcs=0",
         "-artifact_prefix=%s/" % scratch, corpus, seeds],
        env=env, capture_output=True, text=True, errors="replace")
    out = p.stdout + p.stderr
    crashes = glob.glob(os.path.join(scratch, "crash-*"))
    if p.returncode == 3:
        fail(3, "the entry itself is broken:\n" + out[-500:])
    if "INFO: Seed: 1" not in out:
        fail(1, "libFuzzer did not begin:\n" + out[-2000:])
    if p.returncode not in (0, LIBFUZZER_CRASH) and \
            "ERROR: AddressSanitizer" not in out:
        fail(1, "libFuzzer: exit code %d\n%s" % (p.returncode, out[-2000:]))
    if (p.returncode != 0) != bool(crashes):
        fail(1, "exit code %d and %d crash files" % (p.returncode,
                                                      len(crashes)))
    return crashes, out


def afl(binary, seeds, scratch, mutation):
    if not shutil.which("afl-fuzz"):
        fail(3, "afl-fuzz is not installed")
    out = os.path.join(scratch, "out-" + str(mutation))
    env = environment(mutation)
    env.update(AFL, AFL_CUSTOM_MUTATOR_LIBRARY=binary + "_mutator.so")
    p = subprocess.run(
        ["afl-fuzz", "-i", seeds, "-o", out, "-s", "1", "-t", "10000",
         "-E", str(FINDS if mutation else PASSES), "-x", binary + ".dict",
         "--", binary], env=env, capture_output=True, text=True,
        errors="replace", start_new_session=True)
    stats = os.path.join(out, "default", "fuzzer_stats")
    text = open(stats).read() if os.path.exists(stats) else ""
    done = re.search(r"execs_done *: (\d+)", text)
    if p.returncode or not done or not int(done[1]):
        fail(1, "afl-fuzz: exit code %d\n%s" % (p.returncode,
                                                p.stdout[-2000:]))
    # It writes down how many there were a little before the last of them.
    if not mutation and int(done[1]) < PASSES // 2:
        fail(1, "afl-fuzz made only %s executions" % done[1])
    return glob.glob(os.path.join(out, "default", "crashes", "id*")), p.stdout


def main():
    if not 4 <= len(sys.argv) <= 5:
        fail(2, __doc__)
    engine, build, entry = sys.argv[1:4]
    mutation = sys.argv[4] if len(sys.argv) > 4 else None
    binary = os.path.join(build, "fuzz", "fuzz_" + entry)
    seeds = os.path.join(build, "fuzz", "seed", entry)
    if not os.path.exists(binary):
        fail(3, "%s: not built" % binary)
    if not glob.glob(os.path.join(seeds, "*")):
        fail(3, "%s: no seeds" % seeds)
    if not all(os.path.getsize(f) for f in glob.glob(os.path.join(seeds, "*"))):
        fail(3, "%s: an empty seed, as a full disk leaves behind" % seeds)
    run = {"libfuzzer": libfuzzer, "afl": afl}[engine]
    with tempfile.TemporaryDirectory() as scratch:
        crashes, out = run(binary, seeds, scratch, None)
        if crashes:
            fail(1, "a finding on the correct code:\n" + out[-4000:])
        if not mutation:
            return
        crashes, out = run(binary, seeds, scratch, mutation)
        if not crashes or not all(os.path.getsize(f) for f in crashes):
            fail(1, "%s was not found\n%s" % (mutation, out[-2000:]))
        # The input alone, with the report and the line engines look for.
        p = subprocess.run([binary, crashes[0]], capture_output=True,
                           text=True, errors="replace",
                           env=environment(mutation))
        words = p.stdout + p.stderr
        if p.returncode == 0 or "ERROR: AddressSanitizer" not in words and \
                not re.search(r"^[\w/.]+:\d+: \w+: Assertion '.+' failed\.$",
                              words, re.M):
            fail(1, "the crash file does not tell: exit code %d\n%s" % (
                p.returncode, words[-2000:]))
        found = glob.glob(os.path.join(scratch, "findings", "*.svm"))
        if engine == "libfuzzer" and not found:
            fail(1, "no reproducer was written")
    print("smoke: %s: found %s" % (entry, mutation))


if __name__ == "__main__":
    main()
