//===- Processes.h - Processes in C++ -*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SUMAC_LIB_TARGET_HLS_CODE_PROCESSES_H
#define SUMAC_LIB_TARGET_HLS_CODE_PROCESSES_H

#include "CodeWriter.h"
#include "sumac/Dialect/Stream/IR/StreamDialect.h"

namespace sumac::hls {

/// A process as a function of its streams, inputs first, with its constants.
void printProcess(CodeWriter &code, const std::string &name, mlir::Operation *op);

} // namespace sumac::hls

#endif // SUMAC_LIB_TARGET_HLS_CODE_PROCESSES_H
