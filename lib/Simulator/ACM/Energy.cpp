//===- Energy.cpp - What a run costs --------------------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "sumac/Simulator/ACM/Energy.h"

#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/JSON.h"

#include <cmath>

using namespace llvm;
using namespace sumac::acm;

double EnergyTable::getAccess(double bytes) const {
  const Memory *right = bytes > memories[1].bytes ? &memories[2] : &memories[1];
  const Memory &left = right[-1];
  double slope = std::log(right->energy / left.energy) /
                 std::log(right->bytes / left.bytes);
  return scale * left.energy * std::pow(bytes / left.bytes, slope);
}

double EnergyReport::getOnChip() const {
  double sum = accumulate + output;
  for (double memory : memories)
    sum += memory;
  return sum;
}

/// pJ of an access of a word.
static double getWordEnergy(const Machine &machine, Memory memory,
                            const EnergyTable &table) {
  constexpr double sramBits = 64;
  int64_t depth = memory == Memory::Activations ? machine.getLines()
                                                : machine.getWords(memory);
  double srams = static_cast<double>(machine.getWordBits(memory)) / sramBits;
  return srams * table.getAccess(static_cast<double>(depth) * sramBits / 8);
}

/// pJ of what comes behind the accumulators.
static double getOutputEnergy(const Machine &machine, const Activity &activity,
                              const EnergyTable &table) {
  auto add = [&](int64_t bits) { return table.addPerBit * bits; };
  auto multiply = [&](int64_t a, int64_t b) {
    return table.multiplyPerBits * a * b;
  };
  // Sums of groups of rows are some additions of many in a sweep: not counted.
  double sum = 4 * (multiply(machine.coefficientBits, machine.accumulatorBits) +
                    add(machine.sumBits));
  double output = multiply(machine.sumBits, machine.multiplierBits) +
                  add(machine.sumBits + machine.multiplierBits);
  return table.scale * (activity.sums * sum + activity.outputs * output +
                        activity.comparisons * add(machine.sumBits));
}

EnergyReport sumac::acm::estimateEnergy(const Machine &machine,
                                        const Activity &activity,
                                        int64_t additions,
                                        const EnergyTable &table) {
  EnergyReport report;
  report.accumulate =
      table.scale * table.addPerBit * machine.accumulatorBits * additions;
  report.output = getOutputEnergy(machine, activity, table);
  for (unsigned i = 0; i < numMemories; ++i)
    report.memories[i] =
        getWordEnergy(machine, static_cast<Memory>(i), table) *
        (static_cast<double>(activity.reads[i]) + activity.writes[i]);
  report.dram =
      table.scale * table.dramPerByte *
      (static_cast<double>(activity.dramBytesRead) + activity.dramBytesWritten);
  report.denseOperations = 2.0 * activity.denseSlots;
  report.executedOperations =
      2.0 * activity.steps * machine.rows * machine.lanes;
  return report;
}

void sumac::acm::printJSON(const EnergyReport &report, int64_t images,
                           double denseOperations, const EnergyTable &table,
                           raw_ostream &os) {
  double dense =
      denseOperations != 0 ? denseOperations : report.denseOperations;
  json::Object parts{{"accumulate", report.accumulate},
                     {"output", report.output},
                     {"dram", report.dram}};
  for (unsigned i = 0; i < numMemories; ++i)
    parts[stringifyMemory(static_cast<Memory>(i))] = report.memories[i];
  // Without any energy there was no operation either.
  double chip = std::max(report.getOnChip(), 1e-300);
  double total = std::max(report.getTotal(), 1e-300);
  json::Value value = json::Object{
      {"node", table.node},
      {"scale", table.scale},
      {"picojoules", std::move(parts)},
      {"picojoules_per_image", report.getTotal() / images},
      {"picojoules_per_image_on_chip", report.getOnChip() / images},
      {"dense_operations", dense},
      {"executed_operations", report.executedOperations},
      {"dense_tops_per_watt", dense / total},
      {"dense_tops_per_watt_on_chip", dense / chip},
      {"executed_tops_per_watt", report.executedOperations / total},
      {"executed_tops_per_watt_on_chip", report.executedOperations / chip}};
  os << formatv("{0:2}", value) << "\n";
}
