//===- Tensor.cpp - Values of the interpreter -------------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The forms of tensors of reals, and data movement between them.
//
//===----------------------------------------------------------------------===//

#include "Tensor.h"

#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/STLExtras.h"

#include <map>
#include <numeric>

using namespace sumac;
using namespace sumac::interpreter;
using llvm::ArrayRef;

static int64_t getCount(ArrayRef<int64_t> shape) {
  int64_t count = 1;
  for (int64_t size : shape)
    count *= size;
  return count;
}

Tensor::Tensor(Kind kind, mlir::Type type, Shape shape)
    : kind(kind), elementType(type), shape(std::move(shape)), count(getCount(this->shape)) {}

TensorRef Tensor::integers(mlir::Type type, Shape shape, std::vector<int64_t> values) {
  auto tensor = std::shared_ptr<Tensor>(new Tensor(Kind::Integers, type, std::move(shape)));
  tensor->integerData = std::move(values);
  return tensor;
}

TensorRef Tensor::floats(mlir::Type type, Shape shape, std::vector<double> values) {
  auto tensor = std::shared_ptr<Tensor>(new Tensor(Kind::Floats, type, std::move(shape)));
  tensor->floatData = std::move(values);
  return tensor;
}

TensorRef Tensor::numbers(mlir::Type type, Shape shape, std::vector<Number> values) {
  auto tensor = std::shared_ptr<Tensor>(new Tensor(Kind::Numbers, type, std::move(shape)));
  tensor->numberData = std::move(values);
  return tensor;
}

TensorRef Tensor::grid(mlir::Type type, Shape shape, GridForm form) {
  auto tensor = std::shared_ptr<Tensor>(new Tensor(Kind::Grid, type, std::move(shape)));
  tensor->gridForm = std::move(form);
  return tensor;
}

TensorRef Tensor::lazy(mlir::Type type, Shape shape, std::vector<Enclosure> enclosures,
                       Define define, unsigned depth) {
  // Definitions call one another as deep as the chain of operations is long;
  // what lies deeper than this is computed now.
  constexpr unsigned kMaxDepth = 128;
  if (depth > kMaxDepth) {
    std::vector<Number> values(enclosures.size());
    for (auto [i, value] : llvm::enumerate(values))
      value = define(i);
    return numbers(type, std::move(shape), std::move(values));
  }
  auto tensor = std::shared_ptr<Tensor>(new Tensor(Kind::Lazy, type, std::move(shape)));
  tensor->enclosures = std::move(enclosures);
  tensor->define = std::move(define);
  tensor->depth = depth;
  return tensor;
}

//===----------------------------------------------------------------------===//
// Doubles on a grid
//===----------------------------------------------------------------------===//

/// Writes the doubles as mantissas * 2^exponent; false where no exponent lets
/// all mantissas fit 62 bits.
static bool findDyadicGrid(ArrayRef<double> values, int64_t *mantissas, int &exponent) {
  constexpr int kNone = std::numeric_limits<int>::max();
  int lowest = kNone, highest = std::numeric_limits<int>::min();
  for (double value : values) {
    if (value == 0)
      continue;
    int top = 0;
    auto bits = static_cast<int64_t>(std::ldexp(std::frexp(value, &top), 53));
    lowest = std::min(lowest, top - 53 + llvm::countr_zero(static_cast<uint64_t>(bits)));
    highest = std::max(highest, top);
  }
  exponent = lowest == kNone ? 0 : lowest;
  if (lowest != kNone && highest - lowest > 62)
    return false;
  for (auto [i, value] : llvm::enumerate(values))
    mantissas[i] = static_cast<int64_t>(std::ldexp(value, -exponent));
  return true;
}

/// Divides mantissas by their greatest common divisor, which is returned: codes
/// times a float scale become codes again.
static int64_t reduceMantissas(int64_t *mantissas, int64_t size) {
  int64_t divisor = 0;
  for (int64_t i = 0; i < size && divisor != 1; ++i)
    divisor = std::gcd(divisor, mantissas[i]);
  if (divisor > 1)
    for (int64_t i = 0; i < size; ++i)
      mantissas[i] /= divisor;
  return std::max<int64_t>(divisor, 1);
}

/// The doubles as a grid with a unit for every `groupSize` of them.
static std::optional<GridForm> makeDyadicGrid(ArrayRef<double> values, int64_t groupSize) {
  GridForm form;
  form.mantissas.resize(values.size());
  form.unitOf.resize(values.size());
  std::map<std::pair<int64_t, int>, uint32_t> unitIndices;
  for (int64_t begin = 0, size = values.size(); begin < size; begin += groupSize) {
    int exponent = 0;
    if (!findDyadicGrid(values.slice(begin, groupSize), &form.mantissas[begin], exponent))
      return std::nullopt;
    int64_t divisor = reduceMantissas(&form.mantissas[begin], groupSize);
    auto [unit, isNew] = unitIndices.try_emplace({divisor, exponent}, form.units.size());
    if (isNew)
      form.units.push_back(Rational::dyadic(Integer(divisor), exponent));
    std::fill_n(form.unitOf.begin() + begin, groupSize, unit->second);
  }
  if (form.units.size() <= 1)
    form.unitOf.clear();
  if (form.units.empty())
    form.units.push_back(Real(1));
  return form;
}

TensorRef Tensor::realsFromDoubles(mlir::Type type, Shape shape, std::vector<double> values, bool unitPerRow) {
  int64_t rowSize = std::max<int64_t>(shape.empty() ? 1 : shape.back(), 1);
  if (llvm::all_of(values, [](double value) { return std::isfinite(value); })) {
    std::optional<GridForm> form;
    if (!unitPerRow)
      form = makeDyadicGrid(values, values.size());
    if (!form)
      form = makeDyadicGrid(values, rowSize);
    if (form)
      return grid(type, std::move(shape), std::move(*form));
  }
  std::vector<Enclosure> enclosures;
  enclosures.reserve(values.size());
  for (double value : values)
    enclosures.push_back(std::isnan(value) ? Enclosure::of(Number::infinity(-1)) : Enclosure::point(value));
  auto define = [values = std::move(values)](int64_t element) { return Number::fromFloat(values[element]); };
  return lazy(type, std::move(shape), std::move(enclosures), std::move(define), 0);
}

//===----------------------------------------------------------------------===//
// Elements
//===----------------------------------------------------------------------===//

Number Tensor::getNumber(int64_t element) const {
  switch (kind) {
  case Kind::Integers:
    return Number(Real(integerData[element]));
  case Kind::Floats:
    return Number::fromFloat(floatData[element]);
  case Kind::Numbers:
    return numberData[element];
  case Kind::Grid:
    return Number(Real(gridForm.mantissas[element]) * gridForm.getUnit(element));
  case Kind::Lazy:
    break;
  }
  {
    std::lock_guard<std::mutex> lock(mutex);
    if (!hasNumber.empty() && hasNumber[element])
      return numberData[element];
  }
  // Without the lock: the definition asks other tensors.
  Number number = define(element);
  std::lock_guard<std::mutex> lock(mutex);
  if (hasNumber.empty()) {
    hasNumber.resize(count);
    numberData.resize(count);
  }
  hasNumber[element] = true;
  numberData[element] = number;
  return number;
}

Enclosure Tensor::computeEnclosure(int64_t element, ArrayRef<Enclosure> units) const {
  switch (kind) {
  case Kind::Integers:
    return Enclosure::ofInteger(integerData[element]);
  case Kind::Floats:
    return std::isnan(floatData[element]) ? Enclosure::point(-bounds::kInfinity)
                                          : Enclosure::point(floatData[element]);
  case Kind::Grid:
    return Enclosure::ofInteger(gridForm.mantissas[element]) * units[gridForm.getUnitIndex(element)];
  default:
    return Enclosure::of(getNumber(element));
  }
}

ArrayRef<Enclosure> Tensor::getEnclosures() const {
  if (kind == Kind::Lazy)
    return enclosures;
  std::lock_guard<std::mutex> lock(mutex);
  if (enclosures.empty() && count > 0) {
    std::vector<Enclosure> units;
    units.reserve(gridForm.units.size());
    for (const Real &unit : gridForm.units)
      units.push_back(Enclosure::of(unit));
    enclosures.resize(count);
    for (int64_t i = 0; i < count; ++i)
      enclosures[i] = computeEnclosure(i, units);
  }
  return enclosures;
}

//===----------------------------------------------------------------------===//
// Data movement
//===----------------------------------------------------------------------===//

/// A gather of grids is a grid on the units of all sources.
static TensorRef gatherGrids(mlir::Type type, Shape shape, ArrayRef<TensorRef> sources,
                             ArrayRef<uint32_t> which, ArrayRef<int64_t> positions) {
  GridForm form;
  std::vector<uint32_t> firstUnit;
  for (const TensorRef &source : sources) {
    firstUnit.push_back(form.units.size());
    llvm::append_range(form.units, source->getGrid().units);
  }
  form.mantissas.reserve(positions.size());
  form.unitOf.reserve(positions.size());
  for (auto [i, position] : llvm::enumerate(positions)) {
    uint32_t sourceIndex = which.empty() ? 0 : which[i];
    const GridForm &source = sources[sourceIndex]->getGrid();
    form.mantissas.push_back(position < 0 ? 0 : source.mantissas[position]);
    form.unitOf.push_back(firstUnit[sourceIndex] + (position < 0 ? 0 : source.getUnitIndex(position)));
  }
  return Tensor::grid(type, std::move(shape), std::move(form));
}

/// A gather of reals in several forms.
static TensorRef gatherLazily(mlir::Type type, Shape shape, ArrayRef<TensorRef> sources,
                              ArrayRef<uint32_t> which, ArrayRef<int64_t> positions) {
  bool anyNumbers = llvm::any_of(sources, [](const TensorRef &source) {
    return source->getKind() == Tensor::Kind::Numbers;
  });
  auto define = [sources = std::vector<TensorRef>(sources), which = which.vec(),
                 positions = positions.vec()](int64_t element) {
    const Tensor &source = *sources[which.empty() ? 0 : which[element]];
    return positions[element] < 0 ? Number() : source.getNumber(positions[element]);
  };
  if (anyNumbers) {
    std::vector<Number> values(positions.size());
    for (auto [i, value] : llvm::enumerate(values))
      value = define(i);
    return Tensor::numbers(type, std::move(shape), std::move(values));
  }
  unsigned depth = 0;
  std::vector<ArrayRef<Enclosure>> enclosures;
  for (const TensorRef &source : sources) {
    enclosures.push_back(source->getEnclosures());
    depth = std::max(depth, source->getDepth());
  }
  std::vector<Enclosure> gathered(positions.size());
  for (auto [i, position] : llvm::enumerate(positions))
    if (position >= 0)
      gathered[i] = enclosures[which.empty() ? 0 : which[i]][position];
  return Tensor::lazy(type, std::move(shape), std::move(gathered), define, depth + 1);
}

template <typename T, typename Get>
static std::vector<T> gatherValues(ArrayRef<TensorRef> sources, ArrayRef<uint32_t> which,
                                   ArrayRef<int64_t> positions, Get get) {
  std::vector<T> values(positions.size());
  for (auto [i, position] : llvm::enumerate(positions))
    if (position >= 0)
      values[i] = get(*sources[which.empty() ? 0 : which[i]])[position];
  return values;
}

TensorRef interpreter::gather(mlir::Type type, Shape shape, ArrayRef<TensorRef> sources,
                              ArrayRef<uint32_t> which, ArrayRef<int64_t> positions) {
  Tensor::Kind kind = sources.front()->getKind();
  if (kind == Tensor::Kind::Integers)
    return Tensor::integers(type, std::move(shape), gatherValues<int64_t>(sources, which, positions,
                            [](const Tensor &source) { return source.getIntegers(); }));
  if (kind == Tensor::Kind::Floats)
    return Tensor::floats(type, std::move(shape), gatherValues<double>(sources, which, positions,
                          [](const Tensor &source) { return source.getFloats(); }));
  bool allGrids = llvm::all_of(sources, [](const TensorRef &source) {
    return source->getKind() == Tensor::Kind::Grid;
  });
  return allGrids ? gatherGrids(type, std::move(shape), sources, which, positions)
                  : gatherLazily(type, std::move(shape), sources, which, positions);
}

TensorRef interpreter::reshape(const TensorRef &tensor, Shape shape) {
  std::vector<int64_t> positions(tensor->size());
  std::iota(positions.begin(), positions.end(), 0);
  return gather(tensor->getElementType(), std::move(shape), tensor, {}, positions);
}

std::vector<int64_t> interpreter::getBroadcastPositions(ArrayRef<int64_t> result,
                                                        ArrayRef<int64_t> operand) {
  // Strides of the operand along the result's dimensions, 0 where it repeats.
  llvm::SmallVector<int64_t> strides(result.size(), 0);
  int64_t stride = 1;
  size_t missing = result.size() - operand.size();
  for (size_t dim = operand.size(); dim-- > 0;) {
    strides[missing + dim] = operand[dim] == 1 ? 0 : stride;
    stride *= operand[dim];
  }
  std::vector<int64_t> positions(getCount(result));
  llvm::SmallVector<int64_t> index(result.size(), 0);
  int64_t position = 0;
  for (int64_t &out : positions) {
    out = position;
    for (size_t dim = result.size(); dim-- > 0;) {
      position += strides[dim];
      if (++index[dim] < result[dim])
        break;
      position -= strides[dim] * index[dim];
      index[dim] = 0;
    }
  }
  return positions;
}
