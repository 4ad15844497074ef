/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * The one timing loop of all peers. A sample is the mean of as many calls as
 * fill `sample_us`, so the clock costs every peer less than one percent.
 */
#define _GNU_SOURCE
#include "driver.h"

#include <time.h>

static double now_us(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1e6 + t.tv_nsec * 1e-3;
}

/* Times `calls` calls; returns microseconds, or -1 if a call failed. */
static double time_calls(bench_run *run, void *state, int64_t calls) {
  int failed = 0;
  double start = now_us();
  for (int64_t i = 0; i < calls; ++i)
    failed |= run(state);
  double stop = now_us();
  return failed ? -1.0 : stop - start;
}

/* Fills `samples` (at most `capacity`) with microseconds per call for about
 * `seconds`, after a warm-up of a tenth of that. Returns the number of
 * samples, or -1 if a call failed. */
int64_t bench_time(bench_run *run, void *state, double seconds,
                   double sample_us, double *samples, int64_t capacity) {
  double end = now_us() + seconds * 1e5;
  int64_t calls = 1;
  do {
    double us = time_calls(run, state, calls);
    if (us < 0)
      return -1;
    if (us < sample_us)
      calls *= 2;
  } while (now_us() < end);

  end = now_us() + seconds * 1e6;
  int64_t count = 0;
  while (count < capacity && (count < 5 || now_us() < end)) {
    double us = time_calls(run, state, calls);
    if (us < 0)
      return -1;
    samples[count++] = us / calls;
  }
  return count;
}
