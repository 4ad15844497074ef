/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * Runs a compiled model on another processor: ROWS rows of float32 from a file,
 * results to a file. The model's header is lenet.h.
 */
#include "lenet.h"

#include <stdio.h>
#include <stdlib.h>

int main(int argc, char **argv) {
  enum { INPUTS = 784, OUTPUTS = 10 };
  if (argc != 4)
    return 2;
  size_t rows = strtoul(argv[1], NULL, 10);
  float *x = malloc(rows * INPUTS * sizeof(float)), *y = malloc(rows * OUTPUTS * sizeof(float));
  FILE *in = fopen(argv[2], "rb"), *out = fopen(argv[3], "wb");
  if (!x || !y || !in || !out || fread(x, INPUTS * sizeof(float), rows, in) != rows)
    return 1;
  lenet_run((int64_t)rows, x, y);
  return fwrite(y, OUTPUTS * sizeof(float), rows, out) != rows || fclose(out);
}
