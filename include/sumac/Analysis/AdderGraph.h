//===- AdderGraph.h - Constant matrices as additions ------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Products with a constant matrix as additions and subtractions of shifted
// terms: weights in canonical signed digits, two-term subexpressions shared
// (da4ml is the peer; Aksoy et al., "Multiple constant multiplications").
//
//===----------------------------------------------------------------------===//

#ifndef SUMAC_ANALYSIS_ADDERGRAPH_H
#define SUMAC_ANALYSIS_ADDERGRAPH_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/SmallVector.h"

#include <cstdint>
#include <optional>
#include <vector>

namespace sumac {
class CodingAttrInterface;

/// y[n] = sum over k of w[n, k] x[k] without multiplications.
struct AdderGraph {
  /// +-(value of `node`) << shift. Nodes below `inputs` are x; others are
  /// nodes[node - inputs].
  struct Term {
    int32_t node = 0;
    int32_t shift = 0;
    bool isNegative = false;
  };
  /// One adder: a + b. Operands are nodes of smaller numbers. `a` is never
  /// negative.
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

struct AdderGraphOptions {
  /// Adders on any path, at most; 0 for no limit. Never less than what the
  /// output of most signed digits needs by itself.
  int64_t maxDepth = 0;
  /// Pairs of terms to look at: 10 to 20 million take a second. Results depend
  /// on this and on nothing of the machine.
  int64_t work = 10'000'000;
  /// If w[n, k] = sum over i of coefficients[n, i] masks[i, n, k]: the
  /// coefficients, [outputs, i], and the masks, 0, 1 or small numbers,
  /// [i, outputs, inputs]. Sums of masks often have more in common than
  /// weights; the better graph is taken.
  llvm::ArrayRef<int64_t> coefficients;
  llvm::ArrayRef<int8_t> masks;
};

/// The graph of weights [outputs, inputs], integers of up to 62 bits.
/// Deterministic. Several greedy graphs are made and a local search goes on
/// from the best. A greedy graph is made of the pair of terms that occurs most
/// often in all outputs together, again and again, until no pair occurs twice,
/// either of the weights or of their transpose (a graph written backwards
/// computes the transposed product), either of outputs or of their differences
/// along a minimum spanning tree (Gustafsson et al.; da4ml). See Hartley,
/// "Subexpression sharing in filters using canonic signed digit multipliers";
/// Aksoy et al., "Multiple constant multiplications"; Sun et al., "da4ml", for
/// the ingredients.
AdderGraph buildAdderGraph(llvm::ArrayRef<int64_t> weights, int64_t outputs,
                           int64_t inputs,
                           const AdderGraphOptions &options = {});
/// The same of the weights of a coding, and of its masks where it has any.
AdderGraph buildAdderGraph(CodingAttrInterface weights,
                           AdderGraphOptions options = {});

/// Signed digits that are not zero of all weights: additions without sharing
/// are so many less one for each output. `weights` are [outputs, inputs].
int64_t countSignedDigits(CodingAttrInterface weights);

} // namespace sumac

#endif // SUMAC_ANALYSIS_ADDERGRAPH_H
