#!/usr/bin/env python3
"""test_ossfuzz: a check of the build contract that notices what it says.

usage: test_ossfuzz.py BUILD-FOLDER [I/N | NAME...]

A tree with one toy entry, built as OSS-Fuzz would; each thing asked of it is
broken in turn, in its source or in its build.sh.
"""
import os
import shutil
import subprocess
import sys

from tooling import (BROKEN, FINDING, PASS, ROOT, USAGE, has, lacks, main,
                     program, script, write)

ADDRESS, UNDEFINED, AFL = ("libfuzzer-address", "libfuzzer-undefined",
                           "afl-address")
NOT_COPIED = shutil.ignore_patterns("__pycache__")

# A bug that is planted by name, and enough code to be instrumented.
SOURCE = r"""
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int table[128];
#define ONE(n) case n: t[(i + n) & 127] += 1 << (t[n & 7] & 15); \
	__asm__ volatile("" : : "i" (n)); break;
#define EIGHT(n) ONE(n) ONE(n + 1) ONE(n + 2) ONE(n + 3) ONE(n + 4) \
	ONE(n + 5) ONE(n + 6) ONE(n + 7)
__attribute__((noinline)) static void step(int *t, int c, int i)
{
	switch (c & 127) {
	EIGHT(0) EIGHT(8) EIGHT(16) EIGHT(24) EIGHT(32) EIGHT(40) EIGHT(48)
	EIGHT(56) EIGHT(64) EIGHT(72) EIGHT(80) EIGHT(88) EIGHT(96) EIGHT(104)
	EIGHT(112) EIGHT(120)
	}
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	char path[4096];
	FILE *f;

	if (*argc < 3 || strcmp((*argv)[1], "--encode"))
		return 0;
	snprintf(path, sizeof(path), "%s/input", (*argv)[2]);
	f = fopen(path, "w");
	if (f && fputs("ab!", f) >= 0)
		fclose(f);
	_exit(0);
}

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
	const char *planted = getenv("SVMTORTURE_MUTATE");

	memset(table, 0, sizeof(table));
	for (size_t i = 0; i < size && i < 64; i++)
		step(table, data[i], (int)i);
	if (planted && !strcmp(planted, "toy_bug") && memchr(data, '!', size)) {
		fprintf(stderr, "toy.c:1: step: Assertion 'toy' failed.\n");
		__builtin_trap();
	}
	return 0;
}
"""
BUILD = """#!/bin/bash -eu
src=$SRC/svmtorture
$CC $CFLAGS -c "$src/toy.c" -o "$WORK/toy.o"
$CXX $CXXFLAGS "$WORK/toy.o" $LIB_FUZZING_ENGINE -o "$OUT/fuzz_toy"
cp "$src/toy.dict" "$OUT/fuzz_toy.dict"
cp "$src/toy.options" "$OUT/fuzz_toy.options"
cd "$src/seeds" && cmake -E tar cf "$OUT/fuzz_toy_seed_corpus.zip" --format=zip a b
"""


class Tree:
    """A good one, in which words can be put in the place of others."""

    def __init__(self, folder):
        self.root = os.path.join(folder, "tree")
        shutil.copytree(ROOT + "/scripts", self.root + "/scripts",
                        ignore=NOT_COPIED)
        for name in ".clusterfuzzlite/build.sh", "fuzz/oss-fuzz/project.yaml":
            self.put(name, open(os.path.join(ROOT, name),
                                encoding="utf-8").read())
        self.put("fuzz/tests/CMakeLists.txt", "set(SMOKE\n\ttoy:toy_bug)\n")
        self.put("fuzz/oss-fuzz/build.sh", BUILD)
        self.put("toy.c", SOURCE)
        self.put("toy.dict", '# one\nbang="!"\n')
        self.put("toy.options", "[libfuzzer]\nentropic = 0\n")
        self.put("seeds/a", "a")
        self.put("seeds/b", "bc")
        subprocess.run(["git", "init", "-q", self.root], check=True, timeout=60)

    def put(self, name, text):
        write(os.path.join(self.root, name), text)

    def build(self, old, new):
        assert old in BUILD, old
        self.put("fuzz/oss-fuzz/build.sh", BUILD.replace(old, new))

    def source(self, old, new):
        assert old in SOURCE, old
        self.put("toy.c", SOURCE.replace(old, new))

    def check(self, *argv, code, **kw):
        return script("ossfuzz-check", *argv, code=code, root=self.root,
                      **kw)[1]

    def red(self, *words, name=ADDRESS):
        """Of just that: nothing else is wrong with the toy."""
        said = self.check(name, code=FINDING)
        has(said, "FAIL", *words)
        return said


def a_good_build_passes(folder):
    said = Tree(folder).check(code=PASS)
    for name in ADDRESS, UNDEFINED, AFL:
        has(said, "PASS  " + name)
    has(said, "1 tokens, 2 seeds", "finds toy_bug", "all as they should be")
    assert said.count("finds toy_bug") == 3, said


def what_is_not_in_out_as_it_should_be(folder):
    t = Tree(folder)
    t.build('-o "$OUT/fuzz_toy"', '-o "$WORK/fuzz_toy"')
    t.red("fuzz_toy", "is not there")
    t.build('cp "$src/toy.dict"', 'chmod -x "$OUT/fuzz_toy"\ncp "$src/toy.dict"')
    t.red("is not executable")
    t.build("cd ", 'cp "$OUT/fuzz_toy" "$OUT/fuzz_more"\ncd ')
    t.red("fuzz_more does not belong in $OUT")
    t.build("cd ", "exit 9\ncd ")
    t.red("build.sh", "exit code 9")
    t.build("cd ", 'echo x >>"$src/toy.dict"\ncd ')
    t.red("the sources are not what they were")


def files_beside_it(folder):
    t = Tree(folder)
    t.build(" a b\n", " a b\nprintf x >\"$OUT/fuzz_toy_seed_corpus.zip\"\n")
    t.red("fuzz_toy_seed_corpus.zip: File is not a zip file")
    t.put("fuzz/oss-fuzz/build.sh", BUILD)
    t.put("seeds/b", "")
    t.red("seed b is empty")
    t.put("seeds/b", "b")
    for text in "", 'no quotes\n', '"\\xzz"\n':
        t.put("toy.dict", text)
        t.red("fuzz_toy.dict:")
    t.put("toy.dict", '"!"\n')
    t.put("toy.options", "[libfuzzer]\nentropy = 0\n")
    t.red("unrecognized flag '-entropy=0'")
    t.put("toy.options", "entropic = 0\n")
    t.red("fuzz_toy.options:")


def the_wrong_instruments(folder):
    t = Tree(folder)
    t.build("$CC $CFLAGS", "$CC -O1 -fsanitize=fuzzer-no-link")
    t.red("is not built with address", "toy.c lacks", "-fsanitize=address")
    # Too little of it for their own check.
    t.build("$CC $CFLAGS", "$CC $CFLAGS -fsanitize=signed-integer-overflow")
    t.red("has code of sanitizer undefined",
          "toy.c has -fsanitize=signed-integer-overflow")
    t.build("$CC $CFLAGS", "$CC $CFLAGS -fno-sanitize-coverage="
            "inline-8bit-counters,pc-table,trace-cmp,indirect-calls,"
            "stack-depth,trace-pc-guard")
    t.red("does not count its edges")
    t.build("$CC $CFLAGS", "clang $CFLAGS")
    t.red("nothing was compiled with $CC")


def the_wrong_engine(folder):
    t = Tree(folder)
    write(t.root + "/main.c", "int main(void) { return 0; }\n")
    t.build("$LIB_FUZZING_ENGINE", '-x c++ "$src/main.c"')
    t.red("has no libFuzzer")
    # Which would run, and see one edge.
    t.build("$CC $CFLAGS", "clang $CFLAGS -fsanitize=fuzzer-no-link")
    t.red("does not count its edges: no __sancov_guards", name=AFL)


def what_is_bound_to_this_machine(folder):
    t = Tree(folder)
    t.build("$CC $CFLAGS", '$CC $CFLAGS -DHERE="\\"$OUT\\""')
    t.source("static int table", "const char *here = HERE;\nstatic int table")
    t.red("has the path of $OUT in it")
    t.source("static int table", "int other(void);\nint (*use)(void) = other;\n"
             "static int table")
    t.put("other.c", "int other(void); int other(void) { return 0; }\n")
    t.build("$CXX $CXXFLAGS \"$WORK/toy.o\" $LIB_FUZZING_ENGINE",
            '$CC -shared -fPIC "$src/other.c" -o "$WORK/libother.so"\n'
            '$CXX $CXXFLAGS "$WORK/toy.o" $LIB_FUZZING_ENGINE -L"$WORK" '
            '-lother -Wl,-rpath,"$WORK"')
    t.red("needs libother.so", "looks for libraries in ")


def one_that_does_not_run(folder):
    t = Tree(folder)
    t.source("memset(table", "abort();\n\tmemset(table")
    t.red("from nothing: exit code 77", "with its seeds: exit code 77")
    t.source("memset(table", "if (size == 2 && data[1] == 'c') abort();\n"
             "\tmemset(table")
    said = t.red("with its seeds: exit code 77")
    lacks(said, "from nothing")
    t.red("with its seeds: exit code -6", name=AFL)
    t.source("memset(table", "static int n; if (n++ > 1) _exit(0);\n"
             "\tmemset(table")
    t.red("from nothing: exit code ")


def a_bug_that_is_not_found(folder):
    t = Tree(folder)
    t.source('"toy_bug"', '"another"')
    t.red("passes with toy_bug", "did not find toy_bug")
    # A crash that looks like any other.
    t.source("toy.c:1: step: Assertion 'toy' failed.", "toy")
    t.red("without a title")
    # An end that an engine takes for a pass.
    t.source("__builtin_trap();", "_exit(0);")
    t.red("passes with toy_bug", name=AFL)
    t.source("planted && !strcmp(planted, \"toy_bug\") &&", "")
    t.red("without toy_bug as well: exit code 77")


def a_missing_engine_is_broken(folder):
    t = Tree(folder)
    tools = os.path.join(folder, "bin")
    os.makedirs(tools)
    for name in ("cmake", "ninja", "objdump", "nm", "readelf", "bash", "git",
                 "clang", "clang++", "env", "sh"):
        os.symlink(shutil.which(name), os.path.join(tools, name))
    env = dict(os.environ, PATH=tools)
    has(t.check(AFL, code=BROKEN, env=env), "afl-clang-fast is not installed")
    os.unlink(tools + "/clang")
    program(tools + "/clang", "exit 1")
    has(t.check(ADDRESS, code=BROKEN, env=env), "clang has no libFuzzer")
    has(t.check("libfuzzer-memory", code=USAGE), "one of libfuzzer-address")


main("ossfuzz", [a_good_build_passes, what_is_not_in_out_as_it_should_be,
                 files_beside_it, the_wrong_instruments, the_wrong_engine,
                 what_is_bound_to_this_machine, one_that_does_not_run,
                 a_bug_that_is_not_found, a_missing_engine_is_broken])
