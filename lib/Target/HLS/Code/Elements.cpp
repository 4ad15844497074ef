//===- Elements.cpp - Processing elements in C++ -*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Elements.h"
#include "Weights.h"

#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace sumac;
using namespace sumac::hls;
using llvm::Twine;

ElementCode::~ElementCode() = default;

IntegerType ElementCode::getInputType() { return stream::getElementType(linear.getInput()); }
IntegerType ElementCode::getSumType() { return stream::getElementType(linear.getResult()); }

void hls::printBias(CodeWriter &code, const std::string &name, LinearOp linear) {
  if (linear.getBias())
    code.constants(name + "_bias", stream::readBias(linear));
}

std::string ElementCode::getStart() {
  return getType(getSumType()) + (linear.getBias() ? "(" + name + "_bias[channel])" : "(0)");
}

void ElementCode::printSum(CodeWriter &code) {
  code.line(getType(getSumType()) + " sum = part == 0 ? " + getStart() + " : sums[p];");
}

void ElementCode::printBuffers(CodeWriter &code) {
  int64_t parts = getParts(), simd = unit.getSimd();
  code.line(getType(getInputType()) + " vector[" + Twine(parts) + "][" + Twine(simd) + "];");
  code.pragma("array_reshape variable=vector complete dim=2");
  code.line(getType(getSumType()) + " sums[" + Twine(unit.getPe()) + "];");
  code.pragma("array_partition variable=sums complete");
}

void ElementCode::printRead(CodeWriter &code) {
  code.loop("s", unit.getSimd());
  code.pragma("unroll");
  code.line("vector[part][s] = sumac::get<" + Twine(getInputType().getWidth()) + ">(item, s);");
  code.close();
}

std::string ElementCode::printResult(CodeWriter &code) { return "sums[p]"; }

/// The packed tiles of a unit.
static void printWeights(CodeWriter &code, const std::string &name, const WeightCodes &codes,
                         stream::FoldedUnitAttr unit) {
  int64_t words = 0;
  std::vector<uint64_t> packed = codes.pack(unit.getPe(), unit.getSimd(), words);
  code.words(name + "_weights", packed, words);
}

namespace {

//===----------------------------------------------------------------------===//
// Multiply-accumulate
//===----------------------------------------------------------------------===//

/// A product of each weight and activation.
class MultiplyAccumulate : public ElementCode {
public:
  MultiplyAccumulate(std::string name, LinearOp linear, stream::FoldedUnitAttr unit)
      : ElementCode(std::move(name), linear, unit), codes(weights) {}

  void printConstants(CodeWriter &code) override;
  void printStep(CodeWriter &code) override;

private:
  WeightCodes codes;
};

} // namespace

void MultiplyAccumulate::printConstants(CodeWriter &code) {
  printBias(code, name, linear);
  printWeights(code, name, codes, unit);
  if (codes.isInteger())
    return;
  SmallVector<int64_t> values;
  for (const std::vector<int64_t> &table : codes.getTables())
    values.append(table.begin(), table.end());
  code.constants(name + "_values", values, codes.getTables().size() > 1 ? int64_t(1) << codes.getBits() : 0);
}

void MultiplyAccumulate::printStep(CodeWriter &code) {
  std::string bits = std::to_string(codes.getBits());
  printSum(code);
  code.loop("s", unit.getSimd());
  code.pragma("unroll");
  std::string weight = "sumac::code<" + bits + ">(tile, p * " + std::to_string(unit.getSimd()) + " + s)";
  if (codes.isInteger()) {
    code.line("const ap_int<" + bits + "> weight = " + weight + ";");
  } else {
    SmallVector<int64_t> values;
    for (const std::vector<int64_t> &table : codes.getTables())
      values.append(table.begin(), table.end());
    std::string row = codes.getTables().size() > 1 ? "[channel]" : "";
    code.line("const " + getValueType(values).str() + " weight = " + name + "_values" + row + "[int(" + weight +
              ")];");
  }
  code.line("sum += vector[part][s] * weight;");
  code.close();
  code.line("sums[p] = sum;");
}

namespace {

//===----------------------------------------------------------------------===//
// Masked sums
//===----------------------------------------------------------------------===//

/// A sum for each mask; coefficients multiply them once (papers.md, F4: ACM).
class MaskedSums : public ElementCode {
public:
  MaskedSums(std::string name, LinearOp linear, stream::FoldedUnitAttr unit)
      : ElementCode(std::move(name), linear, unit), codes(WeightCodes::getMasks(weights)) {}

  void printConstants(CodeWriter &code) override;
  void printBuffers(CodeWriter &code) override;
  void printStep(CodeWriter &code) override;
  std::string printResult(CodeWriter &code) override;

private:
  SmallVector<int64_t> getCoefficients() const;
  /// The type of a mask's sum.
  std::string getMaskSumType() {
    return getType(true, getInputType().getWidth() + llvm::Log2_64_Ceil(getColumns()) + 1);
  }

  WeightCodes codes;
};

} // namespace

/// One row for all channels where they are equal.
SmallVector<int64_t> MaskedSums::getCoefficients() const {
  SmallVector<int64_t> values;
  bool areEqual = true;
  for (int64_t n = 0; n < getRows(); ++n)
    for (unsigned m = 0; m < codes.getBits(); ++m) {
      values.push_back(weights.getMaskCoefficient(m, n));
      areEqual &= values.back() == values[m];
    }
  if (areEqual)
    values.resize(codes.getBits());
  return values;
}

void MaskedSums::printConstants(CodeWriter &code) {
  printBias(code, name, linear);
  printWeights(code, name, codes, unit);
  SmallVector<int64_t> coefficients = getCoefficients();
  code.constants(name + "_coefficients", coefficients, codes.getBits());
}

void MaskedSums::printBuffers(CodeWriter &code) {
  ElementCode::printBuffers(code);
  code.line(getMaskSumType() + " masked[" + Twine(unit.getPe()) + "][" + Twine(codes.getBits()) + "];");
  code.pragma("array_partition variable=masked complete dim=0");
}

void MaskedSums::printStep(CodeWriter &code) {
  std::string type = getMaskSumType(), bits = std::to_string(codes.getBits());
  code.loop("m", codes.getBits());
  code.pragma("unroll");
  code.line(type + " sum = part == 0 ? " + type + "(0) : masked[p][m];");
  code.loop("s", unit.getSimd());
  code.pragma("unroll");
  code.line("const ap_uint<" + bits + "> mask = sumac::code<" + bits + ">(tile, p * " + Twine(unit.getSimd()) +
            " + s);");
  code.line("if (mask[m])");
  code.line("  sum += vector[part][s];");
  code.close();
  code.line("masked[p][m] = sum;");
  code.close();
}

std::string MaskedSums::printResult(CodeWriter &code) {
  SmallVector<int64_t> coefficients = getCoefficients();
  code.line("sums[p] = " + getStart() + ";");
  code.loop("m", codes.getBits());
  code.pragma("unroll");
  std::string row = static_cast<int64_t>(coefficients.size()) > codes.getBits() ? "channel" : "0";
  code.line("sums[p] += masked[p][m] * " + getValueType(coefficients).str() + "(" + name + "_coefficients[" + row +
            "][m]);");
  code.close();
  return "sums[p]";
}

namespace {

//===----------------------------------------------------------------------===//
// Bit planes
//===----------------------------------------------------------------------===//

/// AND and popcount of a plane of weights and a plane of activations (papers.md,
/// BS).
class BitPlanes : public ElementCode {
public:
  BitPlanes(std::string name, LinearOp linear, stream::FoldedUnitAttr unit)
      : ElementCode(std::move(name), linear, unit), codes(weights) {
    // Codes of several bits must be integers, whose planes have powers of two.
    if (!codes.isInteger() && (codes.getBits() > 1 || codes.getTables().size() > 1))
      codes = WeightCodes::getIntegers(weights);
  }

  void printConstants(CodeWriter &code) override {
    printBias(code, name, linear);
    printWeights(code, name, codes, unit);
  }
  void printBuffers(CodeWriter &code) override;
  void printRead(CodeWriter &code) override;
  void printStep(CodeWriter &code) override;

private:
  WeightCodes codes;
};

} // namespace

void BitPlanes::printBuffers(CodeWriter &code) {
  code.line("ap_uint<" + Twine(unit.getSimd()) + "> planes[" + Twine(getParts()) + "][" +
            Twine(getInputType().getWidth()) + "];");
  code.pragma("array_reshape variable=planes complete dim=2");
  code.line(getType(getSumType()) + " sums[" + Twine(unit.getPe()) + "];");
  code.pragma("array_partition variable=sums complete");
}

void BitPlanes::printRead(CodeWriter &code) {
  int64_t bits = getInputType().getWidth();
  code.loop("s", unit.getSimd());
  code.pragma("unroll");
  code.loop("b", bits);
  code.pragma("unroll");
  code.line("planes[part][b][s] = item[s * " + Twine(bits) + " + b];");
  code.close();
  code.close();
}

void BitPlanes::printStep(CodeWriter &code) {
  int64_t simd = unit.getSimd(), planes = getInputType().getWidth();
  unsigned bits = codes.getBits();
  std::string count = getType(false, llvm::Log2_64_Ceil(simd + 1));
  std::string sum = getType(getSumType()), index = "p * " + std::to_string(simd) + " + s";
  printSum(code);
  code.line("ap_uint<" + Twine(simd) + "> masks[" + Twine(bits) + "];");
  code.loop("s", simd);
  code.pragma("unroll");
  code.loop("m", bits);
  code.pragma("unroll");
  code.line("masks[m][s] = sumac::code<" + Twine(bits) + ">(tile, " + index + ")[m];");
  code.close();
  code.close();
  code.loop("b", planes);
  code.pragma("unroll");
  code.line("const ap_uint<" + Twine(simd) + "> plane = planes[part][b];");
  code.line(sum + " counted = 0;");
  // Values of a code of one bit; a code of more is in two's complement.
  int64_t zero = 0, one = -1;
  if (!codes.isInteger()) {
    zero = codes.getTables()[0][0];
    one = codes.getTables()[0][1];
  }
  if (zero != 0)
    code.line("counted = sumac::popcount(plane) * " + getType(true, 64) + "(" + Twine(zero) + ");");
  code.loop("m", bits);
  code.pragma("unroll");
  code.line("const " + count + " ones = sumac::popcount(ap_uint<" + Twine(simd) + ">(masks[m] & plane));");
  if (!codes.isInteger())
    code.line("counted += ones * " + getValueType(one - zero).str() + "(" + Twine(one - zero) + ");");
  else
    code.line("counted += m == " + Twine(bits - 1) + " ? " + sum + "(-(" + sum + "(ones) << m)) : " + sum + "(" + sum +
              "(ones) << m);");
  code.close();
  std::string shifted = sum + "(counted << b)";
  if (getInputType().isSigned())
    code.line("sum += b == " + Twine(planes - 1) + " ? " + sum + "(-" + shifted + ") : " + shifted + ";");
  else
    code.line("sum += " + shifted + ";");
  code.close();
  code.line("sums[p] = sum;");
}

namespace {

//===----------------------------------------------------------------------===//
// Shifted sums
//===----------------------------------------------------------------------===//

/// Adds and subtracts shifted activations (papers.md, FL).
class ShiftedSums : public ElementCode {
public:
  ShiftedSums(std::string name, LinearOp linear, stream::FoldedUnitAttr unit)
      : ElementCode(std::move(name), linear, unit), fields(stream::getTermFields(weights)),
        codes(WeightCodes::getTerms(weights, fields)) {}

  void printConstants(CodeWriter &code) override {
    printBias(code, name, linear);
    printWeights(code, name, codes, unit);
  }
  void printStep(CodeWriter &code) override;

private:
  stream::TermFields fields;
  WeightCodes codes;
};

} // namespace

void ShiftedSums::printStep(CodeWriter &code) {
  auto [terms, exponentBits] = fields;
  std::string sum = getType(getSumType());
  std::string bits = std::to_string(codes.getBits()), field = std::to_string(exponentBits + 1);
  printSum(code);
  code.loop("s", unit.getSimd());
  code.pragma("unroll");
  code.line("const ap_uint<" + bits + "> terms = sumac::code<" + bits + ">(tile, p * " + Twine(unit.getSimd()) +
            " + s);");
  code.loop("t", terms);
  code.pragma("unroll");
  code.line("const ap_uint<" + Twine(exponentBits) + "> exponent = terms.range(t * " + field + " + " +
            Twine(exponentBits) + ", t * " + field + " + 1);");
  code.line("const " + sum + " shifted = " + sum + "(vector[part][s]) << exponent;");
  // All ones: no term.
  code.line("if (exponent != " + Twine((1 << exponentBits) - 1) + ")");
  code.line("  sum += terms[t * " + field + "] ? " + sum + "(-shifted) : shifted;");
  code.close();
  code.close();
  code.line("sums[p] = sum;");
}

namespace {

//===----------------------------------------------------------------------===//
// Pooled sums
//===----------------------------------------------------------------------===//

/// Sums for all vectors of the pool, computed as the input is read; elements look
/// them up (papers.md, WP: precomputed).
class PooledSums : public ElementCode {
public:
  PooledSums(std::string name, LinearOp linear, stream::FoldedUnitAttr unit)
      : ElementCode(std::move(name), linear, unit), codes(WeightCodes::getGroups(weights)) {}

  void printConstants(CodeWriter &code) override;
  void printBuffers(CodeWriter &code) override;
  void printRead(CodeWriter &code) override;
  void printStep(CodeWriter &code) override;

private:
  int64_t getGroups() const { return unit.getSimd() / weights.getGroupSize(); }
  SmallVector<int64_t> getVectors() const;

  WeightCodes codes;
};

} // namespace

SmallVector<int64_t> PooledSums::getVectors() const {
  SmallVector<int64_t> vectors(weights.getNumGroups() * weights.getGroupSize());
  for (int64_t v = 0; v < weights.getNumGroups(); ++v)
    weights.decodeGroup(v, MutableArrayRef(vectors).slice(v * weights.getGroupSize(), weights.getGroupSize()));
  return vectors;
}

void PooledSums::printConstants(CodeWriter &code) {
  printBias(code, name, linear);
  int64_t words = 0;
  std::vector<uint64_t> packed = codes.pack(unit.getPe(), getGroups(), words);
  code.words(name + "_weights", packed, words);
  code.constants(name + "_pool", getVectors(), weights.getGroupSize());
}

void PooledSums::printBuffers(CodeWriter &code) {
  // A vector's sum has the width of the products and of their number.
  int64_t bits = getInputType().getWidth() + getValueType(getVectors()).bits +
                 llvm::Log2_64_Ceil(weights.getGroupSize()) + 1;
  code.line("ap_int<" + Twine(bits) + "> pooled[" + Twine(getParts()) + "][" + Twine(getGroups()) + "][" +
            Twine(weights.getNumGroups()) + "];");
  code.pragma("array_reshape variable=pooled complete dim=2");
  code.pragma("array_reshape variable=pooled complete dim=3");
  code.pragma("array_partition variable=" + name + "_pool complete dim=0");
  code.line(getType(getSumType()) + " sums[" + Twine(unit.getPe()) + "];");
  code.pragma("array_partition variable=sums complete");
}

void PooledSums::printRead(CodeWriter &code) {
  std::string size = std::to_string(weights.getGroupSize());
  code.loop("g", getGroups());
  code.pragma("unroll");
  code.loop("v", weights.getNumGroups());
  code.pragma("unroll");
  code.line("pooled[part][g][v] = 0;");
  code.loop("s", weights.getGroupSize());
  code.pragma("unroll");
  code.line("pooled[part][g][v] += " + getType(getInputType()) + "(sumac::get<" + Twine(getInputType().getWidth()) +
            ">(item, g * " + size + " + s)) * " + getValueType(getVectors()).str() + "(" + name + "_pool[v][s]);");
  code.close();
  code.close();
  code.close();
}

void PooledSums::printStep(CodeWriter &code) {
  std::string bits = std::to_string(codes.getBits());
  printSum(code);
  code.loop("g", getGroups());
  code.pragma("unroll");
  code.line("sum += pooled[part][g][int(sumac::code<" + bits + ">(tile, p * " + Twine(getGroups()) + " + g))];");
  code.close();
  code.line("sums[p] = sum;");
}

//===----------------------------------------------------------------------===//
// The forms
//===----------------------------------------------------------------------===//

template <typename CodeT>
static std::unique_ptr<ElementCode> create(const std::string &name, LinearOp linear, stream::FoldedUnitAttr unit) {
  return std::make_unique<CodeT>(name, linear, unit);
}

std::unique_ptr<ElementCode> hls::createElementCode(const std::string &name, LinearOp linear,
                                                    stream::FoldedUnitAttr unit) {
  FormAttrInterface form = linear.getFormAttr();
  StringRef formName = form ? form.getFormName() : "multiply_accumulate";
  using Create = std::unique_ptr<ElementCode> (*)(const std::string &, LinearOp, stream::FoldedUnitAttr);
  static const std::pair<StringRef, Create> codes[] = {{"multiply_accumulate", create<MultiplyAccumulate>},
                                                       {"masked_sums", create<MaskedSums>},
                                                       {"bit_planes", create<BitPlanes>},
                                                       {"shifted_sums", create<ShiftedSums>},
                                                       {"pooled_sums", create<PooledSums>}};
  for (auto [known, make] : codes)
    if (known == formName)
      return make(name, linear, unit);
  return nullptr;
}
