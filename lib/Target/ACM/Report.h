//===- Report.h - What a program takes -*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SUMAC_LIB_TARGET_ACM_REPORT_H
#define SUMAC_LIB_TARGET_ACM_REPORT_H

#include "sumac/ACM/Container.h"

namespace sumac::acm {

/// Cycles, utilization, traffic and energy of a run, whole and for each layer, from
/// the cycle simulator. A program that does not pass the checker is an error.
llvm::Expected<llvm::json::Object> makeReport(const Container &container);

/// The machine, the ports and how large parts are, to read.
void printContainer(const Container &container, llvm::raw_ostream &os);

/// The report to read.
void printReport(const llvm::json::Object &report, llvm::raw_ostream &os);

} // namespace sumac::acm

#endif // SUMAC_LIB_TARGET_ACM_REPORT_H
