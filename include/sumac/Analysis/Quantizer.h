//===- Quantizer.h - From a real number to a code ---------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Rounding real numbers to integers, exactly and filtered in double, and the
// quantizers of ONNX and QONNX (sources: the ONNX operator QuantizeLinear and
// QONNX's Quant, Trunc and BipolarQuant).
//
//===----------------------------------------------------------------------===//

#ifndef SUMAC_ANALYSIS_QUANTIZER_H
#define SUMAC_ANALYSIS_QUANTIZER_H

#include "sumac/Dialect/Sumac/IR/SumacEnums.h"
#include "sumac/Support/Real.h"

#include <optional>

namespace sumac {

/// The integer that `mode` gives for a real number; nothing where the number
/// cannot be told from a place where the result changes (see Real).
std::optional<Integer> roundToInteger(const Real &number, RoundingMode mode);

/// The same for a double, as a double. Exact: doubles of 2^52 and more are
/// integers already.
double roundToInteger(double number, RoundingMode mode);

/// A quantizer: code = clip(round(x / scale) + zeroPoint, qmin, qmax) in ONNX;
/// QONNX rounds x / scale + zeroPoint. The real value of a code is
/// (code - zeroPoint) * scale.
///
/// QONNX clips before it rounds. With integers qmin and qmax that is the same:
/// rounding is monotone and keeps integers, so round(clip(v)) = clip(round(v)).
struct Quantizer {
  /// "No limit" for qmin and qmax.
  static constexpr int64_t kNoMinimum = INT64_MIN;
  static constexpr int64_t kNoMaximum = INT64_MAX;

  Real scale = Real(1); ///< Not zero.
  /// An integer, except where it is added before rounding.
  Real zeroPoint;
  bool zeroPointBeforeRound = false; ///< QONNX: true, ONNX: false.
  int64_t qmin = kNoMinimum;
  int64_t qmax = kNoMaximum;
  RoundingMode rounding = RoundingMode::HalfEven;
  /// Code +1 where x / scale + zeroPoint >= 0, else -1; ignores qmin, qmax and
  /// rounding.
  bool bipolar = false;
};

} // namespace sumac

#endif // SUMAC_ANALYSIS_QUANTIZER_H
