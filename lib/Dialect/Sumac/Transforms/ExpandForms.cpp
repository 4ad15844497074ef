//===- ExpandForms.cpp - Layers as sums -------------------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// `sumac-expand-forms`: w = sum_m c_m B_m turns one layer into a layer of the
// matrices B_m below each other, whose results sumac.combine weighs with c_m.
//
//===----------------------------------------------------------------------===//

#include "Constants.h"
#include "sumac/Dialect/Sumac/IR/Payload.h"
#include "sumac/Dialect/Sumac/IR/Ranges.h"
#include "sumac/Dialect/Sumac/Transforms/Passes.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

namespace sumac {
#define GEN_PASS_DEF_EXPANDFORMS
#include "sumac/Dialect/Sumac/Transforms/Passes.h.inc"
} // namespace sumac

using namespace mlir;
using namespace sumac;

namespace {

/// Matrices of -1, 0 and 1 with the weights' shape, one after the other, and
/// what each counts in every output channel (or in all, with one entry).
struct Planes {
  std::vector<int8_t> elements;
  SmallVector<SmallVector<int64_t>> coefficients;
  bool isBinary = true; ///< no -1

  int64_t getCount() const {
    return static_cast<int64_t>(coefficients.size());
  }
};

} // namespace

static Planes getMaskPlanes(CodingAttrInterface weights) {
  int64_t outputs = weights.getShape()[0], inputs = weights.getShape()[1];
  Planes planes;
  for (unsigned m = 0; m < weights.getNumMasks(); ++m) {
    SmallVector<int64_t> perChannel;
    for (int64_t n = 0; n < outputs; ++n)
      perChannel.push_back(weights.getMaskCoefficient(m, n));
    planes.coefficients.push_back(std::move(perChannel));
  }
  planes.elements.resize(planes.getCount() * outputs * inputs);
  SmallVector<uint8_t> masks(inputs);
  for (int64_t n = 0; n < outputs; ++n) {
    weights.decodeMasks(n * inputs, masks);
    for (int64_t m = 0; m < planes.getCount(); ++m)
      for (int64_t k = 0; k < inputs; ++k)
        planes.elements[(m * outputs + n) * inputs + k] = (masks[k] >> m) & 1;
  }
  return planes;
}

/// The digit of 2^exponent in the canonical signed-digit form, which is 3 v xor
/// v, shifted, with the signs where 3 v has no bit.
static int8_t getSignedDigit(int64_t value, unsigned exponent) {
  auto v = static_cast<UInt128>(static_cast<Int128>(value));
  UInt128 triple = v + (v << 1), digits = (triple ^ v) >> 1;
  if (((digits >> exponent) & 1) == 0)
    return 0;
  return ((triple >> (exponent + 1)) & 1) != 0 ? 1 : -1;
}

/// One plane for each power of two that some weight needs.
static Planes getShiftPlanes(CodingAttrInterface weights) {
  int64_t count = ShapedType::getNumElements(weights.getShape());
  SmallVector<int64_t> values(count);
  weights.decodeIntegers(0, values);
  Planes planes;
  planes.isBinary = false;
  for (unsigned exponent = 0; exponent < 63; ++exponent) {
    bool isUsed = llvm::any_of(values, [&](int64_t value) {
      return getSignedDigit(value, exponent) != 0;
    });
    if (!isUsed)
      continue;
    planes.coefficients.push_back({int64_t(1) << exponent});
    for (int64_t value : values)
      planes.elements.push_back(getSignedDigit(value, exponent));
  }
  return planes;
}

static ConstantOp makePlanesConstant(OpBuilder &builder, LinearOp layer,
                                     const Planes &planes, int64_t outputs,
                                     int64_t inputs) {
  MLIRContext *context = builder.getContext();
  unsigned bits = planes.isBinary ? 1 : 2;
  SmallVector<int64_t> shape{planes.getCount() * outputs, inputs};
  auto element = IntegerType::get(context, bits,
                                  planes.isBinary ? IntegerType::Unsigned
                                                  : IntegerType::Signed);
  ElementsAttr payload =
      makeBytePayload(context, shape, /*isSigned=*/!planes.isBinary,
                      planes.elements, "planes");
  return ConstantOp::create(builder, layer.getLoc(),
                            RankedTensorType::get(shape, element),
                            UniformCodingAttr::get(context, payload, bits));
}

/// The type that holds every sum of a plane for any input of its type.
static FailureOr<IntegerType> getSumType(LinearOp layer, ConstantOp planes) {
  std::optional<ChannelRanges> input = inferRangesFromProducer(layer.getInput());
  if (!input || input->empty())
    input = ChannelRanges{*getTypeRange(layer.getInput().getType())};
  std::optional<ChannelRanges> sums = inferSumRanges(planes.getValue(), *input);
  if (!sums || sums->empty())
    return layer.emitError("sums of this layer's activations do not fit 64 bits");
  return getSignedType(layer.getContext(), getHull(*sums));
}

static SmallVector<Value> slicePlanes(OpBuilder &builder, LinearOp layer,
                                      Value sums, int64_t outputs,
                                      int64_t count) {
  auto type = cast<RankedTensorType>(layer.getType());
  int64_t rank = type.getRank();
  SmallVector<OpFoldResult> offsets(rank, builder.getIndexAttr(0)),
      strides(rank, builder.getIndexAttr(1)), sizes;
  for (int64_t d = 0; d < rank; ++d)
    sizes.push_back(type.isDynamicDim(d)
                        ? OpFoldResult(tensor::DimOp::create(
                              builder, layer.getLoc(), sums, d)
                                           .getResult())
                        : builder.getIndexAttr(type.getDimSize(d)));
  SmallVector<Value> slices;
  auto element = cast<RankedTensorType>(sums.getType()).getElementType();
  for (int64_t m = 0; m < count; ++m) {
    offsets[rank - 1] = builder.getIndexAttr(m * outputs);
    slices.push_back(tensor::ExtractSliceOp::create(
        builder, layer.getLoc(), type.clone(element), sums, offsets, sizes,
        strides));
  }
  return slices;
}

static LogicalResult emitTooWide(LinearOp layer) {
  return layer.emitError("its sums in the form ")
         << layer.getForm()->getFormName() << " may need more than 64 bits";
}

/// Bounds of the layer's results, as what follows was built for.
static IntegerRange getResultRange(LinearOp layer) {
  for (auto infer : {inferRangesFromDefinitions, inferRangesFromProducer})
    if (std::optional<ChannelRanges> ranges = infer(layer.getResult());
        ranges && !ranges->empty())
      return getHull(*ranges);
  return *getTypeRange(layer.getType());
}

/// The sums weighed and added, in the layer's type. Bounds of the sums know
/// nothing of each other, so they allow more than the layer does; what really
/// occurs is the same, and a clamp says so.
static FailureOr<Value> combineTo(OpBuilder &builder, LinearOp layer,
                                  ArrayRef<Value> sums,
                                  ElementsAttr multiply, ElementsAttr add) {
  auto type = cast<RankedTensorType>(layer.getType());
  int64_t channels = type.getShape().back();
  SmallVector<int64_t> factors = readPayloadIntegers(multiply),
                       offsets = readPayloadIntegers(add);
  size_t perSum = factors.size() / sums.size();
  Int128 low = 0, high = 0;
  for (int64_t n = 0; n < channels; ++n) {
    Int128 min = offsets[offsets.size() == 1 ? 0 : n], max = min;
    for (auto [m, sum] : llvm::enumerate(sums)) {
      IntegerRange range = *getTypeRange(sum.getType());
      Int128 factor = factors[m * perSum + (perSum == 1 ? 0 : n)];
      min += std::min(factor * range.min, factor * range.max);
      max += std::max(factor * range.min, factor * range.max);
      // One product has at most 127 bits; their sum must not reach 128.
      constexpr Int128 kLimit = Int128(1) << 100;
      if (min < -kLimit || max > kLimit)
        return emitTooWide(layer);
    }
    low = std::min(low, min);
    high = std::max(high, max);
  }
  if (low < INT64_MIN || high > INT64_MAX)
    return emitTooWide(layer);
  IntegerRange bound{static_cast<int64_t>(low), static_cast<int64_t>(high)};
  IntegerRange narrow = getResultRange(layer);
  if (bound.min >= narrow.min && bound.max <= narrow.max)
    return CombineOp::create(builder, layer.getLoc(), type, sums, multiply, add)
        .getResult();
  auto wide = CombineOp::create(
      builder, layer.getLoc(),
      type.clone(getSignedType(layer.getContext(), bound)), sums, multiply, add);
  return ClampOp::create(builder, layer.getLoc(), type, wide.getResult(),
                         builder.getDenseI64ArrayAttr({narrow.min}),
                         builder.getDenseI64ArrayAttr({narrow.max}))
      .getResult();
}

/// Coefficients and biases as the arrays of sumac.combine.
static FailureOr<Value> combine(OpBuilder &builder, LinearOp layer,
                         ArrayRef<Value> sums, const Planes &planes,
                         CodingAttrInterface bias) {
  size_t channels = 1;
  for (const auto &perChannel : planes.coefficients)
    channels = std::max(channels, perChannel.size());
  SmallVector<int64_t> multiply, add{0};
  for (const auto &perChannel : planes.coefficients)
    for (size_t n = 0; n < channels; ++n)
      multiply.push_back(perChannel[perChannel.size() == 1 ? 0 : n]);
  if (bias) {
    add.resize(ShapedType::getNumElements(bias.getShape()));
    bias.decodeIntegers(0, add);
  }
  MLIRContext *context = builder.getContext();
  return combineTo(
      builder, layer, sums,
      makeTable(context,
                {planes.getCount(), static_cast<int64_t>(channels)}, multiply),
      makeTable(context, {static_cast<int64_t>(add.size())}, add));
}

static LogicalResult expand(LinearOp layer) {
  auto constant = layer.getWeights().getDefiningOp<ConstantOp>();
  auto bias = layer.getBias() ? layer.getBias().getDefiningOp<ConstantOp>()
                              : ConstantOp();
  if (!constant || (layer.getBias() && !bias))
    return layer.emitError("needs constant weights and biases for its form ")
           << layer.getForm()->getFormName();
  CodingAttrInterface weights = constant.getValue();
  int64_t outputs = weights.getShape()[0], inputs = weights.getShape()[1];
  // Digits and coefficients have to fit 63 bits.
  constexpr int64_t kLargest = int64_t(1) << 61;
  IntegerRange range = weights.getRange(0, outputs * inputs);
  if (range.min < -kLargest || range.max > kLargest)
    return layer.emitError("has weights of more than 62 bits, which the form ")
           << layer.getForm()->getFormName() << " does not support";
  Planes planes = isa<MaskedSumsAttr>(*layer.getForm())
                      ? getMaskPlanes(weights)
                      : getShiftPlanes(weights);
  // Weights that are all 0 have no plane; the layer is as simple as it gets.
  if (planes.coefficients.empty()) {
    layer.removeFormAttr();
    return success();
  }
  OpBuilder builder(layer);
  ConstantOp stacked =
      makePlanesConstant(builder, layer, planes, outputs, inputs);
  FailureOr<IntegerType> sumType = getSumType(layer, stacked);
  if (failed(sumType))
    return failure();
  SmallVector<int64_t> shape(layer.getType().getShape());
  shape.back() = planes.getCount() * outputs;
  auto sums = LinearOp::create(builder, layer.getLoc(),
                               RankedTensorType::get(shape, *sumType),
                               layer.getInput(), stacked, /*bias=*/Value(),
                               FormAttrInterface());
  SmallVector<Value> slices = slicePlanes(builder, layer, sums, outputs,
                                          planes.getCount());
  FailureOr<Value> result =
      combine(builder, layer, slices, planes,
              bias ? CodingAttrInterface(bias.getValue()) : CodingAttrInterface());
  if (failed(result))
    return failure();
  layer.getResult().replaceAllUsesWith(*result);
  layer.erase();
  return success();
}

namespace {
struct ExpandForms : public sumac::impl::ExpandFormsBase<ExpandForms> {
  void runOnOperation() override {
    SmallVector<LinearOp> layers;
    getOperation().walk([&](LinearOp layer) {
      if (layer.getForm() && getTypeRange(layer.getType()) &&
          isa<MaskedSumsAttr, ShiftedSumsAttr>(*layer.getForm()))
        layers.push_back(layer);
    });
    for (LinearOp layer : layers)
      if (failed(expand(layer)))
        return signalPassFailure();
  }
};
} // namespace
