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

/// The factor by which the leading dimension of `actual` exceeds a declared
/// fixed one; 1 where the shapes are equal or a dynamic leading dimension fits,
/// nothing where they are at odds.
static std::optional<int64_t> getBatchFactor(llvm::ArrayRef<int64_t> actual,
                                             llvm::ArrayRef<int64_t> declared) {
  if (actual.size() != declared.size())
    return std::nullopt;
  for (size_t i = 1; i < actual.size(); ++i)
    if (!mlir::ShapedType::isDynamic(declared[i]) && actual[i] != declared[i])
      return std::nullopt;
  if (actual.empty() || mlir::ShapedType::isDynamic(declared[0]) ||
      actual[0] == declared[0])
    return 1;
  if (declared[0] == 0 || actual[0] % declared[0] != 0)
    return std::nullopt;
  return actual[0] / declared[0];
}

/// An error for the first element out of bounds.
static llvm::Error checkBounds(const Port &port, const HostTensor &input,
                               Bounds bounds) {
  for (int64_t i = 0, end = input.getNumElements(); i < end; ++i) {
    int64_t value = input.getInteger(i);
    if (value < bounds.min || value > bounds.max)
      return llvm::createStringError(
          "input '" + port.name + "' takes integers from " +
          llvm::Twine(bounds.min) + " to " + llvm::Twine(bounds.max) +
          ", but element " + llvm::Twine(i) + " is " + llvm::Twine(value));
  }
  return llvm::Error::success();
}

llvm::Expected<int64_t>
Executable::checkInputs(llvm::ArrayRef<HostTensor> inputs, bool raw) const {
  llvm::ArrayRef<Port> ports = getInputs();
  if (inputs.size() != ports.size())
    return llvm::createStringError("the model has " +
                                   llvm::Twine(ports.size()) +
                                   (ports.size() == 1 ? " input" : " inputs") +
                                   ", not " + llvm::Twine(inputs.size()));
  std::optional<int64_t> common;
  for (auto [port, input] : llvm::zip(ports, inputs)) {
    HostType type = raw ? port.rawType : port.type;
    std::optional<int64_t> factor = getBatchFactor(input.shape, port.shape);
    if (input.type != type || !factor)
      return llvm::createStringError("input '" + port.name + "' takes " +
                                     stringifyShape(port.shape, type) +
                                     ", not " +
                                     stringifyShape(input.shape, input.type));
    if (common.value_or(*factor) != *factor)
      return llvm::createStringError(
          "input '" + port.name + "' has " + llvm::Twine(*factor) +
          " batches where others have " + llvm::Twine(*common));
    common = factor;
    if (std::optional<Bounds> bounds = raw ? port.rawBounds : port.bounds)
      if (llvm::Error error = checkBounds(port, input, *bounds))
        return error;
  }
  return common.value_or(1);
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

llvm::Error Backend::buildSumsPipeline(mlir::OpPassManager &,
                                       const OptionSet &) const {
  return llvm::Error::success();
}

mlir::FailureOr<Estimate> Backend::getEstimate(mlir::ModuleOp module,
                                               const OptionSet &) const {
  return module.emitError()
         << "target '" << getName() << "' estimates nothing";
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

llvm::Expected<std::optional<Estimate>> Backend::inspectArtifact(StringRef path) const { return std::nullopt; }

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
