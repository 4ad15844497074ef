//===- Run.h - Containers with inputs and outputs ---------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Runs a container on images as a host would: inputs to DRAM, the program,
// outputs from DRAM.
//
//===----------------------------------------------------------------------===//

#ifndef SUMAC_SIMULATOR_ACM_RUN_H
#define SUMAC_SIMULATOR_ACM_RUN_H

#include "sumac/ACM/Container.h"
#include "sumac/Simulator/ACM/Check.h"
#include "sumac/Simulator/ACM/FunctionalSimulator.h"

namespace sumac::acm {

struct RunOptions {
  FunctionalOptions functional;
  OrderOptions order;
  /// Whether races and deadlocks are looked for first. Without, values are
  /// those of program order.
  bool checksOrder = true;
};

/// A container that is ready to run, any number of times.
class Runner {
public:
  /// Errors: those of check(), and of the functional simulator's limits.
  static llvm::Expected<Runner> create(Container container,
                                       const RunOptions &options = {});

  const Container &getContainer() const { return *container; }

  /// Runs `images` images, at least 1, in as many runs as it takes. `inputs`
  /// are the codes of each input port, one byte an element, image after image.
  /// Returns, for each output port, the elements, image after image. Errors:
  /// sizes that do not agree with the ports.
  llvm::Expected<std::vector<std::vector<int64_t>>>
  run(int64_t images, llvm::ArrayRef<llvm::ArrayRef<uint8_t>> inputs);

  /// DRAM as the last run left it.
  llvm::ArrayRef<uint8_t> getDram() const { return simulator->getDram(); }
  FunctionalSimulator &getSimulator() { return *simulator; }

private:
  Runner(std::unique_ptr<Container> container,
         std::unique_ptr<FunctionalSimulator> simulator)
      : container(std::move(container)), simulator(std::move(simulator)) {}

  std::unique_ptr<Container> container;
  std::unique_ptr<FunctionalSimulator> simulator;
  bool hasRun = false;
};

/// What Runner::run() does, with `run` as the core: it runs the program on `dram`,
/// which has the container's data. The error may be one of `run`'s.
llvm::Expected<std::vector<std::vector<int64_t>>>
runImages(const Container &container, int64_t images,
          llvm::ArrayRef<llvm::ArrayRef<uint8_t>> inputs,
          llvm::MutableArrayRef<uint8_t> dram,
          llvm::function_ref<llvm::Error()> run);

} // namespace sumac::acm

#endif // SUMAC_SIMULATOR_ACM_RUN_H
