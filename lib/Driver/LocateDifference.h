//===- LocateDifference.h - The first layer that differs --------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Once outputs differ, one row is run again with inner values visible.
//
//===----------------------------------------------------------------------===//

#ifndef SUMAC_LIB_DRIVER_LOCATEDIFFERENCE_H
#define SUMAC_LIB_DRIVER_LOCATEDIFFERENCE_H

#include "sumac/Driver/Verify.h"

namespace sumac {

/// The first element in which two tensors differ; `count` grows by the number
/// of all such elements and `noteRow` gets their rows.
std::optional<Difference>
findDifference(llvm::StringRef place, const HostTensor &expected,
               const HostTensor &actual, int64_t &count,
               llvm::function_ref<void(int64_t)> noteRow = {});

/// The first quantizer of the model level whose value is not that of the
/// operation of the integer level that came from it.
std::optional<Difference> locateLowering(mlir::ModuleOp model,
                                         mlir::ModuleOp integer,
                                         llvm::ArrayRef<HostTensor> inputs,
                                         int64_t row);

/// The first operation of the integer level whose result is another on the
/// target: both run a module that has all inner values as outputs.
std::optional<Difference> locateInTarget(mlir::ModuleOp integer,
                                         const LoweringOptions &lowering,
                                         llvm::ArrayRef<HostTensor> inputs,
                                         int64_t row);

} // namespace sumac

#endif // SUMAC_LIB_DRIVER_LOCATEDIFFERENCE_H
