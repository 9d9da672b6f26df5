# Programs of POSIX threads under the front: a test a program. They are built by
# the verb itself, with the compilers of the machine.
foreach(name lost_update abba lost_wakeup signal_first double_checked upgrade
	barrier free_before_join free_while_used sem_order sem_waiters outlived aba wrong_waiter plain_counter
	primitives orders seqflag3 memory feedback options usage
	free simpler worth limits cut)
	add_test(NAME pthread.${name} COMMAND
		${CMAKE_CURRENT_SOURCE_DIR}/test_pthread.py
		$<TARGET_FILE:svmtorture> ${CMAKE_CURRENT_SOURCE_DIR}/pthread ${name})
endforeach()
# The watchdog lets them have seconds of CPU time.
set_tests_properties(pthread.limits pthread.cut PROPERTIES LABELS slow)
add_test(NAME pthread.litmus COMMAND
	${CMAKE_CURRENT_SOURCE_DIR}/test_pthread_litmus.py
	$<TARGET_FILE:svmtorture>)
