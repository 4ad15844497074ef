//===- Constants.h - Integer constants --------------------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Building integer constants with the narrowest coding, and turning real
// constants into integers times a unit.
//
//===----------------------------------------------------------------------===//

#ifndef SUMAC_LIB_DIALECT_SUMAC_TRANSFORMS_CONSTANTS_H
#define SUMAC_LIB_DIALECT_SUMAC_TRANSFORMS_CONSTANTS_H

#include "Expression.h"
#include "mlir/IR/Builders.h"

namespace sumac {

/// The integer type that holds [range.min, range.max] in the fewest bits:
/// unsigned where nothing is negative.
mlir::IntegerType getNarrowType(mlir::MLIRContext *context, IntegerRange range);

/// The same, always signed: accumulators.
mlir::IntegerType getSignedType(mlir::MLIRContext *context, IntegerRange range);

/// A dense payload of 8-bit elements; a resource where it is large.
mlir::ElementsAttr makeBytePayload(mlir::MLIRContext *context,
                                   llvm::ArrayRef<int64_t> shape, bool isSigned,
                                   llvm::ArrayRef<int8_t> values,
                                   llvm::StringRef name);

/// The same of float32 elements.
mlir::ElementsAttr makeFloatPayload(mlir::MLIRContext *context,
                                    llvm::ArrayRef<int64_t> shape,
                                    llvm::ArrayRef<float> values,
                                    llvm::StringRef name);

/// A name for a resource: the layer's, without what the printer would quote.
std::string getResourceName(mlir::Location location);

/// A small dense payload of si64 elements.
mlir::ElementsAttr makeTable(mlir::MLIRContext *context,
                             llvm::ArrayRef<int64_t> shape,
                             llvm::ArrayRef<int64_t> values);

/// A `sumac.constant` of integers: bipolar, uniform of 1 to 8 bits, or dense.
ConstantOp makeIntegerConstant(mlir::OpBuilder &builder,
                               mlir::Location location,
                               llvm::ArrayRef<int64_t> shape,
                               llvm::ArrayRef<int64_t> values);
/// The same from bytes, for large weights: signed values of at most 8 bits.
ConstantOp makeByteConstant(mlir::OpBuilder &builder, mlir::Location location,
                            llvm::ArrayRef<int64_t> shape,
                            llvm::ArrayRef<int8_t> values);

/// The codes that quantizing a constant of floats gives, exactly.
mlir::FailureOr<ConstantOp> encodeConstant(mlir::OpBuilder &builder,
                                           mlir::Location location,
                                           CodingAttrInterface floats,
                                           GridAttr grid, RoundingMode rounding,
                                           bool zeroPointFirst);

/// Real values of a constant expression, row-major.
mlir::FailureOr<std::vector<Real>> evaluateConstant(const Expression &constant);

/// The greatest number that all of `values` are integer multiples of (0 if all
/// are 0).
Rational getCommonUnit(llvm::ArrayRef<Rational> values);

} // namespace sumac

#endif // SUMAC_LIB_DIALECT_SUMAC_TRANSFORMS_CONSTANTS_H
