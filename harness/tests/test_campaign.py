#!/usr/bin/env python3
"""test_campaign: whatever happens in the night, the morning is told the truth.

usage: test_campaign.py BUILD-FOLDER [I/N | NAME...]

Turns of a number of executions in place of hours. Engines that misbehave are
shell scripts in the place of the real ones.
"""
import json
import os
import resource
import select
import signal
import subprocess
import sys

from tooling import (BROKEN, CUT, FINDING, PASS, ROOT, USAGE, VACUOUS, contents,
                     has, main, program, read, script, write)

sys.path.insert(0, os.path.join(ROOT, "scripts"))
from lib import reap, verdict  # noqa: E402

BUILD = os.path.abspath(sys.argv[1])
SIM = os.path.join(BUILD, "svmtorture")
NATIVE = os.path.join(BUILD, "svmtorture-native")
LIST = """case "$*" in list*) exec %s "$@" ;; esac
""" % SIM
# A finding of the correct code in two steps, for fuzz entries to decode.
ABBA = "target: litmus-abba\nexpect: deadlock\n"


def builds(folder, sim="exec %s \"$@\"" % SIM, native="exec %s \"$@\"" % NATIVE):
    program(os.path.join(folder, "b/release/svmtorture"), sim)
    program(os.path.join(folder, "b/release/svmtorture-native"), native)
    return os.path.join(folder, "b")


def fuzzer(folder, body, seed="seed", preset="fuzz"):
    """An entry, which decodes everything to a deadlock."""
    entry = program(os.path.join(folder, "b", preset, "fuzz/fuzz_x"),
                    'if [ "$1" = --decode ]; then printf "%s"; exit; fi\n%s' % (
                        ABBA.replace("\n", "\\n"), body))
    if seed:
        write(os.path.join(os.path.dirname(entry), "seed/x/s"), seed)
    return entry


def arguments(folder, *argv, turns=2, executions=3000):
    return ["--name", "t", "--out", os.path.join(folder, "out"), "--builds",
            os.path.join(folder, "b"), "--turns", str(turns), "--executions",
            str(executions), "--seed", "1", "--disk-floor", "0", "--jobs", "1",
            *argv]


def clean(folder):
    """Nobody and nothing is left of the campaign in out."""
    out = os.path.join(folder, "out")
    assert not reap.marked(out), "a process outlived the campaign"
    made = reap.creators(out)
    left = [i for i, creator, _ in reap.segments() if creator in made]
    assert not left, "shared memory was left: %s" % left


def campaign(folder, *argv, code, turns=2, executions=3000, **kw):
    """(status.json, all it said)."""
    _, said = script("campaign", *arguments(
        folder, *argv, turns=turns, executions=executions), code=code, **kw)
    clean(folder)
    path = os.path.join(folder, "out/status.json")
    return (json.loads(read(path)) if os.path.exists(path) else None), said


def nothing_found_says_how_much_was_tried(folder):
    builds(folder)
    status, said = campaign(folder, "--jobs", "2", turns=4, code=PASS)
    has(said, "not built, not used: tsan, libfuzzer, libfuzzer-asan, afl",
        "campaign: PASS: 4 turns, 12000 executions, 0 titles")
    assert status["verdict"] == "PASS" and set(status["engines"]) == {
        "random", "native"}, status
    testid = read(os.path.join(folder, "out/testid.txt"))
    has(testid, "command: ", "commit: ", "host: ", "seed: 1", "cores: ")
    assert read(os.path.join(folder, "out/turns.jsonl")).count("\n") == 4


def findings_are_listed_once(folder):
    # A known bug in the correct code, for every target that is asked for.
    builds(folder, LIST + 'case $1 in run) shift; exec %s run --mutate '
           'mm_skip_tlb_flush "$@" ;; *) exec %s "$@" ;; esac' % (SIM, SIM))
    status, said = campaign(folder, "--engine", "random", "--target", "mm",
                            turns=3, code=PASS)
    has(said, "FOUND  stale-tlb", "known", "planted: mm_skip_tlb_flush")
    assert status["engines"]["random"]["findings"] >= 1, status
    known = os.listdir(os.path.join(folder, "out/triage"))
    assert any(n.endswith(".svm") for n in known), known


def a_fuzzer_is_judged_by_what_it_left(folder):
    builds(folder)
    fuzzer(folder, """for a; do case $a in -artifact_prefix=*) p=${a#*=} ;; esac; done
echo "stat::number_of_executed_units: 5" >&2
printf bytes >"${p}crash-1"
exit 77""")
    status, said = campaign(folder, "--engine", "libfuzzer", turns=1,
                            code=FINDING)
    has(said, "FOUND  deadlock (libfuzzer, x)", "NEW    deadlock", "5 of 5")
    found = contents(os.path.join(folder, "out/findings/libfuzzer"))
    assert list(found.values()) == [ABBA.encode()], found
    assert status["engines"]["libfuzzer"]["executions"] == 5


def what_cannot_be_decoded_is_kept_as_it_is(folder):
    builds(folder)
    entry = fuzzer(folder, """for a; do case $a in -artifact_prefix=*) p=${a#*=} ;;
*.input) kill -SEGV $$ ;; esac; done
echo "stat::number_of_executed_units: 5" >&2
printf bytes >"${p}oom-1"
exit 71""")
    program(entry, read(entry).replace("exit; fi", "exit 1; fi"))
    _, said = campaign(folder, "--engine", "libfuzzer", turns=1, code=FINDING)
    has(said, "crash of fuzz_x", "NEW    crash in fuzz_x")


def afl_exits_0_with_crashes(folder):
    builds(folder)
    fuzzer(folder, "exit 0", preset="afl")
    path = os.path.join(folder, "bin")
    program(os.path.join(path, "afl-fuzz"), """while [ $# -gt 0 ]; do
[ "$1" = -o ] && o=$2; shift; done
mkdir -p "$o/default/crashes"; printf x >"$o/default/crashes/id:000000,sig:04"
echo "execs_done        : 7" >"$o/default/fuzzer_stats"; exit 0""")
    env = dict(os.environ, PATH=path + ":" + os.environ["PATH"])
    status, said = campaign(folder, "--engine", "afl", turns=1, code=FINDING,
                            env=env)
    has(said, "FOUND  deadlock (afl, x)")
    assert status["engines"]["afl"]["executions"] == 7, status


def no_seeds_are_red(folder):
    builds(folder)
    fuzzer(folder, "exit 0", seed=None)
    status, said = campaign(folder, "--engine", "libfuzzer", turns=4, code=BROKEN)
    has(said, "no seeds for x", "libfuzzer died 3 times")
    assert status["engines"]["libfuzzer"]["turns"] == 3, status


def an_engine_without_executions_is_red(folder):
    builds(folder)
    fuzzer(folder, "exit 0")
    _, said = campaign(folder, "--engine", "libfuzzer", turns=4, code=BROKEN)
    has(said, "made no execution")


def an_empty_crash_is_a_full_disk(folder):
    builds(folder)
    fuzzer(folder, """for a; do case $a in -artifact_prefix=*) p=${a#*=} ;; esac; done
: >"${p}crash-1"; exit 77""")
    _, said = campaign(folder, "--engine", "libfuzzer", turns=4, code=BROKEN)
    has(said, "an empty file")


def a_missing_engine_is_red_if_asked_for(folder):
    builds(folder)
    _, said = campaign(folder, "--engine", "afl", code=BROKEN)
    has(said, "asked for and is not there")


def an_engine_that_dies_three_times_is_red(folder):
    builds(folder, sim=LIST + "kill -SEGV $$")
    status, said = campaign(folder, turns=12, code=BROKEN)
    has(said, "BROKEN random died 3 times, last: exit code -11")
    # The others went on.
    assert status["engines"]["random"]["turns"] == 3, status
    assert status["engines"]["native"]["turns"] >= 4, status
    assert not status["engines"]["native"]["deaths"], status


def a_harness_that_is_broken_has_died(folder):
    builds(folder, sim=LIST + """echo '{"executions": 5, "title": ""}'
echo HARNESS: diverged >&2; exit 3""")
    status, said = campaign(folder, "--engine", "random", turns=9, code=BROKEN)
    has(said, "exit code 3: HARNESS: diverged")
    assert status["engines"]["random"]["turns"] == 3, status


def an_engine_that_saw_nothing_is_vacuous(folder):
    builds(folder)
    _, said = campaign(folder, executions=1, code=VACUOUS)
    has(said, "VACUOUS random: 1 turns, 1 executions")


def a_disk_below_its_floor_is_red(folder):
    builds(folder)
    _, said = campaign(folder, "--disk-floor", str(1 << 40), code=BROKEN)
    has(said, "BROKEN disk: ", "floor")


def a_full_disk_is_red(folder):
    """Of ours: the first file past the limit."""
    builds(folder)

    def full():
        resource.setrlimit(resource.RLIMIT_FSIZE, (200, 200))
    _, said = campaign(folder, code=BROKEN, preexec_fn=full)
    has(said, "BROKEN")


def a_disk_that_fills_up_is_red(folder):
    """Where a file system of one's own is allowed; full after one turn."""
    own = ["unshare", "-rm"]
    if subprocess.run([*own, "true"], check=False, stderr=subprocess.DEVNULL
                      ).returncode:
        return
    builds(folder, LIST + """for o; do :; done
dd if=/dev/zero of="$o/fill" bs=1M count=32 2>/dev/null
exec %s "$@\"""" % SIM)
    out = os.path.join(folder, "out")
    os.mkdir(out)
    p = subprocess.run(
        [*own, "sh", "-c", 'mount -t tmpfs -o size=16m t "$0" && "$@"; c=$?; '
         'find "$0" -size 0 -name "*.json"; exit $c', out, sys.executable,
         os.path.join(ROOT, "scripts/campaign"),
         *arguments(folder, "--engine", "random", turns=3)], check=False,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=120)
    assert p.returncode == BROKEN, (p.returncode, p.stdout)
    has(p.stdout, "No space left on device")
    assert ".json\n" not in p.stdout.split("exit 3\n")[-1], p.stdout
    clean(folder)


def a_full_disk_of_an_engine_is_red(folder):
    """svmtorture that cannot write its finding says so, and has died."""
    builds(folder, LIST + 'shift; exec %s run --mutate mm_skip_tlb_flush "$@"'
           % SIM)
    _, said = campaign(folder, "--engine", "random", "--target", "mm",
                       "--file-max", "1000", turns=6, code=BROKEN)
    has(said, "random died 3 times")


def too_much_memory_is_a_death(folder):
    builds(folder, LIST + "exec %s -c 'x = bytearray(1 << 28); "
           "import signal; signal.pause()'" % sys.executable)
    _, said = campaign(folder, "--memory", "100", "--engine", "random", turns=3,
                       code=BROKEN)
    has(said, "memory: more than 100 MB")


def started(folder, *argv):
    """A campaign whose engine hangs with a child of its own, which has left
    its session and shared memory behind; both are running."""
    fifo = os.path.join(folder, "fifo")
    os.mkfifo(fifo)
    leaf = write(os.path.join(folder, "leaf.py"), """
import ctypes, os, signal, sys
ctypes.CDLL(None).shmget(0, 4096, 0o1600)
if not os.fork():
    os.setsid()
    with open(sys.argv[1], "w") as f:
        f.write("%d %d\\n" % (os.getppid(), os.getpid()))
    os.kill(os.getpid(), signal.SIGSTOP)
signal.pause()
""")
    builds(folder, LIST + "exec %s %s %s" % (sys.executable, leaf, fifo))
    p = subprocess.Popen(
        [sys.executable, os.path.join(ROOT, "scripts/campaign"),
         *arguments(folder, "--engine", "random", *argv)],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    with open(fifo, encoding="ascii") as f:
        pids = [int(w) for w in f.read().split()]
    made = [i for i, creator, _ in reap.segments() if creator == pids[0]]
    assert made, "the engine made no shared memory"
    return p, [os.pidfd_open(pid) for pid in pids]


def gone(fds):
    for fd in fds:
        assert select.select([fd], [], [], 60)[0], "an orphan"
        os.close(fd)


def wait_clean(folder):
    """SIGKILL is over before the cleaner is: its end is that of the mark."""
    out = os.path.join(folder, "out")
    cleaners = [int(n) for n in os.listdir("/proc") if n.isdigit() and
                out.encode() in cmdline(n)]
    for pid in cleaners:
        try:
            gone([os.pidfd_open(pid)])
        except ProcessLookupError:
            pass
    clean(folder)


def cmdline(pid):
    try:
        with open("/proc/%s/cmdline" % pid, "rb") as f:
            words = f.read().split(b"\0")
        return words[3:4][0] if b"reap.py" in words[1:2][0] else b""
    except (OSError, IndexError):
        return b""


def sigterm_leaves_nothing(folder):
    p, fds = started(folder)
    p.send_signal(signal.SIGTERM)
    said, _ = p.communicate(timeout=60)
    assert p.returncode == CUT, said
    gone(fds)
    clean(folder)
    assert json.loads(read(folder + "/out/status.json"))["verdict"] == "CUT"


def sigkill_leaves_nothing_and_is_resumed(folder):
    p, fds = started(folder, "--target", "mm")
    # Found by an earlier turn.
    out = os.path.join(folder, "out")
    write(os.path.join(out, "findings/random/abba.svm"), ABBA)
    row = {"turn": 0, "engine": "random", "target": "mm", "seed": 5, "code": 1,
           "executions": 9, "titles": ["deadlock"], "why": "", "seconds": 1,
           "at": 1.0}
    with open(os.path.join(out, "turns.jsonl"), "a", encoding="utf-8") as f:
        f.write(json.dumps(row) + '\n{"turn": 1, "engi')
    before = contents(out)
    p.send_signal(signal.SIGKILL)
    p.communicate(timeout=60)
    gone(fds)
    wait_clean(folder)
    builds(folder)
    _, said = script("campaign", "--resume", out, "--turns", "4",
                     code=FINDING)
    has(said, "NEW    deadlock", "1 turns so far")
    clean(folder)
    after = contents(out)
    grow = {"log.txt", "turns.jsonl", "pids", "status.json", "random.log",
            "campaign.json", "testid-2.txt"}
    for name, data in before.items():
        assert name in after, "%s was deleted" % name
        assert name in grow or after[name] == data, "%s was changed" % name
    assert after["turns.jsonl"].startswith(before["turns.jsonl"][:100])
    lines = after["turns.jsonl"].decode().splitlines()
    assert lines.count('{"turn": 1, "engi') == 1, lines
    turns = [json.loads(s)["turn"] for s in lines if s.endswith("}")]
    assert len(turns) == len(lines) - 1 == len(set(turns)), turns
    assert turns[-1] == 3, turns


def a_folder_with_results_is_not_written_to(folder):
    builds(folder)
    write(os.path.join(folder, "out/mine"), "x")
    _, said = campaign(folder, code=USAGE)
    has(said, "--resume it")
    assert os.listdir(os.path.join(folder, "out")) == ["mine"]
    _, said = script("campaign", "--resume", folder, code=USAGE)
    has(said, "is no folder of a campaign")


def the_codes_of_engines(_):
    """One row of verdict.py each."""
    for engine, code, crashes, want in (
            ("svmtorture", 0, 0, PASS), ("svmtorture", 1, 0, FINDING),
            ("svmtorture", 2, 0, USAGE), ("svmtorture", 3, 0, BROKEN),
            ("svmtorture", 4, 0, VACUOUS), ("svmtorture", 5, 0, CUT),
            ("svmtorture", -9, 0, None), ("svmtorture", 66, 0, None),
            ("libfuzzer", 0, 0, PASS), ("libfuzzer", 0, 1, FINDING),
            ("libfuzzer", 77, 0, FINDING), ("libfuzzer", 70, 0, FINDING),
            ("libfuzzer", 71, 0, FINDING), ("libfuzzer", 72, 0, CUT),
            ("libfuzzer", -4, 0, FINDING), ("libfuzzer", -5, 0, FINDING),
            ("libfuzzer", 3, 0, BROKEN), ("libfuzzer", 1, 0, None),
            ("libfuzzer", -9, 0, None), ("libfuzzer", -9, 1, FINDING),
            ("afl", 0, 0, PASS), ("afl", 0, 1, FINDING), ("afl", 1, 0, None),
            ("afl", -11, 0, None)):
        got = verdict.translate(engine, code, crashes)
        assert got == want, (engine, code, crashes, got, want)
    assert verdict.gravest([0, 4, 5, 2, 3]) == BROKEN
    assert verdict.gravest([3, 1]) == FINDING and verdict.gravest([]) == PASS


main("campaign", [nothing_found_says_how_much_was_tried,
                  findings_are_listed_once, a_fuzzer_is_judged_by_what_it_left,
                  what_cannot_be_decoded_is_kept_as_it_is,
                  afl_exits_0_with_crashes, no_seeds_are_red,
                  an_engine_without_executions_is_red,
                  an_empty_crash_is_a_full_disk,
                  a_missing_engine_is_red_if_asked_for,
                  an_engine_that_dies_three_times_is_red,
                  a_harness_that_is_broken_has_died,
                  an_engine_that_saw_nothing_is_vacuous,
                  a_disk_below_its_floor_is_red, a_full_disk_is_red,
                  a_disk_that_fills_up_is_red, a_full_disk_of_an_engine_is_red,
                  too_much_memory_is_a_death,
                  sigterm_leaves_nothing, sigkill_leaves_nothing_and_is_resumed,
                  a_folder_with_results_is_not_written_to, the_codes_of_engines])
