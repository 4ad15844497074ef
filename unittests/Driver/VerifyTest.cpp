//===- VerifyTest.cpp ---===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A back end with a fault shows that verifyModel() finds it, and where.
//
//===----------------------------------------------------------------------===//

#include "sumac/Driver/Verify.h"

#include "sumac/Dialect/Sumac/IR/SumacDialect.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Parser/Parser.h"
#include "gtest/gtest.h"

using namespace sumac;
using namespace mlir;

static constexpr StringRef model = R"mlir(
  func.func @main(%x: tensor<?x2xf32> {sumac.name = "x"}) -> (tensor<?x2xf32> {sumac.name = "y"}) {
    %w = sumac.constant #sumac.uniform<dense<[[1, -2], [3, 1]]> : tensor<2x2xsi8>, bits = 3> -> tensor<2x2xsi3>
    %c = sumac.encode %x, <ui4, scale = <["0x1p-2"]>, zero_point = <["0x0p+0"]>>, half_even
         : tensor<?x2xf32> -> tensor<?x2xui4>
    %a = sumac.linear %c, %w : (tensor<?x2xui4>, tensor<2x2xsi3>) -> tensor<?x2xsi7> loc("first")
    %h = sumac.threshold %a, dense<[[-9, 3, 20]]> : tensor<1x3xsi64>
         : tensor<?x2xsi7> -> tensor<?x2xui2> loc("activation")
    %b = sumac.linear %h, %w : (tensor<?x2xui2>, tensor<2x2xsi3>) -> tensor<?x2xsi6> loc("second")
    %y = sumac.decode %b, <si6, scale = <["0x1p-3"]>, zero_point = <["0x0p+0"]>>
         : tensor<?x2xsi6> -> tensor<?x2xf32> loc("y")
    return %y : tensor<?x2xf32>
  }
)mlir";

namespace {
/// The interpreter, on a module in which each threshold of `activation` is one
/// too high where the option says so.
class FaultyBackend final : public Backend {
public:
  StringRef getName() const override { return "faulty"; }
  StringRef getDescription() const override { return "off by one"; }
  void declareOptions(OptionSet &options) const override {
    options.addFlag("fault", true, "Be wrong");
    options.addFlag("refuse", false, "Refuse the model");
  }

  FailureOr<std::unique_ptr<Executable>>
  load(ModuleOp module, const OptionSet &options) const override {
    if (options.getFlag("refuse"))
      return module.emitError("this target takes no models");
    if (options.getFlag("fault"))
      module.walk([](ThresholdOp op) {
        auto type = RankedTensorType::get(
            {1, 3}, IntegerType::get(op.getContext(), 64, IntegerType::Signed));
        op.setThresholdsAttr(DenseElementsAttr::get(
            type,
            ArrayRef<APInt>{APInt(64, -9, true), APInt(64, 4), APInt(64, 20)}));
      });
    const Backend *interpreter = lookupBackend("interp");
    OptionSet defaults;
    interpreter->declareOptions(defaults);
    return interpreter->load(module, defaults);
  }
};
} // namespace

static BackendRegistration<FaultyBackend> registration;

/// Verifies the model on the back end with one of its flags set.
static llvm::Expected<VerifyReport> verify(StringRef flag, StringRef value,
                                           bool isOptional = false) {
  static std::unique_ptr<MLIRContext> context = createContext();
  const Backend *backend = lookupBackend("faulty");
  OptionSet options;
  backend->declareOptions(options);
  llvm::cantFail(options.set(flag, value));
  auto module = parseSourceString<ModuleOp>(model, context.get());
  VerifyInputs inputs;
  inputs.samples = 500;
  return verifyModel(*module, inputs,
                     {{backend, options, "faulty", isOptional}},
                     LoweringOptions());
}

TEST(Verify, EqualTargetsAreEqual) {
  auto report = verify("fault", "false");
  ASSERT_TRUE(static_cast<bool>(report)) << llvm::toString(report.takeError());
  ASSERT_EQ(report->targets.size(), 2u);
  EXPECT_TRUE(report->isEqual());
  EXPECT_EQ(report->targets[1].integers, 1000);
  EXPECT_EQ(report->targets[1].values, 1000);
}

TEST(Verify, NamesTheFirstLayerThatDiffers) {
  auto report = verify("fault", "true");
  ASSERT_TRUE(static_cast<bool>(report)) << llvm::toString(report.takeError());
  EXPECT_FALSE(report->isEqual());
  EXPECT_TRUE(report->targets[0].isEqual());
  const TargetReport &target = report->targets[1];
  EXPECT_GT(target.integersDiffering, 0);
  EXPECT_GT(target.valuesDiffering, 0);
  EXPECT_LT(target.rowsDiffering, 500);
  ASSERT_TRUE(target.first.has_value());
  EXPECT_EQ(target.first->place, "y");
  ASSERT_TRUE(target.layer.has_value());
  EXPECT_EQ(target.layer->place, "activation (sumac.threshold)");
  EXPECT_EQ(target.layer->row, target.first->row);
  EXPECT_EQ(target.layer->expected, "2");
  EXPECT_EQ(target.layer->actual, "1");
}

TEST(Verify, ARefusalIsReported) {
  auto report = verify("refuse", "true");
  ASSERT_TRUE(static_cast<bool>(report)) << llvm::toString(report.takeError());
  EXPECT_FALSE(report->isEqual());
  EXPECT_NE(report->targets[1].error.find("this target takes no models"),
            std::string::npos);
}

TEST(Verify, NothingIsComparedWhereAllTargetsRefuse) {
  auto report = verify("refuse", "true", /*isOptional=*/true);
  ASSERT_TRUE(static_cast<bool>(report)) << llvm::toString(report.takeError());
  EXPECT_TRUE(report->targets[1].isSkipped);
  EXPECT_FALSE(report->hasCompared());
  EXPECT_FALSE(report->isEqual());
}
