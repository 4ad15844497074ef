//===- Run.cpp - Containers with inputs and outputs -----------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "sumac/Simulator/ACM/Run.h"

#include "llvm/ADT/STLExtras.h"

using namespace llvm;
using namespace sumac::acm;

Expected<Runner> Runner::create(Container container,
                                const RunOptions &options) {
  int64_t dram = container.entry.dram;
  auto simulator =
      FunctionalSimulator::create(container.program, dram, options.functional);
  if (!simulator)
    return simulator.takeError();
  if (Error error = checkEntry(container.entry, container.program.machine))
    return std::move(error);
  if (container.data.size() > static_cast<uint64_t>(dram))
    return createStringError("there are more data than 'dram' bytes");
  if (options.checksOrder)
    if (Error error = check(container, options.order))
      return std::move(error);
  llvm::copy(container.data, (*simulator)->getDram().begin());
  return Runner(std::make_unique<Container>(std::move(container)),
                std::move(*simulator));
}

static Error checkInputs(const Entry &entry, int64_t images,
                         ArrayRef<ArrayRef<uint8_t>> inputs) {
  constexpr int64_t most = int64_t(1) << 32;
  if (images < 1 || images > most)
    return createStringError("the number of images must be 1 ... 2^32");
  if (inputs.size() != entry.inputs.size())
    return createStringError("the program has " + Twine(entry.inputs.size()) +
                             " inputs, not " + Twine(inputs.size()));
  for (const auto &[port, codes] : zip_equal(entry.inputs, inputs))
    if (codes.size() !=
        static_cast<uint64_t>(images * port.elements * port.getPlanes()))
      return createStringError(
          "input '" + port.name + "' needs " +
          Twine(images * port.elements * port.getPlanes()) +
          " bytes of codes, not " + Twine(codes.size()));
  return Error::success();
}

Expected<std::vector<std::vector<int64_t>>>
Runner::run(int64_t images, ArrayRef<ArrayRef<uint8_t>> inputs) {
  return runImages(*container, images, inputs, simulator->getDram(),
                   [&] {
                     size_t first = hasRun ? container->entry.repeat : 0;
                     hasRun = true;
                     return simulator->run(first);
                   });
}

Expected<std::vector<std::vector<int64_t>>> sumac::acm::runImages(
    const Container &container, int64_t images,
    ArrayRef<ArrayRef<uint8_t>> inputs, MutableArrayRef<uint8_t> dram,
    function_ref<Error()> run) {
  const Entry &entry = container.entry;
  const Machine &machine = container.program.machine;
  if (Error error = checkInputs(entry, images, inputs))
    return std::move(error);
  std::vector<std::vector<int64_t>> outputs;
  outputs.reserve(entry.outputs.size());
  for (const Port &port : entry.outputs)
    outputs.emplace_back(images * port.elements);
  for (int64_t first = 0; first < images; first += entry.images) {
    // The last run may have images left over; they keep what was there.
    int64_t count = std::min(entry.images, images - first);
    for (const auto &[port, codes] : zip_equal(entry.inputs, inputs)) {
      int64_t bytes = port.elements * port.getPlanes();
      for (int64_t i = 0; i < count; ++i)
        writePort(port, machine, i, codes.slice((first + i) * bytes, bytes),
                  dram);
    }
    if (Error error = run())
      return std::move(error);
    for (auto [port, elements] : zip_equal(entry.outputs, outputs))
      for (int64_t i = 0; i < count; ++i)
        readPort(port, machine, i, dram,
                 MutableArrayRef(elements).slice((first + i) * port.elements,
                                                 port.elements));
  }
  return outputs;
}
