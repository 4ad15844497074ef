//===- Load.cpp - Compiled code in this process ---===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Runs object code through LLVM's JIT linker, or a shared library, as an
// Executable. Both hold the same code.
//
//===----------------------------------------------------------------------===//

#include "sumac/Target/CPU/Compile.h"

#include "llvm/ExecutionEngine/Orc/LLJIT.h"
#include "llvm/Support/DynamicLibrary.h"
#include "llvm/Support/TargetSelect.h"

using namespace sumac;

namespace {

/// The array entries of a model without an argument for bit planes, and with one.
using RunArray = void (*)(int64_t rows, const void *const *pointers);
using RunPlanesArray = int (*)(int64_t rows, const void *const *pointers, int planes);

/// Calls the array entry points.
class CPUExecutable : public Executable {
public:
  CPUExecutable(CPUInterface interface, RunArray run, RunArray runRaw)
      : interface(std::move(interface)), entry(run), rawEntry(runRaw), planes(this->interface.mostPlanes) {}

  llvm::ArrayRef<Port> getInputs() const override { return interface.ports.inputs; }
  llvm::ArrayRef<Port> getOutputs() const override { return interface.ports.outputs; }
  bool hasRawEntry() const override { return rawEntry != nullptr; }
  bool takesBatchMultiples() const override { return interface.isBatched; }
  int64_t getMostPlanes() const override { return interface.mostPlanes; }
  void setPlanes(int64_t number) override { planes = number; }

  llvm::Expected<std::vector<HostTensor>> run(llvm::ArrayRef<HostTensor> inputs, bool raw) const override;

private:
  CPUInterface interface;
  RunArray entry, rawEntry;
  int64_t planes;
};

class JITExecutable final : public CPUExecutable {
public:
  JITExecutable(std::unique_ptr<llvm::orc::LLJIT> jit, CPUInterface interface, RunArray run, RunArray runRaw)
      : CPUExecutable(std::move(interface), run, runRaw), jit(std::move(jit)) {}

private:
  std::unique_ptr<llvm::orc::LLJIT> jit; ///< owns the code
};

} // namespace

llvm::Expected<std::vector<HostTensor>> CPUExecutable::run(llvm::ArrayRef<HostTensor> inputs, bool raw) const {
  llvm::Expected<int64_t> factor = checkInputs(inputs, raw);
  if (!factor)
    return factor.takeError();
  RunArray function = raw ? rawEntry : entry;
  if (!function)
    return llvm::createStringError("the compiled model has no raw entry");
  bool isBatched = interface.isBatched;
  int64_t rows = isBatched && !inputs.empty() ? inputs.front().shape.front() : 1;
  if (rows % interface.rowMultiple != 0)
    return llvm::createStringError("the number of rows must be a multiple of " + llvm::Twine(interface.rowMultiple));
  std::vector<const void *> pointers;
  for (const HostTensor &input : inputs)
    pointers.push_back(input.bytes.data());
  std::vector<HostTensor> outputs;
  for (const Port &port : interface.ports.outputs) {
    llvm::SmallVector<int64_t, 4> shape(port.shape);
    if (isBatched)
      shape.front() = rows;
    if (!getNumElements(shape))
      return llvm::createStringError("output '" + port.name + "' is too large");
    outputs.emplace_back(raw ? port.rawType : port.type, shape);
  }
  for (HostTensor &output : outputs)
    pointers.push_back(output.bytes.data());
  if (interface.mostPlanes == 0)
    function(rows, pointers.data());
  else if (reinterpret_cast<RunPlanesArray>(reinterpret_cast<void *>(function))(rows, pointers.data(), static_cast<int>(planes)) != 0)
    return llvm::createStringError("the compiled model takes 1 to " + llvm::Twine(interface.mostPlanes) +
                                   " bit planes, not " + llvm::Twine(planes));
  return outputs;
}

llvm::Expected<std::unique_ptr<Executable>> sumac::loadObject(std::unique_ptr<llvm::MemoryBuffer> object,
                                                              llvm::StringRef prefix, CPUInterface interface) {
  llvm::InitializeNativeTarget();
  auto jit = llvm::orc::LLJITBuilder().create();
  if (!jit)
    return jit.takeError();
  if (llvm::Error error = (*jit)->addObjectFile(std::move(object)))
    return std::move(error);
  auto lookup = [&](llvm::StringRef suffix) -> llvm::Expected<RunArray> {
    auto address = (*jit)->lookup((prefix + suffix).str());
    if (!address)
      return address.takeError();
    return address->toPtr<RunArray>();
  };
  llvm::Expected<RunArray> run = lookup("_run_array");
  if (!run)
    return run.takeError();
  RunArray runRaw = nullptr;
  if (interface.ports.hasRawEntry) {
    llvm::Expected<RunArray> raw = lookup("_run_raw_array");
    if (!raw)
      return raw.takeError();
    runRaw = *raw;
  }
  return std::make_unique<JITExecutable>(std::move(*jit), std::move(interface), *run, runRaw);
}

llvm::Expected<std::unique_ptr<Executable>> sumac::loadLibrary(llvm::StringRef library, llvm::StringRef prefix,
                                                               CPUInterface interface) {
  std::string error;
  auto handle = llvm::sys::DynamicLibrary::getPermanentLibrary(library.str().c_str(), &error);
  if (!handle.isValid())
    return llvm::createStringError("cannot load '" + library + "': " + error);
  auto lookup = [&](llvm::StringRef suffix) {
    return reinterpret_cast<RunArray>(handle.getAddressOfSymbol((prefix + suffix).str().c_str()));
  };
  RunArray run = lookup("_run_array");
  RunArray runRaw = interface.ports.hasRawEntry ? lookup("_run_raw_array") : nullptr;
  if (!run || (interface.ports.hasRawEntry && !runRaw))
    return llvm::createStringError("'" + library + "' does not hold the functions that its metadata names");
  return std::make_unique<CPUExecutable>(std::move(interface), run, runRaw);
}
