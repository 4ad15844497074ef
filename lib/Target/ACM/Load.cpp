//===- Load.cpp - Programs of the core on this machine -*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Load.h"

#include "Limits.h"
#include "sumac/Simulator/ACM/Run.h"
#include "sumac/Target/IntegerExecutable.h"

#include <mutex>

using namespace sumac;
using namespace sumac::acm;

namespace {

class ACMExecutable final : public IntegerExecutable {
public:
  ACMExecutable(Container container, std::unique_ptr<Core> core, ModulePorts ports, std::unique_ptr<Boundary> boundary)
      : IntegerExecutable(std::move(ports), std::move(boundary)), container(std::move(container)),
        core(std::move(core)), dram(this->container.entry.dram) {
    llvm::copy(this->container.data, dram.begin());
  }

private:
  llvm::Error runRows(llvm::ArrayRef<HostTensor> inputs, std::vector<HostTensor> &outputs) const override;
  llvm::Error runImages(int64_t first, int64_t count, llvm::ArrayRef<HostTensor> inputs,
                        std::vector<HostTensor> &outputs) const;

  Container container;
  std::unique_ptr<Core> core;
  mutable std::vector<uint8_t> dram;
  mutable std::mutex mutex;
};

} // namespace

/// Rows first ... first + count.
llvm::Error ACMExecutable::runImages(int64_t first, int64_t count, llvm::ArrayRef<HostTensor> inputs,
                                   std::vector<HostTensor> &outputs) const {
  std::vector<llvm::ArrayRef<uint8_t>> codes;
  for (const HostTensor &input : inputs) {
    auto row = static_cast<int64_t>(input.bytes.size()) / input.shape.front();
    codes.push_back(llvm::ArrayRef(input.bytes).slice(first * row, count * row));
  }
  auto elements = acm::runImages(container, count, codes, dram, [&] { return core->run(dram); });
  if (!elements)
    return elements.takeError();
  for (auto [i, output] : llvm::enumerate(outputs)) {
    int64_t step = 1, base = 0;
    if (const auto *code = container.entry.outputs[i].metadata.getAsObject()) {
      step = code->getInteger("step").value_or(1);
      base = code->getInteger("base").value_or(0);
    }
    int64_t offset = first * (output.getNumElements() / output.shape.front());
    for (auto [n, element] : llvm::enumerate((*elements)[i]))
      output.setInteger(offset + static_cast<int64_t>(n), step * element + base);
  }
  return llvm::Error::success();
}

llvm::Error ACMExecutable::runRows(llvm::ArrayRef<HostTensor> inputs, std::vector<HostTensor> &outputs) const {
  int64_t rows = inputs.front().shape.front(), images = container.entry.images;
  std::lock_guard<std::mutex> lock(mutex);
  for (int64_t first = 0; first < rows; first += images) {
    int64_t count = std::min(images, rows - first);
    if (llvm::Error error = runImages(first, count, inputs, outputs))
      return error;
    if (progress)
      progress(first + count, rows);
  }
  return llvm::Error::success();
}

/// Whether a port of the model is that one of the container.
static bool agrees(const sumac::Port &port, const acm::Port &other) {
  llvm::ArrayRef<int64_t> row = llvm::ArrayRef(port.shape).drop_front();
  auto elements = getNumElements(row);
  return elements && *elements == other.elements;
}

namespace {
class FunctionalCore final : public Core {
public:
  FunctionalCore(std::unique_ptr<FunctionalSimulator> simulator, int64_t repeat)
      : simulator(std::move(simulator)), repeat(repeat) {}
  llvm::Error run(llvm::MutableArrayRef<uint8_t> dram) override {
    llvm::copy(dram, simulator->getDram().begin());
    if (llvm::Error error = simulator->run(isFirst ? 0 : repeat))
      return error;
    isFirst = false;
    llvm::copy(simulator->getDram(), dram.begin());
    return llvm::Error::success();
  }

private:
  std::unique_ptr<FunctionalSimulator> simulator;
  int64_t repeat;
  bool isFirst = true;
};
} // namespace

llvm::Expected<std::unique_ptr<Core>> acm::makeFunctionalCore(const Container &container) {
  auto simulator = FunctionalSimulator::create(container.program, container.entry.dram, getFunctionalLimits());
  if (!simulator)
    return simulator.takeError();
  return std::make_unique<FunctionalCore>(std::move(*simulator), container.entry.repeat);
}

llvm::Expected<std::unique_ptr<Executable>> acm::loadContainer(Container container, ModulePorts ports,
                                                               MakeCore makeCore) {
  const Entry &entry = container.entry;
  bool agree = entry.inputs.size() == ports.inputs.size() && entry.outputs.size() == ports.outputs.size() &&
               llvm::all_of(ports.inputs, [](const sumac::Port &port) { return !port.shape.empty(); });
  for (size_t i = 0; agree && i < ports.inputs.size(); ++i)
    agree = agrees(ports.inputs[i], entry.inputs[i]) &&
            getByteWidth(ports.inputs[i].rawType) == entry.inputs[i].getPlanes();
  for (size_t i = 0; agree && i < ports.outputs.size(); ++i)
    agree = !ports.outputs[i].shape.empty() && agrees(ports.outputs[i], entry.outputs[i]);
  if (!agree)
    return llvm::createStringError("the container has other inputs or outputs than the model");
  auto boundary = Boundary::create(ports);
  if (!boundary)
    return boundary.takeError();
  if (llvm::Error error = check(container))
    return std::move(error);
  auto core = makeCore(container);
  if (!core)
    return core.takeError();
  return std::make_unique<ACMExecutable>(std::move(container), std::move(*core), std::move(ports), std::move(*boundary));
}
