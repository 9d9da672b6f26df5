# What is left alone for a night has to tell the truth in the morning: the tests
# of the scripts around the tool. In parts, each of which takes some seconds.
add_test(NAME shard.contract COMMAND ${CMAKE_CURRENT_SOURCE_DIR}/test_shard.py
	$<TARGET_FILE:svmtorture> $<TARGET_FILE:svmtorture-native>)
add_test(NAME cli.guarantee COMMAND
	${CMAKE_CURRENT_SOURCE_DIR}/test_guarantee.py $<TARGET_FILE:svmtorture>
	${CMAKE_SOURCE_DIR}/corpus/clean/gup_fast_under_munmap.svm)
function(script_tests name parts)
	math(EXPR last "${parts} - 1")
	foreach(i RANGE ${last})
		add_test(NAME scripts.${name}.${i} COMMAND python3
			-B ${CMAKE_CURRENT_SOURCE_DIR}/test_${name}.py
			${CMAKE_BINARY_DIR} ${i}/${parts})
		# scripts/check --slow.
		set_tests_properties(scripts.${name}.${i} PROPERTIES
			LABELS slow)
	endforeach()
endfunction()
script_tests(triage 2)
script_tests(gate 5)
script_tests(campaign 4)
script_tests(slurm 2)
script_tests(scripts 2)
# The kernel-tree ground: its builder needs no tree, the rest is left out unless
# cmake is run with SVMTORTURE_TREE in the environment.
if(TARGET svmtorture-ktree-engine)
	add_test(NAME ktree.builder COMMAND python3
		-B ${CMAKE_CURRENT_SOURCE_DIR}/test_ktree.py)
	add_test(NAME ktree.diff COMMAND python3
		-B ${CMAKE_CURRENT_SOURCE_DIR}/test_ktree_diff.py)
	add_test(NAME ktree.tree COMMAND
		${CMAKE_CURRENT_SOURCE_DIR}/test_ktree_tree.py
		${CMAKE_BINARY_DIR}/svmtorture-ktree)
	set_tests_properties(ktree.tree PROPERTIES SKIP_RETURN_CODE 4
		LABELS ktree TIMEOUT 1800)
	if(NOT DEFINED ENV{SVMTORTURE_TREE})
		set_tests_properties(ktree.tree PROPERTIES DISABLED TRUE)
	endif()
endif()
