//===- DiscoveryTest.cpp - Codings are found by values ---------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Random constants of every coding, written as plain integers: discovery finds
// that coding or a smaller one, and it decodes to the same integers.
// SUMAC_DISCOVERY_CASES sets how many are tried.
//
//===----------------------------------------------------------------------===//

#include "RandomCoding.h"

#include "sumac/Dialect/Sumac/IR/Payload.h"
#include "sumac/Dialect/Sumac/Transforms/Passes.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/OwningOpRef.h"
#include "mlir/Pass/PassManager.h"
#include "gtest/gtest.h"

#include <set>

using namespace mlir;
using namespace sumac;
using namespace sumac::test;

namespace {

class DiscoveryTest : public ::testing::Test {
protected:
  DiscoveryTest() { context.loadDialect<SumacDialect, func::FuncDialect>(); }

  /// What discovery makes of layers with these integers, [outputs, inputs].
  std::vector<CodingAttrInterface> discover(ArrayRef<CodingAttrInterface> codings) {
    OpBuilder builder(&context);
    Location loc = builder.getUnknownLoc();
    OwningOpRef<ModuleOp> module = ModuleOp::create(loc);
    builder.setInsertionPointToEnd(module->getBody());
    auto signedType = [&](unsigned bits) { return IntegerType::get(&context, bits, IntegerType::Signed); };
    SmallVector<Type> inputs, results;
    for (CodingAttrInterface coding : codings) {
      inputs.push_back(RankedTensorType::get({ShapedType::kDynamic, coding.getShape()[1]}, signedType(1)));
      results.push_back(RankedTensorType::get({ShapedType::kDynamic, coding.getShape()[0]}, signedType(64)));
    }
    auto function = func::FuncOp::create(builder, loc, "main", builder.getFunctionType(inputs, results));
    builder.setInsertionPointToStart(function.addEntryBlock());
    SmallVector<Value> values;
    for (auto [i, coding] : llvm::enumerate(codings)) {
      auto type = RankedTensorType::get(coding.getShape(), signedType(64));
      auto plain = DenseCodingAttr::get(&context, DenseElementsAttr::get(type, ArrayRef(decode(coding))));
      Value weights = ConstantOp::create(builder, loc, type, plain);
      values.push_back(LinearOp::create(builder, loc, results[i], function.getArgument(i), weights, Value(),
                                        FormAttrInterface()));
    }
    func::ReturnOp::create(builder, loc, values);
    PassManager manager(&context);
    manager.addNestedPass<func::FuncOp>(createDiscoverCodings());
    std::vector<CodingAttrInterface> found;
    if (failed(manager.run(*module)))
      return found;
    module->walk([&](ConstantOp constant) { found.push_back(constant.getValue()); });
    return found;
  }

  static int64_t getNumTerms(ShiftCodingAttr coding) { return coding.getTerms().getShapedType().getDimSize(0); }

  /// Whether `found` says as much about the weights as `made` does. The terms of
  /// shifts are the fewest, which may take other exponents than were made. A
  /// basis or shifts are preferred to a codebook unless they are twice as large.
  static bool saysAsMuch(CodingAttrInterface found, CodingAttrInterface made) {
    bool isSameKind = found.getTypeID() == made.getTypeID();
    if (auto shift = dyn_cast<ShiftCodingAttr>(found); shift && isSameKind)
      return getNumTerms(shift) <= getNumTerms(cast<ShiftCodingAttr>(made));
    if (isSameKind && found.getElementBits() <= made.getElementBits())
      return true;
    if (found.getStoredBits() <= made.getStoredBits())
      return true;
    return isa<BasisCodingAttr, ShiftCodingAttr>(found) && isa<CodebookCodingAttr>(made) &&
           found.getStoredBits() < 2 * made.getStoredBits();
  }

  static int64_t getTotalBits(ArrayRef<CodingAttrInterface> codings) {
    int64_t bits = 0;
    std::set<const void *> tables;
    for (CodingAttrInterface coding : codings) {
      bits += coding.getStoredBits();
      if (auto pool = dyn_cast<PoolCodingAttr>(coding))
        if (!tables.insert(pool.getTable().getAsOpaquePointer()).second)
          bits -= getTableBits(pool.getTable());
    }
    return bits;
  }

  void check(ArrayRef<CodingAttrInterface> made) {
    std::vector<CodingAttrInterface> found = discover(made);
    ASSERT_EQ(found.size(), made.size());
    // A table that layers share is there once.
    bool isSmallerPool = isa<PoolCodingAttr>(made.front()) && getTotalBits(found) <= getTotalBits(made);
    for (auto [i, coding] : llvm::enumerate(made)) {
      EXPECT_EQ(decode(found[i]), decode(coding)) << coding.getCodingName();
      EXPECT_TRUE(isSmallerPool || saysAsMuch(found[i], coding))
          << coding.getCodingName() << " of " << coding.getStoredBits() << " bits was found to be "
          << found[i].getCodingName() << " of " << found[i].getStoredBits();
      same += found[i].getTypeID() == Attribute(coding).getTypeID();
      ++all;
    }
  }

  MLIRContext context;
  int same = 0, all = 0;
};

TEST_F(DiscoveryTest, RandomConstants) {
  const char *text = std::getenv("SUMAC_DISCOVERY_CASES");
  int cases = text ? std::atoi(text) : 10000;
  RandomCoding random(context, 11);
  for (int i = 0; i < cases && !HasFailure(); ++i) {
    int kind = i % RandomCoding::kKinds;
    std::vector<CodingAttrInterface> made;
    if (kind + 1 == RandomCoding::kKinds)
      random.makePool(random.pick(1, 64));
    // Layers share a pool.
    for (int layer = 0, layers = kind + 1 == RandomCoding::kKinds ? 2 : 1; layer < layers; ++layer)
      made.push_back(random.make(kind, random.pick(1, 24), random.pick(1, 50), static_cast<int>(random.pick(0, 3) * 30)));
    check(made);
  }
  llvm::outs() << all << " constants, " << same << " found as the coding that they were made of\n";
  EXPECT_GT(same, all / 2);
}

} // namespace
