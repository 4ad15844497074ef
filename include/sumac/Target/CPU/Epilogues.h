//===- Epilogues.h - How step functions are computed ------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The forms in which the CPU computes conversions between codes and floats, and
// the proofs that choose them. A chosen form is written as the attribute
// `cpu.epilogue` on the operation.
//
//===----------------------------------------------------------------------===//

#ifndef SUMAC_TARGET_CPU_EPILOGUES_H
#define SUMAC_TARGET_CPU_EPILOGUES_H

#include "sumac/Analysis/RequantizeSearch.h"
#include "sumac/Dialect/Sumac/IR/SumacDialect.h"
#include "sumac/Support/Real.h"
#include "sumac/Target/CPU/Layers.h"

#include <vector>

namespace sumac {

/// Whether the processor has fused multiply-add instructions (without them it
/// would be a call into the C library).
bool hasFusedMultiplyAdd(const CPUTarget &target);

/// The real number in an entry of an exact array; a diagnostic if it is none.
mlir::FailureOr<Real> readReal(mlir::Operation *op, mlir::StringAttr text);

//===----------------------------------------------------------------------===//
// Requantize and threshold
//===----------------------------------------------------------------------===//

/// How requantize and threshold are computed; arrays have one entry per channel
/// or one for all. FloatF32 and FloatF64: clamp(rint(fma(x, multiply, add))),
/// Shift: clamp((x * multiply + add) >> shift) in 32 or 64 bits.
struct StepForm {
  enum class Kind { FloatF32, FloatF64, Shift32, Shift64 };
  Kind kind = Kind::FloatF32;
  std::vector<double> floatMultiply, floatAdd;
  std::vector<int64_t> multiply, add;
  int64_t shift = 0;
  int64_t min = 0, max = 0;
};

/// The form that is cheapest on the processor and proven equal to the operation
/// (requantize or integer threshold) on the whole range of its input, or
/// nothing: the operation is computed as it stands then.
std::optional<StepForm> findStepForm(mlir::Operation *op, const RangeAnalysis &ranges, const CPUTarget &target);

mlir::DictionaryAttr toAttribute(mlir::MLIRContext *context, const StepForm &form);
std::optional<StepForm> parseStepForm(mlir::Attribute attribute);

//===----------------------------------------------------------------------===//
// Encode
//===----------------------------------------------------------------------===//

/// How encode is computed from float32 in every channel (or one entry for all);
/// empty where only thresholds are proven. An attribute holds one dictionary
/// per channel.
std::vector<EncodeForm> findEncodeForms(EncodeOp op, const CPUTarget &target);

mlir::Attribute toAttribute(mlir::MLIRContext *context, llvm::ArrayRef<EncodeForm> forms);
std::vector<EncodeForm> parseEncodeForms(mlir::Attribute attribute);

/// The floats at which the code of `sumac.encode` steps up: code = base + step *
/// #{t : x >= thresholds[c][t]}. Thresholds are floats of the input's type (f32
/// for narrower ones).
struct EncodeSteps {
  int64_t base = 0, step = 1;
  std::vector<std::vector<double>> thresholds; ///< per channel, or one for all
};

/// Computes the steps exactly, or says what is not supported.
mlir::FailureOr<EncodeSteps> computeEncodeSteps(EncodeOp op);

//===----------------------------------------------------------------------===//
// Decode
//===----------------------------------------------------------------------===//

/// value = multiply * code + add, on one channel.
struct AffineChannel {
  Real multiply, add;
};

/// How a decode is computed; see chooseDecodeForm for the proofs.
enum class DecodeForm {
  F32,    ///< f32(code - zero point) * f32 scale: one rounding
  F64,    ///< f64 multiply and add, then one conversion
  Integer ///< integers of up to 128 bits, sticky bits, one conversion
};

llvm::StringRef stringifyDecodeForm(DecodeForm form);
std::optional<DecodeForm> parseDecodeForm(llvm::StringRef text);

/// The channels' functions (one entry if all are equal).
mlir::FailureOr<std::vector<AffineChannel>> getDecodeChannels(DecodeOp op);
/// The cheapest form that is proven to round every code of the input's range
/// once, to nearest even; a diagnostic if there is none.
mlir::FailureOr<DecodeForm> chooseDecodeForm(DecodeOp op, const RangeAnalysis &ranges, const CPUTarget &target);

/// multiply * 2^exponent * code + add * 2^exponent with integers, if the
/// channel is dyadic.
struct DyadicChannel {
  Integer multiply, add;
  int64_t exponent = 0;
};
std::optional<DyadicChannel> getDyadic(const AffineChannel &channel);

} // namespace sumac

#endif // SUMAC_TARGET_CPU_EPILOGUES_H
