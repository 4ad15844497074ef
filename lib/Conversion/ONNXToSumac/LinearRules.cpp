//===- LinearRules.cpp - Gemm, MatMul, BatchNormalization -----------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Layers with weights become sumac.linear, whose weights are [outputs, inputs].
//
//===----------------------------------------------------------------------===//

#include "Linear.h"

using namespace mlir;
using namespace sumac;
using namespace sumac::onnx;

//===----------------------------------------------------------------------===//
// Shared with the integer layers
//===----------------------------------------------------------------------===//

std::optional<Matrix> sumac::onnx::getWeights(Node &node, Tensor &tensor, Value value, bool transposed) {
  Matrix weights{value, tensor.shape, tensor.constant};
  if (weights.shape.size() == 1)
    // A vector is a matrix of one output.
    weights = {node.emitReshape(value, tensor.shape, {Dim(1), tensor.shape[0]}),
               {Dim(1), tensor.shape[0]}, tensor.constant};
  else if (!transposed && weights.shape.size() == 2)
    weights = {node.transposeMatrix(value, tensor.shape, tensor.constant),
               {tensor.shape[1], tensor.shape[0]}, tensor.constant};
  if (!weights.value)
    return std::nullopt;
  if (weights.shape.size() != 2 || !isStatic(weights.shape)) {
    (void)node.unsupported("its weights have the shape " + toString(tensor.shape) +
                           "; Sumac takes matrices of constant size");
    return std::nullopt;
  }
  return weights;
}

std::optional<Matrix> sumac::onnx::emitLinear(Node &node, Value input, ArrayRef<Dim> shape,
                                              const Matrix &weights, Value bias) {
  if (shape.empty() || shape.back() != weights.shape[1]) {
    (void)node.invalid("its input of shape " + toString(shape) + " does not fit weights for " +
                       toString(weights.shape[1]) + " inputs");
    return std::nullopt;
  }
  Shape resultShape(shape);
  resultShape.back() = weights.shape[0];
  Value result = LinearOp::create(node.builder, node.loc, node.realType(resultShape), input,
                                  weights.value, bias, FormAttrInterface());
  return Matrix{result, resultShape, false};
}

//===----------------------------------------------------------------------===//
// MatMul
//===----------------------------------------------------------------------===//

/// weights * x for constant weights [M, K] and x [K, N]: (x^T * weights^T)^T.
static LogicalResult convertWeightsFirst(Node &node, Tensor &w, Tensor &x) {
  if (w.rank() != 2 || x.rank() != 2)
    return node.unsupported("its first operand is constant; Sumac multiplies by constants from the "
                            "right, or two matrices");
  if (!isStatic(x.shape))
    return node.unsupported("its first operand is constant, so it mixes the rows of the batch");
  Value weights = node.real(w), input = node.real(x);
  if (!weights || !input)
    return failure();
  Value columns = node.emitTranspose(input, x.shape, {1, 0});
  std::optional<Matrix> product = emitLinear(node, columns, {x.shape[1], x.shape[0]},
                                             {weights, w.shape, true}, Value());
  if (!product)
    return failure();
  Value result = node.emitTranspose(product->value, product->shape, {1, 0});
  node.setResult(result, {product->shape[1], product->shape[0]}, x.elementType);
  return success();
}

static LogicalResult convertMatMul(Node &node) {
  if (failed(node.checkInputs(2, 2)))
    return failure();
  Tensor &x = node.in(0), &w = node.in(1);
  if (x.rank() < 1 || w.rank() < 1)
    return node.invalid("its operands must have a rank of at least 1");
  if (!w.constant)
    return x.constant ? convertWeightsFirst(node, x, w)
                      : node.unsupported("it multiplies two activations; one operand must be constant");
  Value input = node.real(x), value = node.real(w);
  if (!input || !value)
    return failure();
  std::optional<Matrix> weights = getWeights(node, w, value, /*transposed=*/false);
  if (!weights)
    return failure();
  std::optional<Matrix> result = emitLinear(node, input, x.shape, *weights, Value());
  if (!result)
    return failure();
  Shape shape = result->shape;
  if (w.rank() == 1) {
    shape.pop_back();
    result->value = node.emitReshape(result->value, result->shape, shape);
    if (!result->value)
      return failure();
  }
  node.setResult(result->value, shape, x.elementType);
  return success();
}

//===----------------------------------------------------------------------===//
// Gemm
//===----------------------------------------------------------------------===//

static Value scaleBy(Node &node, Value value, double factor) {
  if (factor == 1.0)
    return value;
  return MulOp::create(node.builder, node.loc, value, node.makeScalar(factor));
}

/// A constant bias of one number per output, as a tensor of rank 1.
static Value getVectorBias(Node &node, Tensor &bias, Dim outputs) {
  bool isVector = bias.constant && !bias.shape.empty() && bias.shape.back() == outputs &&
                  llvm::all_of(ArrayRef<Dim>(bias.shape).drop_back(), [](Dim dim) { return dim.isOne(); });
  if (!isVector)
    return nullptr;
  std::optional<Tensor> vector = node.reshape(bias, outputs);
  return vector ? node.real(*vector) : Value();
}

LogicalResult sumac::onnx::convertGemmWith(Node &node, double alpha, double beta, bool transA,
                                           bool transB) {
  Tensor &x = node.in(0), &w = node.in(1);
  if (x.rank() != 2 || w.rank() != 2)
    return node.invalid("its operands must be matrices");
  if (!w.constant)
    return node.unsupported("it multiplies two activations; its second operand must be constant");
  Value input = node.real(x), value = node.real(w);
  if (!input || !value)
    return failure();
  Shape inputShape = x.shape;
  if (transA) {
    if (!isStatic(x.shape))
      return node.unsupported("transA mixes the rows of the batch");
    input = node.emitTranspose(input, x.shape, {1, 0});
    std::swap(inputShape[0], inputShape[1]);
  }
  std::optional<Matrix> weights = getWeights(node, w, value, transB);
  if (!weights)
    return failure();

  Value bias;
  bool biasLeft = node.hasInput(2) && beta != 0.0;
  if (biasLeft && alpha == 1.0 && beta == 1.0) {
    bias = getVectorBias(node, node.in(2), weights->shape[0]);
    if (node.hasFailed())
      return failure();
    biasLeft = !bias;
  }
  std::optional<Matrix> result = emitLinear(node, input, inputShape, *weights, bias);
  if (!result)
    return failure();
  Value sum = scaleBy(node, result->value, alpha);
  if (biasLeft) {
    if (broadcast(result->shape, node.in(2).shape) != result->shape)
      return node.invalid("its third operand of shape " + toString(node.in(2).shape) +
                          " does not broadcast to " + toString(result->shape));
    Value addend = node.real(2);
    if (!addend)
      return failure();
    sum = AddOp::create(node.builder, node.loc, sum, scaleBy(node, addend, beta));
  }
  node.setResult(sum, result->shape, x.elementType);
  return success();
}

static LogicalResult convertGemm(Node &node) {
  if (failed(node.checkInputs(2, 3)))
    return failure();
  double alpha = node.getFloat("alpha", 1.0), beta = node.getFloat("beta", 1.0);
  bool transA = node.getInt("transA", 0) != 0, transB = node.getInt("transB", 0) != 0;
  if (node.hasFailed())
    return failure();
  return convertGemmWith(node, alpha, beta, transA, transB);
}

//===----------------------------------------------------------------------===//
// BatchNormalization
//===----------------------------------------------------------------------===//

static LogicalResult convertBatchNormalization(Node &node) {
  if (failed(node.checkInputs(5, 5)))
    return failure();
  bool training = node.getVersion() >= 14 ? node.getInt("training_mode", 0) != 0 : node.op.getNumResults() > 1;
  if (training)
    return node.unsupported("it is in training mode; export the model for inference");
  if (node.getVersion() < 9 && node.getInt("spatial", 1) == 0)
    return node.unsupported("it normalizes each position on its own (spatial = 0)");
  Tensor &x = node.in(0);
  if (x.rank() < 2)
    return node.invalid("its input has rank " + Twine(x.rank()) + ", without channels");
  ElementsAttr parameters[4];
  constexpr StringRef names[] = {"scale", "bias", "mean", "variance"};
  for (unsigned i = 0; i < 4; ++i) {
    Tensor &tensor = node.in(i + 1);
    if (tensor.rank() != 1 || tensor.shape[0] != x.shape[1])
      return node.invalid("its " + names[i] + " of shape " + toString(tensor.shape) +
                          " does not fit the channels of the shape " + toString(x.shape));
    parameters[i] = node.getFloatElements(tensor, names[i]);
    if (!parameters[i])
      return failure();
  }
  double epsilon = node.getFloat("epsilon", 1e-5f);
  std::optional<SmallVector<Real>> variances = node.getExact(node.in(4), "variance");
  if (!variances)
    return failure();
  for (const Real &variance : *variances)
    if ((variance + Real::exactly(epsilon)).sign().value_or(1) <= 0)
      return node.invalid("a variance plus epsilon is not positive");
  Value input = node.real(x);
  if (!input)
    return failure();
  Value result = BatchNormOp::create(node.builder, node.loc, input.getType(), input, parameters[0],
                                     parameters[1], parameters[2], parameters[3],
                                     node.makeExactArray(epsilon), /*axis=*/1);
  node.setResult(result, x.shape, x.elementType);
  return success();
}

void sumac::onnx::addLinearRules(RuleRegistry &registry) {
  registry.add("", "MatMul", convertMatMul);
  registry.add("", "Gemm", convertGemm);
  registry.add("", "BatchNormalization", convertBatchNormalization);
}
