# suite(NAME room...): one line a suite; see CMakeLists.txt.
suite(prng prng)
suite(prog prng prog)
suite(native prng rt_native)
suite(native_end prng rt_native)
suite(topology prng journal oracle rt_native)
if(SIM_TESTS)
	suite(journal prng journal oracle rt_sim)
	suite(oracle prng journal oracle rt_sim)
	suite(report prng prog journal oracle report rt_sim)
endif()
add_test(NAME unit.golden COMMAND ${CMAKE_CURRENT_SOURCE_DIR}/test_golden.sh
	${CMAKE_SOURCE_DIR}/scripts/golden)
if(SIM_TESTS)
	suite(svm ${WORLD} rt_sim)
	suite(shrink ${WORLD} rt_sim)
endif()
if(SIM_TESTS)
	suite(sim prng rt_sim)
	suite(sleep prng rt_sim)
	suite(schedule prng rt_sim)
	suite(strategies prng rt_sim)
	suite(dpor prng rt_sim)
	suite(sampling prng rt_sim)
	include(fiber.cmake)
endif()
if(SIM_TESTS)
	suite(litmus ${WORLD} rt_sim)
	file(GLOB PROPERTY CONFIGURE_DEPENDS
		${CMAKE_SOURCE_DIR}/targets/panthor/tests/property/*.c)
	add_library(panthor_property OBJECT ${PROPERTY})
	kernel_code(panthor_property)
	watched(panthor_property)
	suite(panthor_vm ${WORLD} rt_sim panthor_property)
	if(NOT SANITIZE)
		suite(litmus_count ${WORLD} rt_sim)
	endif()
endif()
# The host world of the ktree ground, which knows x86-64 only.
if(SIM_TESTS AND NOT SANITIZE AND NOT RACE AND
		CMAKE_SYSTEM_PROCESSOR STREQUAL "x86_64")
	suite(ktree_host prng rt_sim ktree_host ktree_host_sim)
endif()
# cut(PROGRAM PREFIX room): the tests of the code under test, over one runtime.
function(cut program prefix rt)
	add_executable(${program} ${program}.c cut.c)
	foreach(lib ${WORLD} cut_tests ${rt})
		target_sources(${program} PRIVATE $<TARGET_OBJECTS:${lib}>)
	endforeach()
	foreach(folder kernel mm mm_page mm_notifier mm_migrate mm_huge
			nouveau svm_atomic dmirror hmm_mirror panthor)
		add_test(NAME ${prefix}.${folder} COMMAND ${program} ${folder})
	endforeach()
endfunction()
if(SIM_TESTS)
	cut(test_cut cut rt_sim)
	if(RACE)
		target_sources(test_cut PRIVATE $<TARGET_OBJECTS:hooks>)
	endif()
endif()
if(NOT RACE)
	cut(test_cut_native cut_native rt_native)
	target_link_libraries(test_cut_native PkgConfig::HWLOC Threads::Threads)
	add_test(NAME native.process COMMAND
		${CMAKE_CURRENT_SOURCE_DIR}/test_native_process.py
		$<TARGET_FILE:svmtorture-native>)
	# Short, for what only threads meet; a campaign is a matter of minutes. A second
	# compiler alone has no threads of its own.
	if(THOROUGH)
		foreach(target mm nouveau-window nouveau-onepage nouveau-exclusive
				exclusive-v3 unmap-pin unmap-pin-callback dmirror hmm-v12
				panthor panthor-v2 panthor-lock-region
				litmus-mp litmus-seqflag3)
			add_test(NAME native.${target} COMMAND svmtorture-native run
				--target ${target} --executions 4000 --seed 1
				--out ${CMAKE_BINARY_DIR}/findings/native.${target})
		endforeach()
	endif()
endif()
suite(svm_oracles svm_oracle)
suite(svm_oracles_data svm_oracle)
suite(svm_oracles_notifier svm_oracle)
suite(svm_oracles_gpu svm_oracle)
suite(svm_oracles_fault svm_oracle)
suite(svm_oracles_move svm_oracle)
suite(svm_oracles_file svm_oracle)
suite(svm_oracles_dmirror svm_oracle)
suite(svm_oracles_v12 svm_oracle)
suite(svm_oracles_exclusive_v3 svm_oracle)
suite(svm_oracles_panthor svm_oracle)
suite(svm_oracles_bind svm_oracle)
suite(svm_oracles_exclusive svm_oracle)
suite(svm_oracles_forms svm_oracle)
suite(svm_oracles_pin svm_oracle)
suite(windows svm_oracle)
if(CMAKE_C_COMPILER_ID STREQUAL "GNU" AND NOT SANITIZE)
	add_test(NAME windows.entered COMMAND ${CMAKE_SOURCE_DIR}/scripts/windows
		--tool $<TARGET_FILE:svmtorture>)
	# 50,000 executions a target; fewer do not enter each window.
	set_tests_properties(windows.entered PROPERTIES LABELS slow)
endif()
if(SIM_TESTS AND NOT RACE AND THOROUGH)
	foreach(suite cli cli_machine)
		add_test(NAME ${suite}.contract COMMAND python3
			-B ${CMAKE_CURRENT_SOURCE_DIR}/test_${suite}.py
			$<TARGET_FILE:svmtorture> $<TARGET_FILE:svmtorture-native>
			${CMAKE_SOURCE_DIR}/corpus)
	endforeach()
endif()
if(RACE)
	add_library(race_bodies OBJECT race_bodies.c)
	watched(race_bodies)
	suite(race prng rt_sim hooks race_bodies)
	add_library(cell_bodies OBJECT cell_bodies.c)
	watched(cell_bodies)
	suite(cells prng rt_sim hooks cell_bodies)
	add_library(weak_bodies OBJECT weak_bodies.c)
	kernel_code(weak_bodies)
	watched(weak_bodies)
	suite(weak prng rt_sim hooks weak_bodies)
	add_test(NAME cross.races COMMAND
		${CMAKE_CURRENT_SOURCE_DIR}/test_cross.py
		$<TARGET_FILE:svmtorture> ${CMAKE_SOURCE_DIR}/corpus
		${CMAKE_CURRENT_SOURCE_DIR}/pthread)
	set_tests_properties(cross.races PROPERTIES SKIP_RETURN_CODE 4)
	add_test(NAME cli.points COMMAND
		${CMAKE_CURRENT_SOURCE_DIR}/test_points.py
		$<TARGET_FILE:svmtorture>)
endif()
if(SIM_TESTS AND SANITIZE MATCHES "address")
	add_library(asan_bodies OBJECT asan_bodies.c)
	kernel_code(asan_bodies)
	suite(asan prng rt_sim asan_bodies)
endif()
# The same races by ThreadSanitizer, on threads.
if(SANITIZE STREQUAL "thread")
	add_test(NAME cross.races COMMAND
		${CMAKE_CURRENT_SOURCE_DIR}/test_cross.py
		$<TARGET_FILE:svmtorture-native> ${CMAKE_SOURCE_DIR}/corpus
		${CMAKE_CURRENT_SOURCE_DIR}/pthread)
	set_tests_properties(cross.races PROPERTIES SKIP_RETURN_CODE 4)
endif()
