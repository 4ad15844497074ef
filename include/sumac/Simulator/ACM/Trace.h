//===- Trace.h - Cycles to look at ------------------------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Writes what a core does over time: as JSON that Perfetto and Chrome show, one
// slice an instruction, and as waveforms (VCD), each cycle.
//
//===----------------------------------------------------------------------===//

#ifndef SUMAC_SIMULATOR_ACM_TRACE_H
#define SUMAC_SIMULATOR_ACM_TRACE_H

#include "sumac/Simulator/ACM/CycleSimulator.h"

#include <functional>
#include <memory>

namespace sumac::acm {

/// Writes a trace of instructions. `getName`, if it is there, says what an
/// instruction belongs to: a layer's name. A cycle is shown as its time.
void writePerfetto(const Program &program, const CycleReport &report,
                   llvm::raw_ostream &os,
                   const std::function<std::string(size_t)> &getName = {});

/// An observer that writes waveforms to `os`, which outlives it: what is
/// queued, tokens, current instructions (all ones: none), what execute does,
/// the stages, and accumulators and activations that are waited for.
std::unique_ptr<CycleObserver> createVCDWriter(const Machine &machine,
                                               llvm::raw_ostream &os);

} // namespace sumac::acm

#endif // SUMAC_SIMULATOR_ACM_TRACE_H
