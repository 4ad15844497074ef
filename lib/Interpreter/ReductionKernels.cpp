//===- ReductionKernels.cpp - Functions along a dimension -------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// sumac.argmax, reduce_max and softmax.
//
//===----------------------------------------------------------------------===//

#include "Attributes.h"
#include "Elementwise.h"

#include <map>
#include <mutex>

using namespace mlir;
using namespace sumac;
using namespace sumac::interpreter;

namespace {
/// The elements of one line along a dimension.
struct Lines {
  int64_t count = 1, length = 1, inner = 1;

  Lines(ArrayRef<int64_t> shape, int64_t axis) : length(shape[axis]) {
    for (int64_t size : shape.take_front(axis))
      count *= size;
    for (int64_t size : shape.drop_front(axis + 1))
      inner *= size;
    count *= inner;
  }
  int64_t getElement(int64_t line, int64_t k) const { return line / inner * length * inner + k * inner + line % inner; }
  int64_t getLine(int64_t element) const { return element / (length * inner) * inner + element % inner; }
};
} // namespace

/// The order of two elements.
static std::optional<int> compareElements(const Settings &settings, const Tensor &tensor, int64_t a, int64_t b) {
  if (tensor.getKind() == Tensor::Kind::Integers) {
    int64_t left = tensor.getIntegers()[a], right = tensor.getIntegers()[b];
    return (left > right) - (left < right);
  }
  if (settings.fast) {
    Enclosure left = tensor.getEnclosures()[a], right = tensor.getEnclosures()[b];
    if (left.low > right.high)
      return 1;
    if (left.high < right.low)
      return -1;
    if (left.isPoint() && right.isPoint())
      return 0;
  }
  return tensor.getNumber(a).compare(tensor.getNumber(b));
}

/// For each line the position of its greatest element.
static FailureOr<std::vector<int64_t>> findGreatest(const Settings &settings, const Tensor &tensor, const Lines &lines,
                                                    bool selectLast, Error &error) {
  if (lines.length == 0)
    return error.set("dimension has no elements");
  std::vector<int64_t> positions(lines.count, 0);
  for (int64_t line = 0; line < lines.count; ++line) {
    for (int64_t k = 1; k < lines.length; ++k) {
      std::optional<int> order = compareElements(settings, tensor, lines.getElement(line, k),
                                                 lines.getElement(line, positions[line]));
      if (!order)
        return error.set("element " + Twine(lines.getElement(line, k)) + " is undefined or cannot be told from another");
      if (*order > 0 || (*order == 0 && selectLast))
        positions[line] = k;
    }
  }
  return positions;
}

FailureOr<Kernel> interpreter::prepare(ArgMaxOp op, const Settings &settings) {
  std::optional<int64_t> axis = normalizeAxis(op.getAxis(), cast<ShapedType>(op.getInput().getType()).getRank());
  if (!axis)
    return op.emitOpError("has no dimension ") << op.getAxis();
  Type type = getElementType(op.getResult());
  bool keepDims = op.getKeepDims(), selectLast = op.getSelectLast();
  return Kernel([=](Operands operands, Error &error) -> FailureOr<TensorRef> {
    Shape shape(operands[0]->getShape());
    FailureOr<std::vector<int64_t>> positions =
        findGreatest(settings, *operands[0], Lines(shape, *axis), selectLast, error);
    if (failed(positions))
      return failure();
    if (keepDims)
      shape[*axis] = 1;
    else
      shape.erase(shape.begin() + *axis);
    return makeIntegers(type, shape, std::move(*positions), error);
  });
}

FailureOr<Kernel> interpreter::prepare(ReduceMaxOp op, const Settings &settings) {
  std::optional<int64_t> axis = normalizeAxis(op.getAxis(), cast<ShapedType>(op.getInput().getType()).getRank());
  if (!axis)
    return op.emitOpError("has no dimension ") << op.getAxis();
  Type type = getElementType(op.getResult());
  return Kernel([=](Operands operands, Error &error) -> FailureOr<TensorRef> {
    Shape shape(operands[0]->getShape());
    Lines lines(shape, *axis);
    FailureOr<std::vector<int64_t>> positions = findGreatest(settings, *operands[0], lines, false, error);
    if (failed(positions))
      return failure();
    std::vector<int64_t> elements;
    for (auto [line, position] : llvm::enumerate(*positions))
      elements.push_back(lines.getElement(line, position));
    shape[*axis] = 1;
    return gather(type, shape, operands[0], {}, elements);
  });
}

//===----------------------------------------------------------------------===//
// Softmax
//===----------------------------------------------------------------------===//

/// 1 / sum over j of e^(x_j - x_i): equal elements count exactly 1 each, so a
/// line of equal elements has a rational result.
static Number defineSoftmax(const Tensor &input, const Lines &lines, int64_t element) {
  Number self = input.getNumber(element);
  if (self.isUndefined() || (self.isInfinite() && *self.sign() > 0))
    return Number::undefined();
  int64_t line = lines.getLine(element);
  Real sum;
  bool isZero = self.isInfinite();
  for (int64_t k = 0; k < lines.length; ++k) {
    Number other = input.getNumber(lines.getElement(line, k));
    if (other.isUndefined() || (other.isInfinite() && *other.sign() > 0))
      return Number::undefined();
    if (!isZero && other.isFinite())
      sum += (other.getReal() - self.getReal()).exp();
  }
  if (!isZero)
    return Number::orUndefined(sum.inverse());
  // e^-inf = 0, unless that is all there is.
  for (int64_t k = 0; k < lines.length; ++k)
    if (input.getNumber(lines.getElement(line, k)).isFinite())
      return Real(0);
  return Number::undefined();
}

namespace {
/// Numbers of the first of equal elements: these then have one number, so that
/// later comparisons need not tell equal sums of exponentials apart.
class EqualElements {
public:
  Number get(const Tensor &input, const Lines &lines, int64_t element) {
    int64_t first = findFirst(input, lines, element);
    {
      std::lock_guard<std::mutex> lock(mutex);
      if (auto known = numbers.find(first); known != numbers.end())
        return known->second;
    }
    Number number = defineSoftmax(input, lines, first);
    std::lock_guard<std::mutex> lock(mutex);
    return numbers.try_emplace(first, std::move(number)).first->second;
  }

private:
  static int64_t findFirst(const Tensor &input, const Lines &lines, int64_t element) {
    Number self = input.getNumber(element);
    for (int64_t k = 0, line = lines.getLine(element); lines.getElement(line, k) < element; ++k)
      if (self.compare(input.getNumber(lines.getElement(line, k))) == 0)
        return lines.getElement(line, k);
    return element;
  }

  std::mutex mutex;
  std::map<int64_t, Number> numbers;
};
} // namespace

static Enclosure encloseSoftmax(ArrayRef<Enclosure> input, const Lines &lines, int64_t element) {
  int64_t line = lines.getLine(element);
  Enclosure sum;
  for (int64_t k = 0; k < lines.length; ++k) {
    int64_t other = lines.getElement(line, k);
    if (input[other].isUndefined() || input[other].isInfinite())
      return Enclosure::of(Number::undefined());
    sum = sum + (other == element ? Enclosure::point(1) : exp(input[other] - input[element]));
  }
  Enclosure result = Enclosure::point(1) / sum;
  return {std::max(result.low, 0.0), std::min(result.high, 1.0)};
}

FailureOr<Kernel> interpreter::prepare(SoftmaxOp op, const Settings &settings) {
  std::optional<int64_t> axis = normalizeAxis(op.getAxis(), cast<ShapedType>(op.getType()).getRank());
  if (!axis)
    return op.emitOpError("has no dimension ") << op.getAxis();
  Type type = getElementType(op.getResult());
  return Kernel([=](Operands operands, Error &) -> FailureOr<TensorRef> {
    TensorRef input = operands[0];
    Shape shape(input->getShape());
    Lines lines(shape, *axis);
    auto equal = std::make_shared<EqualElements>();
    return mapElements(
        settings, type, shape, operands,
        [&](int64_t i, ArrayRef<Enclosure>) { return encloseSoftmax(input->getEnclosures(), lines, i); },
        [=](int64_t i, ArrayRef<Number>) { return equal->get(*input, lines, i); });
  });
}
