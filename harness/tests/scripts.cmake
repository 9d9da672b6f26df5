# What is left alone for a night has to tell the truth in the morning: the tests
# of the scripts around the tool. In parts, each of which takes some seconds.
add_test(NAME shard.contract COMMAND ${CMAKE_CURRENT_SOURCE_DIR}/test_shard.py
	$<TARGET_FILE:svmtorture> $<TARGET_FILE:svmtorture-native>)
function(script_tests name parts)
	math(EXPR last "${parts} - 1")
	foreach(i RANGE ${last})
		add_test(NAME scripts.${name}.${i} COMMAND python3
			-B ${CMAKE_CURRENT_SOURCE_DIR}/test_${name}.py
			${CMAKE_BINARY_DIR} ${i}/${parts})
	endforeach()
endfunction()
script_tests(triage 2)
script_tests(gate 5)
script_tests(campaign 4)
