//===- SpeedTest.cpp - Images and cycles per second -----------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Not tests: print how fast simulators are, and what the benchmark's shapes
// take. SumacACMTests --gtest_also_run_disabled_tests --gtest_filter=*ACMSpeed*
//
//===----------------------------------------------------------------------===//

#include "DenseNetwork.h"
#include "sumac/Simulator/ACM/CycleSimulator.h"
#include "sumac/Simulator/ACM/Energy.h"
#include "sumac/Simulator/ACM/Run.h"

#include "llvm/Support/raw_ostream.h"
#include "gtest/gtest.h"

#include <chrono>

using namespace llvm;
using namespace sumac::acm;

static double getSeconds(function_ref<void()> work) {
  auto begin = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin)
      .count();
}

static void measure(StringRef name, ArrayRef<int64_t> sizes, int64_t images,
                    double density = 1) {
  Machine machine = cantFail(Machine::getPreset(name));
  Container container = makeDenseNetwork(machine, sizes, images, density);
  Runner runner = cantFail(Runner::create(container));
  int64_t total = 2048;
  std::vector<uint8_t> inputs(total * sizes.front());
  for (size_t i = 0; i < inputs.size(); ++i)
    inputs[i] = static_cast<uint8_t>(i * 2654435761u >> 24);
  double functional = getSeconds(
      [&] { (void)cantFail(runner.run(total, ArrayRef<uint8_t>(inputs))); });
  int64_t additions = runner.getSimulator().getNumAdditions() * images / total;

  CycleReport report;
  int64_t repeats = 0;
  double cycles = 0;
  for (; cycles < 0.2; ++repeats)
    cycles += getSeconds(
        [&] { report = cantFail(simulateCycles(container.program)); });
  // From the first execute on: weights are there.
  int64_t begin = INT64_MAX;
  for (const auto &[number, times] : enumerate(report.instructions))
    if (container.program.instructions[number].is(Opcode::Execute))
      begin = std::min(begin, times.begun);
  EnergyReport energy = estimateEnergy(machine, report.activity, additions);
  outs() << name << " " << sizes.front() << "-..., batch " << images
         << ", density " << density << ": "
         << static_cast<int64_t>(total / functional) << " images/s, "
         << static_cast<int64_t>(repeats * report.cycles / cycles / 1e6)
         << " Mcycles/s, " << report.cycles << " cycles, utilization "
         << report.getUtilization() << ", dense "
         << report.getDenseUtilization(machine) << ", steps "
         << report.activity.steps << ", from the first execute "
         << report.cycles - begin << "\n";
  double dense = 0;
  for (size_t i = 1; i < sizes.size(); ++i)
    dense += 2.0 * images * sizes[i - 1] * sizes[i];
  printJSON(energy, images, dense, EnergyTable(), outs());
}

TEST(ACMSpeed, DISABLED_Networks) {
  int64_t lenet[] = {784, 300, 100, 10};
  int64_t mlp[] = {512, 512, 256, 256, 128, 128, 12};
  measure("edge", lenet, 1);
  measure("edge", lenet, 8);
  measure("fantastic4", lenet, 1);
  measure("fantastic4", lenet, 64);
  measure("fantastic4", lenet, 64, 0.1);
  measure("fantastic4", mlp, 1);
  measure("fantastic4", mlp, 64);
  measure("fantastic4", mlp, 64, 0.1);
}
