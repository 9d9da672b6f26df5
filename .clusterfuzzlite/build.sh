#!/bin/bash -eu
# As for OSS-Fuzz.
exec bash -eu "$SRC/svmtorture/fuzz/oss-fuzz/build.sh"
