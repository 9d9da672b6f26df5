#!/usr/bin/env python3
"""test_shard: N shards are the whole, for a job array that nobody watches.

usage: test_shard.py SVMTORTURE SVMTORTURE_NATIVE
"""
import json
import os
import subprocess
import sys
import tempfile

SIM, NATIVE = (os.path.abspath(p) for p in sys.argv[1:3])
PASS, _, USAGE, _, VACUOUS = range(5)
WORD = 1 << 64
EXECUTIONS = 601		# of which no two shards have as many


def run(*argv, tool=SIM, code=(PASS,)):
    with tempfile.TemporaryDirectory() as out:
        p = subprocess.run([tool, "run", "--json", "--seed", "7", "--target", "mm",
                            "--out", out, *argv], capture_output=True,
                           text=True, timeout=120)
    assert p.returncode in code, (argv, p.returncode, p.stderr)
    return (json.loads(p.stdout) if p.stdout else None), p.stderr


def numbers(r):
    """All that adds up."""
    sums = {k: r[k] for k in ("executions", "steps", "switches", "preemptions")}
    sums.update(r["events"])
    if "story" in r:
        sums["story"] = int(r["story"], 16)
    return sums


def total(results):
    sums = {}
    for r in results:
        for k, v in numbers(r).items():
            sums[k] = sums.get(k, 0) + v
    if "story" in sums:
        sums["story"] %= WORD
    return sums


def shards(n, *argv):
    # A shard may be too small to have seen everything: that is its verdict.
    found = []
    for i in range(n):
        r, err = run("--shard", "%d/%d" % (i, n), *argv,
                     code=(PASS, VACUOUS))
        assert r["shard"] == "%d/%d" % (i, n), r["shard"]
        for line in err.splitlines():
            assert "---" not in line or " shard=%d/%d " % (i, n) in line, line
        found.append(r)
    return found


def shards_add_up_to_the_whole_run():
    # The last three learn, of one program, whose executions stay together.
    for strategy in "random", "pos", "urw", "surw", "rff":
        argv = ["--strategy", strategy, "--executions", str(EXECUTIONS)]
        whole, err = run(*argv)
        assert whole["shard"] == "0/1" and "shard=" not in err, err
        parts = shards(3, *argv)
        assert [p["executions"] for p in parts] == [201, 200, 200]
        assert len({p["story"] for p in parts}) == 3
        assert total(parts) == numbers(whole), strategy


def shards_of_a_strategy_that_learns_are_the_jobs_of_one_run():
    for strategy in "mix", "pct", "surw", "rff":
        argv = ["--strategy", strategy, "--executions", str(EXECUTIONS)]
        assert total(shards(3, *argv)) == numbers(run("--jobs", "3", *argv)[0]), \
            strategy


def jobs_share_a_shard():
    argv = ["--executions", str(EXECUTIONS)]
    parts = shards(2, "--jobs", "2", *argv)
    assert total(parts) == numbers(run("--jobs", "4", *argv)[0])


def a_shard_is_the_same_again():
    argv = ["--executions", str(EXECUTIONS), "--shard", "1/3"]
    once, again = (run(*argv, code=(PASS, VACUOUS))[0] for _ in range(2))
    assert numbers(once) == numbers(again)


def threads_have_shards_too():
    argv = ["--executions", "301"]
    done = [run("--shard", "%d/2" % i, *argv, tool=NATIVE, code=(PASS, VACUOUS)
                )[0]["executions"] for i in range(2)]
    assert done == [152, 149], done


def a_shard_without_executions_is_vacuous():
    r, _ = run("--executions", "3", "--shard", "3/4", code=(VACUOUS,))
    assert r["executions"] == 0 and r["verdict"] == "VACUOUS"


def what_is_no_shard_is_usage():
    for bad in "3/3", "1", "/", "1/", "/2", "-1/2", "0/0", "1/2/3", "a/b", "":
        run("--shard", bad, code=(USAGE,))
    _, err = run("--shard", "4/4", code=(USAGE,))
    assert "from 0 to 3" in err, err
    for strategy in "dfs:2", "dpor":
        _, err = run("--strategy", strategy, "--shard", "0/2", code=(USAGE,))
        assert "explores in order" in err, err


def main():
    for test in (shards_add_up_to_the_whole_run,
                 shards_of_a_strategy_that_learns_are_the_jobs_of_one_run,
                 jobs_share_a_shard, a_shard_is_the_same_again,
                 threads_have_shards_too, a_shard_without_executions_is_vacuous,
                 what_is_no_shard_is_usage):
        test()
        print("PASS shard." + test.__name__)


main()
