//===- RealDetail.h - What an irrational number is made of ------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SUMAC_LIB_SUPPORT_REALDETAIL_H
#define SUMAC_LIB_SUPPORT_REALDETAIL_H

#include "Interval.h"
#include "sumac/Support/Real.h"

#include <vector>

namespace sumac::detail {

/// factor * sqrt(radicand): factor is not zero, radicand is natural, not a
/// square and without a factor 4.
struct Surd {
  Rational factor;
  Integer radicand;
};

/// A number that is known as an operation on other numbers.
struct Node {
  enum class Kind { Exp, Sigmoid, Tanh, Pow, Sqrt, Inverse, Sum, Product };

  Kind kind;
  Real a;
  Real b;            ///< Second operand of Sum and Product.
  Rational exponent; ///< Of Pow.
  /// Proven transcendental: no algebraic number equals it.
  bool transcendental = false;

  Interval interval(unsigned precision) const;
  /// Whether both are the same operation on the same rationals, or one object.
  bool sameAs(const Node &other) const;
  /// The number lies strictly between these, where there are such limits.
  std::optional<Rational> lowerLimit() const;
  std::optional<Rational> upperLimit() const;
  std::string toString() const;
};

/// sum of surds + factor * node. No ratio of two radicands is the square of a
/// rational; the surds are sorted by radicand. `factor` is algebraic, and not
/// zero where there is a node.
struct Irrational {
  std::vector<Surd> surds;
  std::shared_ptr<const Node> node;
  Real factor;

  void addSurd(Rational surdFactor, Integer radicand);
  /// sqrt(square) as rational * sqrt(natural number without factor 4).
  static void simplifyRoot(const Rational &square, Rational &factor,
                           Integer &radicand);
  static Real fromNode(Node &&node);
  static const Node *nodeOf(const Real &number) {
    return number.irrational ? number.irrational->node.get() : nullptr;
  }
};

} // namespace sumac::detail

#endif // SUMAC_LIB_SUPPORT_REALDETAIL_H
