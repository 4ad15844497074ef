//===- InterpreterBackend.cpp - The reference interpreter as a target ---===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Target `interp`: runs a module at any level as it is. It has no pipeline and
// writes no artifacts.
//
//===----------------------------------------------------------------------===//

#include "sumac/Driver/Diagnostics.h"
#include "sumac/Interpreter/Interpreter.h"
#include "sumac/Target/Backend.h"

#include "mlir/IR/OwningOpRef.h"

using namespace sumac;
using namespace mlir;

namespace {
/// A private copy of the module with interpreters of its functions.
class InterpreterExecutable final : public Executable {
public:
  InterpreterExecutable(OwningOpRef<ModuleOp> module, ModulePorts ports)
      : module(std::move(module)), ports(std::move(ports)) {}

  LogicalResult prepare(const OptionSet &options) {
    InterpreterOptions interpreter;
    interpreter.threads = static_cast<unsigned>(options.getInteger("threads"));
    interpreter.fast = !options.getFlag("slow");
    interpreter.progress = [this](int64_t done, int64_t total) {
      if (progress)
        progress(done, total);
    };
    auto create = [&](StringRef name,
                      std::unique_ptr<Interpreter> &result) -> LogicalResult {
      auto function = module->lookupSymbol<func::FuncOp>(name);
      if (!function)
        return success();
      auto made = Interpreter::create(function, interpreter);
      if (failed(made))
        return failure();
      result = std::move(*made);
      return success();
    };
    return success(succeeded(create("main", main)) &&
                   succeeded(create("main_raw", raw)));
  }

  ArrayRef<Port> getInputs() const override { return ports.inputs; }
  ArrayRef<Port> getOutputs() const override { return ports.outputs; }
  bool hasRawEntry() const override { return raw != nullptr; }
  bool takesBatchMultiples() const override { return true; }
  void setProgress(const std::function<void(int64_t, int64_t)> &callback) override {
    progress = callback;
  }

  llvm::Expected<std::vector<HostTensor>> run(ArrayRef<HostTensor> inputs,
                                              bool isRaw) const override {
    DiagnosticCollector errors(module.get()->getContext());
    SmallVector<HostTensor> results;
    if (failed((isRaw ? raw : main)->run(inputs, results)))
      return errors.takeError("the interpreter cannot run the model");
    return std::vector<HostTensor>(std::make_move_iterator(results.begin()),
                                   std::make_move_iterator(results.end()));
  }

private:
  OwningOpRef<ModuleOp> module;
  ModulePorts ports;
  std::unique_ptr<Interpreter> main, raw;
  std::function<void(int64_t, int64_t)> progress;
};

class InterpreterBackend final : public Backend {
public:
  StringRef getName() const override { return "interp"; }
  StringRef getDescription() const override {
    return "the reference interpreter: the exact meaning, at any level";
  }
  Level getInputLevel() const override { return Level::Model; }

  void declareOptions(OptionSet &options) const override {
    options.addInteger("threads", 0,
                       "Threads that share the rows; 0 takes all cores", 0,
                       1024);
    options.addFlag(
        "slow", false,
        "Compute every value as an exact number, without shortcuts");
  }

  FailureOr<std::unique_ptr<Executable>>
  load(ModuleOp module, const OptionSet &options) const override {
    OwningOpRef<ModuleOp> copy(cast<ModuleOp>(module->clone()));
    FailureOr<ModulePorts> ports = getModulePorts(*copy);
    if (failed(ports))
      return failure();
    auto executable = std::make_unique<InterpreterExecutable>(
        std::move(copy), std::move(*ports));
    if (failed(executable->prepare(options)))
      return failure();
    return std::unique_ptr<Executable>(std::move(executable));
  }
};
} // namespace

static BackendRegistration<InterpreterBackend> registration;
