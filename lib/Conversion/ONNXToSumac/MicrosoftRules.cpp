//===- MicrosoftRules.cpp - onnxruntime's elementwise operators -----------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Operators of the domain com.microsoft that quantized exports of onnxruntime
// contain: decode, compute, encode.
//
//===----------------------------------------------------------------------===//

#include "Linear.h"

using namespace mlir;
using namespace sumac;
using namespace sumac::onnx;

/// Decodes the codes at input `codes` with the scale and zero point behind it.
static Value decode(Node &node, unsigned codes, unsigned scale, unsigned zeroPoint) {
  Tensor &x = node.in(codes);
  auto storage = dyn_cast_or_null<IntegerType>(x.elementType);
  if (!storage || storage.isSignless()) {
    (void)node.invalid("its operand " + Twine(codes) + " must have integer elements");
    return nullptr;
  }
  GridAttr grid = node.makeAxisGrid(Node::getAllCodes(storage), x.shape, &node.in(scale),
                                    node.hasInput(zeroPoint) ? &node.in(zeroPoint) : nullptr, 0, 0);
  Value value = grid ? node.integer(x) : Value();
  if (!value)
    return nullptr;
  return DecodeOp::create(node.builder, node.loc, node.realType(x.shape), value, grid, ExactArrayAttr());
}

static LogicalResult encode(Node &node, Value value, ArrayRef<Dim> shape, Type storage, unsigned scale,
                            unsigned zeroPoint) {
  GridAttr grid = node.makeAxisGrid(Node::getAllCodes(cast<IntegerType>(storage)), shape, &node.in(scale),
                                    node.hasInput(zeroPoint) ? &node.in(zeroPoint) : nullptr, 0, 0);
  if (!grid)
    return failure();
  Value codes = EncodeOp::create(node.builder, node.loc, getTensorType(shape, storage), value, grid,
                                 RoundingMode::HalfEven, /*zero_point_first=*/false);
  node.setResult(codes, shape, storage);
  return success();
}

/// A, A_scale, A_zero_point, B, B_scale, B_zero_point, C_scale, C_zero_point.
template <typename Op>
static LogicalResult convertQLinearBinary(Node &node) {
  if (failed(node.checkInputs(2, 8)))
    return failure();
  for (unsigned i : {0u, 1u, 3u, 4u, 6u})
    if (!node.hasInput(i))
      return node.invalid("input " + Twine(i) + " is missing");
  if (std::is_same_v<Op, MulOp> && !node.in(0).constant && !node.in(3).constant)
    return node.unsupported("it multiplies two activations; one operand must be constant");
  std::optional<Shape> shape = broadcast(node.in(0).shape, node.in(3).shape);
  if (!shape)
    return node.invalid("shapes " + toString(node.in(0).shape) + " and " + toString(node.in(3).shape) +
                        " do not broadcast");
  Value a = decode(node, 0, 1, 2), b = a ? decode(node, 3, 4, 5) : Value();
  if (!b)
    return failure();
  Value result = Op::create(node.builder, node.loc, a, b);
  return encode(node, result, *shape, node.in(0).elementType, 6, 7);
}

/// X, X_scale, X_zero_point, Y_scale, Y_zero_point.
template <typename Op>
static LogicalResult convertQLinearUnary(Node &node) {
  if (failed(node.checkInputs(2, 5)))
    return failure();
  if (!node.hasInput(3))
    return node.invalid("input 3 is missing");
  Value x = decode(node, 0, 1, 2);
  if (!x)
    return failure();
  Value result;
  if constexpr (std::is_same_v<Op, LeakyReluOp>)
    result = LeakyReluOp::create(node.builder, node.loc, x.getType(), x,
                                 node.makeExactArray(node.getFloat("alpha", 0.01f)));
  else
    result = Op::create(node.builder, node.loc, x.getType(), x);
  return encode(node, result, node.in(0).shape, node.in(0).elementType, 3, 4);
}

/// A * B with optional transpositions and a factor.
static LogicalResult convertFusedMatMul(Node &node) {
  if (failed(node.checkInputs(2, 2)))
    return failure();
  if (node.getInt("transBatchA", 0) != 0 || node.getInt("transBatchB", 0) != 0)
    return node.unsupported("it transposes batches of matrices");
  if (node.in(0).rank() != 2)
    return node.unsupported("its first operand has the shape " + toString(node.in(0).shape) +
                            "; Sumac takes matrices here");
  return convertGemmWith(node, node.getFloat("alpha", 1.0), 0.0, node.getInt("transA", 0) != 0,
                         node.getInt("transB", 0) != 0);
}

void sumac::onnx::addMicrosoftRules(RuleRegistry &registry) {
  constexpr StringRef domain = "com.microsoft";
  registry.add(domain, "QLinearAdd", convertQLinearBinary<AddOp>);
  registry.add(domain, "QLinearMul", convertQLinearBinary<MulOp>);
  registry.add(domain, "QLinearSigmoid", convertQLinearUnary<SigmoidOp>);
  registry.add(domain, "QLinearLeakyRelu", convertQLinearUnary<LeakyReluOp>);
  registry.add(domain, "FusedMatMul", convertFusedMatMul);
}
