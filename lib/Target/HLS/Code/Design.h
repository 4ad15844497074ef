//===- Design.h - A network in C++ -*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SUMAC_LIB_TARGET_HLS_CODE_DESIGN_H
#define SUMAC_LIB_TARGET_HLS_CODE_DESIGN_H

#include "sumac/Dialect/Stream/IR/StreamDialect.h"
#include "sumac/Target/Backend.h"

#include "llvm/ADT/DenseMap.h"

namespace sumac::hls {

/// What names and text a design's files are made of.
struct Design {
  stream::NetworkOp network;
  std::string name; ///< an identifier
  ModulePorts ports;
};

/// Identifiers of the ports' streams, inputs first.
std::vector<std::string> getPortNames(const Design &design);

/// Names of processes, and of the streams of all FIFOs' channels.
struct DesignNames {
  explicit DesignNames(const Design &design);

  llvm::DenseMap<mlir::Operation *, std::string> processes;
  /// By the value in front of a FIFO and the one behind it.
  llvm::DenseMap<mlir::Value, std::string> streams;
};

/// NAME.h: the top functions.
void printHeader(const Design &design, llvm::raw_ostream &os);
/// NAME.cpp: constants, processes and top functions.
void printSource(const Design &design, llvm::raw_ostream &os);
/// The functions by which other programs call the design: NAME_run(frames,
/// pointers), one array of the ports' raw types each.
void printLibrary(const Design &design, llvm::raw_ostream &os);

} // namespace sumac::hls

#endif // SUMAC_LIB_TARGET_HLS_CODE_DESIGN_H
