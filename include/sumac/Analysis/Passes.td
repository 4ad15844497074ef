//===- Passes.td - Passes that report analyses -------------*- tablegen -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SUMAC_ANALYSIS_PASSES
#define SUMAC_ANALYSIS_PASSES

include "mlir/Pass/PassBase.td"

def Report : Pass<"sumac-report"> {
  let summary = "say what is known about each operation";
  let description = [{
    Emits a remark for every operation with one of Sumac's interfaces: the
    bounds of its integers per channel, the grid that its result lies on, the
    work for one row of the batch, and the bits that its constants need. The IR
    stays as it is.

    ```
    remark: bounds [-510, 255]; work: 2 multiply-adds
      %a = sumac.linear %x, %w : (tensor<?x2xui8>, tensor<1x2xsi4>) -> tensor<?x1xsi10>
           ^
    ```
  }];
  let options = [
    Option<"maxChannels", "max-channels", "unsigned", "8",
      "most channels for which bounds are listed one by one">,
  ];
}

#endif // SUMAC_ANALYSIS_PASSES
