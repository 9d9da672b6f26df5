# suite(NAME room...): one line a suite; see CMakeLists.txt.
suite(prng prng)
suite(prog prng prog)
