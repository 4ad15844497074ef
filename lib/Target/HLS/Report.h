//===- Report.h - What a design takes and gives -*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SUMAC_LIB_TARGET_HLS_REPORT_H
#define SUMAC_LIB_TARGET_HLS_REPORT_H

#include "Project.h"

namespace sumac::hls {

/// Estimates for the whole network and for each process and channel:
///
///   name, device, part, clock_mhz
///   interval, latency               cycles
///   frames_per_second
///   operations                      of a frame: two for each weight (a
///                                   multiplication and an addition), whatever
///                                   the unit really does
///   operations_per_second
///   resources, available            {lut, ff, dsp, bram, uram}; block memories
///                                   of 18 Kbit, UltraRAM of 288 Kbit
///   processes                       [{name, unit, form, weights, parameters,
///                                   steps, latency, operations, resources}]
///   channels                        [{from, to, elements, lanes, type, bits,
///                                   depth, resources}], by names of processes
///                                   and ports
///   operation_costs                 if asked for: OperationCosts.h
llvm::json::Object makeReport(const Design &design, const ProjectOptions &options);

/// The report as a table.
void printReport(const llvm::json::Object &report, llvm::raw_ostream &os);

/// The report as a page that needs nothing else: the network, bars for each
/// process, the roofline.
llvm::Expected<std::string> printReportPage(const llvm::json::Object &report);

} // namespace sumac::hls

#endif // SUMAC_LIB_TARGET_HLS_REPORT_H
