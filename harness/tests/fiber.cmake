# The fiber suite three times: this machine's assembly, the ucontext fallback,
# and aarch64 under qemu-user, which is skipped where its tools are absent.
add_executable(test_fiber test_fiber.c test.c ../rt/fiber.c)
add_test(NAME unit.fiber COMMAND test_fiber)

add_executable(test_fiber_ucontext test_fiber.c test.c ../rt/fiber.c)
target_compile_definitions(test_fiber_ucontext PRIVATE FIBER_UCONTEXT)
add_test(NAME unit.fiber_ucontext COMMAND test_fiber_ucontext)

find_program(AARCH64_GCC aarch64-linux-gnu-gcc)
find_program(QEMU_AARCH64 NAMES qemu-aarch64 qemu-aarch64-static)
if(AARCH64_GCC AND QEMU_AARCH64)
	set(fiber_sources ${CMAKE_CURRENT_SOURCE_DIR}/test_fiber.c
		${CMAKE_CURRENT_SOURCE_DIR}/test.c
		${CMAKE_SOURCE_DIR}/harness/rt/fiber.c)
	add_custom_command(OUTPUT test_fiber_aarch64
		COMMAND ${AARCH64_GCC} -O2 -g -std=gnu11 -Wall -Wextra -Werror
			-Wno-unused-parameter -fno-omit-frame-pointer -static
			-iquote ${CMAKE_SOURCE_DIR} ${fiber_sources}
			-o test_fiber_aarch64
		DEPENDS ${fiber_sources} ${CMAKE_SOURCE_DIR}/harness/rt/fiber.h)
	add_custom_target(fiber_aarch64 ALL DEPENDS test_fiber_aarch64)
	add_test(NAME unit.fiber_aarch64 COMMAND ${QEMU_AARCH64}
		${CMAKE_CURRENT_BINARY_DIR}/test_fiber_aarch64)
else()
	add_test(NAME unit.fiber_aarch64 COMMAND sh -c
		"echo 'skipped: needs aarch64-linux-gnu-gcc and qemu-aarch64'; exit 4")
endif()
set_tests_properties(unit.fiber_aarch64 PROPERTIES SKIP_RETURN_CODE 4)
