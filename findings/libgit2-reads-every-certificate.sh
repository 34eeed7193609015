#!/usr/bin/env bash
# libgit2 1.5.1 of Debian 12 (1.5.1+ds-1+deb12u2), 2026-11-28.
#
# git_libgit2_init() sets up TLS, whether a network will be used or not: Debian's libgit2 is built with mbed TLS, which then parses
# every certificate of the system, some 140 of them. That is most of what a program takes that reads a Git object and ends:
# 5 to 30 ms here, and 0.07 ms with a libgit2 that was linked without its TLS (scripts/static-libraries).
#
# Seen: /etc/ssl/certs/ca-certificates.crt is opened, and the milliseconds are printed.
set -euo pipefail
scratch=$(mktemp -d "${TMPDIR:-/tmp}/finding.XXXXXX")
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"
cat >init.c <<'C'
#include <git2.h>
#include <stdio.h>
#include <time.h>

int main(void) {
  struct timespec begun, done;
  clock_gettime(CLOCK_MONOTONIC, &begun);
  git_libgit2_init();
  clock_gettime(CLOCK_MONOTONIC, &done);
  printf("git_libgit2_init: %.2f ms\n", (done.tv_sec - begun.tv_sec) * 1e3 + (done.tv_nsec - begun.tv_nsec) / 1e6);
}
C
"${CC:-cc}" init.c -o init $(pkg-config --cflags --libs libgit2) 2>/dev/null || clang init.c -o init -lgit2
for _ in 1 2 3; do ./init; done
strace -f -e trace=openat ./init 2>&1 | grep ca-certificates
