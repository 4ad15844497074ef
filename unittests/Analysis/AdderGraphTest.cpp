//===- AdderGraphTest.cpp - Constant matrices as additions ----------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Random matrices: the graph computes the product, with no more adders than
// signed digits have without sharing, and is as shallow as asked for.
//
//===----------------------------------------------------------------------===//

#include "sumac/Analysis/AdderGraphRanges.h"
#include "sumac/Dialect/Sumac/IR/SumacDialect.h"

#include "llvm/ADT/bit.h"
#include "llvm/Support/MathExtras.h"

#include "mlir/IR/MLIRContext.h"
#include "gtest/gtest.h"

#include <random>

using namespace mlir;
using namespace sumac;

namespace {

class AdderGraphTest : public ::testing::Test {
protected:
  AdderGraphTest() { context.loadDialect<SumacDialect>(); }

  CodingAttrInterface makeWeights(int64_t outputs, int64_t inputs,
                                  ArrayRef<int64_t> values) {
    auto type = RankedTensorType::get(
        {outputs, inputs}, IntegerType::get(&context, 64, IntegerType::Signed));
    return DenseCodingAttr::get(&context, DenseElementsAttr::get(type, values));
  }

  MLIRContext context;
};

/// Direct products of one matrix and one vector.
SmallVector<int64_t> multiply(ArrayRef<int64_t> weights, ArrayRef<int64_t> x) {
  SmallVector<int64_t> y;
  for (size_t n = 0; n < weights.size() / x.size(); ++n) {
    uint64_t sum = 0;
    for (size_t k = 0; k < x.size(); ++k)
      sum += static_cast<uint64_t>(weights[n * x.size() + k]) *
             static_cast<uint64_t>(x[k]);
    y.push_back(static_cast<int64_t>(sum));
  }
  return y;
}

/// A random matrix with rows and columns that graphs treat in special ways.
std::vector<int64_t> makeMatrix(std::mt19937_64 &random, int64_t outputs,
                                int64_t inputs, int64_t bits) {
  int64_t most = int64_t(1) << (bits - 1);
  std::uniform_int_distribution<int64_t> value(-most, most);
  std::vector<int64_t> weights;
  uint64_t zeros = random() % 4;
  for (int64_t e = 0; e < outputs * inputs; ++e)
    weights.push_back(random() % 4 < zeros ? 0 : value(random));
  for (int64_t n = 0; n < outputs; ++n) {
    int64_t *row = &weights[n * inputs],
            *other = &weights[random() % outputs * inputs];
    uint64_t kind = random() % 12;
    int64_t power = int64_t(1) << (random() % bits);
    for (int64_t k = 0; k < inputs; ++k)
      row[k] = kind == 0   ? 0
               : kind == 1 ? other[k]
               : kind == 2 ? -other[k]
               : kind == 3 ? power
                           : row[k];
  }
  return weights;
}

std::vector<int64_t> makeInputs(std::mt19937_64 &random, int64_t inputs) {
  std::vector<int64_t> x;
  for (int64_t k = 0; k < inputs; ++k)
    x.push_back(static_cast<int64_t>(random()) >> (random() % 60));
  return x;
}

/// Signed digits of the widest output allow for this depth.
int64_t getLeastDepth(ArrayRef<int64_t> weights, int64_t inputs) {
  int64_t depth = 0;
  for (; !weights.empty(); weights = weights.drop_front(inputs)) {
    int64_t digits = 0;
    for (int64_t w : weights.take_front(inputs)) {
      uint64_t v = std::abs(w);
      digits += llvm::popcount((3 * v) ^ v);
    }
    depth =
        std::max<int64_t>(depth, digits > 0 ? llvm::Log2_64_Ceil(digits) : 0);
  }
  return depth;
}

void expectWellFormed(const AdderGraph &graph) {
  auto node = static_cast<int32_t>(graph.inputs);
  for (const AdderGraph::Adder &adder : graph.adders) {
    EXPECT_FALSE(adder.a.isNegative);
    EXPECT_LT(std::max(adder.a.node, adder.b.node), node++);
    EXPECT_GE(
        std::min({adder.a.node, adder.b.node, adder.a.shift, adder.b.shift}),
        0);
    EXPECT_LT(std::max(adder.a.shift, adder.b.shift), 64);
  }
}

TEST(AdderGraphMatrixTest, RandomMatrices) {
  std::mt19937_64 random(2);
  constexpr int64_t kSizes[] = {1, 1, 2, 3, 5, 7, 11, 13, 16, 23};
  for (int i = 0; i < 3000; ++i) {
    int64_t outputs = kSizes[random() % 10], inputs = kSizes[random() % 10];
    int64_t bits = 1 + static_cast<int64_t>(random() % (i % 10 == 0    ? 31
                                                        : i % 101 == 0 ? 61
                                                                       : 8));
    std::vector<int64_t> weights = makeMatrix(random, outputs, inputs, bits),
                         x = makeInputs(random, inputs);
    AdderGraphOptions options;
    options.work = 1 << (random() % 18);
    AdderGraph graph = buildAdderGraph(weights, outputs, inputs, options);
    ASSERT_EQ(graph.evaluate(x), multiply(weights, x)) << "matrix " << i;
    expectWellFormed(graph);
    options.maxDepth = 1 + static_cast<int64_t>(random() % 8);
    AdderGraph shallow = buildAdderGraph(weights, outputs, inputs, options);
    ASSERT_EQ(shallow.evaluate(x), multiply(weights, x)) << "matrix " << i;
    EXPECT_LE(shallow.getDepth(),
              std::max(options.maxDepth, getLeastDepth(weights, inputs)))
        << "matrix " << i;
  }
}

TEST(AdderGraphMatrixTest, Masks) {
  std::mt19937_64 random(3);
  for (int i = 0; i < 300; ++i) {
    int64_t outputs = 1 + random() % 9, inputs = 1 + random() % 12,
            count = 1 + random() % 4;
    std::vector<int64_t> coefficients, weights(outputs * inputs);
    std::vector<int8_t> masks;
    for (int64_t c = 0; c < outputs * count; ++c)
      coefficients.push_back(c >= count && i % 2 == 0
                                 ? coefficients[c - count]
                                 : static_cast<int64_t>(random() % 255) - 127);
    for (int64_t e = 0; e < count * outputs * inputs; ++e)
      masks.push_back(static_cast<int8_t>(random() % 2));
    for (int64_t e = 0; e < outputs * inputs; ++e)
      for (int64_t c = 0; c < count; ++c)
        weights[e] += coefficients[e / inputs * count + c] *
                      masks[c * outputs * inputs + e];
    AdderGraphOptions options;
    options.work = 100'000;
    options.maxDepth = i % 3 == 0 ? 9 : 0;
    options.coefficients = coefficients;
    options.masks = masks;
    std::vector<int64_t> x = makeInputs(random, inputs);
    AdderGraph graph = buildAdderGraph(weights, outputs, inputs, options);
    ASSERT_EQ(graph.evaluate(x), multiply(weights, x)) << "matrix " << i;
    if (options.maxDepth > 0)
      EXPECT_LE(graph.getDepth(), options.maxDepth);
  }
}

TEST(AdderGraphMatrixTest, IsDeterministic) {
  std::mt19937_64 random(4);
  std::vector<int64_t> weights = makeMatrix(random, 24, 40, 4);
  AdderGraphOptions options;
  options.work = 1'000'000;
  AdderGraph a = buildAdderGraph(weights, 24, 40, options),
             b = buildAdderGraph(weights, 24, 40, options);
  auto toTuple = [](const AdderGraph::Term &t) {
    return std::tuple(t.node, t.shift, t.isNegative);
  };
  ASSERT_EQ(a.adders.size(), b.adders.size());
  for (size_t i = 0; i < a.adders.size(); ++i) {
    EXPECT_EQ(toTuple(a.adders[i].a), toTuple(b.adders[i].a));
    EXPECT_EQ(toTuple(a.adders[i].b), toTuple(b.adders[i].b));
  }
}

TEST(AdderGraphMatrixTest, SearchFindsMore) {
  std::mt19937_64 random(5);
  std::vector<int64_t> weights;
  for (int i = 0; i < 64 * 32; ++i)
    weights.push_back(random() % 2 == 0 ? 1 : -1);
  // Greedy sharing alone takes some 570 adders, and 470 with differences.
  AdderGraphOptions options;
  options.maxDepth = 9;
  AdderGraph graph = buildAdderGraph(weights, 32, 64, options);
  EXPECT_LE(graph.adders.size(), 450u);
  EXPECT_LE(graph.getDepth(), 9);
}

TEST(AdderGraphMatrixTest, OneLongRowTakesNoSearch) {
  std::vector<int64_t> weights(100'000, 1);
  AdderGraph graph = buildAdderGraph(weights, 1, 100'000);
  EXPECT_EQ(graph.adders.size(), 99'999u);
  EXPECT_EQ(graph.getDepth(), 17);
}

TEST_F(AdderGraphTest, RandomMatrices) {
  std::mt19937_64 random(1);
  for (int i = 0; i < 100; ++i) {
    int64_t outputs = 1 + random() % 12, inputs = 1 + random() % 17;
    int64_t bits = 1 + random() % (i % 10 == 0 ? 61 : 8), most = int64_t(1)
                                                                 << (bits - 1);
    std::vector<int64_t> weights, x;
    for (int64_t e = 0; e < outputs * inputs; ++e)
      weights.push_back(
          random() % 3 == 0
              ? 0
              : std::uniform_int_distribution<int64_t>(-most, most)(random));
    for (int64_t k = 0; k < inputs; ++k)
      x.push_back(static_cast<int64_t>(random()) >> (random() % 60));
    CodingAttrInterface coding = makeWeights(outputs, inputs, weights);
    AdderGraphOptions quick, none;
    quick.work = 100'000;
    none.work = 0;
    AdderGraph graph = buildAdderGraph(coding, quick),
               unshared = buildAdderGraph(coding, none);
    EXPECT_EQ(graph.evaluate(x), multiply(weights, x)) << "matrix " << i;
    EXPECT_EQ(unshared.evaluate(x), multiply(weights, x)) << "matrix " << i;
    EXPECT_LE(graph.adders.size(), unshared.adders.size());
    int64_t nonZeroOutputs = llvm::count_if(
        graph.outputs, [](const auto &term) { return term.has_value(); });
    // Equal sums are one even so.
    EXPECT_LE(static_cast<int64_t>(unshared.adders.size()),
              countSignedDigits(coding) - nonZeroOutputs);
  }
}

TEST_F(AdderGraphTest, SharesAcrossOutputs) {
  // 3 x0 + 3 x1 = (x0 + x1) << 2 - (x0 + x1) takes two adders, and 5 of it two.
  AdderGraph graph = buildAdderGraph(makeWeights(2, 2, {3, 3, 5, 5}));
  EXPECT_EQ(graph.adders.size(), 3u);
  EXPECT_EQ(graph.getDepth(), 2);
  // Again the same graph.
  AdderGraph again = buildAdderGraph(makeWeights(2, 2, {3, 3, 5, 5}));
  EXPECT_EQ(again.evaluate({7, -9}), graph.evaluate({7, -9}));
}

TEST_F(AdderGraphTest, ZerosHaveNoOutput) {
  AdderGraph graph = buildAdderGraph(makeWeights(2, 1, {0, -8}));
  EXPECT_FALSE(graph.outputs[0]);
  ASSERT_TRUE(graph.outputs[1]);
  EXPECT_TRUE(graph.outputs[1]->isNegative);
  EXPECT_EQ(graph.outputs[1]->shift, 3);
  EXPECT_TRUE(graph.adders.empty());
}

TEST_F(AdderGraphTest, RangesThatLeave64BitsAreAllOf64Bits) {
  // 3 x0, then (3 x0 << 31) - x0.
  AdderGraph graph;
  graph.inputs = 1;
  graph.adders = {{{0, 0, false}, {0, 1, false}}, {{1, 31, false}, {0, 0, true}}};
  IntegerRange most{INT64_MIN, INT64_MAX};
  std::vector<IntegerRange> narrow = getNodeRanges(graph, {-5, 7});
  EXPECT_EQ(narrow[2], (IntegerRange{-(int64_t(15) << 31) - 7, (int64_t(21) << 31) + 5}));
  std::vector<IntegerRange> wide = getNodeRanges(graph, {INT32_MIN, INT32_MAX});
  EXPECT_EQ(wide[1], (IntegerRange{int64_t(3) * INT32_MIN, int64_t(3) * INT32_MAX}));
  EXPECT_EQ(wide[2], most);
  EXPECT_EQ(getBits(wide[2]), 64);
  // What cannot be shifted or negated.
  EXPECT_EQ(getTermRange({0, 63, false}, {{0, 1}}), most);
  EXPECT_EQ(getTermRange({0, 62, false}, {{0, 1}}), (IntegerRange{0, int64_t(1) << 62}));
  EXPECT_EQ(getTermRange({0, 0, true}, most), most);
}

} // namespace
