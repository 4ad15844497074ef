//===- IntegerLinearRules.cpp - Layers on integers ------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// MatMulInteger, QLinearMatMul, and onnxruntime's QGemm, MatMulIntegerToFloat
// and MatMulNBits. Operands are decoded to reals, multiplied exactly, and
// encoded again where the operator does so.
//
//===----------------------------------------------------------------------===//

#include "Linear.h"

using namespace mlir;
using namespace sumac;
using namespace sumac::onnx;

namespace {
/// Positions of an operand's inputs; -1 for none.
struct Quantized {
  unsigned codes;
  int scale, zeroPoint;
};
} // namespace

/// Scales of weights [K, N] may be a number per column, of activations not.
static LogicalResult checkPerTensor(Node &node, int input, StringRef what) {
  if (input >= 0 && node.hasInput(input) && getStaticCount(node.in(input).shape) != 1)
    return node.unsupported("its " + what + " differs along the operand; Sumac takes one number here");
  return success();
}

static Value decodeOperand(Node &node, Quantized operand, int64_t axis) {
  Tensor &codes = node.in(operand.codes);
  auto storage = dyn_cast_or_null<IntegerType>(codes.elementType);
  if (!storage || storage.isSignless()) {
    (void)node.invalid("its operand " + Twine(operand.codes) + " must have integer elements");
    return nullptr;
  }
  auto get = [&](int input) -> Tensor * {
    return input >= 0 && node.hasInput(input) ? &node.in(input) : nullptr;
  };
  // A vector is a number per index of `axis`.
  auto align = [&](Tensor *tensor) -> std::optional<Tensor> {
    if (!tensor)
      return std::nullopt;
    Tensor aligned = *tensor;
    if (getStaticCount(aligned.shape) == 1)
      aligned.shape.clear();
    else if (aligned.rank() == 1)
      aligned.shape.append(codes.rank() - axis - 1, Dim(1));
    return aligned;
  };
  std::optional<Tensor> scale = align(get(operand.scale)), zeroPoint = align(get(operand.zeroPoint));
  GridAttr grid = node.makeGrid(Node::getAllCodes(storage), codes.shape, scale ? &*scale : nullptr,
                                zeroPoint ? &*zeroPoint : nullptr);
  if (!grid)
    return nullptr;
  Value value = node.integer(codes);
  if (!value)
    return nullptr;
  return DecodeOp::create(node.builder, node.loc, node.realType(codes.shape), value, grid, ExactArrayAttr());
}

static std::optional<Matrix> multiplyQuantized(Node &node, Quantized a, Quantized b, bool transB = false,
                                               Value bias = Value()) {
  Tensor &x = node.in(a.codes), &w = node.in(b.codes);
  if (!w.constant) {
    (void)node.unsupported("it multiplies two activations; its second operand must be constant");
    return std::nullopt;
  }
  if (failed(checkPerTensor(node, a.scale, "first scale")) ||
      failed(checkPerTensor(node, a.zeroPoint, "first zero point")))
    return std::nullopt;
  Value input = decodeOperand(node, a, 0);
  Value value = input ? decodeOperand(node, b, transB ? 0 : w.rank() - 1) : Value();
  if (!value)
    return std::nullopt;
  std::optional<Matrix> weights = getWeights(node, w, value, transB);
  if (!weights)
    return std::nullopt;
  std::optional<Matrix> result = emitLinear(node, input, x.shape, *weights, bias);
  if (result && w.rank() == 1) {
    Shape shape(ArrayRef<Dim>(result->shape).drop_back());
    result->value = node.emitReshape(result->value, result->shape, shape);
    result->shape = shape;
    if (!result->value)
      return std::nullopt;
  }
  return result;
}

/// Encodes the result as its scale and zero point inputs say.
static LogicalResult encodeResult(Node &node, const Matrix &result, unsigned scale, unsigned zeroPoint) {
  Tensor *zero = node.hasInput(zeroPoint) ? &node.in(zeroPoint) : nullptr;
  Type type = zero ? zero->elementType : Type(node.builder.getIntegerType(8, /*isSigned=*/false));
  auto storage = dyn_cast_or_null<IntegerType>(type);
  if (!storage || storage.isSignless())
    return node.unsupported("its result has elements of type " + getTypeName(type));
  if (failed(checkPerTensor(node, static_cast<int>(scale), "result scale")))
    return failure();
  GridAttr grid = node.makeAxisGrid(Node::getAllCodes(storage), result.shape, &node.in(scale), zero, 0, 0);
  if (!grid)
    return failure();
  Value codes = EncodeOp::create(node.builder, node.loc, getTensorType(result.shape, storage),
                                 result.value, grid, RoundingMode::HalfEven, /*zero_point_first=*/false);
  node.setResult(codes, result.shape, storage);
  return success();
}

static LogicalResult convertQLinearMatMul(Node &node) {
  if (failed(node.checkInputs(8, 8)))
    return failure();
  std::optional<Matrix> result = multiplyQuantized(node, {0, 1, 2}, {3, 4, 5});
  if (!result)
    return failure();
  return encodeResult(node, *result, 6, 7);
}

static LogicalResult convertMatMulInteger(Node &node) {
  if (failed(node.checkInputs(2, 4)))
    return failure();
  std::optional<Matrix> result = multiplyQuantized(node, {0, -1, 2}, {1, -1, 3});
  if (!result)
    return failure();
  node.setResult(result->value, result->shape, node.builder.getIntegerType(32, /*isSigned=*/true));
  return success();
}

/// A, B, a_scale, b_scale, a_zero_point, b_zero_point, bias.
static LogicalResult convertMatMulIntegerToFloat(Node &node) {
  if (failed(node.checkInputs(4, 7)))
    return failure();
  std::optional<Matrix> result = multiplyQuantized(node, {0, 2, 4}, {1, 3, 5});
  if (!result)
    return failure();
  Value sum = result->value;
  if (node.hasInput(6)) {
    Value bias = node.real(6);
    if (!bias)
      return failure();
    sum = AddOp::create(node.builder, node.loc, sum, bias);
  }
  node.setResult(sum, result->shape, node.in(2).elementType);
  return success();
}

//===----------------------------------------------------------------------===//
// QGemm
//===----------------------------------------------------------------------===//

/// A, a_scale, a_zero_point, B, b_scale, b_zero_point, C, y_scale, y_zero_point:
/// alpha * a_scale * b_scale * ((A - za)(B - zb) + C), where C is int32.
static LogicalResult convertQGemm(Node &node) {
  if (failed(node.checkInputs(6, 9)))
    return failure();
  if (node.getInt("transA", 0) != 0)
    return node.unsupported("transA mixes the rows of the batch");
  bool transB = node.getInt("transB", 0) != 0;
  double alpha = node.getFloat("alpha", 1.0);
  if (node.in(0).rank() != 2 || node.in(3).rank() != 2)
    return node.invalid("its operands must be matrices");
  std::optional<Matrix> result = multiplyQuantized(node, {0, 1, 2}, {3, 4, 5}, transB);
  if (!result)
    return failure();
  Value sum = result->value;
  if (node.hasInput(6)) {
    std::optional<Real> scale = node.getExactScalar(node.in(1), "first scale");
    std::optional<SmallVector<Real>> scales = scale ? node.getExact(node.in(4), "second scale") : std::nullopt;
    if (!scales)
      return failure();
    for (Real &number : *scales)
      number *= *scale;
    Shape shape;
    if (scales->size() > 1)
      shape.push_back(Dim(static_cast<int64_t>(scales->size())));
    std::optional<Tensor> biasScale = node.makeExact(shape, node.builder.getF32Type(), std::move(*scales));
    Tensor &c = node.in(6);
    if (!biasScale || !c.constant || !c.isInteger())
      return node.unsupported("its bias must be a constant tensor of integers");
    auto storage = cast<IntegerType>(c.elementType);
    GridAttr grid = node.makeGrid(Node::getAllCodes(storage), c.shape, &*biasScale, nullptr);
    Value codes = grid ? node.integer(c) : Value();
    if (!codes)
      return failure();
    if (broadcast(result->shape, c.shape) != result->shape)
      return node.invalid("its bias of shape " + toString(c.shape) + " does not fit");
    Value bias = DecodeOp::create(node.builder, node.loc, node.realType(c.shape), codes, grid, ExactArrayAttr());
    sum = AddOp::create(node.builder, node.loc, sum, bias);
  }
  if (alpha != 1.0)
    sum = MulOp::create(node.builder, node.loc, sum, node.makeScalar(alpha));
  if (node.hasInput(7))
    return encodeResult(node, {sum, result->shape}, 7, 8);
  node.setResult(sum, result->shape, node.in(1).elementType);
  return success();
}

//===----------------------------------------------------------------------===//
// MatMulNBits
//===----------------------------------------------------------------------===//

/// Reads `count` codes of `bits` bits, lowest first; each of `rows` rows begins
/// at a whole byte.
static SmallVector<uint8_t> unpackRows(ArrayRef<char> bytes, int64_t rows, int64_t count, unsigned bits,
                                       int64_t rowBytes) {
  SmallVector<uint8_t> codes;
  codes.reserve(rows * count);
  for (int64_t row = 0; row < rows; ++row)
    for (int64_t i = 0; i < count; ++i) {
      int64_t bit = i * bits;
      unsigned byte = static_cast<uint8_t>(bytes[row * rowBytes + bit / 8]);
      codes.push_back(static_cast<uint8_t>((byte >> (bit % 8)) & ((1u << bits) - 1)));
    }
  return codes;
}

namespace {
struct NBits {
  int64_t inputs, outputs, blockSize, blocks;
  unsigned bits;
};
} // namespace

static std::optional<NBits> getNBits(Node &node) {
  NBits p{node.getInt("K", 0), node.getInt("N", 0), node.getInt("block_size", 0), 0, 0};
  int64_t bits = node.getInt("bits", 4);
  if (node.hasFailed())
    return std::nullopt;
  constexpr int64_t kMax = int64_t(1) << 31;
  if (p.inputs < 1 || p.outputs < 1 || p.blockSize < 1 || p.inputs > kMax || p.outputs > kMax || p.blockSize > kMax) {
    (void)node.invalid("K, N and block_size must be positive");
    return std::nullopt;
  }
  if (bits != 2 && bits != 4 && bits != 8) {
    (void)node.unsupported("its weights have " + Twine(bits) + " bits; Sumac takes 2, 4 and 8");
    return std::nullopt;
  }
  p.bits = static_cast<unsigned>(bits);
  p.blocks = static_cast<int64_t>(llvm::divideCeil(static_cast<uint64_t>(p.inputs), static_cast<uint64_t>(p.blockSize)));
  return p;
}

/// A literal of `size` bytes.
static std::optional<ArrayRef<char>> getBytes(Node &node, Tensor &tensor, int64_t size, StringRef what) {
  auto payload = tensor.payload;
  bool usable = payload && payload.getElementType().isInteger(8) && payload.getNumElements() == size;
  if (usable && getPayloadBytes(payload).size() == static_cast<size_t>(size))
    return getPayloadBytes(payload);
  (void)node.invalid("its " + what + " must be a constant of " + Twine(size) + " bytes");
  return std::nullopt;
}

/// Zero points, packed like the weights or one number a block.
static std::optional<Tensor> getZeroPoints(Node &node, const NBits &p, ArrayRef<Dim> shape) {
  SmallVector<Real> numbers;
  if (!node.hasInput(3)) {
    numbers.push_back(Real(int64_t(1) << (p.bits - 1)));
    return node.makeExact({}, node.builder.getF32Type(), std::move(numbers));
  }
  Tensor &packed = node.in(3);
  if (packed.isFloat()) {
    Tensor flat = packed;
    flat.shape.assign(shape.begin(), shape.end());
    return getStaticCount(packed.shape) == p.outputs * p.blocks ? node.reshape(packed, shape) : std::nullopt;
  }
  auto rowBytes = static_cast<int64_t>(llvm::divideCeil(static_cast<uint64_t>(p.blocks) * p.bits, 8));
  std::optional<ArrayRef<char>> bytes = getBytes(node, packed, p.outputs * rowBytes, "zero points");
  if (!bytes)
    return std::nullopt;
  SmallVector<uint8_t> codes = unpackRows(*bytes, p.outputs, p.blocks, p.bits, rowBytes);
  numbers.append(codes.begin(), codes.end());
  return node.makeExact(shape, node.builder.getF32Type(), std::move(numbers));
}

/// A, B (codes [N, blocks, block bytes]), scales, zero_points, g_idx, bias.
static LogicalResult convertMatMulNBits(Node &node) {
  if (failed(node.checkInputs(3, 6)))
    return failure();
  std::optional<NBits> p = getNBits(node);
  if (!p)
    return failure();
  if (node.hasInput(4))
    return node.unsupported("it permutes its inputs (g_idx)");
  auto blockBytes = static_cast<int64_t>(llvm::divideCeil(static_cast<uint64_t>(p->blockSize) * p->bits, 8));
  int64_t bytesNeeded = 0;
  if (llvm::MulOverflow(p->outputs * p->blocks, blockBytes, bytesNeeded))
    return node.invalid("its weights are too large");
  std::optional<ArrayRef<char>> bytes = getBytes(node, node.in(1), bytesNeeded, "weights");
  if (!bytes)
    return failure();
  if (getStaticCount(node.in(2).shape) != p->outputs * p->blocks)
    return node.invalid("it needs one scale a block, " + Twine(p->outputs * p->blocks));

  // The last block of a row may be longer than what is left of the row.
  SmallVector<uint8_t> codes = unpackRows(*bytes, p->outputs * p->blocks, p->blockSize, p->bits, blockBytes);
  std::string payload(p->outputs * p->inputs, '\0');
  for (int64_t row = 0; row < p->outputs; ++row)
    std::memcpy(payload.data() + row * p->inputs, codes.data() + row * p->blocks * p->blockSize, p->inputs);

  OpBuilder &b = node.builder;
  Shape weightShape = {Dim(p->outputs), Dim(p->inputs)}, gridShape = {Dim(p->outputs), Dim(p->blocks)};
  Tensor weights;
  weights.known = weights.constant = true;
  weights.shape = weightShape;
  weights.elementType = b.getIntegerType(p->bits, /*isSigned=*/false);
  weights.payload = makePayload(RankedTensorType::get(getSizes(weightShape), b.getIntegerType(8, false)),
                                std::move(payload), getPayloadName(node.in(1).payload, "weights"));
  std::optional<Tensor> scale = node.reshape(node.in(2), gridShape);
  std::optional<Tensor> zeroPoint = getZeroPoints(node, *p, gridShape);
  if (!scale || !zeroPoint)
    return node.hasFailed() ? failure() : node.invalid("its scales or zero points do not fit its blocks");
  if (zeroPoint->shape.empty()) {
    zeroPoint = node.pick(*zeroPoint, gridShape, SmallVector<int64_t>(p->outputs * p->blocks, 0));
    if (!zeroPoint)
      return failure();
  }
  GridAttr grid = node.makeAxisGrid(Node::getAllCodes(cast<IntegerType>(weights.elementType)), weightShape,
                                    &*scale, &*zeroPoint, /*axis=*/1, p->blockSize);
  Value value = grid ? node.integer(weights) : Value();
  Value input = value ? node.real(0) : Value();
  if (!input)
    return failure();
  value = DecodeOp::create(b, node.loc, node.realType(weightShape), value, grid, ExactArrayAttr());
  std::optional<Matrix> result = emitLinear(node, input, node.in(0).shape, {value, weightShape, true}, Value());
  if (!result)
    return failure();
  Value sum = result->value;
  if (node.hasInput(5)) {
    Value bias = node.real(5);
    if (!bias || broadcast(result->shape, node.in(5).shape) != result->shape)
      return bias ? node.invalid("its bias does not fit") : failure();
    sum = AddOp::create(b, node.loc, sum, bias);
  }
  node.setResult(sum, result->shape, node.in(0).elementType);
  return success();
}

void sumac::onnx::addIntegerLinearRules(RuleRegistry &registry) {
  registry.add("", "MatMulInteger", convertMatMulInteger);
  registry.add("", "QLinearMatMul", convertQLinearMatMul);
  registry.add("com.microsoft", "MatMulIntegerToFloat", convertMatMulIntegerToFloat);
  registry.add("com.microsoft", "QGemm", convertQGemm);
  registry.add("com.microsoft", "MatMulNBits", convertMatMulNBits);
}
