/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * LiteRT in two ways. bench_litert_*: the C API of libLiteRt.so, whose
 * tensor buffers wrap the benchmark's own memory. bench_python_*: a call of a
 * Python callable without arguments, which is the only way to the wheel's
 * interpreter (`Interpreter.Invoke`); nothing else of Python is timed.
 */
#define _GNU_SOURCE
#include "driver.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>

typedef void *handle;
typedef int run_fn(handle, size_t, size_t, handle *, size_t, handle *);

/* The type of a tensor: element type, rank in the low 7 bits, dimensions. */
typedef struct {
  int32_t element;
  uint32_t rank;
  int32_t dimensions[8];
  uint32_t strides[8];
} tensor_type;

enum { ACCELERATOR_CPU = 1, ELEMENT_FLOAT32 = 1 };

typedef struct {
  run_fn *run;
  handle model, x, y;
} litert_state;

static handle environment;

/* Calls the named function of the library; any result but 0 is an error. */
#define CALL(types, name, ...)                                                 \
  do {                                                                         \
    int(*f_) types;                                                            \
    *(void **)&f_ = dlsym(library, name);                                      \
    int r_ = f_ ? f_(__VA_ARGS__) : -1;                                        \
    if (r_) {                                                                  \
      snprintf(error, size, "%s: status %d", name, r_);                        \
      return NULL;                                                             \
    }                                                                          \
  } while (0)

void *bench_litert_open(const bench_case *c, char *error, size_t size) {
  void *library = dlopen(c->library, RTLD_NOW | RTLD_LOCAL);
  if (!library) {
    snprintf(error, size, "%s", dlerror());
    return NULL;
  }
  handle file, options;
  litert_state *s = calloc(1, sizeof *s);
  if (!environment)
    CALL((int, const void *, handle *), "LiteRtCreateEnvironment", 0, NULL,
         &environment);
  CALL((handle, const char *, handle *), "LiteRtCreateModelFromFile",
       environment, c->model, &file);
  CALL((handle *), "LiteRtCreateOptions", &options);
  CALL((handle, int), "LiteRtSetOptionsHardwareAccelerators", options,
       ACCELERATOR_CPU);
  CALL((handle, handle, handle, handle *), "LiteRtCreateCompiledModel",
       environment, file, options, &s->model);

  tensor_type type = {ELEMENT_FLOAT32, 2, {(int32_t)c->rows, 0}, {0}};
  type.dimensions[1] = (int32_t)c->inputs;
  CALL((const tensor_type *, void *, size_t, void (*)(void *), handle *),
       "LiteRtCreateTensorBufferFromHostMemory", &type, c->x,
       sizeof(float) * c->rows * c->inputs, NULL, &s->x);
  type.dimensions[1] = (int32_t)c->outputs;
  CALL((const tensor_type *, void *, size_t, void (*)(void *), handle *),
       "LiteRtCreateTensorBufferFromHostMemory", &type, c->y,
       sizeof(float) * c->rows * c->outputs, NULL, &s->y);
  *(void **)&s->run = dlsym(library, "LiteRtRunCompiledModel");
  return s;
}

int bench_litert_run(void *state) {
  litert_state *s = state;
  return s->run(s->model, 0, 1, &s->x, 1, &s->y);
}

static handle (*call_no_args)(handle);
static void (*release)(handle);

/* Finds the two functions of CPython in the running process. */
int bench_python_init(void) {
  *(void **)&call_no_args = dlsym(RTLD_DEFAULT, "PyObject_CallNoArgs");
  *(void **)&release = dlsym(RTLD_DEFAULT, "Py_DecRef");
  return !call_no_args || !release;
}

/* `state` is a callable; the caller holds the interpreter lock. */
int bench_python_run(void *state) {
  handle result = call_no_args(state);
  if (!result)
    return 1;
  release(result);
  return 0;
}
