// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// One row: a code's four bits let its activation into four adder trees, whose sums go into four accumulators. There are two
// sets of them; while a sweep fills one, the output stage reads the other.

module acm_row #(
    parameter int LANES = 4,
    parameter int ACTIVATION_BITS = 8,
    parameter int ACCUMULATOR_BITS = 24
) (
    input  logic                             clock,
    input  logic                             enable,
    input  logic                             first,
    input  logic                             set_select,
    input  logic                             is_signed,
    input  logic [              4*LANES-1:0] codes,
    input  logic [ACTIVATION_BITS*LANES-1:0] activations,
    input  logic                             read_set,
    output logic [   4*ACCUMULATOR_BITS-1:0] sums
);
  localparam int TERM_BITS = ACTIVATION_BITS + 1;
  localparam int TREE_BITS = TERM_BITS + $clog2(LANES);

  logic [4*ACCUMULATOR_BITS-1:0] even_set, odd_set, old, updated;

  assign old = set_select ? odd_set : even_set;
  assign sums = read_set ? odd_set : even_set;

  generate
    for (genvar plane = 0; plane < 4; plane = plane + 1) begin : planes
      logic [LANES*TERM_BITS-1:0] terms;
      logic signed [TREE_BITS-1:0] total;
      always_comb
        for (int lane = 0; lane < LANES; lane = lane + 1)
          terms[lane*TERM_BITS+:TERM_BITS] = codes[4*lane+plane] ? {
            is_signed && activations[lane*ACTIVATION_BITS+ACTIVATION_BITS-1],
            activations[lane*ACTIVATION_BITS+:ACTIVATION_BITS]
          } : '0;
      acm_tree #(
          .LANES(LANES),
          .WIDTH(TERM_BITS)
      ) tree (
          .terms(terms),
          .sum(total)
      );
      assign updated[plane*ACCUMULATOR_BITS+:ACCUMULATOR_BITS] =
          (first ? '0 : old[plane*ACCUMULATOR_BITS+:ACCUMULATOR_BITS]) + ACCUMULATOR_BITS'(total);
    end
  endgenerate

  always_ff @(posedge clock)
    if (enable) begin
      if (set_select) odd_set <= updated;
      else even_set <= updated;
    end
endmodule
