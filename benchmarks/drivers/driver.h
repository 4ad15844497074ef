/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * What every benchmark driver offers: open a net once, then run it any number
 * of times on the same preallocated buffers. A driver is opened for one batch
 * size; its state lives until the process ends.
 */
#ifndef SUMAC_BENCHMARKS_DRIVER_H
#define SUMAC_BENCHMARKS_DRIVER_H

#include <stddef.h>
#include <stdint.h>

/* One net at one batch size. */
typedef struct {
  const char *library; /* the peer's shared library */
  const char *model;   /* path of the model, or the net's C name for Sumac */
  const char *mode;    /* which of the peer's entries to use */
  int64_t rows;        /* batch size */
  int64_t inputs;      /* columns of x */
  int64_t outputs;     /* columns of y */
  float *x;            /* rows x inputs, aligned to 64 bytes */
  float *y;            /* rows x outputs, aligned to 64 bytes */
} bench_case;

/* Returns the driver's state, or NULL with a message in `error`. */
typedef void *bench_open(const bench_case *c, char *error, size_t size);

/* Runs the net once; returns 0 on success. */
typedef int bench_run(void *state);

#endif
