//===- Load.cpp - Designs as functions of this process -*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Load.h"
#include "sumac/Target/Boundary.h"

#include "llvm/Support/Parallel.h"

#include <dlfcn.h>

using namespace sumac;

namespace {

using RunFrames = void (*)(int64_t frames, void *const *pointers);

/// Calls a design that g++ compiled.
class HLSExecutable final : public Executable {
public:
  HLSExecutable(void *library, RunFrames function, ModulePorts ports, std::unique_ptr<Boundary> boundary)
      : library(library), function(function), ports(std::move(ports)), boundary(std::move(boundary)) {}
  ~HLSExecutable() override { dlclose(library); }

  llvm::ArrayRef<Port> getInputs() const override { return ports.inputs; }
  llvm::ArrayRef<Port> getOutputs() const override { return ports.outputs; }
  bool hasRawEntry() const override { return true; }
  bool takesBatchMultiples() const override { return true; }
  void setProgress(const std::function<void(int64_t, int64_t)> &callback) override { progress = callback; }

  llvm::Expected<std::vector<HostTensor>> run(llvm::ArrayRef<HostTensor> inputs, bool raw) const override;

private:
  llvm::Expected<std::vector<HostTensor>> runRaw(llvm::ArrayRef<HostTensor> inputs) const;

  void *library;
  RunFrames function;
  ModulePorts ports;
  std::unique_ptr<Boundary> boundary;
  std::function<void(int64_t, int64_t)> progress;
};

} // namespace

/// Bytes of one row of a tensor of so many rows.
static size_t getRowBytes(const HostTensor &tensor, int64_t rows) {
  return rows == 0 ? 0 : tensor.bytes.size() / static_cast<size_t>(rows);
}

llvm::Expected<std::vector<HostTensor>> HLSExecutable::runRaw(llvm::ArrayRef<HostTensor> inputs) const {
  // All inputs have as many rows: convert-sumac-to-stream takes no others.
  int64_t rows = inputs.front().shape.front();
  std::vector<HostTensor> outputs;
  for (const Port &port : ports.outputs) {
    llvm::SmallVector<int64_t, 4> shape(port.shape);
    shape.front() = rows;
    if (!getNumElements(shape))
      return llvm::createStringError("output '" + port.name + "' is too large");
    outputs.emplace_back(port.rawType, shape);
  }
  // Some rows at a time, so that progress can be told.
  constexpr int64_t kChunk = 16;
  std::mutex mutex;
  int64_t done = 0;
  llvm::parallelFor(0, llvm::divideCeil(rows, kChunk), [&](size_t chunk) {
    int64_t first = static_cast<int64_t>(chunk) * kChunk, count = std::min(kChunk, rows - first);
    std::vector<void *> pointers;
    for (const HostTensor &input : inputs)
      pointers.push_back(const_cast<uint8_t *>(input.bytes.data()) + getRowBytes(input, rows) * first);
    for (HostTensor &output : outputs)
      pointers.push_back(output.bytes.data() + getRowBytes(output, rows) * first);
    function(count, pointers.data());
    if (progress) {
      std::lock_guard<std::mutex> lock(mutex);
      progress(done += count, rows);
    }
  });
  return outputs;
}

llvm::Expected<std::vector<HostTensor>> HLSExecutable::run(llvm::ArrayRef<HostTensor> inputs, bool raw) const {
  llvm::Expected<int64_t> factor = checkInputs(inputs, raw);
  if (!factor)
    return factor.takeError();
  if (raw)
    return runRaw(inputs);
  auto codes = boundary->encode(inputs);
  if (!codes)
    return codes.takeError();
  auto results = runRaw(*codes);
  if (!results)
    return results.takeError();
  return boundary->decode(*results);
}

llvm::Expected<std::unique_ptr<Executable>> hls::loadLibrary(const std::string &path, llvm::StringRef name,
                                                             ModulePorts ports) {
  auto boundary = Boundary::create(ports);
  if (!boundary)
    return boundary.takeError();
  // The names of other designs in the process must not meet these.
  void *library = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (!library)
    return llvm::createStringError("cannot load '" + path + "': " + dlerror());
  auto function = reinterpret_cast<RunFrames>(dlsym(library, (name + "_run").str().c_str()));
  if (!function) {
    dlclose(library);
    return llvm::createStringError("'" + path + "' does not hold the function '" + name + "_run'");
  }
  return std::make_unique<HLSExecutable>(library, function, std::move(ports), std::move(*boundary));
}
