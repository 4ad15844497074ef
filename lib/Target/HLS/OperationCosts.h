//===- OperationCosts.h - Su et al.'s model of throughput -*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Su et al. (2018; papers.md, SU) see a network as operations of some precision: each
// costs LUTs and DSPs as its weights' and activations' bits say, and a device does as
// many at once as fit. It knows no foldings, memories or FIFOs: it compares precisions.
//
//===----------------------------------------------------------------------===//

#ifndef SUMAC_LIB_TARGET_HLS_OPERATIONCOSTS_H
#define SUMAC_LIB_TARGET_HLS_OPERATIONCOSTS_H

#include "Project.h"

#include "llvm/Support/JSON.h"

namespace sumac::hls {

/// What one multiply-add costs, in LUTs (without a DSP) or in DSPs, after FINN-R's
/// published estimator with one element and one lane (papers.md, SU):
///
///   lut = 1.1 (mult + tree), mult = (2 ceil((W + A) / 6) - 1) (W + A), tree = W + A
///   dsp = ceil((W + A) / 48)
struct OperationCost {
  double lut = 0, dsp = 0;
};
OperationCost getOperationCost(unsigned weightBits, unsigned activationBits);

/// For each layer its operations (one for each weight) and their cost, and for the
/// network:
///
///   lut, dsp             sum over layers of operations times cost, were all in one
///   frames_per_second    clock * budget / sum, for LUTs and for DSPs; the paper's
///                        throughput is the smaller one of a network that uses both,
///                        here every layer is computed in one of them: the best split
///                        is the sum of both rates
///   efficiency           the design's frames per second over that
llvm::json::Object estimateOperationCosts(const Design &design, const ProjectOptions &options, double framesPerSecond);

} // namespace sumac::hls

#endif // SUMAC_LIB_TARGET_HLS_OPERATIONCOSTS_H
