//===- ChooseForms.cpp - Sum forms that the user names ---------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// `sumac-choose-forms`: LAYER=FORM becomes the attribute of the layer.
//
//===----------------------------------------------------------------------===//

#include "sumac/Dialect/Sumac/IR/SumacDialect.h"
#include "sumac/Dialect/Sumac/Transforms/Passes.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/Location.h"
#include "llvm/ADT/StringSwitch.h"

namespace sumac {
#define GEN_PASS_DEF_CHOOSEFORMS
#include "sumac/Dialect/Sumac/Transforms/Passes.h.inc"
} // namespace sumac

using namespace mlir;
using namespace sumac;

static FormAttrInterface getForm(MLIRContext *context, StringRef name) {
  return llvm::StringSwitch<FormAttrInterface>(name)
      .Case("multiply_accumulate", MultiplyAccumulateAttr::get(context))
      .Case("bit_planes", BitPlanesAttr::get(context))
      .Case("masked_sums", MaskedSumsAttr::get(context))
      .Case("shifted_sums", ShiftedSumsAttr::get(context))
      .Default({});
}

static bool isNamed(Operation *op, StringRef name) {
  auto location = op->getLoc()->findInstanceOf<NameLoc>();
  return location && location.getName() == name;
}

static bool supports(FormAttrInterface form, LinearOp layer) {
  auto constant = layer.getWeights().getDefiningOp<ConstantOp>();
  auto activation =
      dyn_cast<IntegerType>(layer.getInput().getType().getElementType());
  return constant && activation &&
         form.supports(constant.getValue(), activation);
}

namespace {
struct ChooseForms : public sumac::impl::ChooseFormsBase<ChooseForms> {
  using ChooseFormsBase::ChooseFormsBase;

  void runOnOperation() override {
    for (const std::string &entry : forms)
      if (failed(apply(entry)))
        return signalPassFailure();
  }

private:
  LogicalResult apply(StringRef entry);
};
} // namespace

LogicalResult ChooseForms::apply(StringRef entry) {
  StringRef layerName, formName;
  std::tie(layerName, formName) = entry.rsplit('=');
  FormAttrInterface form = getForm(&getContext(), formName);
  if (!form)
    return getOperation().emitError("unknown form in '")
           << entry
           << "'; expected LAYER=multiply_accumulate, bit_planes, masked_sums "
              "or shifted_sums";
  bool isFound = layerName == "*";
  WalkResult result = getOperation().walk([&](LinearOp layer) {
    bool isThis = isNamed(layer, layerName);
    if (!isThis && layerName != "*")
      return WalkResult::advance();
    isFound = true;
    if (supports(form, layer)) {
      layer.setFormAttr(form);
    } else if (isThis) {
      layer.emitError("the form ")
          << formName << " does not support this layer's weights";
      return WalkResult::interrupt();
    }
    return WalkResult::advance();
  });
  if (result.wasInterrupted())
    return failure();
  if (isFound)
    return success();
  return getOperation().emitError("no layer is named '") << layerName << "'";
}
