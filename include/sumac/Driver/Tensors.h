//===- Tensors.h - Inputs and outputs of a run ------------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Binds files to the inputs of a model, encodes floats to codes, draws random
// inputs, and runs any number of batches.
//
//===----------------------------------------------------------------------===//

#ifndef SUMAC_DRIVER_TENSORS_H
#define SUMAC_DRIVER_TENSORS_H

#include "sumac/Driver/Progress.h"
#include "sumac/Target/Backend.h"

#include "mlir/IR/MLIRContext.h"

namespace sumac {

/// Reads one tensor for each port from `--input` arguments: files in the order
/// of ports, `NAME=FILE`, or one .npz whose arrays have the ports' names.
llvm::Expected<std::vector<HostTensor>>
readInputs(llvm::ArrayRef<std::string> arguments, llvm::ArrayRef<Port> ports);

/// Writes outputs: one as .npy, several (or any number to a .npz) as .npz.
llvm::Error writeOutputs(llvm::StringRef path,
                         llvm::ArrayRef<HostTensor> outputs,
                         llvm::ArrayRef<Port> ports);

/// Checks the inputs and runs the model on them, batch by batch where it takes
/// one declared batch at a time.
llvm::Expected<std::vector<HostTensor>>
runBatches(const Executable &executable, llvm::ArrayRef<HostTensor> inputs,
           bool raw, Progress *progress = nullptr);

/// Inputs for the raw entry: tensors that have a port's raw type stay, those of
/// its declared type are encoded exactly.
llvm::Expected<std::vector<HostTensor>>
encodeInputs(llvm::ArrayRef<HostTensor> inputs, llvm::ArrayRef<Port> ports,
             mlir::MLIRContext &context);

/// Random inputs for each port: points of the grid, places between them (ties
/// among them) and values out of range. The same for the same seed.
std::vector<HostTensor> sampleInputs(llvm::ArrayRef<Port> ports, int64_t rows,
                                     uint64_t seed, mlir::MLIRContext &context);

/// The rows [first, first + count) of a tensor.
HostTensor sliceRows(const HostTensor &tensor, int64_t first, int64_t count);

} // namespace sumac

#endif // SUMAC_DRIVER_TENSORS_H
