//===- AdderGraphRanges.h - Graphs and their widths -*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SUMAC_ANALYSIS_ADDERGRAPHRANGES_H
#define SUMAC_ANALYSIS_ADDERGRAPHRANGES_H

#include "sumac/Analysis/AdderGraph.h"
#include "sumac/Dialect/Sumac/IR/SumacInterfaces.h"

#include <memory>

namespace sumac {

/// The graph of weights, which is built once for each matrix: it is asked for where
/// a unit is chosen, estimated and written, and takes seconds.
std::shared_ptr<const AdderGraph> getAdderGraph(CodingAttrInterface weights);

/// Bounds of every node, inputs first, when inputs are within `input`. Where they
/// do not fit 64 bits, those of all 64-bit integers, here and in all that follows.
std::vector<IntegerRange> getNodeRanges(const AdderGraph &graph, IntegerRange input);

/// Bounds of +-(node << shift), likewise.
IntegerRange getTermRange(const AdderGraph::Term &term, llvm::ArrayRef<IntegerRange> nodes);

/// Bits of a two's complement (or, without negative numbers, plain) integer that
/// holds the range.
int64_t getBits(const IntegerRange &range);

/// Additions in front of every node, inputs first: 0 for inputs.
std::vector<int64_t> getNodeDepths(const AdderGraph &graph);

} // namespace sumac

#endif // SUMAC_ANALYSIS_ADDERGRAPHRANGES_H
