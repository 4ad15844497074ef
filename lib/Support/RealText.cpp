//===- RealText.cpp - Exact real numbers: text ----------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "RealDetail.h"
#include "sumac/Support/Real.h"

using namespace sumac;
using namespace sumac::detail;

/// No text holds more terms than this.
static constexpr unsigned kGreatestTermCount = 64;

std::string Node::toString() const {
  switch (kind) {
  case Kind::Exp:
    return "exp(" + a.toString() + ")";
  case Kind::Sigmoid:
    return "sigmoid(" + a.toString() + ")";
  case Kind::Tanh:
    return "tanh(" + a.toString() + ")";
  case Kind::Pow:
    return "pow(" + a.toString() + "," + exponent.toString() + ")";
  case Kind::Sqrt:
    return "sqrt(" + a.toString() + ")";
  case Kind::Inverse:
    return "inverse(" + a.toString() + ")";
  case Kind::Sum:
    return "(" + a.toString() + "+" + b.toString() + ")";
  case Kind::Product:
    return "(" + a.toString() + ")*(" + b.toString() + ")";
  }
  return "";
}

static void appendTerm(std::string &text, const std::string &term) {
  if (!text.empty() && term[0] != '-')
    text += "+";
  text += term;
}

std::string Real::toString() const {
  if (!irrational)
    return rational.toString();
  std::string text;
  for (const Surd &surd : irrational->surds)
    appendTerm(text, surd.factor.toString() + "*sqrt(" +
                         Rational(surd.radicand).toString() + ")");
  if (irrational->node) {
    std::string factor = irrational->factor.toString();
    if (!irrational->factor.isRational())
      factor = "(" + factor + ")";
    appendTerm(text, factor + "*" + irrational->node->toString());
  }
  if (!rational.isZero())
    appendTerm(text, rational.toString());
  return text;
}

static bool consumePrefix(std::string_view &text, std::string_view prefix) {
  if (text.substr(0, prefix.size()) != prefix)
    return false;
  text.remove_prefix(prefix.size());
  return true;
}

/// Reads "number)" and takes the root.
static std::optional<Real> consumeRoot(std::string_view &text) {
  std::optional<Rational> square = Rational::consume(text);
  if (!square || !consumePrefix(text, ")"))
    return std::nullopt;
  return Real(*square).sqrt();
}

/// Reads "[sign]number", "[sign]number*sqrt(number)" or "[sign]sqrt(number)".
static std::optional<Real> consumeTerm(std::string_view &text) {
  std::string_view rest = text;
  bool negative = consumePrefix(rest, "-");
  if (!negative)
    consumePrefix(rest, "+");
  if (consumePrefix(rest, "sqrt(")) {
    text = rest;
    std::optional<Real> root = consumeRoot(text);
    return root && negative ? -*root : root;
  }
  std::optional<Rational> factor = Rational::consume(text);
  if (!factor)
    return std::nullopt;
  if (!consumePrefix(text, "*sqrt("))
    return Real(*factor);
  std::optional<Real> root = consumeRoot(text);
  if (!root)
    return std::nullopt;
  return *root * Real(*factor);
}

std::optional<Real> Real::parse(std::string_view text) {
  std::optional<Real> sum = consumeTerm(text);
  for (unsigned terms = 1; sum && !text.empty(); ++terms) {
    if (terms == kGreatestTermCount || (text[0] != '+' && text[0] != '-'))
      return std::nullopt;
    std::optional<Real> term = consumeTerm(text);
    if (!term)
      return std::nullopt;
    *sum += *term;
  }
  return sum;
}
