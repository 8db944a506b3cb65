#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# sanitized.sh PREFIX COMMAND...: runs an end-to-end test whose programs are built with a sanitizer, and
# fails when any process of it had a finding, whether or not the test looked at that process's exit.

set -u
prefix=$1
shift
mkdir -p "$(dirname "$prefix")"
rm -f "$prefix".*
export SIAGA_SANITIZED=1
export ASAN_OPTIONS="${ASAN_OPTIONS-}:log_path=$prefix"
export UBSAN_OPTIONS="${UBSAN_OPTIONS-}:log_path=$prefix"
export TSAN_OPTIONS="${TSAN_OPTIONS-}:log_path=$prefix"

"$@"
status=$?
for report in "$prefix".*; do
	[ -e "$report" ] || continue
	echo "sanitizer finding in $report:"
	cat "$report"
	status=1
done
exit $status
