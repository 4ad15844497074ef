//===- Thresholds.h - Counting thresholds on lanes --------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Thresholds of sumac.threshold, and of sumac.encode whose arithmetic has no
// proven form.
//
//===----------------------------------------------------------------------===//

#ifndef SUMAC_LIB_CONVERSION_SUMACTOVECTOR_THRESHOLDS_H
#define SUMAC_LIB_CONVERSION_SUMACTOVECTOR_THRESHOLDS_H

#include "Emitter.h"

namespace sumac {

/// Thresholds of one operation, ready for lanes of one type.
struct ThresholdTable {
  int64_t channels, steps;
  bool isFloat;
  llvm::SmallVector<int64_t> integers; ///< [channels][steps]
  llvm::SmallVector<double> floats;

  /// Threshold `step` of every channel.
  mlir::Value getColumn(Emitter &emitter, Code &code, int64_t step, mlir::Type element, Position at) const;
};

/// f16 and bf16 lanes as f32, exactly; others as they are.
mlir::Value extendFloat(Code &code, mlir::Value x);

/// #{t : x >= thresholds[c, t]} in 32-bit lanes; a NaN counts as minus infinity.
mlir::Value countThresholds(Emitter &emitter, Code &code, const ThresholdTable &table, mlir::Value x, Position at);

} // namespace sumac

#endif // SUMAC_LIB_CONVERSION_SUMACTOVECTOR_THRESHOLDS_H
