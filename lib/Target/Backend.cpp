//===- Backend.cpp - What a target gives the compiler ---===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The registry of back ends and what a back end does unless it says otherwise.
//
//===----------------------------------------------------------------------===//

#include "sumac/Target/Backend.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringSwitch.h"

#include <map>

using namespace sumac;
using llvm::StringRef;

StringRef sumac::stringifyLevel(Level level) {
  static constexpr StringRef names[] = {"imported", "model", "integer", "sums",
                                        "target"};
  return names[static_cast<unsigned>(level)];
}

std::optional<Level> sumac::parseLevel(StringRef text) {
  return llvm::StringSwitch<std::optional<Level>>(text)
      .Case("imported", Level::Imported)
      .Case("model", Level::Model)
      .Case("integer", Level::Integer)
      .Case("sums", Level::Sums)
      .Case("target", Level::Target)
      .Default(std::nullopt);
}

//===----------------------------------------------------------------------===//
// Executable
//===----------------------------------------------------------------------===//

Executable::~Executable() = default;

llvm::Error Executable::checkInputs(llvm::ArrayRef<HostTensor> inputs,
                                    bool raw) const {
  llvm::ArrayRef<Port> ports = getInputs();
  if (inputs.size() != ports.size())
    return llvm::createStringError("the model has " +
                                   llvm::Twine(ports.size()) + " inputs, not " +
                                   llvm::Twine(inputs.size()));
  for (auto [port, input] : llvm::zip(ports, inputs)) {
    HostType type = raw ? port.rawType : port.type;
    bool shapeFits =
        input.shape.size() == port.shape.size() &&
        llvm::all_of(llvm::zip(input.shape, port.shape), [](auto pair) {
          auto [actual, declared] = pair;
          return mlir::ShapedType::isDynamic(declared) || actual == declared;
        });
    if (input.type != type || !shapeFits)
      return llvm::createStringError("input '" + port.name + "' takes " +
                                     stringifyShape(port.shape, type) +
                                     ", not " +
                                     stringifyShape(input.shape, input.type));
  }
  return llvm::Error::success();
}

//===----------------------------------------------------------------------===//
// Backend
//===----------------------------------------------------------------------===//

CostModel::~CostModel() = default;
Backend::~Backend() = default;

llvm::Error Backend::buildPipeline(mlir::OpPassManager &,
                                   const OptionSet &) const {
  return llvm::Error::success();
}

mlir::LogicalResult Backend::emit(mlir::ModuleOp module, StringRef,
                                  const OptionSet &, OutputFolder &) const {
  return module.emitError()
         << "target '" << getName() << "' writes no artifacts";
}

mlir::FailureOr<std::unique_ptr<Executable>>
Backend::load(mlir::ModuleOp module, const OptionSet &) const {
  return module.emitError()
         << "target '" << getName() << "' cannot run on this machine";
}

llvm::Expected<std::unique_ptr<Executable>>
Backend::loadArtifact(StringRef folder, const OptionSet &) const {
  return llvm::createStringError("target '" + getName() +
                                 "' cannot load the artifact '" + folder + "'");
}

//===----------------------------------------------------------------------===//
// Registry
//===----------------------------------------------------------------------===//

static std::map<std::string, std::unique_ptr<Backend>> &getRegistry() {
  static std::map<std::string, std::unique_ptr<Backend>> registry;
  return registry;
}

void sumac::registerBackend(std::unique_ptr<Backend> backend) {
  std::string name = backend->getName().str();
  getRegistry().try_emplace(std::move(name), std::move(backend));
}

const Backend *sumac::lookupBackend(StringRef name) {
  auto found = getRegistry().find(name.str());
  return found == getRegistry().end() ? nullptr : found->second.get();
}

std::vector<const Backend *> sumac::getBackends() {
  std::vector<const Backend *> backends;
  for (const auto &entry : getRegistry())
    backends.push_back(entry.second.get());
  return backends;
}
