//===- Passes.td - Integer level to streams -*- tablegen -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SUMAC_CONVERSION_SUMACTOSTREAM_PASSES
#define SUMAC_CONVERSION_SUMACTOSTREAM_PASSES

include "mlir/Pass/PassBase.td"

def ConvertSumacToStream : Pass<"convert-sumac-to-stream", "::mlir::ModuleOp"> {
  let summary = "make a network of processes from @main_raw";
  let description = [{
    Adds `stream.network @design` with one process for each layer and the
    elementwise operations behind it. Frames are the rows of the batch, their
    elements in row-major order. A value with several readers is forked; a
    join of branches is a process of its own. All units are as small as can be:
    one processing element, one lane.

    @main and @main_raw stay: they say how inputs are encoded and outputs
    decoded. What cannot stream is reported, all of it at once.
  }];
  let dependentDialects = ["::sumac::stream::StreamDialect"];
}

#endif // SUMAC_CONVERSION_SUMACTOSTREAM_PASSES
