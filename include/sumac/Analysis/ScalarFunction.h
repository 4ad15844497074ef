//===- ScalarFunction.h - A chain of scalar operations ----------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What stands between an accumulator (or a float input) and a code on one
// channel: scales, biases, batch norm, activations, quantizers, one after the
// other. A chain is evaluated exactly, or in double with an error bound that
// tells when the double decides a question.
//
//===----------------------------------------------------------------------===//

#ifndef SUMAC_ANALYSIS_SCALARFUNCTION_H
#define SUMAC_ANALYSIS_SCALARFUNCTION_H

#include "sumac/Analysis/Quantizer.h"
#include "sumac/Support/Real.h"

#include <optional>
#include <vector>

namespace sumac {

/// A real number, or an infinity (infinite = -1 or 1) that float inputs bring
/// and that stands for the limit of a function there.
struct ExtendedReal {
  int infinite = 0;
  Real value;

  ExtendedReal() = default;
  ExtendedReal(Real number) : value(std::move(number)) {}
  static ExtendedReal infinity(int sign) {
    ExtendedReal result;
    result.infinite = sign;
    return result;
  }
};

/// How a function goes on an interval: never down, never up, or neither moves.
enum class Direction { Decreasing = -1, Constant = 0, Increasing = 1 };

class ScalarFunction {
public:
  enum class Kind {
    Affine,    ///< x * a + b
    Relu,      ///< max(x, 0)
    LeakyRelu, ///< x >= 0 ? x : a * x
    Clip,      ///< min(max(x, a), b), either limit optional
    Sigmoid,
    Tanh,
    Exp,
    Abs,
    PowerInteger, ///< x^exponent
    Power,        ///< x^exponent for x >= 0, any rational exponent
    Round,        ///< clip(round(x) + offset, qmin, qmax)
    Bipolar,      ///< x >= 0 ? 1 : -1
    Thresholds,   ///< number of thresholds t with x >= t
  };

  /// One operation. Doubles beside exact numbers are their nearest doubles,
  /// with the distance as error.
  struct Operation {
    Kind kind;
    Real a, b;
    bool hasA = true, hasB = true;
    double aDouble = 0, aError = 0, bDouble = 0, bError = 0;
    Rational exponent;
    double exponentDouble = 0; ///< NaN where no double is the exponent.
    RoundingMode rounding = RoundingMode::HalfEven;
    int64_t offset = 0, qmin = Quantizer::kNoMinimum,
            qmax = Quantizer::kNoMaximum;
    std::vector<Real> thresholds;         ///< Sorted, lowest first.
    std::vector<double> thresholdDoubles; ///< At most aError off.
  };

  //===--- Building: each call appends to the chain
  //------------------------===//

  /// x * multiply + add. Neighbouring affine operations become one.
  ScalarFunction &affine(const Real &multiply, const Real &add);
  ScalarFunction &relu();
  ScalarFunction &leakyRelu(const Real &alpha);
  ScalarFunction &clip(const std::optional<Real> &low,
                       const std::optional<Real> &high);
  ScalarFunction &sigmoid();
  ScalarFunction &tanh();
  ScalarFunction &exp();
  ScalarFunction &abs();
  ScalarFunction &power(const Rational &exponent);
  /// To the integer code. False, and the chain unusable, for a scale of zero
  /// or an ONNX zero point that is not an integer of 64 bits.
  [[nodiscard]] bool toCode(const Quantizer &quantizer);
  /// To the real value of the code: toCode, then (code - zeroPoint) * scale.
  [[nodiscard]] bool quantize(const Quantizer &quantizer);
  /// The number of thresholds at or below x (QONNX MultiThreshold). False
  /// where the thresholds cannot be sorted.
  [[nodiscard]] bool countThresholds(std::vector<Real> thresholds);

  //===--- Evaluating
  //------------------------------------------------------===//

  /// The exact result of the first `count` operations (all by default);
  /// nothing where it is not defined (a negative number to a fractional power,
  /// an infinity that no later operation brings back) or not decidable.
  std::optional<ExtendedReal> evaluate(const ExtendedReal &x,
                                       size_t count = SIZE_MAX) const;
  /// The exact result for a finite x, if it is finite.
  std::optional<Real> eval(const Real &x) const;
  std::optional<Real> eval(const Integer &x) const { return eval(Real(x)); }

  /// The result of the first `count` operations in double, which is at most
  /// `errorBound` off; the bound is infinite where nothing is known.
  double approx(double x, double &errorBound, size_t count = SIZE_MAX) const;

  //===--- Shape
  //-----------------------------------------------------------===//

  const std::vector<Operation> &operations() const { return chain; }
  /// Whether the result is always an integer: the last operation gives codes.
  bool givesCodes() const;
  /// Whether an operation is monotone on negative and on other inputs, but not
  /// on all.
  static bool turnsAtZero(const Operation &operation);
  /// The direction of an operation on negative inputs (side < 0) or on the
  /// others (side >= 0); of one that does not turn at zero, any side will do.
  static Direction direction(const Operation &operation, int side);

private:
  Operation &append(Kind kind);

  std::vector<Operation> chain;
};

} // namespace sumac

#endif // SUMAC_ANALYSIS_SCALARFUNCTION_H
