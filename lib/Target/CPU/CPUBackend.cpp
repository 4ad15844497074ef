//===- CPUBackend.cpp - The CPU as a target ---===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Target `cpu`: object file, shared library, C header and metadata, or code in
// memory.
//
//===----------------------------------------------------------------------===//

#include "sumac/Target/CPU/Compile.h"
#include "sumac/Target/CPU/Epilogues.h"
#include "sumac/Target/CPU/Passes.h"
#include "sumac/Target/Metadata.h"

#include "mlir/Conversion/ConvertToLLVM/ToLLVMInterface.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/InitAllExtensions.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "llvm/Support/Path.h"
#include "llvm/TargetParser/Host.h"

using namespace mlir;
using namespace sumac;

namespace {

/// Cycles of a layer's cheapest kernel.
class CPUCostModel final : public CostModel {
public:
  StringRef getUnit() const override { return "cycles"; }
  std::optional<double> getCost(Operation *layer, Attribute form, const OptionSet &options) const override;
};

class CPUBackend final : public Backend {
public:
  StringRef getName() const override { return "cpu"; }
  StringRef getDescription() const override { return "x86-64 and AArch64: object, shared library and C header, or code in memory"; }
  void registerDialects(DialectRegistry &registry) const override;
  void declareOptions(OptionSet &options) const override;
  const CostModel *getCostModel() const override { return &costs; }
  bool takesPlanes() const override { return true; }
  llvm::Error buildSumsPipeline(OpPassManager &manager, const OptionSet &options) const override;
  llvm::Error buildPipeline(OpPassManager &manager, const OptionSet &options) const override;
  bool canEmit() const override { return true; }
  LogicalResult emit(ModuleOp module, StringRef name, const OptionSet &options, OutputFolder &folder) const override;
  FailureOr<std::unique_ptr<Executable>> load(ModuleOp module, const OptionSet &options) const override;
  llvm::Expected<std::unique_ptr<Executable>> loadArtifact(StringRef folder, const OptionSet &options) const override;

private:
  CPUCostModel costs;
};

} // namespace

static llvm::Expected<CPUTarget> getTarget(const OptionSet &options) {
  return CPUTarget::create(options.getString("triple"), options.getString("cpu"), options.getString("features"));
}

std::optional<double> CPUCostModel::getCost(Operation *op, Attribute form, const OptionSet &options) const {
  auto linear = dyn_cast<LinearOp>(op);
  auto function = op->getParentOfType<func::FuncOp>();
  if (!linear || !function)
    return std::nullopt;
  llvm::Expected<CPUTarget> target = getTarget(options);
  if (!target) {
    llvm::consumeError(target.takeError());
    return std::nullopt;
  }
  // A layer that cannot be described has no cost; the pipeline says why.
  ScopedDiagnosticHandler silence(op->getContext(), [](Diagnostic &) { return success(); });
  auto layer = describeLinear(linear, RangeAnalysis(function));
  if (failed(layer))
    return std::nullopt;
  layer->rows = 1;
  auto sumForm = dyn_cast_or_null<FormAttrInterface>(form);
  const LinearKernel *kernel =
      LinearKernelRegistry::get().choose(*layer, *target, sumForm ? sumForm.getFormName() : "", layer->storage);
  return kernel ? std::optional(kernel->getCycles(*layer, *target)) : std::nullopt;
}

void CPUBackend::registerDialects(DialectRegistry &registry) const {
  registry.insert<arith::ArithDialect, func::FuncDialect, LLVM::LLVMDialect, scf::SCFDialect, vector::VectorDialect>();
  registerAllExtensions(registry);
}

void CPUBackend::declareOptions(OptionSet &options) const {
  options.addString("cpu", "native", "Processor: native, x86-64, x86-64-v3, x86-64-v4 or any that LLVM knows");
  options.addString("triple", "", "Target triple for cross-compilation, e.g. aarch64-linux-gnu");
  options.addString("features", "", "Instructions to add or take away, e.g. +avx512vnni,-avx512vbmi");
  options.addInteger("block", 0, "Rows computed together; 0 chooses", 0, 4096);
}

static void setOptions(CPUPipelineOptions &pipeline, const OptionSet &options) {
  // A processor of this machine makes no sense for another architecture.
  llvm::Triple triple(llvm::Triple::normalize(options.getString("triple")));
  bool isForeign = !options.getString("triple").empty() &&
                   triple.getArch() != llvm::Triple(llvm::sys::getProcessTriple()).getArch();
  pipeline.triple = options.getString("triple").str();
  pipeline.cpu = isForeign && !options.isSet("cpu") ? "" : options.getString("cpu").str();
  pipeline.features = options.getString("features").str();
  pipeline.block = options.getInteger("block");
}

llvm::Error CPUBackend::buildSumsPipeline(OpPassManager &manager, const OptionSet &options) const {
  CPUPipelineOptions pipeline;
  setOptions(pipeline, options);
  buildCPUSumsPipeline(manager, pipeline);
  return llvm::Error::success();
}

llvm::Error CPUBackend::buildPipeline(OpPassManager &manager, const OptionSet &options) const {
  buildCPUVectorPipeline(manager);
  buildCPULLVMPipeline(manager);
  return llvm::Error::success();
}

LogicalResult CPUBackend::emit(ModuleOp module, StringRef name, const OptionSet &options, OutputFolder &folder) const {
  auto target = getCPUTarget(module);
  auto interface = CPUInterface::read(module);
  if (failed(target) || failed(interface))
    return failure();
  auto fail = [&](llvm::Error error) -> LogicalResult { return module.emitError(llvm::toString(std::move(error))); };
  std::string prefix = makeIdentifier(name);
  auto object = compileToObject(module, prefix, *target);
  if (!object)
    return fail(object.takeError());
  if (llvm::Error error = folder.write(prefix + ".o", (*object)->getBuffer()))
    return fail(std::move(error));
  object->reset();
  auto objectPath = folder.getPath(prefix + ".o"), libraryPath = folder.getPath("lib" + prefix + ".so");
  if (!objectPath)
    return fail(objectPath.takeError());
  if (!libraryPath)
    return fail(libraryPath.takeError());
  if (llvm::Error error = linkSharedLibrary(*objectPath, *libraryPath, "lib" + prefix + ".so", *target))
    return fail(std::move(error));
  if (llvm::Error error = folder.write(prefix + ".h", printCHeader(*interface, prefix, *target)))
    return fail(std::move(error));
  llvm::json::Object metadata = interface->toJSON();
  metadata["format"] = "sumac-cpu-1";
  metadata["target"] = "cpu";
  metadata["name"] = prefix;
  metadata["triple"] = target->getTriple().str();
  metadata["cpu"] = target->getCPU();
  std::string text;
  llvm::raw_string_ostream(text) << llvm::formatv("{0:2}\n", llvm::json::Value(std::move(metadata)));
  if (llvm::Error error = folder.write("metadata.json", text))
    return fail(std::move(error));
  return success();
}

/// Nothing if code for the triple runs in this process.
static llvm::Error checkHost(const llvm::Triple &triple) {
  if (triple.getArch() == llvm::Triple(llvm::sys::getProcessTriple()).getArch())
    return llvm::Error::success();
  return llvm::createStringError("code for '" + triple.str() + "' does not run on this machine; compile it with "
                                 "'sumac compile' and run it there, or under qemu");
}

FailureOr<std::unique_ptr<Executable>> CPUBackend::load(ModuleOp module, const OptionSet &options) const {
  auto target = getCPUTarget(module);
  auto interface = CPUInterface::read(module);
  if (failed(target) || failed(interface))
    return failure();
  if (llvm::Error error = checkHost(target->getTriple()))
    return module.emitError(llvm::toString(std::move(error)));
  auto object = compileToObject(module, "model", *target);
  if (!object)
    return module.emitError(llvm::toString(object.takeError()));
  auto executable = loadObject(std::move(*object), "model", std::move(*interface));
  if (!executable)
    return module.emitError(llvm::toString(executable.takeError()));
  return std::move(*executable);
}

llvm::Expected<std::unique_ptr<Executable>> CPUBackend::loadArtifact(StringRef folder, const OptionSet &options) const {
  auto object = readMetadata(folder);
  if (!object)
    return object.takeError();
  auto name = object->getString("name"), triple = object->getString("triple");
  if (!name || !triple || makeIdentifier(*name) != *name)
    return llvm::createStringError("metadata.json in '" + folder + "' has no valid \"name\" or \"triple\"");
  if (llvm::Error error = checkHost(llvm::Triple(*triple)))
    return std::move(error);
  auto interface = CPUInterface::parse(*object);
  if (!interface)
    return interface.takeError();
  SmallString<128> path(folder);
  llvm::sys::path::append(path, "lib" + *name + ".so");
  return loadLibrary(path, *name, std::move(*interface));
}

static BackendRegistration<CPUBackend> registration;
