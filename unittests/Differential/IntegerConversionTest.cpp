//===- IntegerConversionTest.cpp - Reals and integers mean the same -------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Random models run in the reference interpreter before and after
// sumac-to-integer: every bit of every output is the same.
//
//===----------------------------------------------------------------------===//

#include "RandomModel.h"

#include "sumac/InitAll.h"
#include "sumac/Interpreter/Interpreter.h"
#include "sumac/Pipelines/Pipelines.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/InitAllDialects.h"
#include "mlir/Parser/Parser.h"
#include "mlir/Pass/PassManager.h"
#include "gtest/gtest.h"

using namespace mlir;
using namespace sumac;

namespace {

struct Counts {
  int64_t converted = 0, refused = 0, values = 0;
};

class IntegerConversion : public ::testing::Test {
protected:
  IntegerConversion() {
    DialectRegistry registry;
    mlir::registerAllDialects(registry);
    sumac::registerAllDialects(registry);
    context.appendDialectRegistry(registry);
    context.disableMultithreading();
  }

  std::optional<SmallVector<HostTensor>> run(ModuleOp module,
                                             const HostTensor &input) {
    SmallVector<HostTensor> results;
    if (failed(interpret(module.lookupSymbol<func::FuncOp>("main"), input,
                         results)))
      return std::nullopt;
    return results;
  }

  /// Whether the text holds, with outputs equal before and after conversion.
  /// Models that need more bits than the integer level has are refused, which
  /// is counted: `refusable` says whether that may happen.
  void compare(RandomModel &random, const std::string &text, bool refusable,
               Counts &counts) {
    std::string errors;
    ScopedDiagnosticHandler handler(&context, [&](Diagnostic &diagnostic) {
      errors += diagnostic.str() + "\n";
      return success();
    });
    OwningOpRef<ModuleOp> module = parseSourceString<ModuleOp>(text, &context);
    ASSERT_TRUE(module) << errors << text;
    HostTensor input = random.makeInput(8);
    std::optional<SmallVector<HostTensor>> expected = run(*module, input);
    ASSERT_TRUE(expected) << errors << text;
    PassManager pm(&context);
    buildIntegerPipeline(pm, IntegerPipelineOptions());
    if (failed(pm.run(*module))) {
      ASSERT_TRUE(refusable && !errors.empty()) << errors << text;
      ++counts.refused;
      return;
    }
    ++counts.converted;
    std::optional<SmallVector<HostTensor>> actual = run(*module, input);
    ASSERT_TRUE(actual) << errors << text;
    ASSERT_EQ(expected->size(), actual->size());
    for (auto [i, pair] :
         llvm::enumerate(llvm::zip_equal(*expected, *actual))) {
      auto &[before, after] = pair;
      counts.values += before.getNumElements();
      ASSERT_TRUE(before == after) << "output " << i << " differs\n" << text;
    }
  }

  MLIRContext context;
};

TEST_F(IntegerConversion, RandomLayers) {
  constexpr int kModels = 1000, kLayers = 20;
  Counts counts;
  for (int i = 0; i < kModels && !HasFatalFailure(); ++i) {
    RandomModel random(1000 + i);
    compare(random, random.writeLayers(kLayers), /*refusable=*/false, counts);
  }
  EXPECT_EQ(counts.converted, kModels);
  RecordProperty("layers", kModels * kLayers);
  RecordProperty("values", static_cast<int>(counts.values));
}

TEST_F(IntegerConversion, RandomNets) {
  constexpr int kModels = 600;
  Counts counts;
  for (int i = 0; i < kModels && !HasFatalFailure(); ++i) {
    RandomModel random(900000 + i);
    compare(random, random.writeNet(), /*refusable=*/true, counts);
  }
  // Refused: an irrational or transcendental function without a quantizer.
  EXPECT_GE(counts.converted, kModels * 4 / 5);
  RecordProperty("converted", static_cast<int>(counts.converted));
  RecordProperty("refused", static_cast<int>(counts.refused));
}

} // namespace
