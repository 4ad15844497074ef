// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Selects a row's activations out of the line that was read: dense, consecutive ones; bitmask, those whose bit is set; csr,
// any. All three become an element's number in the line, so that they share one selector for each lane.

module acm_gather #(
    parameter int ROWS = 8,
    parameter int LANES = 4,
    parameter int BANKS = 4,
    parameter int FOLD = 2
) (
    input  logic                                   enable,
    input  logic [                            1:0] format,
    input  logic [                            2:0] fold,
    input  logic [                            2:0] span,
    input  logic [              $clog2(BANKS)-1:0] position,
    input  logic [               $clog2(ROWS)-1:0] row,
    input  logic [              8*LANES*BANKS-1:0] line,
    input  logic [LANES*$clog2(LANES*BANKS)-1:0] indices,
    output logic [                    8*LANES-1:0] selected
);
  localparam logic [1:0] DENSE = 2'd0, BITMASK = 2'd1;
  localparam int BANK_BITS = $clog2(BANKS);
  localparam int LANE_BITS = $clog2(LANES);
  localparam int ROW_BITS = $clog2(ROWS);
  localparam int ELEMENT_BITS = BANK_BITS + LANE_BITS;
  // A mask covers 2^span words: no more than a line has, and no more than a word of indices has bits for.
  localparam int INDEX_WORDS = 1 << ($clog2(ELEMENT_BITS + 1) - 1);
  localparam int MASK_WORDS = INDEX_WORDS < BANKS ? INDEX_WORDS : BANKS;
  localparam int MASK_BITS = MASK_WORDS * LANES;
  localparam int POSITION_BITS = $clog2(MASK_BITS);

  logic [BANK_BITS-1:0] group, word, base;
  logic [MASK_BITS-1:0] mask;
  logic [LANES*POSITION_BITS-1:0] positions;
  logic [LANES-1:0] valid;
  logic [ELEMENT_BITS-1:0] element;

  // The row's group among 2^fold ones. FOLD is at most BANKS and at most ROWS.
  always_comb begin
    group = '0;
    for (int level = 1; (1 << level) <= FOLD; level = level + 1)
      if (32'(fold) == level) group = BANK_BITS'(32'(row) >> (ROW_BITS - level));
  end
  assign word = position + group;
  assign base = format == BITMASK ? word << span : word;

  always_comb begin
    mask = '0;
    for (int index = 0; index < MASK_BITS; index = index + 1)
      if (index < (LANES << span)) mask[index] = indices[index];
  end

  acm_compact #(
      .BITS(MASK_BITS),
      .LANES(LANES),
      .POSITION_BITS(POSITION_BITS)
  ) compact (
      .enable(enable && format == BITMASK),
      .mask(mask),
      .positions(positions),
      .valid(valid)
  );

  always_comb begin
    element = '0;
    for (int lane = 0; lane < LANES; lane = lane + 1) begin
      if (format == DENSE) element = {base, LANE_BITS'(lane)};
      else if (format == BITMASK)
        element = {base, LANE_BITS'(0)} + ELEMENT_BITS'(positions[lane*POSITION_BITS+:POSITION_BITS]);
      else element = indices[lane*ELEMENT_BITS+:ELEMENT_BITS];
      selected[lane*8+:8] = format == BITMASK && !valid[lane] ? 8'd0 : line[{element, 3'b0}+:8];
    end
  end
endmodule
