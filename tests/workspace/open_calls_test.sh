#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# open_calls_test.sh SOURCE...: no source of the library opens a handle by itself. All come from
# core/platform/open_handle.h, where none is 0, 1 or 2; a call that opens inside the C or C++
# library stands in a file that holds a LowHandleGuard.
set -euo pipefail

direct='open|openat|openat2|creat|dup|dup2|dup3|pipe|pipe2|socket|socketpair|accept4?|eventfd'
direct+='|memfd_create|shm_open|epoll_create1?|inotify_init1?|signalfd|timerfd_create|mkstemp|mkostemp'
direct+='|fopen|fdopen|tmpfile|popen|io_uring_setup|pidfd_open'
guarded='sem_open|opendir|getgr(nam|gid)(_r)?|getpw(nam|uid)(_r)?|getaddrinfo|dlopen'
guarded+='|directory_iterator|remove_all|copy_file'

# calls PATTERN FILE: where the file, without its comments, calls one of these.
calls() { sed -E 's@//.*@@' "$2" | grep -nE "(^|[^A-Za-z0-9_.>])(($1) *\\(|F_DUPFD|[io]?fstream )" || true; }

failures=0
sources=0
for file in "$@"; do
  [[ $file =~ \.(cc|h|i)$ && ! $file =~ windows ]] || continue
  sources=$((sources + 1))
  found=$(calls "$direct" "$file")
  if [[ $file == core/platform/open_handle_posix.cc ]]; then
    [[ -n $found ]] || { echo "FAILED: no open call found in $file: this test sees none"; exit 1; }
    continue
  fi
  # PrivateHandle::Open has a parameter of that name.
  [[ $file != core/platform/private_handle_posix.cc ]] ||
    found=$(grep -vF 'node->handle = open();' <<<"$found" || true)
  if [[ -n $found ]]; then
    printf 'FAILED: %s opens by itself:\n%s\n' "$file" "$found"
    failures=$((failures + 1))
  fi
  found=$(calls "$guarded" "$file")
  if [[ -n $found ]] && ! grep -q 'LowHandleGuard guard;' "$file"; then
    printf 'FAILED: %s holds no LowHandleGuard:\n%s\n' "$file" "$found"
    failures=$((failures + 1))
  fi
done
((sources >= 80)) || { echo "FAILED: only $sources sources"; exit 1; }
((failures == 0))
echo "$sources sources"
