// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// All rows: in the cycle after a step's issue, codes, indices and the line of activations are there, and every row adds what
// it selects to its accumulators at the end of the cycle.

module acm_rows #(
    parameter int ROWS = 8,
    parameter int LANES = 4,
    parameter int BANKS = 4,
    parameter int FOLD = 2,
    parameter int ACTIVATION_BITS = 8,
    parameter int ACCUMULATOR_BITS = 24
) (
    input  logic                                       clock,
    input  logic                                       enable,
    input  logic                                       first,
    input  logic                                       set_select,
    input  logic [                                1:0] format,
    input  logic                                       is_signed,
    input  logic [                                2:0] fold,
    input  logic [                                2:0] span,
    input  logic [                  $clog2(BANKS)-1:0] position,
    input  logic [                   4*ROWS*LANES-1:0] codes,
    input  logic [ROWS*LANES*$clog2(LANES*BANKS)-1:0] indices,
    input  logic [      ACTIVATION_BITS*LANES*BANKS-1:0] line,
    input  logic                                       read_set,
    output logic [        ROWS*4*ACCUMULATOR_BITS-1:0] sums
);
  localparam int INDEX_BITS = LANES * $clog2(LANES * BANKS);

  generate
    for (genvar row = 0; row < ROWS; row = row + 1) begin : rows
      acm_row #(
          .ROWS(ROWS),
          .LANES(LANES),
          .BANKS(BANKS),
          .FOLD(FOLD),
          .ACTIVATION_BITS(ACTIVATION_BITS),
          .ACCUMULATOR_BITS(ACCUMULATOR_BITS)
      ) accumulate (
          .clock(clock),
          .enable(enable),
          .first(first),
          .set_select(set_select),
          .format(format),
          .is_signed(is_signed),
          .fold(fold),
          .span(span),
          .position(position),
          .row($clog2(ROWS)'(row)),
          .codes(codes[row*4*LANES+:4*LANES]),
          .indices(indices[row*INDEX_BITS+:INDEX_BITS]),
          .line(line),
          .read_set(read_set),
          .sums(sums[row*4*ACCUMULATOR_BITS+:4*ACCUMULATOR_BITS])
      );
    end
  endgenerate
endmodule
