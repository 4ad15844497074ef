//===- StepForms.cpp - Cheap arithmetic for step functions ---===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Chooses between the proven forms of sumac/Analysis/RequantizeSearch.h by what
// they cost on a processor: float32, 32-bit integers, float64, 64-bit integers.
//
//===----------------------------------------------------------------------===//

#include "sumac/Support/Channels.h"
#include "sumac/Target/CPU/Epilogues.h"

#include <cmath>

using namespace mlir;
using namespace sumac;

/// Most steps of all channels together that are searched for a form.
static constexpr int64_t kMaxSteps = int64_t(1) << 22;
/// Up to so many thresholds, comparing and counting costs less than arithmetic.
static constexpr int64_t kMaxCompared = 2;

//===----------------------------------------------------------------------===//
// Step functions of operations
//===----------------------------------------------------------------------===//

/// ceil(a / b), b > 0.
static Int128 divideUp(Int128 a, Int128 b) { return a >= 0 ? (a + b - 1) / b : -(-a / b); }

/// The steps of a requantize on a range.
static std::optional<StepFunction> getSteps(RequantizeOp op, int64_t channel, IntegerRange range) {
  auto multiply = static_cast<Int128>(atChannel(op.getMultiply(), channel)), add = static_cast<Int128>(atChannel(op.getAdd(), channel));
  int64_t shift = atChannel(op.getShift(), channel);
  if (shift > 62 || range.min < -(int64_t(1) << 53) || range.max > (int64_t(1) << 53))
    return std::nullopt;
  auto min = static_cast<int64_t>(op.getMin()), max = static_cast<int64_t>(op.getMax());
  bool isHalfEven = op.getHalfEven();
  auto evaluate = [&](int64_t x) {
    Int128 code = shiftRight(x * multiply + add, shift, isHalfEven);
    return static_cast<int64_t>(std::clamp<Int128>(code, min, max));
  };
  // The least x * multiply + add with this code or a greater one.
  Int128 unit = static_cast<Int128>(1) << shift;
  auto getLeast = [&](Int128 code) { return code * unit - (isHalfEven ? unit / 2 - (code & 1) : Int128(0)); };
  StepFunction function;
  function.lo = range.min;
  function.hi = range.max;
  function.first = evaluate(range.min);
  int64_t last = evaluate(range.max);
  if (std::abs(static_cast<double>(last) - static_cast<double>(function.first)) > kMaxSteps)
    return std::nullopt;
  int64_t direction = last > function.first ? 1 : -1;
  for (int64_t code = function.first; code != last;) {
    // The first x with a code beyond `code`.
    Int128 place = direction > 0 ? divideUp(getLeast(static_cast<Int128>(code) + 1) - add, multiply)
                                 : divideUp(add - getLeast(code) + 1, -multiply);
    auto position = static_cast<int64_t>(place);
    code = evaluate(position);
    function.steps.push_back({position, code});
  }
  return function;
}

/// Thresholds of one channel as steps.
static StepFunction getSteps(ThresholdOp op, ArrayRef<int64_t> thresholds, bool isDecreasing, IntegerRange range) {
  int64_t steps = thresholds.size();
  auto evaluate = [&](int64_t x) {
    int64_t reached = llvm::upper_bound(thresholds, x) - thresholds.begin();
    return static_cast<int64_t>(op.getBase() + op.getStep() * (isDecreasing ? steps - reached : reached));
  };
  StepFunction function;
  function.lo = range.min;
  function.hi = range.max;
  function.first = evaluate(range.min);
  int64_t value = function.first;
  for (int64_t position : thresholds) {
    if (position <= range.min || position > range.max || evaluate(position) == value)
      continue;
    value = evaluate(position);
    function.steps.push_back({position, value});
  }
  return function;
}

static std::vector<StepFunction> getStepFunctions(Operation *op, const RangeAnalysis &ranges) {
  ArrayRef<IntegerRange> range = ranges.get(op->getOperand(0));
  std::vector<StepFunction> result;
  if (auto requantize = dyn_cast<RequantizeOp>(op)) {
    size_t channels = std::max({range.size(), requantize.getMultiply().size(), requantize.getAdd().size(), requantize.getShift().size()});
    for (size_t c = 0; c < channels; ++c) {
      auto steps = getSteps(requantize, c, atChannel(range, c));
      if (!steps)
        return {};
      result.push_back(std::move(*steps));
    }
    return result;
  }
  auto threshold = cast<ThresholdOp>(op);
  SmallVector<int64_t> values = readIntegers(threshold.getThresholds());
  int64_t steps = threshold.getThresholds().getShapedType().getShape().back();
  int64_t rows = threshold.getThresholds().getShapedType().getShape().front();
  ArrayRef<bool> decreasing = threshold.getDecreasing().value_or(ArrayRef<bool>());
  size_t channels = std::max({range.size(), static_cast<size_t>(rows), decreasing.size()});
  for (size_t c = 0; c < channels; ++c)
    result.push_back(getSteps(threshold, ArrayRef(values).slice(rows == 1 ? 0 : c * steps, steps),
                              !decreasing.empty() && atChannel(decreasing, c), atChannel(range, c)));
  return result;
}

//===----------------------------------------------------------------------===//
// Search
//===----------------------------------------------------------------------===//

/// Whether the sum before rounding stays within int32, so that conversion does
/// not saturate. It is monotone in x: the ends bound it.
static bool staysInInt32(const FloatMultiplyAdd &form, const StepFunction &function) {
  for (int64_t x : {function.lo, function.hi}) {
    double sum = std::fma(static_cast<double>(x), form.multiplier, form.addend);
    if (!(std::abs(sum) < 2147483000.0))
      return false;
  }
  return true;
}

/// The line that a requantize itself draws. Where it rounds down, values are
/// multiples of 2^-shift, so with half of that added no step lies on a tie.
static std::optional<FloatMultiplyAdd> guessFloat(Operation *op, int64_t channel, bool isF32) {
  auto requantize = dyn_cast<RequantizeOp>(op);
  if (!requantize)
    return std::nullopt;
  auto shift = static_cast<int>(atChannel(requantize.getShift(), channel));
  auto multiply = static_cast<double>(atChannel(requantize.getMultiply(), channel)), add = static_cast<double>(atChannel(requantize.getAdd(), channel));
  FloatMultiplyAdd guess;
  guess.isFloat32 = isF32;
  guess.multiplier = std::ldexp(multiply, -shift);
  guess.addend = std::ldexp(add, -shift);
  if (!requantize.getHalfEven())
    guess.addend += std::ldexp(0.5, -shift) - 0.5;
  if (isF32) {
    guess.multiplier = static_cast<float>(guess.multiplier);
    guess.addend = static_cast<float>(guess.addend);
  }
  return guess;
}

static std::optional<StepForm> tryFloat(Operation *op, ArrayRef<StepFunction> functions, RequantizeOptions options, bool isF32) {
  StepForm form;
  form.kind = isF32 ? StepForm::Kind::FloatF32 : StepForm::Kind::FloatF64;
  int64_t bound = isF32 ? int64_t(1) << 24 : int64_t(1) << 53;
  for (size_t channel = 0; channel < functions.size(); ++channel) {
    const StepFunction &function = functions[channel];
    if (function.lo < -bound || function.hi > bound)
      return std::nullopt;
    std::optional<FloatMultiplyAdd> found = guessFloat(op, channel, isF32);
    auto isProven = [&](const FloatMultiplyAdd &guess) {
      return agreesAtSteps(function, [&](int64_t x) { return guess(x, options.qmin, options.qmax); });
    };
    if (!found || !isProven(*found))
      found = findFloatMultiplyAdd(function, options, isF32);
    if (!found || !staysInInt32(*found, function))
      return std::nullopt;
    form.floatMultiply.push_back(found->multiplier);
    form.floatAdd.push_back(found->addend);
  }
  return form;
}

static std::optional<StepForm> tryShift(const std::vector<StepFunction> &functions, RequantizeOptions options, unsigned bits) {
  options.bits = bits;
  // A cheap look at one channel tells most failures.
  if (!findMultiplyAddShift(functions.front(), options))
    return std::nullopt;
  MultiplyAddShiftLayer layer = findMultiplyAddShift(functions, options);
  if (!layer.isComplete())
    return std::nullopt;
  StepForm form;
  form.kind = bits == 32 ? StepForm::Kind::Shift32 : StepForm::Kind::Shift64;
  form.shift = layer.shift;
  for (const std::optional<MultiplyAddShift> &channel : layer.channels) {
    form.multiply.push_back(channel->multiplier);
    form.add.push_back(channel->addend);
  }
  return form;
}

std::optional<StepForm> sumac::findStepForm(Operation *op, const RangeAnalysis &ranges, const CPUTarget &target) {
  RequantizeOptions options;
  bool isThreshold = false;
  if (auto requantize = dyn_cast<RequantizeOp>(op)) {
    options.qmin = requantize.getMin();
    options.qmax = requantize.getMax();
  } else {
    auto threshold = cast<ThresholdOp>(op);
    int64_t steps = threshold.getThresholds().getShapedType().getShape().back();
    if (static_cast<int64_t>(threshold.getStep()) != 1 || steps <= kMaxCompared || isa<FloatType>(threshold.getThresholds().getElementType()))
      return std::nullopt;
    options.qmin = threshold.getBase();
    options.qmax = threshold.getBase() + steps;
    isThreshold = true;
  }
  if (options.qmin < INT32_MIN || options.qmax > INT32_MAX)
    return std::nullopt;
  std::vector<StepFunction> functions = getStepFunctions(op, ranges);
  int64_t steps = 0;
  for (const StepFunction &function : functions)
    steps += function.steps.size();
  if (functions.empty() || steps > kMaxSteps)
    return std::nullopt;

  bool hasFloat = hasFusedMultiplyAdd(target);
  std::optional<StepForm> form;
  if (hasFloat)
    form = tryFloat(op, functions, options, /*isF32=*/true);
  if (!form)
    form = tryShift(functions, options, 32);
  if (!form && hasFloat)
    form = tryFloat(op, functions, options, /*isF32=*/false);
  // A requantize is a shift already.
  if (!form && isThreshold)
    form = tryShift(functions, options, 64);
  if (form) {
    form->min = options.qmin;
    form->max = options.qmax;
  }
  return form;
}

//===----------------------------------------------------------------------===//
// Attributes
//===----------------------------------------------------------------------===//

static constexpr StringLiteral kStepKinds[] = {"fma_f32", "fma_f64", "shift_i32", "shift_i64"};

DictionaryAttr sumac::toAttribute(MLIRContext *context, const StepForm &form) {
  Builder b(context);
  bool isFloat = form.kind == StepForm::Kind::FloatF32 || form.kind == StepForm::Kind::FloatF64;
  SmallVector<NamedAttribute> entries;
  auto add = [&](StringRef name, Attribute value) { entries.push_back(b.getNamedAttr(name, value)); };
  add("form", b.getStringAttr(kStepKinds[static_cast<size_t>(form.kind)]));
  if (isFloat) {
    add("multiply", b.getDenseF64ArrayAttr(form.floatMultiply));
    add("add", b.getDenseF64ArrayAttr(form.floatAdd));
  } else {
    add("multiply", b.getDenseI64ArrayAttr(form.multiply));
    add("add", b.getDenseI64ArrayAttr(form.add));
    add("shift", b.getI64IntegerAttr(form.shift));
  }
  add("min", b.getI64IntegerAttr(form.min));
  add("max", b.getI64IntegerAttr(form.max));
  return b.getDictionaryAttr(entries);
}

std::optional<StepForm> sumac::parseStepForm(Attribute attribute) {
  auto entries = dyn_cast_or_null<DictionaryAttr>(attribute);
  auto name = entries ? entries.getAs<StringAttr>("form") : StringAttr();
  auto min = entries ? entries.getAs<IntegerAttr>("min") : IntegerAttr();
  auto max = entries ? entries.getAs<IntegerAttr>("max") : IntegerAttr();
  if (!name || !min || !max)
    return std::nullopt;
  const auto *kind = llvm::find(kStepKinds, name.getValue());
  if (kind == std::end(kStepKinds))
    return std::nullopt;
  StepForm form;
  form.kind = static_cast<StepForm::Kind>(kind - std::begin(kStepKinds));
  form.min = min.getInt();
  form.max = max.getInt();
  if (form.kind == StepForm::Kind::FloatF32 || form.kind == StepForm::Kind::FloatF64) {
    auto multiply = entries.getAs<DenseF64ArrayAttr>("multiply"), add = entries.getAs<DenseF64ArrayAttr>("add");
    if (!multiply || !add || multiply.empty() || add.empty())
      return std::nullopt;
    form.floatMultiply.assign(multiply.asArrayRef().begin(), multiply.asArrayRef().end());
    form.floatAdd.assign(add.asArrayRef().begin(), add.asArrayRef().end());
    return form;
  }
  auto multiply = entries.getAs<DenseI64ArrayAttr>("multiply"), add = entries.getAs<DenseI64ArrayAttr>("add");
  auto shift = entries.getAs<IntegerAttr>("shift");
  if (!multiply || !add || !shift || multiply.empty() || add.empty() || shift.getInt() < 0 || shift.getInt() > 63)
    return std::nullopt;
  form.multiply.assign(multiply.asArrayRef().begin(), multiply.asArrayRef().end());
  form.add.assign(add.asArrayRef().begin(), add.asArrayRef().end());
  form.shift = shift.getInt();
  return form;
}

static constexpr StringLiteral kEncodeKinds[] = {"multiply_f32", "fma_f32", "multiply_f64", "fma_f64", "divide_f64"};

Attribute sumac::toAttribute(MLIRContext *context, ArrayRef<EncodeForm> forms) {
  Builder b(context);
  SmallVector<Attribute> channels;
  for (const EncodeForm &form : forms)
    channels.push_back(b.getDictionaryAttr({
        b.getNamedAttr("form", b.getStringAttr(kEncodeKinds[static_cast<size_t>(form.kind)])),
        b.getNamedAttr("factor", b.getF64FloatAttr(form.factor)),
        b.getNamedAttr("addend", b.getF64FloatAttr(form.addend)),
        b.getNamedAttr("offset", b.getI64IntegerAttr(form.offset)),
        b.getNamedAttr("min", b.getI64IntegerAttr(form.qmin)),
        b.getNamedAttr("max", b.getI64IntegerAttr(form.qmax)),
        b.getNamedAttr("rounding", RoundingModeAttr::get(context, form.rounding)),
    }));
  return b.getArrayAttr(channels);
}

std::vector<EncodeForm> sumac::parseEncodeForms(Attribute attribute) {
  std::vector<EncodeForm> forms;
  auto channels = dyn_cast_or_null<ArrayAttr>(attribute);
  if (!channels)
    return {};
  for (Attribute channel : channels) {
    auto entries = dyn_cast<DictionaryAttr>(channel);
    if (!entries)
      return {};
    auto name = entries.getAs<StringAttr>("form");
    auto factor = entries.getAs<FloatAttr>("factor"), addend = entries.getAs<FloatAttr>("addend");
    auto offset = entries.getAs<IntegerAttr>("offset"), min = entries.getAs<IntegerAttr>("min"), max = entries.getAs<IntegerAttr>("max");
    auto rounding = entries.getAs<RoundingModeAttr>("rounding");
    const auto *kind = name ? llvm::find(kEncodeKinds, name.getValue()) : std::end(kEncodeKinds);
    if (kind == std::end(kEncodeKinds) || !factor || !addend || !offset || !min || !max || !rounding)
      return {};
    EncodeForm form;
    form.kind = static_cast<EncodeForm::Kind>(kind - std::begin(kEncodeKinds));
    form.factor = factor.getValueAsDouble();
    form.addend = addend.getValueAsDouble();
    form.offset = offset.getInt();
    form.qmin = min.getInt();
    form.qmax = max.getInt();
    form.rounding = rounding.getValue();
    forms.push_back(form);
  }
  return forms;
}
