//===- StreamItems.h - What channels carry -*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The values of all items of a network: what its processes compute does not
// depend on when they do it, so the interpreter says it.
//
//===----------------------------------------------------------------------===//

#ifndef SUMAC_SIMULATOR_STREAMITEMS_H
#define SUMAC_SIMULATOR_STREAMITEMS_H

#include "sumac/Dialect/Stream/IR/StreamDialect.h"
#include "sumac/Support/HostTensor.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/OwningOpRef.h"
#include "llvm/ADT/APInt.h"
#include "llvm/ADT/MapVector.h"

namespace sumac {

/// A module with a function @main that computes what the network does: frames are
/// rows of tensors [batch, elements], one argument for each input. Its results are
/// the frames of all FIFOs, in the network's order.
mlir::OwningOpRef<mlir::ModuleOp> makeFrameFunction(stream::NetworkOp network);

/// The items of every FIFO, in the order in which they pass, for frames of the
/// network's inputs ([frames, ...] each). Diagnoses what the interpreter does.
llvm::FailureOr<llvm::MapVector<mlir::Operation *, std::vector<llvm::APInt>>>
computeStreamItems(stream::NetworkOp network, llvm::ArrayRef<HostTensor> inputs);

} // namespace sumac

#endif // SUMAC_SIMULATOR_STREAMITEMS_H
