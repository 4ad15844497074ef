//===- ChooseForms.cpp - Sum forms that the user names ---------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// `sumac-choose-forms`: LAYER=FORM becomes the attribute of the layer.
//
//===----------------------------------------------------------------------===//

#include "LayerChoice.h"
#include "sumac/Dialect/Sumac/IR/Forms.h"
#include "sumac/Dialect/Sumac/Transforms/Passes.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"

namespace sumac {
#define GEN_PASS_DEF_CHOOSEFORMS
#include "sumac/Dialect/Sumac/Transforms/Passes.h.inc"
} // namespace sumac

using namespace mlir;
using namespace sumac;

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
  SmallVector<FormAttrInterface> forms = getForms(&getContext());
  const FormAttrInterface *form =
      llvm::find_if(forms, [&](FormAttrInterface candidate) {
        return candidate.getFormName() == formName;
      });
  if (form == forms.end()) {
    InFlightDiagnostic error = getOperation().emitError("unknown form in '");
    error << entry << "'; expected LAYER=FORM, FORM being one of ";
    llvm::interleaveComma(forms, error, [&](FormAttrInterface known) {
      error << known.getFormName();
    });
    return error;
  }
  return applyToLayers(getOperation(), layerName, "form " + formName,
                       [&](LinearOp layer) -> Operation * {
                         if (!supports(*form, layer))
                           return nullptr;
                         layer.setFormAttr(*form);
                         return layer.getOperation();
                       });
}
