//===- AdderGraphTest.cpp - Constant matrices as additions -----------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Random matrices: the graph computes the product, with no more adders than
// signed digits have without sharing.
//
//===----------------------------------------------------------------------===//

#include "sumac/Analysis/AdderGraph.h"
#include "sumac/Dialect/Sumac/IR/SumacDialect.h"

#include "mlir/IR/MLIRContext.h"
#include "gtest/gtest.h"

#include <random>

using namespace mlir;
using namespace sumac;

namespace {

class AdderGraphTest : public ::testing::Test {
protected:
  AdderGraphTest() { context.loadDialect<SumacDialect>(); }

  CodingAttrInterface makeWeights(int64_t outputs, int64_t inputs, ArrayRef<int64_t> values) {
    auto type = RankedTensorType::get({outputs, inputs}, IntegerType::get(&context, 64, IntegerType::Signed));
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
      sum += static_cast<uint64_t>(weights[n * x.size() + k]) * static_cast<uint64_t>(x[k]);
    y.push_back(static_cast<int64_t>(sum));
  }
  return y;
}

TEST_F(AdderGraphTest, RandomMatrices) {
  std::mt19937_64 random(1);
  for (int i = 0; i < 400; ++i) {
    int64_t outputs = 1 + random() % 12, inputs = 1 + random() % 17;
    int64_t bits = 1 + random() % (i % 10 == 0 ? 61 : 8), most = int64_t(1) << (bits - 1);
    std::vector<int64_t> weights, x;
    for (int64_t e = 0; e < outputs * inputs; ++e)
      weights.push_back(random() % 3 == 0 ? 0 : std::uniform_int_distribution<int64_t>(-most, most)(random));
    for (int64_t k = 0; k < inputs; ++k)
      x.push_back(static_cast<int64_t>(random()) >> (random() % 60));
    CodingAttrInterface coding = makeWeights(outputs, inputs, weights);
    AdderGraph graph = buildAdderGraph(coding), unshared = buildAdderGraph(coding, /*maxPairs=*/0);
    EXPECT_EQ(graph.evaluate(x), multiply(weights, x)) << "matrix " << i;
    EXPECT_EQ(unshared.evaluate(x), multiply(weights, x)) << "matrix " << i;
    EXPECT_LE(graph.adders.size(), unshared.adders.size());
    int64_t nonZeroOutputs = llvm::count_if(graph.outputs, [](const auto &term) { return term.has_value(); });
    EXPECT_EQ(static_cast<int64_t>(unshared.adders.size()), countSignedDigits(coding) - nonZeroOutputs);
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

} // namespace
