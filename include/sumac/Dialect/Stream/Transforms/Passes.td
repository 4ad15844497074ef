//===- Passes.td - Passes on the stream dialect -*- tablegen -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SUMAC_DIALECT_STREAM_TRANSFORMS_PASSES
#define SUMAC_DIALECT_STREAM_TRANSFORMS_PASSES

include "mlir/Pass/PassBase.td"

def StreamMatchLanes : Pass<"stream-match-lanes", "::sumac::stream::NetworkOp"> {
  let summary = "give channels the lanes of the units at their ends";
  let description = [{
    Results of processes get the lanes that their unit writes. Where a reader
    takes other lanes, `stream.resize` goes between; over the greatest common
    divisor where neither divides the other. Elementwise processes, forks and
    outputs take the lanes of what they read. Resizes that were there before
    are made anew.
  }];
  let dependentDialects = ["::sumac::stream::StreamDialect"];
}

def StreamSizeFIFOs : Pass<"stream-size-fifos", "::sumac::stream::NetworkOp"> {
  let summary = "put a FIFO of proven depth into every channel";
  let description = [{
    Every channel gets one `stream.fifo` that holds as many items as the
    network's periodic schedule ever leaves in it. With these depths the network
    never deadlocks and takes a frame every `interval` cycles, `interval` being
    the steps of its slowest process (proof: docs/rationale/streams.md). FIFOs
    that were there before are replaced.
  }];
  let dependentDialects = ["::sumac::stream::StreamDialect"];
}

def StreamSimulate : Pass<"stream-simulate", "::sumac::stream::NetworkOp"> {
  let summary = "simulate a network cycle by cycle and compare with the analysis";
  let description = [{
    Prints interval and latency, as the analysis says and as simulated, and for
    each FIFO its depth and how full it was. Fails where the simulation
    deadlocks or differs from the analysis.
  }];
  let options = [Option<"frames", "frames", "int64_t", "8", "frames to simulate, 3 or more">];
}

#endif // SUMAC_DIALECT_STREAM_TRANSFORMS_PASSES
