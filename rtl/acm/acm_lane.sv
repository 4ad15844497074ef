// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The arithmetic of one lane of the output stage. O2 multiplies the four sums by their coefficients and adds the products to
// the neuron's sum; O3 multiplies and adds for the output, or compares with a threshold; O4 rounds, clamps or counts.

module acm_lane #(
    parameter int BEATS = 2,
    parameter int BEAT_INDEX_BITS = 1,
    parameter int MASK_SUM_BITS = 25,
    parameter int COEFFICIENT_BITS = 16,
    parameter int MULTIPLIER_BITS = 16,
    parameter int SUM_BITS = 32
) (
    input  logic                                                        clock,
    input  logic                                                        o2_valid,
    input  logic                                                        o2_is_record,
    input  logic                                                        o2_from_zero,
    input  logic [                                 BEAT_INDEX_BITS-1:0] o2_beat,
    input  logic [                                 4*MASK_SUM_BITS-1:0] o2_sums,
    input  logic [4*COEFFICIENT_BITS+SUM_BITS+MULTIPLIER_BITS+6-1:0] o2_record,
    input  logic [                                        SUM_BITS-1:0] o2_threshold,
    input  logic                                                        o3_valid,
    input  logic                                                        o3_is_record,
    input  logic                                                        o3_falls,
    input  logic                                                        o4_counts,
    input  logic                                                        o4_half_even,
    input  logic [                                                16:0] o4_low,
    input  logic [                                                16:0] o4_high,
    input  logic                                                        o4_plane,
    output logic [                                                 7:0] o4_activation,
    output logic [                                        SUM_BITS-1:0] o4_result
);
  // t is exact. It is shifted by up to 63, so that its sign must reach that far.
  localparam int TOTAL_BITS = SUM_BITS + MULTIPLIER_BITS + 1;
  localparam int SHIFTED_BITS = (TOTAL_BITS > 64 ? TOTAL_BITS : 64) + 1;
  localparam int PRODUCT_BITS = MASK_SUM_BITS + COEFFICIENT_BITS;

  // The neurons' sums of the block and image, one word for each beat. Reset is of no use: the first pass begins at zero,
  // and resume without an earlier keep is the program's mistake; the initial value is for simulations of such.
  logic [SUM_BITS-1:0] neurons[0:BEATS-1];
  initial for (int beat = 0; beat < BEATS; beat = beat + 1) neurons[beat] = '0;

  logic [SUM_BITS-1:0] products, o2_sum;
  logic signed [PRODUCT_BITS-1:0] product;
  logic signed [COEFFICIENT_BITS-1:0] coefficient;
  logic signed [MASK_SUM_BITS-1:0] mask_sum;

  always_comb begin
    products = '0;
    product = '0;
    coefficient = '0;
    mask_sum = '0;
    for (int plane = 0; plane < 4; plane = plane + 1) begin
      coefficient = o2_record[plane*COEFFICIENT_BITS+:COEFFICIENT_BITS];
      mask_sum = o2_sums[plane*MASK_SUM_BITS+:MASK_SUM_BITS];
      product = PRODUCT_BITS'(coefficient) * PRODUCT_BITS'(mask_sum);
      products = products + SUM_BITS'(product);
    end
  end
  assign o2_sum = (o2_from_zero ? '0 : neurons[o2_beat]) + products;

  logic signed [SUM_BITS-1:0] o3_sum, o3_bias, o3_threshold;
  logic signed [MULTIPLIER_BITS-1:0] o3_multiplier;
  logic [5:0] o3_shift, o4_shift;
  logic signed [TOTAL_BITS-1:0] total;
  // Thresholds that were reached, less those that count down.
  logic signed [8:0] passed;

  always_ff @(posedge clock) begin
    if (o2_valid && o2_is_record) begin
      neurons[o2_beat] <= o2_sum;
      o3_sum <= o2_sum;
      o3_bias <= o2_record[4*COEFFICIENT_BITS+:SUM_BITS];
      o3_multiplier <= o2_record[4*COEFFICIENT_BITS+SUM_BITS+:MULTIPLIER_BITS];
      o3_shift <= o2_record[4*COEFFICIENT_BITS+SUM_BITS+MULTIPLIER_BITS+:6];
    end
    if (o2_valid && !o2_is_record) o3_threshold <= o2_threshold;
    if (o3_valid && o3_is_record) begin
      total <= TOTAL_BITS'(o3_sum) * TOTAL_BITS'(o3_multiplier) + TOTAL_BITS'(o3_bias);
      passed <= '0;
      o4_shift <= o3_shift;
    end
    if (o3_valid && !o3_is_record && total >= TOTAL_BITS'(o3_threshold)) passed <= o3_falls ? passed - 9'sd1 : passed + 9'sd1;
  end

  // The rounding bit is the last one that is shifted out; a tie has nothing below it.
  logic signed [SHIFTED_BITS-1:0] extended, floored, rounded;
  logic [SHIFTED_BITS-1:0] shifted_out;
  logic half, rest;
  assign extended = SHIFTED_BITS'(total);
  assign floored = extended >>> o4_shift;
  assign shifted_out = extended & ~({SHIFTED_BITS{1'b1}} << o4_shift);
  assign half = o4_shift != '0 && extended[7'(o4_shift)-7'd1];
  assign rest = |(shifted_out << 1 & ~({SHIFTED_BITS{1'b1}} << o4_shift));
  assign rounded = floored + SHIFTED_BITS'(o4_half_even && half && (rest || floored[0]));

  logic signed [SHIFTED_BITS-1:0] low, high, clamped;
  assign low = SHIFTED_BITS'($signed(o4_low));
  assign high = SHIFTED_BITS'($signed(o4_high));

  logic [15:0] code;

  always_comb begin
    clamped = rounded > low ? rounded : low;
    if (clamped > high) clamped = high;
    code = o4_counts ? o4_low[15:0] + 16'(passed) : clamped[15:0];
    o4_activation = o4_plane ? code[15:8] : code[7:0];
  end
  assign o4_result = total[SUM_BITS-1:0];

  logic unused;
  assign unused = &{1'b0, clamped, product};
endmodule
