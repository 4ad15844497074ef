//===- Passes.td - Passes on the stream dialect -*- tablegen -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SUMAC_DIALECT_STREAM_TRANSFORMS_PASSES
#define SUMAC_DIALECT_STREAM_TRANSFORMS_PASSES

include "mlir/Pass/PassBase.td"

def StreamChooseFolding : Pass<"stream-choose-folding", "::sumac::stream::NetworkOp"> {
  let summary = "choose units: processing elements, SIMD, memories, multipliers";
  let description = [{
    Finds the smallest interval whose cheapest units fit the budget, or the
    cheapest units for the interval that `interval` asks for: those whose shares
    of the budget (of its LUTs, DSPs, BRAMs and URAMs) add up to the least. The
    search is exact unless hundreds of combinations are each the best in
    something; then the cheapest hundreds are followed. FIFOs and resizes come on
    top.

    Units that `file` names stay as they are: a JSON object with an entry for
    each process, `{"fc1": {"pe": 10, "simd": 16, "memory": "bram"}}`.
    `sumac compile` writes such a file, too.

    Channels get the units' lanes (see stream-match-lanes).

    Errors say what the smallest design takes and which process needs the most.
  }];
  let options = [
    Option<"interval", "interval", "int64_t", "0", "most cycles between frames; 0: as few as fit">,
    Option<"lut", "lut", "int64_t", "-1", "LUTs that the network may take; -1: any number">,
    Option<"dsp", "dsp", "int64_t", "-1", "DSP slices that the network may take; -1: any number">,
    Option<"bram", "bram", "int64_t", "-1", "memory blocks of 18 Kbit that it may take; -1: any number">,
    Option<"uram", "uram", "int64_t", "-1", "memory blocks of 288 Kbit that it may take; -1: any number">,
    Option<"file", "file", "std::string", "\"\"", "units that are given, as JSON">,
  ];
}

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
    deadlocks, where the first frame takes another time than the analysis says, or
    where a frame comes later than its interval allows (before the network is
    full, frames may come faster).
  }];
  let options = [
    Option<"frames", "frames", "int64_t", "8", "frames to simulate, 3 or more">,
    Option<"oneLess", "one-less", "bool", "false",
      "simulate once more for each FIFO with one place less, and print what comes of it: a deadlock, later results, or the same">,
  ];
}

#endif // SUMAC_DIALECT_STREAM_TRANSFORMS_PASSES
