//===- QuantRules.cpp - QuantizeLinear and DequantizeLinear ---------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// ONNX's own quantizers: the zero point is added after rounding to nearest
// even, the element type is the zero point's (uint8 without one).
//
//===----------------------------------------------------------------------===//

#include "Converter.h"

using namespace mlir;
using namespace sumac;
using namespace sumac::onnx;

/// The type that QuantizeLinear produces.
static IntegerType getQuantizedType(Node &node) {
  Type type = node.hasInput(2) ? node.in(2).elementType : Type();
  if (int64_t code = node.getInt("output_dtype", 0); code != 0) {
    Type stated = getONNXElementType(code, node.op.getContext());
    if (type && stated != type) {
      (void)node.invalid("output_dtype and the zero point's type differ");
      return nullptr;
    }
    if (!stated) {
      (void)node.unsupported("it quantizes to data type " + Twine(code) + ", which is no integer");
      return nullptr;
    }
    type = stated;
  }
  if (!type)
    type = node.builder.getIntegerType(8, /*isSigned=*/false);
  auto integer = dyn_cast<IntegerType>(type);
  if (!integer || integer.isSignless()) {
    (void)node.unsupported("it quantizes to " + getTypeName(type) +
                           "; Sumac quantizes to integers");
    return nullptr;
  }
  return integer;
}

/// The block size of blocked quantization, or 0.
static std::optional<int64_t> getBlockSize(Node &node) {
  int64_t size = node.getInt("block_size", 0);
  if (size < 0) {
    (void)node.invalid("block_size is " + Twine(size));
    return std::nullopt;
  }
  return size;
}

static GridAttr getGrid(Node &node, IntegerType storage) {
  std::optional<int64_t> block = getBlockSize(node);
  if (!block)
    return nullptr;
  return node.makeAxisGrid(Node::getAllCodes(storage), node.in(0).shape, &node.in(1),
                           node.hasInput(2) ? &node.in(2) : nullptr, node.getInt("axis", 1), *block);
}

static LogicalResult convertQuantizeLinear(Node &node) {
  if (failed(node.checkInputs(2, 3)))
    return failure();
  IntegerType storage = getQuantizedType(node);
  if (!storage)
    return failure();
  GridAttr grid = getGrid(node, storage);
  if (!grid)
    return failure();
  Value input = node.real(0);
  if (!input)
    return failure();
  Value codes = EncodeOp::create(node.builder, node.loc, getTensorType(node.in(0).shape, storage),
                                 input, grid, RoundingMode::HalfEven, /*zero_point_first=*/false);
  node.setResult(codes, node.in(0).shape, storage);
  return success();
}

/// (x - zero point) * scale of integers that are computed, not encoded.
static Value dequantizeComputed(Node &node, Tensor &x) {
  Value value = node.real(x);
  if (!value)
    return nullptr;
  auto alongAxis = [&](Tensor tensor) -> Value {
    if (tensor.rank() == 1 && getStaticCount(tensor.shape) != 1) {
      FailureOr<int64_t> axis = node.getAxis(node.getInt("axis", 1), x.rank());
      if (failed(axis))
        return nullptr;
      Shape shape = tensor.shape;
      shape.append(x.rank() - *axis - 1, Dim(1));
      std::optional<Tensor> shaped = node.reshape(tensor, shape);
      return shaped ? node.real(*shaped) : Value();
    }
    std::optional<Tensor> scalar = node.reshape(tensor, {});
    return scalar ? node.real(*scalar) : Value();
  };
  if (node.hasInput(2)) {
    Value zeroPoint = alongAxis(node.in(2));
    if (!zeroPoint)
      return nullptr;
    value = SubOp::create(node.builder, node.loc, value, zeroPoint);
  }
  Value scale = alongAxis(node.in(1));
  if (!scale)
    return nullptr;
  return MulOp::create(node.builder, node.loc, value, scale);
}

static LogicalResult convertDequantizeLinear(Node &node) {
  if (failed(node.checkInputs(2, 3)))
    return failure();
  Tensor &x = node.in(0);
  auto storage = dyn_cast_or_null<IntegerType>(x.elementType);
  if (!storage || storage.isSignless())
    return node.unsupported("its input has elements of type " + getTypeName(x.elementType) +
                            "; Sumac dequantizes integers");
  if (node.hasInput(2) && node.in(2).elementType != x.elementType)
    return node.invalid("its input has elements of type " + getTypeName(x.elementType) +
                        ", its zero point " + getTypeName(node.in(2).elementType));
  // Also checks scale and zero point for the other way.
  GridAttr grid = getGrid(node, storage);
  if (!grid)
    return failure();
  bool computed = x.value && isa<RealType>(cast<RankedTensorType>(x.value.getType()).getElementType());
  Value result;
  if (computed) {
    result = dequantizeComputed(node, x);
  } else if (Value codes = node.integer(x)) {
    result = DecodeOp::create(node.builder, node.loc, node.realType(x.shape), codes, grid,
                              ExactArrayAttr());
  }
  if (!result)
    return failure();
  Type element = node.in(1).elementType;
  if (int64_t code = node.getInt("output_dtype", 0); code != 0)
    element = getONNXElementType(code, node.op.getContext());
  if (!isa_and_nonnull<FloatType>(element))
    return node.unsupported("it dequantizes to a type that is no float");
  node.setResult(result, x.shape, element);
  return success();
}

static LogicalResult refuseDynamicQuantization(Node &node) {
  return node.unsupported("its scale depends on the data, so no fixed integers stand for the values; "
                          "use static quantization");
}

void sumac::onnx::addQuantRules(RuleRegistry &registry) {
  for (StringRef domain : {"", "com.microsoft"}) {
    registry.add(domain, "QuantizeLinear", convertQuantizeLinear);
    registry.add(domain, "DequantizeLinear", convertDequantizeLinear);
  }
  registry.add("", "DynamicQuantizeLinear", refuseDynamicQuantization);
  registry.add("com.microsoft", "DynamicQuantizeMatMul", refuseDynamicQuantization);
}
