//===- ACMDialect.td - The acm dialect -*- tablegen -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SUMAC_DIALECT_ACM_IR_ACMDIALECT
#define SUMAC_DIALECT_ACM_IR_ACMDIALECT

include "mlir/IR/DialectBase.td"

def ACM_Dialect : Dialect {
  let name = "acm";
  let cppNamespace = "::sumac::acm";
  let summary = "programs of the accumulate-multiply core";
  let description = [{
    One operation is one instruction of the core (papers.md, F4;
    docs/ACM/specification.md). A program has the description of the machine that it is
    for, what lies in DRAM, and where inputs and outputs go. `acm.program` is the
    same thing as a container; neither says more than the other.
  }];
}

#endif // SUMAC_DIALECT_ACM_IR_ACMDIALECT
