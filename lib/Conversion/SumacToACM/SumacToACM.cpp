//===- SumacToACM.cpp - Integer level to the accumulate-multiply core -*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// `convert-sumac-to-acm`: finds layers (Layers.cpp), chooses how their weights are
// stored (Formats.cpp), places everything (Placement.cpp) and writes the instructions
// (ProgramBuilder.cpp).
//
//===----------------------------------------------------------------------===//

#include "sumac/Conversion/SumacToACM/SumacToACM.h"
#include "ProgramBuilder.h"

#include "sumac/Dialect/ACM/IR/ACMDialect.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringSwitch.h"
#include "llvm/Support/MemoryBuffer.h"

namespace sumac {
#define GEN_PASS_DEF_CONVERTSUMACTOACM
#include "sumac/Conversion/SumacToACM/Passes.h.inc"
} // namespace sumac

using namespace mlir;
using namespace sumac;
using namespace sumac::acm;

llvm::Expected<Machine> acm::readMachine(StringRef presetOrFile) {
  if (llvm::is_contained(Machine::getPresetNames(), presetOrFile))
    return Machine::getPreset(presetOrFile);
  auto buffer = llvm::MemoryBuffer::getFile(presetOrFile, /*IsText=*/true);
  if (!buffer)
    return llvm::createStringError("there is no machine '" + presetOrFile + "': neither a preset (" +
                                   llvm::join(Machine::getPresetNames(), ", ") + ") nor a file that can be read");
  auto machine = Machine::read((*buffer)->getBuffer());
  if (!machine)
    return llvm::createStringError("'" + presetOrFile + "': " + llvm::toString(machine.takeError()));
  return machine;
}

static PortNames getPortNames(func::FuncOp function) {
  PortNames names;
  for (unsigned i = 0; i < function.getNumArguments(); ++i) {
    auto name = function.getArgAttrOfType<StringAttr>(i, "sumac.name");
    names.inputs.push_back(name ? name.str() : std::to_string(i));
  }
  for (unsigned i = 0; i < function.getNumResults(); ++i) {
    auto name = function.getResultAttrOfType<StringAttr>(i, "sumac.name");
    names.outputs.push_back(name ? name.str() : std::to_string(i));
  }
  return names;
}

namespace {
struct ConvertSumacToACM : sumac::impl::ConvertSumacToACMBase<ConvertSumacToACM> {
  using ConvertSumacToACMBase::ConvertSumacToACMBase;

  FailureOr<ProgramOptions> getOptions() {
    ProgramOptions result;
    result.images = images;
    result.preloads = preloads;
    if (images < 0 || images > 65535)
      return getOperation().emitError("a run has 1 to 65535 images; 0: as many as fit");
    if (!formats.empty())
      result.formats.clear();
    for (const std::string &name : formats) {
      auto format = llvm::StringSwitch<std::optional<Format>>(name)
                        .Case("dense", Format::Dense)
                        .Case("bitmask", Format::Bitmask)
                        .Case("csr", Format::CSR)
                        .Default(std::nullopt);
      if (!format)
        return getOperation().emitError() << "there is no format '" << name << "'; there are dense, bitmask and csr";
      result.formats.push_back(*format);
    }
    return result;
  }

  void runOnOperation() override {
    ModuleOp module = getOperation();
    auto function = module.lookupSymbol<func::FuncOp>("main_raw");
    if (!function || !function.getBody().hasOneBlock()) {
      module.emitError("has no function @main_raw of one block on integers; run sumac-add-raw-entry first");
      return signalPassFailure();
    }
    auto machine = readMachine(this->machine);
    if (!machine) {
      module.emitError() << llvm::toString(machine.takeError());
      return signalPassFailure();
    }
    FailureOr<ProgramOptions> options = getOptions();
    FailureOr<std::vector<Layer>> layers = failed(options) ? FailureOr<std::vector<Layer>>(failure()) : getLayers(function);
    if (failed(layers))
      return signalPassFailure();
    FailureOr<Container> container =
        ProgramBuilder(*machine, function, std::move(*layers), *options).build(getPortNames(function));
    if (failed(container))
      return signalPassFailure();
    OpBuilder builder(module.getBodyRegion());
    builder.setInsertionPointToEnd(module.getBody());
    buildProgram(builder, module.getLoc(), kProgramName, *container);
  }
};
} // namespace
