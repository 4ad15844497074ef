//===- LinearKernel.cpp - Matrix products -----------------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// sumac.linear: y[m, n] = sum over k of x[m, k] * w[n, k] + bias[n].
//
// The definition sums exact numbers. Where both operands are integers times one
// unit per row, the sum is one of machine integers, of a width that a bound on
// its magnitude, computed beforehand, allows.
//
//===----------------------------------------------------------------------===//

#include "Attributes.h"
#include "Elementwise.h"

#include <numeric>

using namespace mlir;
using namespace sumac;
using namespace sumac::interpreter;

//===----------------------------------------------------------------------===//
// Rows of integers
//===----------------------------------------------------------------------===//

namespace {
/// A matrix whose row r is integers times units[unitOf[r]].
struct IntegerRows {
  int64_t rows = 0;
  int64_t columns = 0;
  std::vector<int64_t> wide;
  std::vector<int16_t> narrow; ///< In place of `wide` where all fit 16 bits.
  std::vector<uint32_t> unitOf;
  std::vector<Real> units;
  UInt128 greatest = 0;    ///< Greatest magnitude.
  UInt128 greatestSum = 0; ///< Greatest sum of a row's magnitudes.

  /// Calls `function` with a row as an array of its type.
  template <typename Function>
  void withRow(int64_t row, Function function) const {
    if (wide.empty())
      function(ArrayRef<int16_t>(narrow).slice(row * columns, columns));
    else
      function(ArrayRef<int64_t>(wide).slice(row * columns, columns));
  }
};
} // namespace

static void measure(IntegerRows &matrix) {
  for (int64_t row = 0; row < matrix.rows; ++row) {
    UInt128 sum = 0;
    for (int64_t value : ArrayRef<int64_t>(matrix.wide).slice(row * matrix.columns, matrix.columns)) {
      UInt128 magnitude = value < 0 ? -UInt128(Int128(value)) : UInt128(value);
      matrix.greatest = std::max(matrix.greatest, magnitude);
      sum += magnitude;
    }
    matrix.greatestSum = std::max(matrix.greatestSum, sum);
  }
  if (matrix.greatest > INT16_MAX)
    return;
  matrix.narrow.assign(matrix.wide.begin(), matrix.wide.end());
  matrix.wide = {};
}

/// A unit of which all `units` are integer multiples, which are returned in
/// `factors`; nothing where the ratios are not rational or too large.
static std::optional<Real> findCommonUnit(ArrayRef<Real> units, std::vector<int64_t> &factors) {
  std::vector<Rational> ratios;
  Integer denominator(1);
  for (const Real &unit : units) {
    std::optional<Real> ratio = unit.divide(units.front());
    if (!ratio || !ratio->isRational())
      return std::nullopt;
    ratios.push_back(ratio->asRational());
    mpz_lcm(denominator.get(), denominator.get(), mpq_denref(ratios.back().get()));
    if (denominator.bitLength() > 128)
      return std::nullopt;
  }
  for (const Rational &ratio : ratios) {
    std::optional<int64_t> factor = (ratio * Rational(denominator)).numerator().toInt64();
    if (!factor)
      return std::nullopt;
    factors.push_back(*factor);
  }
  return units.front() * Real(Rational(1) / Rational(denominator));
}

/// Whether all elements of every row have the same unit; these are returned.
static bool haveUnitPerRow(const GridForm &form, IntegerRows &matrix) {
  matrix.unitOf.resize(matrix.rows, 0);
  if (form.unitOf.empty() || matrix.columns == 0)
    return true;
  for (int64_t row = 0; row < matrix.rows; ++row) {
    ArrayRef<uint32_t> unitOf = ArrayRef<uint32_t>(form.unitOf).slice(row * matrix.columns, matrix.columns);
    if (llvm::any_of(unitOf, [&](uint32_t unit) { return unit != unitOf.front(); }))
      return false;
    matrix.unitOf[row] = unitOf.front();
  }
  return true;
}

/// The rows of a grid, brought to a common unit where a row has several.
static std::optional<IntegerRows> getRows(const GridForm &form, int64_t columns) {
  IntegerRows matrix;
  matrix.columns = columns;
  matrix.rows = columns == 0 ? 0 : form.mantissas.size() / columns;
  matrix.wide = form.mantissas;
  matrix.units = form.units;
  if (!haveUnitPerRow(form, matrix)) {
    std::vector<int64_t> factors;
    std::optional<Real> unit = findCommonUnit(form.units, factors);
    if (!unit)
      return std::nullopt;
    for (auto [value, index] : llvm::zip_equal(matrix.wide, form.unitOf))
      if (llvm::MulOverflow(value, factors[index], value))
        return std::nullopt;
    matrix.units = {*unit};
    matrix.unitOf.assign(matrix.rows, 0);
  }
  measure(matrix);
  return matrix;
}

/// The rows of a tensor (its last dimension) as integers, where they are some.
static std::optional<IntegerRows> getRows(const Tensor &tensor, bool unitPerRow) {
  int64_t columns = tensor.getRowSize();
  switch (tensor.getKind()) {
  case Tensor::Kind::Integers: {
    GridForm form;
    form.mantissas = tensor.getIntegers().vec();
    form.units.push_back(Real(1));
    return getRows(form, columns);
  }
  case Tensor::Kind::Grid:
    return getRows(tensor.getGrid(), columns);
  case Tensor::Kind::Lazy: {
    std::vector<double> values;
    for (const Enclosure &enclosure : tensor.getEnclosures()) {
      if (!enclosure.isPoint())
        return std::nullopt;
      values.push_back(enclosure.low);
    }
    TensorRef grid = Tensor::realsFromDoubles(tensor.getElementType(), Shape(tensor.getShape()), std::move(values), unitPerRow);
    return grid->getKind() == Tensor::Kind::Grid ? getRows(grid->getGrid(), columns) : std::nullopt;
  }
  default:
    return std::nullopt;
  }
}

//===----------------------------------------------------------------------===//
// Integer dot products
//===----------------------------------------------------------------------===//

template <typename Sum, typename T, typename U>
static Sum dot(ArrayRef<T> x, ArrayRef<U> w) {
  Sum sum = 0;
  for (size_t k = 0, size = x.size(); k < size; ++k)
    sum += static_cast<Sum>(x[k]) * static_cast<Sum>(w[k]);
  return sum;
}

template <typename Sum>
static void multiplyAs(const IntegerRows &x, const IntegerRows &w, Int128 *out) {
  for (int64_t m = 0; m < x.rows; ++m)
    x.withRow(m, [&](auto xRow) {
      for (int64_t n = 0; n < w.rows; ++n)
        w.withRow(n, [&](auto wRow) { *out++ = dot<Sum>(xRow, wRow); });
    });
}

/// x * w^T, or nothing where a sum may need more than 127 bits.
static std::optional<std::vector<Int128>> multiply(const IntegerRows &x, const IntegerRows &w) {
  // |sum| <= max |x| * max over n of sum |w[n, k]|, as every partial sum.
  Integer bound = Integer(static_cast<Int128>(x.greatest)) * Integer(static_cast<Int128>(w.greatestSum));
  unsigned bits = bound.bitLength() + 1;
  if (bits > 127)
    return std::nullopt;
  std::vector<Int128> sums(x.rows * w.rows);
  // 32 bits hold operands of 16 bits only.
  if (bits <= 32 && x.wide.empty() && w.wide.empty())
    multiplyAs<int32_t>(x, w, sums.data());
  else if (bits <= 64)
    multiplyAs<int64_t>(x, w, sums.data());
  else
    multiplyAs<Int128>(x, w, sums.data());
  return sums;
}

//===----------------------------------------------------------------------===//
// Reals
//===----------------------------------------------------------------------===//

namespace {
/// The operands of one product.
struct Product {
  Settings settings;
  Type type;
  Shape shape;
  TensorRef input, weights;
  int64_t rows = 0, columns = 0, channels = 0;

  /// The definition.
  Number define(int64_t element) const;
  TensorRef fromSums(const IntegerRows &x, const IntegerRows &w, std::vector<Int128> sums) const;
  TensorRef fromWideSums(const IntegerRows &x, const IntegerRows &w, std::vector<Int128> sums) const;
  TensorRef fromEnclosures() const;
};
} // namespace

Number Product::define(int64_t element) const {
  int64_t x = element / channels * columns, w = element % channels * columns;
  Number sum;
  for (int64_t k = 0; k < columns; ++k)
    sum = sum + input->getNumber(x + k) * weights->getNumber(w + k);
  return sum;
}

/// Sums of products of mantissas, times the product of the rows' units.
TensorRef Product::fromSums(const IntegerRows &x, const IntegerRows &w, std::vector<Int128> sums) const {
  constexpr size_t kMaxUnits = 1 << 16;
  bool fit = llvm::all_of(sums, [](Int128 sum) { return sum == static_cast<int64_t>(sum); });
  if (!fit || x.units.size() * w.units.size() > kMaxUnits)
    return fromWideSums(x, w, std::move(sums));
  GridForm form;
  for (const Real &unit : x.units)
    for (const Real &weightUnit : w.units)
      form.units.push_back(unit * weightUnit);
  form.unitOf.resize(sums.size());
  for (int64_t m = 0; m < rows; ++m)
    for (int64_t n = 0; n < channels; ++n)
      form.unitOf[m * channels + n] = x.unitOf[m] * w.units.size() + w.unitOf[n];
  form.mantissas.assign(sums.begin(), sums.end());
  return Tensor::grid(type, shape, std::move(form));
}

/// The same where a grid does not hold them.
TensorRef Product::fromWideSums(const IntegerRows &x, const IntegerRows &w, std::vector<Int128> sums) const {
  std::vector<Enclosure> unitsX, unitsW, enclosures(sums.size());
  for (const Real &unit : x.units)
    unitsX.push_back(Enclosure::of(unit));
  for (const Real &unit : w.units)
    unitsW.push_back(Enclosure::of(unit));
  for (size_t i = 0; i < sums.size(); ++i)
    enclosures[i] = Enclosure::ofInteger(sums[i]) * unitsX[x.unitOf[i / channels]] * unitsW[w.unitOf[i % channels]];
  auto define = [sums = std::move(sums), channels = channels, unitOfX = x.unitOf, unitOfW = w.unitOf, realsX = x.units,
                 realsW = w.units](int64_t element) {
    const Real &unitX = realsX[unitOfX[element / channels]], &unitW = realsW[unitOfW[element % channels]];
    return Number(Real(Integer(sums[element])) * unitX * unitW);
  };
  return Tensor::lazy(type, shape, std::move(enclosures), std::move(define), 0);
}

/// An enclosure of a sum of products of enclosures with centres c, d and radii
/// r, s: |sum of x w - sum of c d| <= sum of (|c| s + r |d| + r s). The sum of
/// c d is computed in long double (64 bits on x86) with unit u, so it is off by
/// at most (K + 1) u / (1 - (K + 1) u) of the sum of |c d|; sums of magnitudes in
/// double are too small by at most a factor 1 + K 2^-51 (Higham, Accuracy and
/// Stability, section 3.1), for which 2^-20 is ample as K <= 2^28.
static Enclosure dotEnclosure(ArrayRef<double> centreX, ArrayRef<double> radiusX, ArrayRef<double> centreW,
                              ArrayRef<double> radiusW) {
  constexpr double kUnit = std::numeric_limits<long double>::epsilon();
  long double sum = 0;
  double magnitude = 0, radius = 0;
  auto size = static_cast<int64_t>(centreX.size());
  for (int64_t k = 0; k < size; ++k) {
    double x = std::fabs(centreX[k]), w = std::fabs(centreW[k]);
    sum += static_cast<long double>(centreX[k]) * centreW[k];
    magnitude += x * w;
    radius += x * radiusW[k] + radiusX[k] * (w + radiusW[k]);
  }
  // Products below the smallest normal double lose at most 2^-1074 each.
  double slack = (radius + magnitude * (size + 2) * kUnit) * (1 + 0x1p-20) + (size + 1) * 0x1p-1070;
  auto low = static_cast<double>(sum - slack), high = static_cast<double>(sum + slack);
  if (!std::isfinite(low) || !std::isfinite(high) || !std::isfinite(magnitude))
    return Enclosure::unknown();
  // One step each for rounding the difference to long double and to double.
  return {bounds::below(bounds::below(low)), bounds::above(bounds::above(high))};
}

namespace {
/// Enclosures as centres and radii; `finite` is false where one is unbounded.
struct Balls {
  std::vector<double> centres, radii;
  bool finite = true;

  explicit Balls(ArrayRef<Enclosure> enclosures) {
    for (const Enclosure &enclosure : enclosures) {
      double centre = enclosure.isPoint() ? enclosure.low : enclosure.low / 2 + enclosure.high / 2;
      double radius = enclosure.isPoint() ? 0 : bounds::above(std::max(enclosure.high - centre, centre - enclosure.low));
      finite &= std::isfinite(centre) && std::isfinite(radius);
      centres.push_back(centre);
      radii.push_back(radius);
    }
  }
};
} // namespace

TensorRef Product::fromEnclosures() const {
  Balls w(weights->getEnclosures());
  std::vector<Enclosure> enclosures(rows * channels);
  for (int64_t m = 0; m < rows; ++m) {
    Balls x(input->getEnclosures().slice(m * columns, columns));
    for (int64_t n = 0; n < channels; ++n) {
      int64_t element = m * channels + n;
      // An infinite operand makes the sum infinite or undefined.
      enclosures[element] = x.finite && w.finite
          ? dotEnclosure(x.centres, x.radii, ArrayRef<double>(w.centres).slice(n * columns, columns),
                         ArrayRef<double>(w.radii).slice(n * columns, columns))
          : Enclosure::of(define(element));
    }
  }
  unsigned depth = std::max(input->getDepth(), weights->getDepth()) + 1;
  return Tensor::lazy(type, shape, std::move(enclosures), [product = *this](int64_t i) { return product.define(i); },
                      depth);
}

//===----------------------------------------------------------------------===//
// Preparation
//===----------------------------------------------------------------------===//

namespace {
/// Weights as integers, computed once where they are the same tensor again.
class WeightCache {
public:
  std::shared_ptr<const std::optional<IntegerRows>> get(const TensorRef &weights) {
    std::lock_guard<std::mutex> lock(mutex);
    if (cached != weights) {
      rows = std::make_shared<const std::optional<IntegerRows>>(getRows(*weights, /*unitPerRow=*/true));
      cached = weights;
    }
    return rows;
  }

private:
  std::mutex mutex;
  TensorRef cached;
  std::shared_ptr<const std::optional<IntegerRows>> rows;
};
} // namespace

static LogicalResult checkOperands(Operands operands, Error &error) {
  ArrayRef<int64_t> x = operands[0]->getShape(), w = operands[1]->getShape();
  if (x.empty() || w.size() != 2 || x.back() != w[1])
    return error.set("input and weights differ in the size of their last dimension");
  if (operands.size() == 3 && (operands[2]->getShape().size() != 1 || operands[2]->size() != w[0]))
    return error.set("bias has " + Twine(operands[2]->size()) + " elements for " + Twine(w[0]) + " channels");
  return success();
}

/// Integer sums with the bias added, checked against the result's width.
static FailureOr<TensorRef> finishIntegers(const Product &product, ArrayRef<Int128> sums, Operands operands,
                                           Error &error) {
  std::vector<Int128> results = sums.vec();
  if (operands.size() == 3)
    for (auto [i, result] : llvm::enumerate(results))
      result += operands[2]->getIntegers()[i % product.channels];
  return makeIntegers(product.type, product.shape, results, error);
}

/// The definition on tensors of integers.
static FailureOr<std::vector<Int128>> defineIntegers(const Product &product, Error &error) {
  std::vector<Int128> sums;
  for (int64_t i = 0; i < product.rows * product.channels; ++i) {
    std::optional<int64_t> sum = product.define(i).getReal().asRational().numerator().toInt64();
    if (!sum)
      return error.set("sum of element " + Twine(i) + " does not fit 64 bits");
    sums.push_back(*sum);
  }
  return sums;
}

static TensorRef addBias(const Settings &settings, const TensorRef &sums, const TensorRef &bias) {
  Shape shape(sums->getShape());
  return mapElements(
      settings, sums->getElementType(), shape, {sums, bias},
      [](int64_t, ArrayRef<Enclosure> x) { return x[0] + x[1]; },
      [](int64_t, ArrayRef<Number> x) { return x[0] + x[1]; });
}

static FailureOr<TensorRef> runLinear(Product product, Operands operands, WeightCache &cache, Error &error) {
  if (failed(checkOperands(operands, error)))
    return failure();
  product.input = operands[0];
  product.weights = operands[1];
  product.columns = operands[1]->getShape()[1];
  product.channels = operands[1]->getShape()[0];
  product.shape = Shape(operands[0]->getShape());
  product.shape.back() = product.channels;
  product.rows = 1;
  for (int64_t size : ArrayRef<int64_t>(product.shape).drop_back())
    product.rows *= size;
  if (failed(checkShape(product.shape, error)))
    return failure();
  std::optional<std::vector<Int128>> sums;
  std::optional<IntegerRows> x;
  std::shared_ptr<const std::optional<IntegerRows>> w;
  if (product.settings.fast && product.columns > 0) {
    w = cache.get(operands[1]);
    if (*w)
      x = getRows(*operands[0], /*unitPerRow=*/false);
    if (x)
      sums = multiply(*x, **w);
  }
  if (isa<IntegerType>(product.type)) {
    FailureOr<std::vector<Int128>> integers = sums ? FailureOr<std::vector<Int128>>(std::move(*sums))
                                                   : defineIntegers(product, error);
    return failed(integers) ? FailureOr<TensorRef>(failure()) : finishIntegers(product, *integers, operands, error);
  }
  TensorRef result;
  if (sums) {
    result = product.fromSums(*x, **w, std::move(*sums));
  } else if (product.settings.fast) {
    result = product.fromEnclosures();
  } else {
    std::vector<Number> numbers(product.rows * product.channels);
    for (auto [i, number] : llvm::enumerate(numbers))
      number = product.define(i);
    result = Tensor::numbers(product.type, product.shape, std::move(numbers));
  }
  return operands.size() == 3 ? addBias(product.settings, result, operands[2]) : result;
}

FailureOr<Kernel> interpreter::prepare(LinearOp op, const Settings &settings) {
  Product product;
  product.settings = settings;
  product.type = getElementType(op.getResult());
  for (Value operand : op->getOperands())
    if (isa<IntegerType>(getElementType(operand)) != isa<IntegerType>(product.type))
      return op.emitOpError("operands and result must be all real or all integers");
  auto cache = std::make_shared<WeightCache>();
  return Kernel([=](Operands operands, Error &error) { return runLinear(product, operands, *cache, error); });
}
