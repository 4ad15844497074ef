//===- Payload.h - Arrays held by attributes --------------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Weights, thresholds and tables lie in ElementsAttrs: dense arrays, or
// resource blobs that may be missing (elided in a dump, or not yet read). These
// functions are the one place that knows how to read them.
//
//===----------------------------------------------------------------------===//

#ifndef SUMAC_DIALECT_SUMAC_IR_PAYLOAD_H
#define SUMAC_DIALECT_SUMAC_IR_PAYLOAD_H

#include "sumac/Dialect/Sumac/IR/SumacDialect.h"

#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/Diagnostics.h"
#include "llvm/ADT/SmallVector.h"

namespace sumac {

/// Checks that `payload` is dense or a dense resource, of static shape, with
/// elements of type f16, bf16, f32, f64 or si/ui 8, 16, 32, 64, and that a
/// resource that is there has the right size.
llvm::LogicalResult
verifyPayload(llvm::function_ref<mlir::InFlightDiagnostic()> emitError,
              mlir::ElementsAttr payload);

/// Checks the same, that a resource is there, that integers fit int64 and that
/// floats are finite (`allowInfinite`: are not NaN, `allowNaN`: any).
llvm::LogicalResult
verifyPayloadContents(llvm::function_ref<mlir::InFlightDiagnostic()> emitError,
                      mlir::ElementsAttr payload, bool allowInfinite = false,
                      bool allowNaN = false);

/// Whether verifyPayloadContents would succeed.
bool isPayloadValid(mlir::ElementsAttr payload);

/// Whether the payload's bytes are there (a resource may be missing).
bool isPayloadPresent(mlir::ElementsAttr payload);

/// Copies elements [first, first + out.size()) of a verified payload in
/// row-major order; zeros where the bytes are missing.
void readPayload(mlir::ElementsAttr payload, int64_t first,
                 llvm::MutableArrayRef<int64_t> out);
void readPayload(mlir::ElementsAttr payload, int64_t first,
                 llvm::MutableArrayRef<double> out);

/// Calls `visit` with the rows of a verified payload of integers as codes of
/// `bits` bits, each entry through `code` where it is given.
void visitPayloadCodes(mlir::ElementsAttr payload, unsigned bits,
                       VisitCodes visit,
                       llvm::function_ref<uint64_t(uint64_t)> code = {});

/// All elements of a verified payload.
llvm::SmallVector<int64_t> readPayloadIntegers(mlir::ElementsAttr payload);
llvm::SmallVector<double> readPayloadDoubles(mlir::ElementsAttr payload);

/// Smallest and largest element of a verified payload of integers; [0, 0] where
/// it is empty.
IntegerRange getPayloadRange(mlir::ElementsAttr payload);

/// Bits of a verified table of integers whose elements are as wide, in two's
/// complement, as its widest needs.
int64_t getTableBits(mlir::ElementsAttr table);

/// The entries at `indices` along dimension `dim` of a verified payload.
mlir::ElementsAttr selectPayload(mlir::ElementsAttr payload, unsigned dim,
                                 llvm::ArrayRef<int64_t> indices);

/// Entries [offset, offset + size) along dimension `dim` of a verified payload.
mlir::ElementsAttr slicePayload(mlir::ElementsAttr payload, unsigned dim,
                                int64_t offset, int64_t size);

} // namespace sumac

#endif // SUMAC_DIALECT_SUMAC_IR_PAYLOAD_H
