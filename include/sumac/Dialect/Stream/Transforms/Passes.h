//===- Passes.h - Passes on the stream dialect -*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SUMAC_DIALECT_STREAM_TRANSFORMS_PASSES_H
#define SUMAC_DIALECT_STREAM_TRANSFORMS_PASSES_H

#include "sumac/Dialect/Stream/IR/StreamDialect.h"

#include "mlir/Pass/Pass.h"

namespace sumac {

#define GEN_PASS_DECL
/// Gives channels the lanes of the units at their ends, as `stream-match-lanes`
/// does.
void matchLanes(stream::NetworkOp network);

#define GEN_PASS_REGISTRATION
#include "sumac/Dialect/Stream/Transforms/Passes.h.inc"

} // namespace sumac

#endif // SUMAC_DIALECT_STREAM_TRANSFORMS_PASSES_H
