//===- Layers.cpp - Layers as the accumulate-multiply core has them -*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A layer is the sum of branches, each a linear operation or codes times a factor,
// and one operation that makes codes of the sum. A branch of codes has the identity
// matrix as weights, so joins, too, are sums of masks.
//
//===----------------------------------------------------------------------===//

#include "Layers.h"

#include "sumac/Conversion/Rows.h"
#include "sumac/Dialect/Sumac/IR/Payload.h"
#include "sumac/Dialect/Sumac/IR/Ranges.h"
#include "sumac/Driver/Diagnostics.h"
#include "sumac/Support/Channels.h"
#include "sumac/Support/Rational.h"

#include "mlir/IR/TypeUtilities.h"
#include "llvm/ADT/TypeSwitch.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace sumac;
using namespace sumac::acm;

static IntegerType getElementType(Value value) { return cast<IntegerType>(getElementTypeOrSelf(value)); }

StoredCode StoredCode::getPlane(int64_t plane) const {
  if (getPlanes() == 1)
    return *this;
  return plane == 0 ? StoredCode{step, 0, 0, 255} : StoredCode{step * 256, 0, low >> 8, high >> 8};
}

namespace {

class LayerFinder {
public:
  explicit LayerFinder(func::FuncOp function) : function(function) {}
  FailureOr<std::vector<Layer>> find();

private:
  /// Values with their factors, the last one first.
  using Summands = std::vector<std::pair<Value, std::vector<int64_t>>>;

  LogicalResult check(Operation *op);
  LogicalResult build(Operation *op);
  LogicalResult addSum(Layer &layer, std::vector<int64_t> &bias, Value value);
  LogicalResult addCombine(Layer &layer, std::vector<int64_t> &bias, CombineOp combine, ArrayRef<int64_t> factors,
                           Summands &waiting);
  LogicalResult addLinear(Layer &layer, std::vector<int64_t> &bias, LinearOp linear, ArrayRef<int64_t> factors);
  LogicalResult addCodes(Layer &layer, std::vector<int64_t> &bias, Value value, ArrayRef<int64_t> factors);
  LogicalResult finish(Layer &layer, ArrayRef<int64_t> bias, Operation *op);
  LogicalResult finishRequantize(Layer &layer, ArrayRef<int64_t> bias, RequantizeOp op);
  LogicalResult finishThreshold(Layer &layer, ArrayRef<int64_t> bias, ThresholdOp op);
  LogicalResult finishTable(Layer &layer, ArrayRef<int64_t> bias, TableOp op);

  func::FuncOp function;
  std::vector<Layer> layers;
  DenseMap<Value, StoredCode> stored;
  int64_t identityWeights = 0; ///< of all branches of codes
};

} // namespace

/// Operations that make sums; those behind them take them in.
static bool makesSum(Operation *op) { return isa_and_nonnull<LinearOp, CombineOp>(op); }

/// Reshapes on the way to an operation may not make other rows of the batch.
static LogicalResult checkRows(Operation *op, Value value) {
  Value source = skipReshapes(value);
  if (getRowElements(value) && getRowElements(value) == getRowElements(source))
    return success();
  return op->emitError() << "takes rows of " << value.getType() << " out of " << source.getType()
                         << "; the core runs layers on whole images yet";
}

LogicalResult LayerFinder::check(Operation *op) {
  if (isReshape(op) || isa<ConstantOp>(op) || isIndexOp(op))
    return success();
  if (isa<func::ReturnOp>(op))
    return success(llvm::all_of(op->getOperands(), [&](Value value) { return succeeded(checkRows(op, value)); }));
  if (!isa<LinearOp, CombineOp, RequantizeOp, ThresholdOp, ClampOp, TableOp>(op))
    return op->emitError() << "has no instruction of the core: '" << op->getName()
                           << "'; linear layers, quantizers and joins of branches have";
  if (!getRowElements(op->getResult(0)))
    return op->emitError() << "has a result of type " << op->getResult(0).getType() << ", which is no batch of rows of integers";
  if (!isa<LinearOp>(op) && !hasConstantsByElement(op))
    return op->emitError("has constants for channels of a tensor with other dimensions beside the channels");
  if (auto threshold = dyn_cast<ThresholdOp>(op); threshold && !isa<IntegerType>(threshold.getThresholds().getElementType()))
    return op->emitError("has thresholds that are no integers");
  for (Value input : isa<CombineOp>(op) ? op->getOperands() : op->getOperands().take_front()) {
    if (skipReshapes(input).getDefiningOp<ConstantOp>())
      return op->emitError("takes a constant; the core's branches are inputs and results of layers");
    if (failed(checkRows(op, input)))
      return failure();
  }
  if (auto linear = dyn_cast<LinearOp>(op)) {
    if (!linear.getWeights().getDefiningOp<ConstantOp>() ||
        (linear.getBias() && !linear.getBias().getDefiningOp<ConstantOp>()))
      return op->emitError("has weights or a bias that are not constant");
    if (*getRowElements(linear.getInput()) != linear.getWeights().getType().getDimSize(1))
      return op->emitError("takes several rows of each image; the core runs layers on whole images yet");
  }
  return success();
}

/// Bits of two's complement that hold a range.
static unsigned getSignedBits(IntegerRange range) {
  auto bits = [](int64_t value) { return 65u - llvm::countl_zero(static_cast<uint64_t>(value < 0 ? ~value : value)); };
  return std::max(bits(range.min), bits(range.max));
}

/// Masks and coefficients of weights [outputs, inputs].
static void decodeWeights(Branch &branch, int64_t outputs, CodingAttrInterface weights) {
  int64_t inputs = weights.getShape()[1];
  branch.inputs = inputs;
  std::vector<int64_t> integers(outputs * inputs);
  weights.decodeIntegers(0, integers);
  IntegerRange range{0, 0};
  for (int64_t value : integers)
    range = {std::min(range.min, value), std::max(range.max, value)};
  // Without a sign the top mask stands for nothing.
  unsigned bits = std::max(1u, getSignedBits(range) - (range.min == 0 ? 1 : 0)), masks = weights.getNumMasks();
  bool hasMasks = masks != 0 && masks <= 8 && masks < bits;
  unsigned count = hasMasks ? masks : bits;
  branch.passes = static_cast<unsigned>(llvm::divideCeil(count, 4));
  branch.codes.assign(branch.passes * integers.size(), 0);
  branch.coefficients.assign(branch.passes * outputs * 4, 0);
  std::vector<uint8_t> bytes(hasMasks ? integers.size() : 0);
  if (hasMasks)
    weights.decodeMasks(0, bytes);
  for (unsigned k = 0; k < count; ++k) {
    for (int64_t n = 0; n < outputs; ++n) {
      bool isSign = range.min < 0 && k + 1 == count;
      int64_t power = static_cast<int64_t>(uint64_t(1) << k);
      branch.coefficients[(k / 4 * outputs + n) * 4 + k % 4] =
          hasMasks ? weights.getMaskCoefficient(k, n) : isSign ? -power : power;
    }
    for (size_t i = 0; i < integers.size(); ++i) {
      uint64_t source = hasMasks ? bytes[i] : static_cast<uint64_t>(integers[i]);
      branch.codes[k / 4 * integers.size() + i] |= ((source >> k) & 1) << (k % 4);
    }
  }
}

/// Adds a branch for each plane of its input: weights times `factors`, one for each
/// output, times the plane's step. False beyond 64 bits.
static bool addPlanes(Layer &layer, const Branch &branch, const StoredCode &code, ArrayRef<int64_t> factors) {
  bool fits = true;
  for (int64_t plane = 0; plane < code.getPlanes(); ++plane) {
    Branch &added = layer.branches.emplace_back(branch);
    added.plane = plane;
    added.code = code.getPlane(plane);
    for (unsigned pass = 0; pass < branch.passes; ++pass)
      for (int64_t n = 0; n < layer.outputs; ++n)
        for (int64_t k = 0; k < 4; ++k) {
          int64_t &coefficient = added.coefficients[(pass * layer.outputs + n) * 4 + k];
          fits &= !llvm::MulOverflow(coefficient, atChannel(factors, n), coefficient);
          fits &= !llvm::MulOverflow(coefficient, added.code.step, coefficient);
        }
  }
  return fits;
}

/// bias += value * factor, output by output; false beyond 64 bits.
static bool addProduct(std::vector<int64_t> &bias, ArrayRef<Int128> values, ArrayRef<int64_t> factors) {
  for (auto [n, sum] : llvm::enumerate(bias)) {
    Int128 total = Int128(sum) + values[n] * atChannel(factors, static_cast<int64_t>(n));
    if (total < INT64_MIN || total > INT64_MAX)
      return false;
    sum = static_cast<int64_t>(total);
  }
  return true;
}

LogicalResult LayerFinder::addLinear(Layer &layer, std::vector<int64_t> &bias, LinearOp linear,
                                     ArrayRef<int64_t> factors) {
  Branch branch;
  branch.input = skipReshapes(linear.getInput());
  StoredCode code = stored.lookup(branch.input);
  CodingAttrInterface weights = linear.getWeights().getDefiningOp<ConstantOp>().getValue();
  decodeWeights(branch, layer.outputs, weights);
  // Of value = step * code + base, base times the sum of the weights goes with the bias.
  std::vector<Int128> own(layer.outputs, 0);
  if (linear.getBias()) {
    CodingAttrInterface coding = linear.getBias().getDefiningOp<ConstantOp>().getValue();
    std::vector<int64_t> values(coding.getShape()[0]);
    coding.decodeIntegers(0, values);
    for (int64_t n = 0; n < layer.outputs; ++n)
      own[n] = atChannel(values, n);
  }
  std::vector<int64_t> row(branch.inputs);
  for (int64_t n = 0; n < layer.outputs && code.base != 0; ++n) {
    weights.decodeIntegers(n * branch.inputs, row);
    for (int64_t weight : row)
      own[n] += Int128(weight) * code.base;
  }
  if (!addPlanes(layer, branch, code, factors) || !addProduct(bias, own, factors))
    return linear.emitError("has coefficients or a bias beyond 64 bits");
  return success();
}

LogicalResult LayerFinder::addCodes(Layer &layer, std::vector<int64_t> &bias, Value value, ArrayRef<int64_t> factors) {
  // Weights are kept one by one, be they zeros.
  constexpr int64_t kMostOutputs = 8192;
  if (layer.outputs > kMostOutputs)
    return emitError(layer.location) << "joins or quantizes " << layer.outputs << " codes; the core does so with up to " << kMostOutputs;
  // So many quantizers are a short text.
  constexpr int64_t kMostWeights = int64_t(1) << 29;
  if (identityWeights > kMostWeights)
    return failure(); // reported
  identityWeights += layer.outputs * layer.outputs;
  if (identityWeights > kMostWeights)
    return emitError(layer.location) << "joins or quantizes codes, which with those before takes more than " << kMostWeights << " weights";
  Branch branch;
  branch.input = value;
  branch.inputs = layer.outputs;
  branch.codes.assign(layer.outputs * layer.outputs, 0);
  branch.coefficients.assign(layer.outputs * 4, 0);
  for (int64_t n = 0; n < layer.outputs; ++n) {
    branch.codes[n * layer.outputs + n] = 1;
    branch.coefficients[n * 4] = 1;
  }
  StoredCode code = stored.lookup(value);
  std::vector<Int128> bases(layer.outputs, code.base);
  if (!addPlanes(layer, branch, code, factors) || !addProduct(bias, bases, factors))
    return emitError(layer.location, "joins branches with factors beyond 64 bits");
  return success();
}

/// A join of joins is one of all their branches.
LogicalResult LayerFinder::addCombine(Layer &layer, std::vector<int64_t> &bias, CombineOp combine,
                                      ArrayRef<int64_t> factors, Summands &waiting) {
  SmallVector<int64_t> own = readPayloadIntegers(combine.getMultiply()), add = readPayloadIntegers(combine.getAdd());
  int64_t columns = combine.getMultiply().getShapedType().getDimSize(1);
  for (auto [b, input] : llvm::enumerate(combine.getInputs())) {
    ArrayRef<int64_t> row = ArrayRef(own).slice(b * columns, columns);
    std::vector<int64_t> products(layer.outputs);
    for (int64_t n = 0; n < layer.outputs; ++n)
      if (llvm::MulOverflow(atChannel(row, n), atChannel(factors, n), products[n]))
        return combine.emitError("has a factor beyond 64 bits");
    waiting.emplace_back(input, std::move(products));
  }
  std::reverse(waiting.end() - static_cast<int64_t>(combine.getInputs().size()), waiting.end());
  std::vector<Int128> addends;
  for (int64_t n = 0; n < layer.outputs; ++n)
    addends.push_back(atChannel(add, n));
  return addProduct(bias, addends, factors) ? success() : combine.emitError("has an addend beyond 64 bits");
}

/// Adds everything that `sum` is a sum of. Sums may be of sums, however deep.
LogicalResult LayerFinder::addSum(Layer &layer, std::vector<int64_t> &bias, Value sum) {
  // A value that is added to itself again and again is many.
  constexpr size_t kMostWeights = size_t(1) << 28, kMostValues = size_t(1) << 16;
  size_t weights = 0, values = 0, branches = 0;
  Summands waiting = {{sum, {1}}};
  while (!waiting.empty()) {
    auto [value, factors] = std::move(waiting.back());
    waiting.pop_back();
    for (; branches < layer.branches.size(); ++branches)
      weights += layer.branches[branches].codes.size();
    if (weights > kMostWeights)
      return emitError(layer.location) << "joins branches of more than " << kMostWeights << " weights; quantize between them";
    if (++values > kMostValues)
      return emitError(layer.location) << "joins more than " << kMostValues << " branches; quantize between them";
    value = skipReshapes(value);
    LogicalResult result = success();
    if (auto linear = value.getDefiningOp<LinearOp>())
      result = addLinear(layer, bias, linear, factors);
    else if (auto combine = value.getDefiningOp<CombineOp>())
      result = addCombine(layer, bias, combine, factors, waiting);
    else
      result = addCodes(layer, bias, value, factors);
    if (failed(result))
      return failure();
  }
  return success();
}

//===----------------------------------------------------------------------===//
// What becomes of sums
//===----------------------------------------------------------------------===//

/// Zeros at the end of both numbers need no bits: the shift is less by as many.
static void dropZeros(Record &record, bool isHalfEven) {
  auto bits = static_cast<uint64_t>(record.multiplier) | static_cast<uint64_t>(record.addend);
  int64_t zeros = std::min<int64_t>(llvm::countr_zero(bits), record.shift - (isHalfEven ? 1 : 0));
  record.multiplier >>= zeros;
  record.addend >>= zeros;
  record.shift -= zeros;
}

LogicalResult LayerFinder::finishRequantize(Layer &layer, ArrayRef<int64_t> bias, RequantizeOp op) {
  layer.mode = Mode::Codes;
  layer.isHalfEven = op.getHalfEven();
  layer.low = op.getMin();
  layer.high = op.getMax();
  for (int64_t n = 0; n < layer.outputs; ++n) {
    Record &record = layer.records.emplace_back();
    record.multiplier = atChannel(op.getMultiply(), n);
    record.shift = atChannel(op.getShift(), n);
    int64_t product = 0;
    if (llvm::MulOverflow(bias[n], record.multiplier, product) ||
        llvm::AddOverflow(product, atChannel(op.getAdd(), n), record.addend))
      return op.emitError("has an addend beyond 64 bits");
    dropZeros(record, layer.isHalfEven);
  }
  return success();
}

LogicalResult LayerFinder::finishThreshold(Layer &layer, ArrayRef<int64_t> bias, ThresholdOp op) {
  layer.mode = Mode::Steps;
  layer.count = op.getThresholds().getShapedType().getDimSize(1);
  if (layer.count > 255)
    return op.emitError() << "has " << layer.count << " thresholds; the core takes 255";
  // The core counts from `low`. Codes with another step are left to their readers.
  auto step = static_cast<int64_t>(op.getStep()), base = static_cast<int64_t>(op.getBase());
  layer.low = step == 1 ? base : 0;
  layer.high = layer.low + layer.count;
  if (step != 1)
    stored[op.getResult()] = {step, base};
  SmallVector<int64_t> all = readPayloadIntegers(op.getThresholds());
  int64_t rows = op.getThresholds().getShapedType().getDimSize(0);
  auto decreasing = op.getDecreasing();
  for (int64_t n = 0; n < layer.outputs; ++n) {
    bool falls = decreasing && (*decreasing)[decreasing->size() == 1 ? 0 : n];
    Record &record = layer.records.emplace_back();
    // x < T is -x >= 1 - T.
    record.multiplier = falls ? -1 : 1;
    if (bias[n] == INT64_MIN)
      return op.emitError("has a bias beyond 64 bits");
    record.addend = falls ? -bias[n] : bias[n];
    ArrayRef<int64_t> row = ArrayRef(all).slice(rows == 1 ? 0 : n * layer.count, layer.count);
    for (int64_t threshold : row)
      layer.thresholds.push_back(!falls ? threshold : threshold == INT64_MIN ? INT64_MAX : 1 - threshold);
  }
  return success();
}

namespace {

/// A row of a table as thresholds of x, or of -x: one for each step of one that the
/// entries go up, and one for each that they go down, from `low` on.
struct TableSteps {
  int64_t sign = 1;
  std::vector<int64_t> rises, falls;
  size_t getCount() const { return rises.size() + falls.size(); }
};

} // namespace

static TableSteps getSteps(ArrayRef<int64_t> row, int64_t first, int64_t low, int64_t sign) {
  TableSteps steps;
  steps.sign = sign;
  auto columns = static_cast<int64_t>(row.size());
  int64_t last = low;
  // More than 255 are refused, however many.
  for (int64_t i = 0; i < columns && steps.getCount() <= 255; ++i) {
    // All sums in front of the first entry have that one.
    int64_t column = sign > 0 ? i : columns - 1 - i, position = sign > 0 ? first + column : -(first + column);
    auto &to = row[column] > last ? steps.rises : steps.falls;
    to.insert(to.end(), std::abs(row[column] - last), i == 0 ? INT64_MIN : position);
    last = row[column];
  }
  return steps;
}

LogicalResult LayerFinder::finishTable(Layer &layer, ArrayRef<int64_t> bias, TableOp op) {
  SmallVector<int64_t> all = readPayloadIntegers(op.getTable());
  int64_t rows = op.getTable().getShapedType().getDimSize(0), columns = op.getTable().getShapedType().getDimSize(1);
  auto first = static_cast<int64_t>(op.getFirst());
  layer.mode = Mode::Steps;
  layer.low = *llvm::min_element(all);
  layer.high = *llvm::max_element(all);
  auto fail = [&] { return op.emitError("has tables that go up and down by more than 255 steps; the core takes 255"); };
  if (layer.high - layer.low > 255)
    return fail();
  std::vector<TableSteps> steps;
  size_t mostRises = 0, mostFalls = 0;
  for (int64_t row = 0; row < rows; ++row) {
    ArrayRef<int64_t> entries = ArrayRef(all).slice(row * columns, columns);
    TableSteps &up = steps.emplace_back(getSteps(entries, first, layer.low, 1));
    TableSteps down = getSteps(entries, first, layer.low, -1);
    if (down.getCount() < up.getCount())
      up = std::move(down);
    mostRises = std::max(mostRises, up.rises.size());
    mostFalls = std::max(mostFalls, up.falls.size());
  }
  if (mostRises + mostFalls > 255)
    return fail();
  layer.count = static_cast<int64_t>(mostRises + mostFalls);
  layer.falls = static_cast<int64_t>(mostFalls);
  for (int64_t n = 0; n < layer.outputs; ++n) {
    if (bias[n] == INT64_MIN)
      return op.emitError("has a bias beyond 64 bits");
    TableSteps row = steps[rows == 1 ? 0 : n];
    layer.records.push_back({row.sign, row.sign * bias[n], 0});
    // What no sum reaches.
    row.rises.resize(mostRises, INT64_MAX);
    row.falls.resize(mostFalls, INT64_MAX);
    llvm::append_range(layer.thresholds, row.rises);
    llvm::append_range(layer.thresholds, row.falls);
  }
  return success();
}

LogicalResult LayerFinder::finish(Layer &layer, ArrayRef<int64_t> bias, Operation *op) {
  return llvm::TypeSwitch<Operation *, LogicalResult>(op)
      .Case([&](RequantizeOp requantize) { return finishRequantize(layer, bias, requantize); })
      .Case([&](ThresholdOp threshold) { return finishThreshold(layer, bias, threshold); })
      .Case([&](TableOp table) { return finishTable(layer, bias, table); })
      .Case([&](ClampOp clamp) -> LogicalResult {
        if (clamp.getMin().size() != 1 || clamp.getMax().size() != 1)
          return clamp.emitError("has bounds for each channel; the core has them for a layer");
        layer.mode = Mode::Codes;
        layer.low = clamp.getMin()[0];
        layer.high = clamp.getMax()[0];
        for (int64_t value : bias)
          layer.records.push_back({1, value, 0});
        return success();
      })
      .Default([&](Operation *) {
        layer.mode = Mode::Sums;
        for (int64_t value : bias)
          layer.records.push_back({1, value, 0});
        return success();
      });
}

/// A layer of `op`: one that takes sums in, or sums that leave the program.
LogicalResult LayerFinder::build(Operation *op) {
  Layer layer(op->getLoc());
  layer.result = op->getResult(0);
  layer.outputs = *getRowElements(layer.result);
  std::vector<int64_t> bias(layer.outputs, 0);
  Value sum = makesSum(op) ? op->getResult(0) : op->getOperand(0);
  if (failed(addSum(layer, bias, sum)) || failed(finish(layer, bias, op)))
    return failure();
  StoredCode &code = stored[layer.result];
  code.low = layer.low;
  code.high = layer.high;
  layer.code = code;
  Operation *named = skipReshapes(sum).getDefiningOp();
  layer.name = getNodeName(named ? named->getLoc() : op->getLoc());
  layers.push_back(std::move(layer));
  return success();
}

FailureOr<std::vector<Layer>> LayerFinder::find() {
  LogicalResult result = success();
  for (Operation &op : function.getBody().front())
    if (failed(check(&op)))
      result = failure();
  for (BlockArgument argument : function.getArguments()) {
    if (!getRowElements(argument))
      result = function.emitError() << "input " << argument.getArgNumber() << " is no batch of rows of integers";
    else if (getElementType(argument).getWidth() > 16)
      result = function.emitError() << "input " << argument.getArgNumber() << " has " << getElementType(argument).getWidth()
                                    << " bits; the core takes up to 16";
    else
      stored[argument] = {1, 0, getTypeRange(argument.getType())->min, getTypeRange(argument.getType())->max};
  }
  if (failed(result))
    return failure();
  DenseSet<Value> outputs;
  for (Value value : function.getBody().front().getTerminator()->getOperands())
    outputs.insert(skipReshapes(value));
  for (Operation &op : function.getBody().front()) {
    if (!isa<LinearOp, CombineOp, RequantizeOp, ThresholdOp, ClampOp, TableOp>(op))
      continue;
    stored.try_emplace(op.getResult(0), StoredCode());
    // Sums are taken in by what follows them, or leave.
    if ((!makesSum(&op) || outputs.contains(op.getResult(0))) && failed(build(&op)))
      result = failure();
  }
  if (failed(result))
    return failure();
  return std::move(layers);
}

FailureOr<std::vector<Layer>> acm::getLayers(func::FuncOp function) { return LayerFinder(function).find(); }
