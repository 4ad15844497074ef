//===- CycleReport.cpp - What a run of cycles amounts to ------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "sumac/Simulator/ACM/CycleSimulator.h"

#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/JSON.h"

using namespace llvm;
using namespace sumac::acm;

StringRef sumac::acm::stringifyActiveness(Activeness activeness) {
  static const StringRef names[numActivenesses] = {
      "step",           "pending_input", "accumulators_taken",
      "pending_output", "wait_previous", "wait_next",
      "begin",          "empty"};
  return names[static_cast<unsigned>(activeness)];
}

double CycleReport::getUtilization() const {
  return cycles == 0 ? 0 : static_cast<double>(activity.steps) / cycles;
}

double CycleReport::getDenseUtilization(const Machine &machine) const {
  double slots = static_cast<double>(machine.rows * machine.lanes) * cycles;
  return cycles == 0 ? 0 : static_cast<double>(activity.denseSlots) / slots;
}

static json::Object toJSON(const TransferCycles &cycles) {
  return json::Object{
      {"busy", cycles.busy}, {"wait", cycles.wait}, {"empty", cycles.empty}};
}

void sumac::acm::printJSON(const CycleReport &report, const Machine &machine,
                           raw_ostream &os) {
  json::Object execute, traffic;
  for (unsigned i = 0; i < numActivenesses; ++i)
    execute[stringifyActiveness(static_cast<Activeness>(i))] =
        report.execute[i];
  const Activity &activity = report.activity;
  for (unsigned i = 0; i < numMemories; ++i)
    traffic[stringifyMemory(static_cast<Memory>(i))] =
        json::Object{{"words_read", activity.reads[i]},
                     {"words_written", activity.writes[i]}};
  traffic["dram"] = json::Object{{"bytes_read", activity.dramBytesRead},
                                 {"bytes_written", activity.dramBytesWritten}};
  json::Value value = json::Object{
      {"cycles", report.cycles},
      {"microseconds", static_cast<double>(report.cycles) / machine.clockMHz},
      {"execute", std::move(execute)},
      {"load", toJSON(report.load)},
      {"store", toJSON(report.store)},
      {"fetch_stalls", report.fetchStalls},
      {"traffic", std::move(traffic)},
      {"utilization", report.getUtilization()},
      {"dense_utilization", report.getDenseUtilization(machine)}};
  os << formatv("{0:2}", value) << "\n";
}
