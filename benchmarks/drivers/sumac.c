/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * Sumac's compiled library, called through its C entry
 * `void <name>_run(int64_t rows, const float *x, float *y)`.
 */
#include "driver.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>

typedef struct {
  void (*entry)(int64_t, const float *, float *);
  int64_t rows;
  const float *x;
  float *y;
} sumac_state;

void *bench_sumac_open(const bench_case *c, char *error, size_t size) {
  void *library = dlopen(c->library, RTLD_NOW | RTLD_LOCAL);
  if (!library) {
    snprintf(error, size, "%s", dlerror());
    return NULL;
  }
  char symbol[512];
  snprintf(symbol, sizeof symbol, "%s_run", c->model);
  void *entry = dlsym(library, symbol);
  if (!entry) {
    snprintf(error, size, "%s has no symbol %s", c->library, symbol);
    return NULL;
  }
  sumac_state *s = malloc(sizeof *s);
  *(void **)&s->entry = entry;
  s->rows = c->rows;
  s->x = c->x;
  s->y = c->y;
  return s;
}

int bench_sumac_run(void *state) {
  sumac_state *s = state;
  s->entry(s->rows, s->x, s->y);
  return 0;
}
