/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * oneDNN 2.x: a reorder that quantizes the input, one u8 x s8 primitive per
 * layer with bias and requantization fused into it, a reorder that dequantizes
 * the output. Weights are packed once in the format that the primitive asks
 * for; activations stay in preallocated memory. Mode "inner_product" or
 * "matmul" says which primitive computes a layer.
 *
 * The net comes as a file of little-endian words, see bench/onednn_file.py.
 */
#include "driver.h"

#include <oneapi/dnnl/dnnl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_STEPS = 16, MAX_ARGUMENTS = 4 };

typedef struct {
  dnnl_primitive_t primitive;
  int count;
  dnnl_exec_arg_t arguments[MAX_ARGUMENTS];
} step;

typedef struct {
  dnnl_stream_t stream;
  int count;
  step steps[MAX_STEPS];
} onednn_state;

static dnnl_engine_t engine;

#define TRY(call)                                                              \
  do {                                                                         \
    dnnl_status_t r_ = (call);                                                 \
    if (r_ != dnnl_success) {                                                  \
      snprintf(error, size, "%s: status %d", #call, (int)r_);                  \
      return -1;                                                               \
    }                                                                          \
  } while (0)

/* A matrix of `rows` x `columns` in row-major order, or in the format that
 * the primitive will choose. */
static dnnl_memory_desc_t matrix(int64_t rows, int64_t columns,
                                 dnnl_data_type_t type, dnnl_format_tag_t tag) {
  dnnl_memory_desc_t d;
  dnnl_dims_t dims = {rows, columns};
  dnnl_memory_desc_init_by_tag(&d, 2, dims, type, tag);
  return d;
}

static void add_argument(step *s, int index, dnnl_memory_t memory) {
  s->arguments[s->count++] = (dnnl_exec_arg_t){index, memory};
}

/* Appends a reorder between two formats, with scale and zero points. */
static int add_reorder(onednn_state *s, const dnnl_memory_desc_t *from,
                       dnnl_memory_t source, const dnnl_memory_desc_t *to,
                       dnnl_memory_t target, float scale, int32_t zero_from,
                       int32_t zero_to, char *error, size_t size) {
  dnnl_primitive_attr_t attr;
  dnnl_primitive_desc_t pd;
  step *p = &s->steps[s->count++];
  TRY(dnnl_primitive_attr_create(&attr));
  TRY(dnnl_primitive_attr_set_output_scales(attr, 1, 0, &scale));
  if (zero_from)
    TRY(dnnl_primitive_attr_set_zero_points(attr, DNNL_ARG_SRC, 1, 0,
                                            &zero_from));
  if (zero_to)
    TRY(dnnl_primitive_attr_set_zero_points(attr, DNNL_ARG_DST, 1, 0,
                                            &zero_to));
  TRY(dnnl_reorder_primitive_desc_create(&pd, from, engine, to, engine, attr));
  TRY(dnnl_primitive_create(&p->primitive, pd));
  add_argument(p, DNNL_ARG_FROM, source);
  add_argument(p, DNNL_ARG_TO, target);
  return 0;
}

/* Packs weights given as n x k into the format of the primitive. */
static int pack_weights(onednn_state *s, const int8_t *weights, int64_t k,
                        int64_t n, int matmul, const dnnl_memory_desc_t *packed,
                        dnnl_memory_t *memory, char *error, size_t size) {
  dnnl_memory_desc_t plain =
      matmul ? matrix(k, n, dnnl_s8, dnnl_ba) : matrix(n, k, dnnl_s8, dnnl_ab);
  dnnl_memory_t source;
  onednn_state once = {s->stream, 0, {{0}}};
  TRY(dnnl_memory_create(&source, &plain, engine, (void *)weights));
  TRY(dnnl_memory_create(memory, packed, engine, DNNL_MEMORY_ALLOCATE));
  if (add_reorder(&once, &plain, source, packed, *memory, 1.0f, 0, 0, error,
                  size))
    return -1;
  TRY(dnnl_primitive_execute(once.steps[0].primitive, s->stream, 2,
                             once.steps[0].arguments));
  TRY(dnnl_stream_wait(s->stream));
  return 0;
}

/* Appends one layer; reads its parameters from `*cursor`. */
static int add_layer(onednn_state *s, const char **cursor, int64_t rows,
                     int matmul, const dnnl_memory_desc_t *source_format,
                     dnnl_memory_t source, dnnl_memory_desc_t *target_format,
                     dnnl_memory_t *target, char *error, size_t size) {
  int32_t head[3]; /* inputs, outputs, output zero point */
  memcpy(head, *cursor, sizeof head);
  int64_t k = head[0], n = head[1];
  const float *scales = (const float *)(*cursor + sizeof head);
  const int32_t *bias = (const int32_t *)(scales + n);
  const int8_t *weights = (const int8_t *)(bias + n);
  *cursor = (const char *)(weights + ((k * n + 3) & ~3));

  dnnl_memory_desc_t wf = matmul ? matrix(k, n, dnnl_s8, dnnl_format_tag_any)
                                 : matrix(n, k, dnnl_s8, dnnl_format_tag_any);
  dnnl_memory_desc_t bf;
  dnnl_dims_t flat = {n};
  if (matmul)
    bf = matrix(1, n, dnnl_s32, dnnl_ab);
  else
    dnnl_memory_desc_init_by_tag(&bf, 1, flat, dnnl_s32, dnnl_a);
  *target_format = matrix(rows, n, dnnl_u8, dnnl_ab);

  /* ReLU needs no operation: its output has zero point 0 and saturates. */
  dnnl_primitive_attr_t attr;
  TRY(dnnl_primitive_attr_create(&attr));
  TRY(dnnl_primitive_attr_set_output_scales(attr, n, 2, scales));
  if (head[2]) {
    dnnl_post_ops_t post;
    TRY(dnnl_post_ops_create(&post));
    TRY(dnnl_post_ops_append_eltwise(post, 1.0f, dnnl_eltwise_linear, 1.0f,
                                     (float)head[2]));
    TRY(dnnl_primitive_attr_set_post_ops(attr, post));
  }
  dnnl_primitive_desc_t pd;
  if (matmul) {
    dnnl_matmul_desc_t d;
    TRY(dnnl_matmul_desc_init(&d, source_format, &wf, &bf, target_format));
    TRY(dnnl_primitive_desc_create(&pd, &d, attr, engine, NULL));
  } else {
    dnnl_inner_product_desc_t d;
    TRY(dnnl_inner_product_forward_desc_init(
        &d, dnnl_forward_inference, source_format, &wf, &bf, target_format));
    TRY(dnnl_primitive_desc_create(&pd, &d, attr, engine, NULL));
  }

  dnnl_memory_t weight_memory, bias_memory;
  int32_t *bias_copy = malloc(sizeof *bias_copy * n);
  memcpy(bias_copy, bias, sizeof *bias_copy * n);
  if (pack_weights(s, weights, k, n, matmul,
                   dnnl_primitive_desc_query_md(pd, dnnl_query_weights_md, 0),
                   &weight_memory, error, size))
    return -1;
  TRY(dnnl_memory_create(&bias_memory, &bf, engine, bias_copy));
  TRY(dnnl_memory_create(target, target_format, engine, DNNL_MEMORY_ALLOCATE));

  step *p = &s->steps[s->count++];
  TRY(dnnl_primitive_create(&p->primitive, pd));
  add_argument(p, DNNL_ARG_SRC, source);
  add_argument(p, DNNL_ARG_WEIGHTS, weight_memory);
  add_argument(p, DNNL_ARG_BIAS, bias_memory);
  add_argument(p, DNNL_ARG_DST, *target);
  return 0;
}

static int build(onednn_state *s, const bench_case *c, const char *cursor,
                 char *error, size_t size) {
  struct {
    int32_t layers, input_zero, output_zero;
    float input_inverse, output_scale;
  } head;
  memcpy(&head, cursor, sizeof head);
  cursor += sizeof head;
  if (head.layers + 2 > MAX_STEPS) {
    snprintf(error, size, "too many layers: %d", (int)head.layers);
    return -1;
  }
  if (!engine)
    TRY(dnnl_engine_create(&engine, dnnl_cpu, 0));
  TRY(dnnl_stream_create(&s->stream, engine, dnnl_stream_default_flags));

  dnnl_memory_desc_t x_format = matrix(c->rows, c->inputs, dnnl_f32, dnnl_ab);
  dnnl_memory_desc_t y_format = matrix(c->rows, c->outputs, dnnl_f32, dnnl_ab);
  dnnl_memory_desc_t format = matrix(c->rows, c->inputs, dnnl_u8, dnnl_ab);
  dnnl_memory_t x, y, values;
  TRY(dnnl_memory_create(&x, &x_format, engine, c->x));
  TRY(dnnl_memory_create(&y, &y_format, engine, c->y));
  TRY(dnnl_memory_create(&values, &format, engine, DNNL_MEMORY_ALLOCATE));
  if (add_reorder(s, &x_format, x, &format, values, head.input_inverse, 0,
                  head.input_zero, error, size))
    return -1;
  for (int i = 0; i < head.layers; ++i) {
    dnnl_memory_desc_t next_format;
    dnnl_memory_t next;
    if (add_layer(s, &cursor, c->rows, strcmp(c->mode, "matmul") == 0, &format,
                  values, &next_format, &next, error, size))
      return -1;
    format = next_format;
    values = next;
  }
  return add_reorder(s, &format, values, &y_format, y, head.output_scale,
                     head.output_zero, 0, error, size);
}

void *bench_onednn_open(const bench_case *c, char *error, size_t size) {
  FILE *f = fopen(c->model, "rb");
  if (!f) {
    snprintf(error, size, "cannot open %s", c->model);
    return NULL;
  }
  fseek(f, 0, SEEK_END);
  long bytes = ftell(f);
  rewind(f);
  char *content = malloc(bytes);
  size_t got = fread(content, 1, bytes, f);
  fclose(f);
  onednn_state *s = calloc(1, sizeof *s);
  if (got != (size_t)bytes || build(s, c, content, error, size)) {
    if (got != (size_t)bytes)
      snprintf(error, size, "cannot read %s", c->model);
    return NULL;
  }
  return s;
}

int bench_onednn_run(void *state) {
  onednn_state *s = state;
  for (int i = 0; i < s->count; ++i) {
    step *p = &s->steps[i];
    if (dnnl_primitive_execute(p->primitive, s->stream, p->count, p->arguments))
      return 1;
  }
  return dnnl_stream_wait(s->stream);
}
