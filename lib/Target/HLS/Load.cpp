//===- Load.cpp - Designs as functions of this process -*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Load.h"
#include "sumac/Target/IntegerExecutable.h"

#include "llvm/Support/Parallel.h"

#include <dlfcn.h>

using namespace sumac;

namespace {

using RunFrames = void (*)(int64_t frames, void *const *pointers);

/// Calls a design that g++ compiled.
class HLSExecutable final : public IntegerExecutable {
public:
  HLSExecutable(void *library, RunFrames function, ModulePorts ports, std::unique_ptr<Boundary> boundary)
      : IntegerExecutable(std::move(ports), std::move(boundary)), library(library), function(function) {}
  ~HLSExecutable() override { dlclose(library); }

private:
  llvm::Error runRows(llvm::ArrayRef<HostTensor> inputs, std::vector<HostTensor> &outputs) const override;

  void *library;
  RunFrames function;
};

} // namespace

/// Bytes of one row of a tensor of so many rows.
static size_t getRowBytes(const HostTensor &tensor, int64_t rows) {
  return rows == 0 ? 0 : tensor.bytes.size() / static_cast<size_t>(rows);
}

llvm::Error HLSExecutable::runRows(llvm::ArrayRef<HostTensor> inputs, std::vector<HostTensor> &outputs) const {
  int64_t rows = inputs.front().shape.front();
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
  return llvm::Error::success();
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
