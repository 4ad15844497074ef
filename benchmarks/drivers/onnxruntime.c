/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * onnxruntime through its C API, one thread, with tensors that wrap the
 * benchmark's own buffers, so a run neither allocates nor copies. Mode "run"
 * calls Run, mode "binding" calls RunWithBinding.
 *
 * The wheel holds the library but not its header. The API is one table of
 * function pointers whose order never changes, so the few entries that are
 * needed are named by their position.
 */
#include "driver.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef void *handle;
typedef void *status; /* NULL is success */

typedef struct {
  const void *const *(*get_api)(uint32_t version);
  const char *(*version)(void);
} api_base;

enum { API_VERSION = 5 };
enum {
  GET_ERROR_MESSAGE = 2,
  CREATE_ENV = 3,
  CREATE_SESSION = 7,
  RUN = 9,
  CREATE_SESSION_OPTIONS = 10,
  SET_GRAPH_OPTIMIZATION_LEVEL = 23,
  SET_INTRA_OP_THREADS = 24,
  SET_INTER_OP_THREADS = 25,
  CREATE_TENSOR_WITH_DATA = 49,
  CREATE_CPU_MEMORY_INFO = 69,
  RUN_WITH_BINDING = 133,
  CREATE_IO_BINDING = 134,
  BIND_INPUT = 136,
  BIND_OUTPUT = 137,
};
enum { LOG_ERROR = 3, OPTIMIZE_ALL = 99, ELEMENT_FLOAT = 1 };
enum { ARENA_ALLOCATOR = 1, MEMORY_DEFAULT = 0 };

typedef status run_fn(handle, handle, const char *const *, const handle *,
                      size_t, const char *const *, size_t, handle *);
typedef status run_binding_fn(handle, handle, handle);

typedef struct {
  run_fn *run;
  run_binding_fn *run_binding;
  handle session, binding, x, y;
} ort_state;

static const char *const input_names[] = {"x"};
static const char *const output_names[] = {"y"};

/* Calls entry `index` of the table with the types of the arguments given. */
#define CALL(types, index, ...)                                                \
  do {                                                                         \
    status s_ = ((status(*) types)api[index])(__VA_ARGS__);                    \
    if (s_) {                                                                  \
      const char *m_ = ((const char *(*)(status))api[GET_ERROR_MESSAGE])(s_);  \
      snprintf(error, size, "%s", m_);                                         \
      return NULL;                                                             \
    }                                                                          \
  } while (0)

void *bench_onnxruntime_open(const bench_case *c, char *error, size_t size) {
  void *library = dlopen(c->library, RTLD_NOW | RTLD_LOCAL);
  if (!library) {
    snprintf(error, size, "%s", dlerror());
    return NULL;
  }
  const api_base *(*get_base)(void);
  *(void **)&get_base = dlsym(library, "OrtGetApiBase");
  const void *const *api = get_base ? get_base()->get_api(API_VERSION) : NULL;
  if (!api) {
    snprintf(error, size, "%s offers no OrtApi", c->library);
    return NULL;
  }

  static handle env;
  handle options, memory;
  ort_state *s = calloc(1, sizeof *s);
  if (!env)
    CALL((int, const char *, handle *), CREATE_ENV, LOG_ERROR, "bench", &env);
  CALL((handle *), CREATE_SESSION_OPTIONS, &options);
  CALL((handle, int), SET_GRAPH_OPTIMIZATION_LEVEL, options, OPTIMIZE_ALL);
  CALL((handle, int), SET_INTRA_OP_THREADS, options, 1);
  CALL((handle, int), SET_INTER_OP_THREADS, options, 1);
  CALL((handle, const char *, handle, handle *), CREATE_SESSION, env, c->model,
       options, &s->session);
  CALL((int, int, handle *), CREATE_CPU_MEMORY_INFO, ARENA_ALLOCATOR,
       MEMORY_DEFAULT, &memory);

  int64_t x_shape[] = {c->rows, c->inputs}, y_shape[] = {c->rows, c->outputs};
  CALL((handle, void *, size_t, const int64_t *, size_t, int, handle *),
       CREATE_TENSOR_WITH_DATA, memory, c->x,
       sizeof(float) * c->rows * c->inputs, x_shape, 2, ELEMENT_FLOAT, &s->x);
  CALL((handle, void *, size_t, const int64_t *, size_t, int, handle *),
       CREATE_TENSOR_WITH_DATA, memory, c->y,
       sizeof(float) * c->rows * c->outputs, y_shape, 2, ELEMENT_FLOAT, &s->y);
  s->run = (run_fn *)api[RUN];
  if (strcmp(c->mode, "binding") == 0) {
    s->run_binding = (run_binding_fn *)api[RUN_WITH_BINDING];
    CALL((handle, handle *), CREATE_IO_BINDING, s->session, &s->binding);
    CALL((handle, const char *, handle), BIND_INPUT, s->binding, "x", s->x);
    CALL((handle, const char *, handle), BIND_OUTPUT, s->binding, "y", s->y);
  }
  return s;
}

int bench_onnxruntime_run(void *state) {
  ort_state *s = state;
  if (s->binding)
    return s->run_binding(s->session, NULL, s->binding) != NULL;
  return s->run(s->session, NULL, input_names, &s->x, 1, output_names, 1,
                &s->y) != NULL;
}
