//===- ReportSparsity.cpp - A pass outside of Sumac's tree ----------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Says how many weights of each layer are zero. docs/tutorials/
// write-your-first-pass.md explains it line by line.
//
//===----------------------------------------------------------------------===//

#include "sumac/Dialect/Sumac/IR/SumacDialect.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Pass/Pass.h"
#include "mlir/Tools/Plugins/DialectPlugin.h"
#include "mlir/Tools/Plugins/PassPlugin.h"

using namespace mlir;

namespace {
struct ReportSparsity
    : PassWrapper<ReportSparsity, OperationPass<func::FuncOp>> {
  MLIR_DEFINE_EXPLICIT_INTERNAL_INLINE_TYPE_ID(ReportSparsity)

  ReportSparsity() = default;
  ReportSparsity(const ReportSparsity &other) : PassWrapper(other) {}

  StringRef getArgument() const override { return "report-sparsity"; }
  StringRef getDescription() const override {
    return "say how many weights of each layer are zero";
  }

  void runOnOperation() override;

  Option<double> atLeast{
      *this, "at-least", llvm::cl::init(0.0),
      llvm::cl::desc("only layers with at least this share of zeros")};
};
} // namespace

/// The number of zeros among the values that a coding stands for. It asks the
/// interface, so it holds for every coding, those to come included.
static int64_t countZeros(sumac::CodingAttrInterface coding, int64_t count) {
  SmallVector<double> values(count);
  coding.decodeDoubles(0, values);
  return llvm::count(values, 0.0);
}

void ReportSparsity::runOnOperation() {
  getOperation().walk([&](sumac::LinearOp layer) {
    auto weights = layer.getWeights().getDefiningOp<sumac::ConstantOp>();
    if (!weights)
      return;
    int64_t count = ShapedType::getNumElements(weights.getValue().getShape());
    int64_t zeros = countZeros(weights.getValue(), count);
    if (count > 0 && zeros >= atLeast * count)
      layer.emitRemark() << zeros << " of " << count << " weights are zero";
  });
  markAllAnalysesPreserved();
}

/// What `--load-pass-plugin` looks for.
extern "C" LLVM_ATTRIBUTE_WEAK PassPluginLibraryInfo mlirGetPassPluginInfo() {
  return {MLIR_PLUGIN_API_VERSION, "ReportSparsity", "1",
          [] { PassRegistration<ReportSparsity>(); }};
}

/// What `--load-dialect-plugin` looks for: a tool that does not know Sumac's
/// dialect, such as mlir-opt, gets it here.
extern "C" LLVM_ATTRIBUTE_WEAK DialectPluginLibraryInfo
mlirGetDialectPluginInfo() {
  return {MLIR_PLUGIN_API_VERSION, "Sumac", "1", [](DialectRegistry *registry) {
            registry->insert<sumac::SumacDialect>();
          }};
}
