//===- ONNXToSumac.cpp - The pass convert-onnx-to-sumac -------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Runs the converter on @main, first with a dynamic batch, then, where the
// graph does not allow that, with the sizes that the file declares.
//
//===----------------------------------------------------------------------===//

#include "sumac/Conversion/ONNXToSumac/ONNXToSumac.h"

#include "Converter.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

namespace sumac {
#define GEN_PASS_DEF_CONVERTONNXTOSUMAC
#include "sumac/Conversion/ONNXToSumac/Passes.h.inc"
} // namespace sumac

using namespace mlir;
using namespace sumac;

std::vector<std::pair<std::string, std::string>> sumac::getConvertedONNXOperators() {
  std::vector<std::pair<std::string, std::string>> operators;
  for (const auto &rule : onnx::RuleRegistry::get().getRules()) {
    auto [domain, name] = rule.getKey().split('\n');
    operators.emplace_back(domain, name);
  }
  llvm::sort(operators);
  return operators;
}

namespace {
struct ConvertONNXToSumac : public sumac::impl::ConvertONNXToSumacBase<ConvertONNXToSumac> {
  using ConvertONNXToSumacBase::ConvertONNXToSumacBase;

  void runOnOperation() override {
    auto source = getOperation().lookupSymbol<func::FuncOp>("main");
    // Modules beyond the imported level pass unchanged.
    if (!source || source.isExternal() ||
        (!llvm::any_of(source.getBody().front(), llvm::IsaPred<onnx::NodeOp>) && !hasONNXAttrs(source)))
      return markAllAnalysesPreserved();
    if (!convert(source))
      return signalPassFailure();
    source.erase();
  }

  /// A graph without nodes still has attributes of the importer.
  static bool hasONNXAttrs(func::FuncOp function) {
    for (unsigned i = 0; i < function.getNumResults(); ++i)
      if (function.getResultAttr(i, "onnx.declared_type"))
        return true;
    return false;
  }

  bool convert(func::FuncOp source) {
    onnx::Converter first(&getContext(), dynamicBatch);
    first.builder.setInsertionPoint(source);
    if (first.convert(source))
      return true;
    if (!first.hasFreedBatch()) {
      first.emitErrors();
      return false;
    }
    onnx::Converter second(&getContext(), /*dynamicBatch=*/false);
    second.builder.setInsertionPoint(source);
    if (second.convert(source))
      return true;
    second.emitErrors();
    return false;
  }
};
} // namespace
