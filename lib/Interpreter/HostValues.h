//===- HostValues.h - Host tensors to values and back -----------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SUMAC_LIB_INTERPRETER_HOSTVALUES_H
#define SUMAC_LIB_INTERPRETER_HOSTVALUES_H

#include "Kernel.h"

#include "sumac/Support/HostTensor.h"

namespace sumac::interpreter {

/// Whether an argument with this element type may be given as `host`: the same
/// float type, or any integers (whose values are checked).
bool acceptsHostType(mlir::Type type, HostType host);

/// Rows [first, first + count) of an input.
llvm::FailureOr<TensorRef> fromHost(mlir::Type type, const HostTensor &input, int64_t first, int64_t count,
                                    Error &error);

/// A tensor of integers or floats.
HostTensor toHost(const Tensor &tensor);

/// The same, or doubles near a tensor's reals.
HostTensor traceTensor(const Tensor &tensor);

} // namespace sumac::interpreter

#endif // SUMAC_LIB_INTERPRETER_HOSTVALUES_H
