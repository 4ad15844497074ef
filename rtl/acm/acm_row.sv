// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// One row: in the cycle after a step's issue it selects its activations; a code's four bits let one into four adder trees,
// whose sums go into four accumulators. There are two sets of them; while a sweep fills one, the output stage reads the
// other.

module acm_row #(
    parameter int ROWS = 8,
    parameter int LANES = 4,
    parameter int BANKS = 4,
    parameter int FOLD = 2,
    parameter int ACTIVATION_BITS = 8,
    parameter int ACCUMULATOR_BITS = 24
) (
    input  logic                                   clock,
    input  logic                                   enable,
    input  logic                                   first,
    input  logic                                   set_select,
    input  logic [                            1:0] format,
    input  logic                                   is_signed,
    input  logic [                            2:0] fold,
    input  logic [                            2:0] span,
    input  logic [              $clog2(BANKS)-1:0] position,
    // The row's number is an input, not a parameter, so that tools elaborate one row only.
    input  logic [               $clog2(ROWS)-1:0] row,
    input  logic [                    4*LANES-1:0] codes,
    input  logic [LANES*$clog2(LANES*BANKS)-1:0] indices,
    input  logic [  ACTIVATION_BITS*LANES*BANKS-1:0] line,
    input  logic                                   read_set,
    output logic [         4*ACCUMULATOR_BITS-1:0] sums
);
  /* verilator hier_block */
  localparam int TERM_BITS = ACTIVATION_BITS + 1;
  localparam int TREE_BITS = TERM_BITS + $clog2(LANES);

  logic [ACTIVATION_BITS*LANES-1:0] activations;
  logic [4*ACCUMULATOR_BITS-1:0] even_set, odd_set, old, updated;

  acm_gather #(
      .ROWS (ROWS),
      .LANES(LANES),
      .BANKS(BANKS),
      .FOLD (FOLD)
  ) gather (
      .enable(enable),
      .format(format),
      .fold(fold),
      .span(span),
      .position(position),
      .row(row),
      .line(line),
      .indices(indices),
      .selected(activations)
  );

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
      logic unused;  // accumulators may be narrower than what one step adds
      assign unused = &{1'b0, total};
    end
  endgenerate

  always_ff @(posedge clock)
    if (enable) begin
      if (set_select) odd_set <= updated;
      else even_set <= updated;
    end
endmodule
