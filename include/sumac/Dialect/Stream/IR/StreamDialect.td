//===- StreamDialect.td - The stream dialect -*- tablegen -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SUMAC_DIALECT_STREAM_IR_STREAMDIALECT
#define SUMAC_DIALECT_STREAM_IR_STREAMDIALECT

include "mlir/IR/DialectBase.td"

def Stream_Dialect : Dialect {
  let name = "stream";
  let cppNamespace = "::sumac::stream";
  let summary = "networks of concurrent processes joined by FIFOs";
  let description = [{
    A `stream.network` is a hardware pipeline: every layer is a process of its
    own, all run at once, and channels carry the elements of one frame (one
    image, one row of the batch) after the other (papers.md, BS).

    What a process computes is said by `sumac` operations on whole frames in its
    body; how it computes it, by its unit attribute. Every process has a static
    schedule: in which of its steps it reads and writes, the same for every
    frame. Rates, initiation interval, latency, FIFO depths and deadlock freedom
    are analyses of schedules alone (docs/rationale/streams.md).
  }];
  let dependentDialects = ["::sumac::SumacDialect", "::mlir::tensor::TensorDialect"];
  let useDefaultAttributePrinterParser = 1;
  let useDefaultTypePrinterParser = 1;
}

#endif // SUMAC_DIALECT_STREAM_IR_STREAMDIALECT
