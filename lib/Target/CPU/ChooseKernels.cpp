//===- ChooseKernels.cpp - Kernels by cost ---===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Writes the choice of processor, kernels and epilogue forms as attributes.
//
//===----------------------------------------------------------------------===//

#include "sumac/Dialect/Sumac/Transforms/Passes.h"
#include "sumac/Target/CPU/Compile.h"
#include "sumac/Target/CPU/Epilogues.h"
#include "sumac/Target/CPU/Passes.h"

namespace sumac {
#define GEN_PASS_DEF_CPUSETTARGET
#define GEN_PASS_DEF_CPUCHOOSEKERNELS
#define GEN_PASS_DEF_CPUCHOOSEEPILOGUES
#include "sumac/Target/CPU/Passes.h.inc"
} // namespace sumac

using namespace mlir;
using namespace sumac;

namespace {

class CPUSetTargetPass : public sumac::impl::CPUSetTargetBase<CPUSetTargetPass> {
public:
  using Base::Base;
  void runOnOperation() override {
    llvm::Expected<CPUTarget> target = CPUTarget::create(triple, cpu, features);
    if (!target) {
      getOperation().emitError(llvm::toString(target.takeError()));
      return signalPassFailure();
    }
    if (failed(describeInterface()))
      return signalPassFailure();
    // The features of "native" are written out: they belong to this machine.
    Builder builder(&getContext());
    getOperation()->setAttr(cpu::kTargetAttr,
                            builder.getDictionaryAttr({
                                builder.getNamedAttr("triple", builder.getStringAttr(target->getTriple().str())),
                                builder.getNamedAttr("cpu", builder.getStringAttr(target->getCPU())),
                                builder.getNamedAttr("features", builder.getStringAttr(target->getFeatures())),
                            }));
  }

private:
  /// Ports are described before the passes behind change functions.
  LogicalResult describeInterface() {
    auto main = getOperation().lookupSymbol<func::FuncOp>("main");
    if (!main || main.isExternal())
      return success();
    auto ports = getModulePorts(getOperation());
    if (failed(ports))
      return failure();
    CPUInterface interface;
    interface.ports = std::move(*ports);
    auto getMostPlanes = [](func::FuncOp function) -> int64_t {
      auto clones = function->getAttrOfType<ArrayAttr>(kPlanesAttr);
      return clones ? clones.size() + 1 : 0;
    };
    interface.mostPlanes = getMostPlanes(main);
    if (auto raw = getOperation().lookupSymbol<func::FuncOp>("main_raw"); raw && getMostPlanes(raw) != interface.mostPlanes)
      return raw.emitError() << "names functions for other numbers of bit planes than 'main' in " << kPlanesAttr;
    interface.write(getOperation());
    return success();
  }
};

class CPUChooseKernelsPass : public sumac::impl::CPUChooseKernelsBase<CPUChooseKernelsPass> {
public:
  void runOnOperation() override;
};

class CPUChooseEpiloguesPass : public sumac::impl::CPUChooseEpiloguesBase<CPUChooseEpiloguesPass> {
public:
  void runOnOperation() override;
};

} // namespace

/// Calls `visit` for every operation of functions with a body, with their ranges.
static LogicalResult forEachOp(ModuleOp module, llvm::function_ref<LogicalResult(Operation &, const RangeAnalysis &)> visit) {
  auto cache = std::make_shared<WeightCache>();
  for (auto function : module.getOps<func::FuncOp>()) {
    if (function.isExternal() || !function.getBody().hasOneBlock())
      continue;
    RangeAnalysis ranges(function, cache);
    for (Operation &op : function.getBody().front())
      if (failed(visit(op, ranges)))
        return failure();
  }
  return success();
}

/// The cheapest kernel of the layer's form and storage. What was chosen for all
/// layers is dropped where there is no kernel, the storage first.
static const LinearKernel *chooseKernel(LinearOp linear, LinearLayer &layer, const CPUTarget &target) {
  auto constant = linear.getWeights().getDefiningOp<ConstantOp>();
  bool keepsForm = !linear->hasAttr(kIfPossibleAttr), keepsStorage = !constant->hasAttr(kIfPossibleAttr);
  StringRef form = linear.getForm() ? linear.getForm()->getFormName() : "";
  for (auto [dropsForm, dropsStorage] : {std::pair(false, false), {false, true}, {true, false}, {true, true}}) {
    if ((dropsForm && keepsForm) || (dropsStorage && keepsStorage))
      continue;
    const LinearKernel *kernel = LinearKernelRegistry::get().choose(
        layer, target, dropsForm ? "" : form, dropsStorage ? "" : layer.storage);
    if (!kernel)
      continue;
    if (dropsForm)
      linear.removeFormAttr();
    if (dropsStorage && constant->hasOneUse())
      constant.removeStorageAttr();
    return kernel;
  }
  return nullptr;
}

void CPUChooseKernelsPass::runOnOperation() {
  auto target = getCPUTarget(getOperation());
  if (failed(target))
    return signalPassFailure();
  auto choose = [&](Operation &op, const RangeAnalysis &ranges) -> LogicalResult {
    auto linear = dyn_cast<LinearOp>(op);
    if (!linear || linear->hasAttr(cpu::kKernelAttr))
      return success();
    auto layer = describeLinear(linear, ranges);
    if (failed(layer))
      return failure();
    const LinearKernel *kernel = chooseKernel(linear, *layer, *target);
    StringRef form = linear.getForm() ? linear.getForm()->getFormName() : "";
    if (!kernel && !layer->storage.empty())
      return linear.emitOpError() << "has no kernel for weights stored as " << layer->storage
                                  << (form.empty() ? "" : " and the form " + form.str()) << " on " << target->getCPU();
    if (!kernel && !form.empty())
      return linear.emitOpError() << "has no kernel for the form " << form << " on " << target->getCPU()
                                  << ": the layer is too large for it, or its integers are too wide (docs/rationale/cpu-kernels.md)";
    if (!kernel)
      return linear.emitOpError() << "has no kernel on " << target->getCPU();
    linear->setAttr(cpu::kKernelAttr, StringAttr::get(&getContext(), kernel->getName()));
    return success();
  };
  if (failed(forEachOp(getOperation(), choose)))
    signalPassFailure();
}

void CPUChooseEpiloguesPass::runOnOperation() {
  auto target = getCPUTarget(getOperation());
  if (failed(target))
    return signalPassFailure();
  auto choose = [&](Operation &op, const RangeAnalysis &ranges) -> LogicalResult {
    if (op.hasAttr(cpu::kEpilogueAttr))
      return success();
    if (auto decode = dyn_cast<DecodeOp>(op)) {
      auto form = chooseDecodeForm(decode, ranges, *target);
      if (failed(form))
        return failure();
      op.setAttr(cpu::kEpilogueAttr, StringAttr::get(&getContext(), stringifyDecodeForm(*form)));
    } else if (auto encode = dyn_cast<EncodeOp>(op)) {
      std::vector<EncodeForm> forms = findEncodeForms(encode, *target);
      if (!forms.empty())
        op.setAttr(cpu::kEpilogueAttr, toAttribute(&getContext(), forms));
    } else if (isa<RequantizeOp, ThresholdOp>(op)) {
      if (auto form = findStepForm(&op, ranges, *target))
        op.setAttr(cpu::kEpilogueAttr, toAttribute(&getContext(), *form));
    }
    return success();
  };
  if (failed(forEachOp(getOperation(), choose)))
    signalPassFailure();
}
