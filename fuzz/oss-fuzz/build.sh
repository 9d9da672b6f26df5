#!/bin/bash -eu
# Every fuzz entry, with its seeds, dictionary and options, in $OUT: what
# OSS-Fuzz and ClusterFuzzLite run, and scripts/ossfuzz-check with their flags.
#
# Needs $SRC/svmtorture, $OUT, $WORK, $CC, $CXX, $CFLAGS, $CXXFLAGS and
# $LIB_FUZZING_ENGINE. Sanitizer and coverage are the caller's flags, and no
# others (fuzz/CMakeLists.txt, FUZZ=engine). The sources are left as they are.
: "${SRC:?}" "${OUT:?}" "${WORK:?}" "${CC:?}" "${CXX:?}" "${LIB_FUZZING_ENGINE:?}"
: "${SANITIZER:=address}" "${FUZZING_ENGINE:=libfuzzer}" "${ARCHITECTURE:=x86_64}"

if [ "$ARCHITECTURE" != x86_64 ]; then
	echo "build.sh: ARCHITECTURE=$ARCHITECTURE: project.yaml has x86_64 alone" >&2
	exit 2
fi
build=$WORK/svmtorture-$FUZZING_ENGINE-$SANITIZER
rm -rf "$build"
export LIB_FUZZING_ENGINE

cmake -G Ninja -S "$SRC/svmtorture" -B "$build" -DCMAKE_BUILD_TYPE=
cmake --build "$build"

for dict in "$build"/fuzz/fuzz_*.dict; do
	entry=$(basename "$dict" .dict)
	cp "$build/fuzz/$entry" "$dict" "$OUT/"
	(cd "$build/fuzz/seed/${entry#fuzz_}" &&
		cmake -E tar cf "$OUT/${entry}_seed_corpus.zip" --format=zip -- *)
	cp "$SRC/svmtorture/fuzz/oss-fuzz/entry.options" "$OUT/$entry.options"
done
