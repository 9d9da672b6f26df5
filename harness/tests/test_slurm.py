#!/usr/bin/env python3
"""test_slurm: a job array whose verdict is about all of it.

usage: test_slurm.py BUILD-FOLDER [I/N | NAME...]

The scheduler is a sbatch of a few lines, which runs a job at once and here.
"""
import json
import os
import shutil
import subprocess
import sys
import xml.etree.ElementTree as ET

from tooling import (BROKEN, CUT, FINDING, PASS, USAGE, VACUOUS, has, lacks,
                     main, program, read, script, write)

BUILD = os.path.abspath(sys.argv[1])
SIM = os.path.join(BUILD, "svmtorture")
CLEAN = ["--target", "mm", "--strategy", "random", "--executions", "601",
         "--seed", "3"]
ABBA = ["--target", "litmus-abba", "--executions", "300", "--seed", "1"]

# The job is the last argument. $SKIP: a task that never begins.
SBATCH = """for job; do :; done
echo "$*" >>"$0.calls"
grep '^#SBATCH' "$job" >>"$0.calls"
echo "7;cluster"
ids=$(sed -n 's/^#SBATCH --array=\\([^%]*\\).*/\\1/p' "$job")
for part in $(echo "$ids" | tr , ' '); do
	for i in $(seq ${part%-*} ${part#*-}); do
		[ "$i" = "$SKIP" ] ||
			SLURM_ARRAY_TASK_ID=$i SLURM_JOB_ID=7 sh "$job" >>"$0.log" 2>&1
	done
done
[ -n "$ids" ] && exit 0
[ -z "$KILL_MERGE" ] && sh "$job" >>"$0.log" 2>&1
code=$?
case "$*" in *--wait*) exit $code ;; esac
exit 0"""


class Bed:
    """A build folder whose svmtorture may misbehave, and a cluster."""

    def __init__(self, folder, sim='exec %s "$@"' % SIM):
        self.out, self.build = folder + "/out", folder + "/build"
        self.sbatch = program(folder + "/bin/sbatch", SBATCH)
        program(self.build + "/svmtorture", sim)
        self.env = dict(os.environ, PATH=folder + "/bin:" + os.environ["PATH"])

    def slurm(self, *argv, code, **env):
        return script("slurm", *argv, code=code, env=dict(self.env, **env))[1]

    def submit(self, *run, code, n=3, more=(), **env):
        return self.slurm("submit", "--shards", str(n), "--out", self.out,
                          "--build", self.build, "--wait", *more, "--", *run,
                          code=code, **env)

    def log(self):
        return read(self.sbatch + ".log")

    def verdict(self):
        return json.loads(read(self.out + "/verdict.json"))

    def result(self, i):
        return json.loads(read("%s/shard-%d/result.json" % (self.out, i)))


def whole(*argv):
    p = subprocess.run([SIM, "run", "--json", *argv], capture_output=True,
                       text=True, timeout=120, check=True)
    return json.loads(p.stdout)


def same(verdict, r):
    for k in ("executions", "steps", "switches", "preemptions", "story",
              "events"):
        assert verdict[k] == r[k], (k, verdict[k], r[k])


def on(shard, body, sim=SIM):
    """A program that does @body in that shard."""
    return 'case "$*" in *"--shard %s"*) %s ;; esac\nexec %s "$@"' % (
        shard, body, sim)


def shards_add_up_to_the_run(folder):
    bed = Bed(folder)
    said = bed.submit(*CLEAN, code=PASS, more=("--at-once", "2",
                                               "--sbatch=--partition=long"))
    has(said, "job 7", "PASS: 601 executions", "missing: none")
    same(bed.verdict(), whole(*CLEAN))
    has(read(bed.sbatch + ".calls"), "--array=0-2%2", "--requeue",
        "--signal=B:TERM@60", "--time=1:00:00", "--partition=long",
        "--wait --dependency=afterany:7")
    # All have a result: there is nothing to do again.
    has(bed.slurm("again", bed.out, code=PASS), "all 3 shards")
    # A job that is requeued although it was through.
    has(bed.slurm("task", bed.out, "1", code=PASS), "PASS already")
    assert len(read(bed.out + "/shard-1/started").splitlines()) == 1


def findings_are_put_together_by_title(folder):
    bed = Bed(folder)
    has(bed.submit(*ABBA, code=FINDING), "FAIL", "1 findings")
    verdict = bed.verdict()
    assert len(verdict["findings"]) == 1 and \
        len(verdict["findings"][0]["files"]) == 3, verdict["findings"]
    assert os.path.exists(verdict["findings"][0]["path"])
    suite = ET.parse(bed.out + "/junit.xml").getroot()[0]
    assert suite.get("failures") == "4" and suite.get("tests") == "4"


def one_that_never_began_is_named_and_made_up_for(folder):
    bed = Bed(folder)
    said = bed.submit(*CLEAN, code=CUT, SKIP="2")
    has(said, "CUT", "missing: 2")
    has(bed.log(), "shard-2    has never begun", "2 of 3 done")
    has(bed.slurm("again", bed.out, "--wait", code=PASS), "shards 2 of 3")
    same(bed.verdict(), whole(*CLEAN))


def one_that_was_killed_is_named(folder):
    bed = Bed(folder, on("1/3", "kill -9 $PPID; exit"))
    has(bed.submit(*CLEAN, code=CUT), "missing: 1")
    has(bed.log(), "shard-1    was killed; begun 1 time, last: ")
    bed = Bed(folder)
    os.rename(bed.out + "/shard-1", folder + "/kept")
    shutil.copytree(folder + "/kept", bed.out + "/shard-1")
    # By another program than the others were made with: no.
    has(bed.slurm("again", bed.out, "--wait", code=BROKEN), "BROKEN")
    has(bed.log(), "is not the program it was")


def one_that_is_told_to_end_is_cut_and_made_up_for(folder):
    """As by preemption and by the time limit: the signal is the shell's, and
    python3 has its place. Once: another attempt goes through."""
    bed = Bed(folder, on("0/3", """if ! [ -e %s/told ]; then
	touch %s/told
	parent=$PPID
	(while ! grep -q start: %s/out/shard-0/log; do :; done
	 kill -TERM $parent) >/dev/null 2>&1 &
	exec %s "$@" --executions 100000000
fi""" % (folder, folder, folder, SIM)))
    has(bed.submit(*CLEAN, code=CUT), "CUT", "missing: none")
    assert bed.result(0)["exit"] == CUT and bed.result(1)["exit"] == PASS
    has(bed.slurm("again", bed.out, "--wait", code=PASS), "shards 0 of 3")
    same(bed.verdict(), whole(*CLEAN))
    assert len(read(bed.out + "/shard-0/started").splitlines()) == 2


def one_that_dies_is_broken_not_skipped(folder):
    bed = Bed(folder, on("0/3", "kill -SEGV $$"))
    bed.submit(*CLEAN, code=BROKEN)
    has(bed.log(), "exit code -11 without totals", "BROKEN")


def the_gravest_counts(folder):
    """A finding before a death before what is missing."""
    dies = on("0/4", "kill -SEGV $$")
    bed = Bed(folder, dies)
    bed.submit(*CLEAN, code=BROKEN, n=4, SKIP="3")
    shutil.rmtree(bed.out)
    bed.submit(*ABBA, code=FINDING, n=4, SKIP="3")
    assert bed.verdict()["missing"] == [3]
    shutil.rmtree(bed.out)
    # Without the file, there is no finding either.
    bed = Bed(folder, on("0/3", '%s "$@"; code=$?; rm -rf %s/out/shard-0/find'
                         "ings; exit $code" % (SIM, folder)))
    bed.submit(*ABBA, code=FINDING)
    has(bed.log(), "found, and the file is not there")


def results_of_another_run_do_not_count(folder):
    bed = Bed(folder)
    bed.submit(*CLEAN, code=PASS)
    path = bed.out + "/shard-0/result.json"
    mine = read(path)
    shutil.copy(bed.out + "/shard-1/result.json", path)
    has(bed.slurm("merge", bed.out, code=BROKEN), "is of shard 1/3")
    write(path, mine.replace('"seed": 3', '"seed": 8'))
    has(bed.slurm("merge", bed.out, code=BROKEN), "is of another seed")
    write(path, mine[:100])	# as a full disk leaves it
    has(bed.slurm("merge", bed.out, code=CUT), "shard-0    was killed")
    write(path, "{}")
    has(bed.slurm("merge", bed.out, code=BROKEN), "not a result")


def none_that_saw_anything_is_vacuous(folder):
    bed = Bed(folder)
    has(bed.submit("--target", "mm", "--executions", "3", "--seed", "1",
                   code=VACUOUS, n=5), "VACUOUS")


def a_scheduler_that_fails_is_broken(folder):
    bed = Bed(folder)
    said = bed.submit(*CLEAN, code=BROKEN, KILL_MERGE="1")
    has(said, "left no verdict")
    has(bed.submit(*CLEAN, code=USAGE), "has something in it")
    shutil.rmtree(bed.out)
    program(bed.sbatch, "echo no partition >&2; exit 1")
    has(bed.submit(*CLEAN, code=BROKEN), "no partition")
    shutil.rmtree(bed.out)
    os.unlink(bed.sbatch)
    has(bed.submit(*CLEAN, code=BROKEN, PATH=os.path.dirname(sys.executable)
                   if not shutil.which("sbatch") else folder), "no sbatch")
    shutil.rmtree(bed.out)
    for bad in "--shard", "--out=x", "--json":
        has(bed.submit(*CLEAN, bad, code=USAGE), "not for you to say")
    lacks(" ".join(os.listdir(folder)), "out")


main("slurm", [shards_add_up_to_the_run, findings_are_put_together_by_title,
               one_that_never_began_is_named_and_made_up_for,
               one_that_was_killed_is_named,
               one_that_is_told_to_end_is_cut_and_made_up_for,
               one_that_dies_is_broken_not_skipped, the_gravest_counts,
               results_of_another_run_do_not_count,
               none_that_saw_anything_is_vacuous,
               a_scheduler_that_fails_is_broken])
