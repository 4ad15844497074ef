// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A counter of tokens between two neighbouring units. More than 255 is an error of the program; the counter remembers it.

module acm_tokens (
    input  logic clock,
    input  logic reset,
    input  logic give,
    input  logic take,
    output logic available,
    output logic overflow
);
  logic [7:0] count;

  assign available = count != '0;

  always_ff @(posedge clock)
    if (reset) begin
      count <= '0;
      overflow <= 1'b0;
    end else if (give && !take) begin
      count <= count + 1'b1;
      if (count == '1) overflow <= 1'b1;
    end else if (take && !give) count <= count - 1'b1;
endmodule
