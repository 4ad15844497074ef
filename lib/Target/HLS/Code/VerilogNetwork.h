//===- VerilogNetwork.h - Unrolled networks in Verilog -*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SUMAC_LIB_TARGET_HLS_CODE_VERILOGNETWORK_H
#define SUMAC_LIB_TARGET_HLS_CODE_VERILOGNETWORK_H

#include "Design.h"
#include "VerilogTest.h"

#include "llvm/Support/raw_ostream.h"

namespace sumac::hls {

/// Whether every channel carries a whole frame in an item and every process has a
/// module: the network is then one pipeline, or without registers one function.
bool hasVerilogNetwork(stream::NetworkOp network);

/// The modules of processes, as `NAME_sums` and `NAME_elements`, joined in a module
/// `NAME_network` with the design's port names. Inputs that wait for others are
/// delayed by registers.
void printVerilogNetwork(llvm::raw_ostream &os, const Design &design);

/// How a test of that module drives it.
VerilogTest getNetworkTest(const Design &design);

} // namespace sumac::hls

#endif // SUMAC_LIB_TARGET_HLS_CODE_VERILOGNETWORK_H
