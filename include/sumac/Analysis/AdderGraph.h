//===- AdderGraph.h - Constant matrices as additions -----------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Products with a constant matrix as additions and subtractions of shifted terms:
// weights in canonical signed digits, two-term subexpressions shared (da4ml is the
// peer; Aksoy et al., "Multiple constant multiplications").
//
//===----------------------------------------------------------------------===//

#ifndef SUMAC_ANALYSIS_ADDERGRAPH_H
#define SUMAC_ANALYSIS_ADDERGRAPH_H

#include "sumac/Dialect/Sumac/IR/SumacInterfaces.h"

namespace sumac {

/// y[n] = sum over k of w[n, k] x[k] without multiplications.
struct AdderGraph {
  /// +-(value of `node`) << shift. Nodes below `inputs` are x; others are
  /// nodes[node - inputs].
  struct Term {
    int32_t node = 0;
    int32_t shift = 0;
    bool isNegative = false;
  };
  /// One adder: a + b. Operands are nodes of smaller numbers.
  struct Adder {
    Term a, b;
  };

  int64_t inputs = 0;
  std::vector<Adder> adders;
  /// For each output its term; nothing for an output that is always 0.
  std::vector<std::optional<Term>> outputs;

  /// Adders on the longest path from an input to an output.
  int64_t getDepth() const;
  /// The outputs for these inputs, modulo 2^64.
  llvm::SmallVector<int64_t> evaluate(llvm::ArrayRef<int64_t> x) const;
};

/// Signed digits that are not zero of all weights: additions without sharing
/// are so many less one for each output. `weights` are [outputs, inputs].
int64_t countSignedDigits(CodingAttrInterface weights);

/// The graph of weights [outputs, inputs] that are integers of up to 62 bits.
/// The pair of terms that occurs most often, in all outputs together, becomes an
/// adder of its own until no pair occurs twice; what remains of an output is
/// added in the order that gives the least depth. Deterministic. Time and memory
/// grow with the squares of the digits of each output: nothing is shared where
/// these sum up to more than `maxPairs`.
AdderGraph buildAdderGraph(CodingAttrInterface weights,
                           int64_t maxPairs = 2'000'000);

} // namespace sumac

#endif // SUMAC_ANALYSIS_ADDERGRAPH_H
