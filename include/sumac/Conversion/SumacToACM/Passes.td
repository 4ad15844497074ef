//===- Passes.td - Integer level to the accumulate-multiply core -*- tablegen -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SUMAC_CONVERSION_SUMACTOACM_PASSES
#define SUMAC_CONVERSION_SUMACTOACM_PASSES

include "mlir/Pass/PassBase.td"

def ConvertSumacToACM : Pass<"convert-sumac-to-acm", "::mlir::ModuleOp"> {
  let summary = "make a program of the accumulate-multiply core from @main_raw";
  let description = [{
    Adds `acm.program @design`. A layer becomes masks of four and coefficients
    (papers.md, F4); a join of branches, sums that stay in the output stage. Each
    layer's weights are stored in the format, folded as often, that takes the fewest
    cycles: those of its executes or those of its loads, which run beside them, whichever
    are more. Where all weights fit the memories they
    stay; else blocks of outputs are loaded into one half while the other one is in
    use.

    @main and @main_raw stay: they say how inputs are encoded and outputs decoded. What
    has no instruction is reported, all of it at once.
  }];
  let dependentDialects = ["::sumac::acm::ACMDialect"];
  let options = [
    Option<"machine", "machine", "std::string", "\"fantastic4\"", "preset or file of the machine description">,
    Option<"images", "images", "int64_t", "0", "images of a run; 0: as many as fit, at most 64">,
    Option<"preloads", "preloads", "bool", "true",
           "load all weights before the first layer runs, where memories hold all of them: later runs find them there">,
    ListOption<"formats", "formats", "std::string", "storage that weights may have: dense, bitmask, csr; none: all">,
  ];
}

#endif // SUMAC_CONVERSION_SUMACTOACM_PASSES
