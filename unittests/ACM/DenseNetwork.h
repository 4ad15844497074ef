//===- DenseNetwork.h - Layers of random weights ----------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Containers of multi-layer perceptrons with random weights: what a simple
// compiler would make of them, for figures and as a start for fuzzing.
//
//===----------------------------------------------------------------------===//

#ifndef SUMAC_UNITTESTS_ACM_DENSENETWORK_H
#define SUMAC_UNITTESTS_ACM_DENSENETWORK_H

#include "sumac/Simulator/ACM/RandomProgram.h"

namespace sumac::acm {

/// `sizes`: inputs, outputs of each layer. All that a run of `images` images
/// needs must fit the machine's memories. One input port, one output port of
/// sums. Of the codes a part of `density` is not 0; below 1 layers are CSR: of
/// each row and line that many lanes are used.
Container makeDenseNetwork(const Machine &machine,
                           llvm::ArrayRef<int64_t> sizes, int64_t images,
                           double density = 1);

} // namespace sumac::acm

#endif // SUMAC_UNITTESTS_ACM_DENSENETWORK_H
