"""The build contract of OSS-Fuzz: what its builder hands to build.sh, and what
it asks of each file that comes back. See scripts/ossfuzz-check.

A check returns what is wrong, in words; nothing is what it should return. What
an entry is run with is an environment of its own, from an empty folder, after
$OUT was moved and $WORK removed, as on the machine of a runner.
"""
import configparser
import glob
import os
import re
import signal
import stat
import zipfile

from lib import files
from lib.finding import read
from lib.tool import run
from lib.verdict import TRAPS

BASE = ["-O1", "-fno-omit-frame-pointer", "-gline-tables-only",
        "-Wno-error=deprecated-declarations", "-Wno-error=int-conversion",
        "-Wno-error=implicit-function-declaration", "-Wno-error=implicit-int",
        "-DFUZZING_BUILD_MODE_UNSAFE_FOR_PRODUCTION"]
UNDEFINED = ("array-bounds,bool,builtin,enum,function,integer-divide-by-zero,"
             "null,object-size,return,returns-nonnull-attribute,shift,"
             "signed-integer-overflow,unreachable,vla-bound,vptr")
SANITIZER = {
    "address": ["-fsanitize=address", "-fsanitize-address-use-after-scope"],
    "undefined": ["-fsanitize=unsigned-integer-overflow," + UNDEFINED,
                  "-fno-sanitize-recover=" + UNDEFINED],
}
# Calls that a sanitizer's code is full of, and other code has none of.
CALLS = {"address": re.compile(r"call.*<__asan_(?:report_)?(?:load|store)"),
         "undefined": re.compile(r"call.*<__ubsan_handle_(?!cfi)"),
         "memory": re.compile(r"call.*<__msan_(?:warning|param|maybe)"),
         "thread": re.compile(r"call.*<__tsan_(?:read|write)")}
CALLS_MIN, EDGES_MIN = 100, 100
LIBRARIES = re.compile(r"(?:lib(?:c|m|dl|rt|pthread|gcc_s|stdc\+\+|resolv)|"
                       r"ld-linux-x86-64)\.so\.\d+")
NAME = re.compile(r"fuzz_[A-Za-z0-9_-]+")
RUNNER = ["-rss_limit_mb=2560", "-timeout=25"]
AFL = {"AFL_NO_UI": "1", "AFL_NO_COLOR": "1", "AFL_SKIP_CPUFREQ": "1",
       "AFL_I_DONT_CARE_ABOUT_MISSING_CRASHES": "1", "AFL_NO_AFFINITY": "1",
       "AFL_FORKSRV_INIT_TMOUT": "30000", "AFL_FAST_CAL": "1", "TERM": "dumb"}
RUNS = 4		# without seeds, from nothing
FINDS = 60000		# executions to find a planted bug in, from the seeds
AFL_FINDS = 5000
PATIENCE = 1200		# what an executions' limit does not end is killed
ASSERTION = re.compile(r"^\S+:\d+: \w+: Assertion '.+' failed\.$", re.M)
SANITIZER_SAYS = re.compile(r"ERROR: \w+Sanitizer: (?!deadly signal)|"
                            r"runtime error: ")


def flags(engine, sanitizer):
    """As its script `compile` puts CFLAGS together."""
    coverage = [] if engine == "afl" else ["-fsanitize=fuzzer-no-link"]
    return BASE + SANITIZER[sanitizer] + coverage


def sanitizer_words(words):
    return {w for w in words if w.startswith(("-fsanitize", "-fno-sanitize"))}


def check_commands(log, source, cflags):
    """Of what the two compilers were called with: the flags, and no other."""
    wrong, compiled, linked = [], 0, 0
    for line in log.splitlines():
        compiler, _, words = line.partition(" ")
        words = words.split()
        file = next((w for w in words if w.endswith(".c") and
                     w.startswith(source)), "")
        if "-c" in words and file:
            compiled += 1
            lacks = [f for f in cflags if f not in words]
            more = sanitizer_words(words) - sanitizer_words(cflags)
            for what, some in ("lacks", lacks), ("has", sorted(more)):
                if some:
                    wrong.append("%s %s %s" % (os.path.relpath(file, source),
                                               what, " ".join(some)))
        elif compiler == "CXX" and "-c" not in words and \
                any(os.path.basename(w).startswith("fuzz_") for w in words):
            linked += 1
    if not compiled:
        wrong.append("nothing was compiled with $CC")
    if not linked:
        wrong.append("no entry was linked with $CXX")
    return wrong[:5]


class Entry:
    """One, in the folder of all."""

    def __init__(self, out, name, engine, sanitizer, scratch):
        self.out, self.name, self.path = out, name, os.path.join(out, name)
        self.engine, self.sanitizer = engine, sanitizer
        self.scratch = files.folder(os.path.join(scratch, name))
        self.seeds = os.path.join(self.scratch, "seeds")
        self.said = []		# what it came to, for the line of a pass
        self.found = None	# an input, of the planted bug

    def environment(self, mutation=None):
        env = {"PATH": self.out, "ASAN_OPTIONS": "abort_on_error=1:symbolize=0"
               if self.engine == "afl" else "detect_leaks=1"}
        if self.sanitizer == "undefined":
            env["UBSAN_OPTIONS"] = "silence_unsigned_overflow=1"
        if mutation:
            env["SVMTORTURE_MUTATE"] = mutation
        return env

    def run(self, *argv, mutation=None):
        cwd = files.folder(os.path.join(self.scratch, "cwd"))
        return run([self.path, *argv], PATIENCE, cwd=cwd,
                   env=self.environment(mutation))

    # -- what lies there --------------------------------------------------
    def check_file(self, built_in):
        if not os.path.isfile(self.path):
            return ["is not there"]
        wrong = []
        if not os.stat(self.path).st_mode & stat.S_IXUSR:
            wrong.append("is not executable")
        with open(self.path, "rb") as f:
            data = f.read()
        if data[:4] != b"\x7fELF" or data[18:20] != b"\x3e\x00":
            return wrong + ["is no ELF program for x86-64"]
        if b"LLVMFuzzerTestOneInput" not in data:
            wrong.append("has no LLVMFuzzerTestOneInput")
        if built_in.encode() in data:
            wrong.append("has the path of $OUT in it")
        return wrong + self.check_libraries()

    def check_libraries(self):
        out = run(["readelf", "-d", "-W", self.path]).stdout
        wrong = ["needs %s" % lib for lib in
                 re.findall(r"\(NEEDED\).*\[(.*)\]", out)
                 if not LIBRARIES.fullmatch(lib)]
        return wrong + ["looks for libraries in %s" % p for p in
                        re.findall(r"\((?:RPATH|RUNPATH)\).*\[(.*)\]", out)]

    def check_instrumented(self):
        code = run(["objdump", "-d", "--no-show-raw-insn", self.path]).stdout
        wrong = []
        for name, call in CALLS.items():
            n = len(call.findall(code))
            if name == self.sanitizer and n < CALLS_MIN:
                wrong.append("is not built with %s: %d calls" % (name, n))
            elif name != self.sanitizer and n:
                wrong.append("has code of sanitizer %s: %d calls" % (name, n))
        names = run(["nm", self.path]).stdout
        sections = run(["readelf", "-S", "-W", self.path]).stdout
        afl = "__afl_area_ptr" in names
        if afl != (self.engine == "afl"):
            wrong.append("has the runtime of AFL++" if afl else
                         "has no runtime of AFL++")
        if self.engine == "libfuzzer" and "LLVMFuzzerRunDriver" not in names:
            wrong.append("has no libFuzzer")
        section = "__sancov_guards" if self.engine == "afl" else \
            "__sancov_cntrs"
        if section not in sections:
            wrong.append("does not count its edges: no %s" % section)
        return wrong

    def check_seeds(self):
        path = self.path + "_seed_corpus.zip"
        try:
            with zipfile.ZipFile(path) as z:
                bad = z.testzip()
                names = [i for i in z.infolist() if not i.is_dir()]
                z.extractall(self.seeds)
        except (OSError, zipfile.BadZipFile) as e:
            return ["%s: %s" % (os.path.basename(path), e)]
        empty = [i.filename for i in names if not i.file_size]
        wrong = ["seed %s is damaged" % bad] if bad else []
        wrong += ["seed %s is empty" % n for n in empty]
        if not names:
            wrong.append("has no seeds")
        self.said.append("%d seeds" % len(names))
        return wrong

    def tokens(self):
        """Those of the dictionary, None for what is no dictionary."""
        with open(self.path + ".dict", encoding="utf-8") as f:
            lines = [line.strip() for line in f]
        lines = [line for line in lines if line and line[0] != "#"]
        token = re.compile(r'(?:[\w.-]+(?:@\d+)?\s*=\s*)?"((?:\\x[0-9a-fA-F]{2}'
                           r'|\\\\|\\"|[^"\\])+)"')
        return len(lines) if all(map(token.fullmatch, lines)) else None

    def check_dictionary(self):
        try:
            n = self.tokens()
        except OSError as e:
            return ["%s.dict: %s" % (self.name, e.strerror)]
        self.said.append("%s tokens" % n)
        return [] if n else ["%s.dict: %s" % (
            self.name, "is empty" if n == 0 else "has lines that are no token")]

    def options(self):
        """libFuzzer's part of NAME.options, which an entry need not have."""
        parser = configparser.ConfigParser()
        with open(self.path + ".options", encoding="utf-8") as f:
            parser.read_file(f)
        return ["-%s=%s" % kv for kv in parser["libfuzzer"].items()]

    # -- what it does -----------------------------------------------------
    def seed_files(self):
        return sorted(p for p in glob.glob(self.seeds + "/**", recursive=True)
                      if os.path.isfile(p))

    def check_runs(self):
        try:
            options = self.options() if os.path.exists(
                self.path + ".options") else []
        except (KeyError, configparser.Error) as e:
            return ["%s.options: %s" % (self.name, str(e).splitlines()[0])]
        wrong = self.libfuzzer_runs(options) if self.engine == "libfuzzer" \
            else self.afl_runs()
        p = self.run(self.seed_files()[0])
        if p.returncode:
            wrong.append(ended("with one input", p))
        return wrong

    def libfuzzer_runs(self, options):
        wrong = []
        p = self.run("-seed=1337", "-runs=%d" % RUNS, *RUNNER, *options)
        said = p.stdout + p.stderr
        if p.returncode or "Done %d runs" % RUNS not in said:
            wrong.append(ended("from nothing", p))
        edges = sum(map(int, re.findall(r"inline 8-bit counters\): (\d+)",
                                        said)))
        if edges < EDGES_MIN:
            wrong.append("counts %d edges" % edges)
        self.said.append("%d edges" % edges)
        wrong += re.findall(r"WARNING: unrecognized flag '.*?'", said)
        p = self.run("-runs=0", "-dict=%s.dict" % self.path, *RUNNER,
                     *options, self.seeds)
        said = p.stdout + p.stderr
        if p.returncode:
            wrong.append(ended("with its seeds", p))
        elif "seed corpus: files: %d " % len(self.seed_files()) not in said:
            wrong.append("did not take all its seeds:\n" + said[-500:])
        elif "Dictionary: %s entries" % self.tokens() not in said:
            wrong.append("did not take its dictionary:\n" + said[-500:])
        return wrong

    def afl_runs(self):
        wrong = []
        p = self.run(*self.seed_files())
        if p.returncode:
            wrong.append(ended("with its seeds", p))
        p, stats, crashes = self.afl_fuzz("clean", 200)
        if "All set and ready to roll" not in p.stdout or \
                not int(stats.get("execs_done", 0)):
            wrong.append("afl-fuzz did not begin:\n" + p.stdout[-1500:])
        self.said.append("%s edges" % stats.get("total_edges", 0))
        if int(stats.get("total_edges", 0)) < EDGES_MIN:
            wrong.append("counts %s edges" % stats.get("total_edges", 0))
        if crashes:
            wrong.append("afl-fuzz found a crash of the correct code")
        return wrong

    def afl_fuzz(self, name, executions, mutation=None):
        out = os.path.join(self.scratch, "afl-" + name)
        env = dict(self.environment(mutation), **AFL,
                   AFL_BENCH_UNTIL_CRASH="1", PATH=os.environ["PATH"])
        p = run(["afl-fuzz", "-i", self.seeds, "-o", out, "-s", "1", "-t",
                 "25000", "-m", "none", "-E", str(executions), "-x",
                 self.path + ".dict", "--", self.path], PATIENCE, env=env)
        stats = {}
        path = os.path.join(out, "default", "fuzzer_stats")
        if os.path.exists(path):
            with open(path, encoding="utf-8") as f:
                stats = dict(re.findall(r"^(\w+) *: (\S+)", f.read(), re.M))
        return p, stats, glob.glob(os.path.join(out, "default/crashes/id*"))

    # -- what it finds ----------------------------------------------------
    def check_planted(self, mutation, reproducer, inputs):
        """A known bug is a crash: of its reproducer as an input, where it has
        a form as one, of the @inputs that another engine found, and of what
        this one makes of the seeds. AFL++, which has no mutator of ours there
        and little time, need not find it."""
        folder = files.folder(os.path.join(self.scratch, "planted"))
        self.run("--encode", folder, reproducer)
        for i, data in enumerate(inputs):
            files.write(os.path.join(folder, "input-%d" % i), data)
        wrong, tried = [], sorted(glob.glob(folder + "/*"))
        for path in tried:
            p = self.run(path)
            if p.returncode:
                wrong.append(ended("without %s as well" % mutation, p))
            wrong += self.crash(path, mutation)
        p, found = self.search(mutation)
        if found and os.path.getsize(found[0]):
            self.found = read(found[0])
            self.said.append("finds " + mutation)
            return wrong + self.crash(found[0], mutation)
        if found or self.engine == "libfuzzer":
            wrong.append("did not find %s:\n%s" % (
                mutation, (p.stdout + p.stderr)[-500:]))
        self.said.append(("crashes with " if tried else "no input shows ") +
                         mutation)
        return wrong

    def search(self, mutation):
        if self.engine == "afl":
            p, _, found = self.afl_fuzz("planted", AFL_FINDS, mutation)
            return p, found
        corpus = files.folder(os.path.join(self.scratch, "corpus"))
        p = self.run("-seed=1", "-runs=%d" % FINDS, "-entropic=0",
                     "-print_funcs=0", "-dict=%s.dict" % self.path,
                     "-artifact_prefix=%s/" % self.scratch, *RUNNER, corpus,
                     self.seeds, mutation=mutation)
        return p, glob.glob(os.path.join(self.scratch, "crash-*"))

    def crash(self, path, mutation):
        """As those see it who read its end and what it said."""
        p = self.run(path, mutation=mutation)
        said = p.stdout + p.stderr
        if p.returncode == 0:
            return ["passes with " + mutation]
        if SANITIZER_SAYS.search(said):
            return []
        if not ASSERTION.search(said):
            return [ended("with " + mutation + ", and without a title", p)]
        ends = (-signal.SIGABRT, *TRAPS) if self.engine == "afl" else (77,)
        return [] if p.returncode in ends else [ended("with " + mutation, p)]


def ended(what, p):
    return "%s: exit code %d:\n%s" % (what, p.returncode,
                                      (p.stdout + p.stderr)[-1500:])


def extra(out, names):
    """Entries in $OUT that nobody asked for: a runner would run them."""
    wrong = []
    for path in sorted(glob.glob(os.path.join(out, "*"))):
        base = os.path.basename(path)
        entry = re.sub(r"(_seed_corpus\.zip|\.dict|\.options)$", "", base)
        if entry not in names or not NAME.fullmatch(entry):
            wrong.append("%s does not belong in $OUT" % base)
    return wrong
