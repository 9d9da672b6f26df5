#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# golden.both_ways: what scripts/golden must forgive, and what it must not.
# One argument: the script.
golden=$1
dir=$(mktemp -d) || exit 3
trap 'rm -rf "$dir"' EXIT
failed=0

cat > "$dir/golden" <<'EOF'
BUG: svmtorture: stale-pte in do_munmap / nouveau_range_fault
The GPU maps page#7 at 0x10000
and the page is free.
Claim: no device PTE outlives the CPU mapping
target    nouveau-onepage        execution 312 of pct:2, seed 0x2a, runtime sim
mutation  nv_skip_retry          36 steps, 1 preemption, 2 calls (shrunk from 41)
commit    1a2b3c4d5e6f

 step  P0 gpu_fault                             P1 munmap
    4    mmu_interval_read_begin() = 1
       --- preempted before mutex_lock(svmm->mutex) ---
>  31                                             page#7 freed
>  36    gpu_map(0x10000 -> page#7 rw)

P0 gpu_fault, at step 36:          P1 munmap, page#7 freed, step 31:
  gpu_map   nouveau/gpu.c:88         free_page  mm/page_alloc.c:64
                                     do_munmap  mm/mmap.c:203

1 lock held by P0 gpu_fault:
 #0: svmm->mutex, at nouveau_range_fault, since step 34

page#7: allocated at boot; freed by P1,
        step 31.

debugger    gdb --args svmtorture replay --stop-at 36 x.svm
EOF

# same NAME SED-SCRIPT...: forgiven. differs: not.
expect()
{
	want=$1 name=$2
	shift 2
	sed "$@" "$dir/golden" > "$dir/report"
	"$golden" "$dir/report" "$dir/golden" > "$dir/diff"
	got=$?
	if [ $got -ne $want ]; then
		echo "        FAIL golden.$name: exit $got, expected $want"
		cat "$dir/diff"
		failed=1
	elif [ $want -eq 1 ] && ! grep -q '^[-+]' "$dir/diff"; then
		echo "        FAIL golden.$name: no diff was printed"
		failed=1
	else
		echo "        PASS golden.$name"
	fi
}

expect 0 identical -e ''
expect 0 steps -e 's/^\([> ]\)  *[0-9][0-9]*  /\1 101  /' -e 's/step 3[0-9]/step 777/' \
	-e 's/36 steps/777 steps/' -e 's/stop-at 36/stop-at 777/'
expect 0 lines -e 's/\.c:[0-9]*/.c:1234/'
expect 0 no_line -e 's/\.c:64$/.c/'
expect 0 commit -e '/^commit/d'
expect 0 seed -e 's/0x2a/0xbeef/' -e 's/execution 312/execution 9/'
expect 0 shrunk -e 's/ (shrunk from 41)//'
expect 0 padding -e 's/gpu_map   nouv/gpu_map         nouv/' -e 's/^  *do_munmap  /        do_munmap    /'
expect 0 wrapping -e '/^page#7: /N' -e 's/P1,\n */P1, /'
expect 0 wrapping_of_text -e '/^The GPU/{N;s/\n/ /}'
expect 1 text -e 's/page is free/page is not/'
expect 1 word -e 's/gpu_map(0x10000/gpu_map(0x11000/'
expect 1 mark -e 's/^>  31 /   31 /'
expect 1 column -e 's/^\(>  31  \) */\1  /'
expect 1 depth -e 's/^\(    4    \)/\1  /'
expect 1 order -e '/^>  31/{h;d}' -e '/^>  36/{G}'
expect 1 preemption -e '/--- preempted/d'
expect 1 preemptions -e 's/1 preemption/2 preemptions/'
expect 1 title -e 's/do_munmap \//zap \//'
expect 1 lock -e 's/svmm->mutex, at/mm->lock, at/'
expect 1 file -e 's/mmap\.c:203/mremap.c/'
expect 1 frame -e '/do_munmap  mm/d'
"$golden" "$dir/none" "$dir/golden" 2> /dev/null
if [ $? -eq 3 ]; then
	echo "        PASS golden.unreadable"
else
	echo "        FAIL golden.unreadable"
	failed=1
fi
exit $failed
