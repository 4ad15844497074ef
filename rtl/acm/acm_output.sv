// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The output stage: takes completed sweeps in order and makes micro-beats of them, which go through O1 to O4 without stalls.
// This module counts and addresses; acm_select (O1) and acm_lane (O2 to O4) calculate.

module acm_output #(
    parameter int ROWS = 8,
    parameter int LANES = 4,
    parameter int BANKS = 4,
    parameter int OUTPUTS = 4,
    parameter int UNIT = 4,
    parameter int FOLD = 2,
    parameter int ACCUMULATOR_BITS = 24,
    parameter int COEFFICIENT_BITS = 16,
    parameter int MULTIPLIER_BITS = 16,
    parameter int SUM_BITS = 32,
    parameter int ADDRESS_BITS = 7,
    parameter int UNIT_BITS = 10,
    parameter int DESCRIPTOR_BITS = 64,
    parameter int PARAMETER_WIDTH = 472,
    parameter int SLOT_BITS = 2
) (
    input  logic                               clock,
    input  logic                               reset,
    // From execute: a sweep whose last step is issued; and, a cycle later, one whose last step is being added.
    input  logic                               sweep_issued,
    input  logic                               sweep_set,
    input  logic [        DESCRIPTOR_BITS-1:0] sweep_descriptor,
    input  logic                               sweep_done,
    input  logic                               sweep_done_set,
    output logic                               release_enable,
    output logic                               release_set,
    // Accumulators.
    output logic                               read_set,
    input  logic [ROWS*4*ACCUMULATOR_BITS-1:0] sums,
    // Parameters: the word is there in the next cycle.
    output logic                               parameters_enable,
    output logic [           ADDRESS_BITS-1:0] parameters_address,
    input  logic [        PARAMETER_WIDTH-1:0] parameters_data,
    // Activations and results: which units of a slot, or of a word, are written.
    output logic [           OUTPUTS/UNIT-1:0] activations_write,
    output logic [           ADDRESS_BITS-1:0] activations_line,
    output logic [              SLOT_BITS-1:0] activations_slot,
    output logic [              8*OUTPUTS-1:0] activations_data,
    output logic                               activations_word_done,
    output logic [           OUTPUTS/UNIT-1:0] results_write,
    output logic [           ADDRESS_BITS-1:0] results_address,
    output logic [       OUTPUTS*SUM_BITS-1:0] results_data,
    output logic                               complete,
    output logic                               complete_signal_previous,
    output logic                               complete_signal_next,
    output logic                               busy
);
  localparam logic [1:0] KEEP = 2'd0, STEPS = 2'd2, SUMS = 2'd3;
  localparam int BEATS = ROWS / OUTPUTS;
  localparam int BEAT_INDEX_BITS = BEATS > 1 ? $clog2(BEATS) : 1;
  localparam int MASK_SUM_BITS = ACCUMULATOR_BITS + $clog2(FOLD);
  localparam int RECORD_BITS = 4 * COEFFICIENT_BITS + SUM_BITS + MULTIPLIER_BITS + 6;
  localparam int BANK_BITS = $clog2(BANKS);
  localparam int UNITS_OF_BEAT = OUTPUTS / UNIT;
  // A unit is a part of a word of activations, or several words.
  localparam int UNITS_OF_WORD = UNIT < LANES ? LANES / UNIT : 1;
  localparam int WORDS_OF_UNIT = UNIT < LANES ? 1 : UNIT / LANES;

  // O1: the sets' descriptors, and where the oldest one's micro-beats are.
  logic [DESCRIPTOR_BITS-1:0] even_descriptor, odd_descriptor;
  logic [1:0] ready;
  logic set;
  logic [BEAT_INDEX_BITS-1:0] beat, last_beat;
  logic [7:0] threshold, thresholds;
  logic [ADDRESS_BITS-1:0] parameters_offset;

  logic from_zero, last_pass, last_sweep, signal_previous, signal_next, half_even;
  logic [1:0] mode;
  logic [2:0] fold;
  logic [16:0] low, high;
  logic [7:0] count, falls;
  logic plane;
  logic [ADDRESS_BITS-1:0] parameters, output_address;
  logic [UNIT_BITS-1:0] block_units;
  assign {from_zero, last_pass, last_sweep, signal_previous, signal_next, mode, half_even, fold, low, high, count, falls,
          plane, parameters, output_address, block_units} = set ? odd_descriptor : even_descriptor;

  logic o1_valid, o1_is_record, o1_falls, o1_ends_beat, o1_last;
  // BEATS is a power of two; there is always one.
  assign last_beat = BEAT_INDEX_BITS'((BEATS - 1) >> fold);
  assign thresholds = last_pass && mode == STEPS ? count : 8'd0;
  assign o1_valid = ready[set];
  assign o1_is_record = threshold == '0;
  // Threshold c is micro-beat c + 1 of its beat.
  assign o1_falls = threshold > count - falls;
  assign o1_ends_beat = threshold == thresholds;
  assign o1_last = o1_ends_beat && beat == last_beat;
  assign release_enable = o1_valid && o1_last;
  assign release_set = set;
  assign read_set = set;
  assign parameters_enable = o1_valid;
  assign parameters_address = parameters + parameters_offset;

  always_ff @(posedge clock)
    if (sweep_issued) begin
      if (sweep_set) odd_descriptor <= sweep_descriptor;
      else even_descriptor <= sweep_descriptor;
    end

  always_ff @(posedge clock)
    if (reset) begin
      ready <= '0;
      set <= 1'b0;
      beat <= '0;
      threshold <= '0;
      parameters_offset <= '0;
    end else begin
      if (sweep_done) ready[sweep_done_set] <= 1'b1;
      if (o1_valid) begin
        threshold <= o1_ends_beat ? '0 : threshold + 1'b1;
        parameters_offset <= o1_last ? '0 : parameters_offset + 1'b1;
        if (o1_ends_beat) beat <= o1_last ? '0 : beat + 1'b1;
        if (o1_last) begin
          ready[set] <= 1'b0;
          set <= !set;
        end
      end
    end

  // What goes with a micro-beat from O2 to O4.
  logic o2_valid, o2_is_record, o2_falls, o2_from_zero;
  logic [BEAT_INDEX_BITS-1:0] o2_beat;
  logic [OUTPUTS*4*MASK_SUM_BITS-1:0] o1_sums, o2_sums;
  logic o3_valid, o3_is_record, o3_falls, o4_valid;
  localparam int TAG_BITS = 9 + 3 + 17 + 17 + ADDRESS_BITS + UNIT_BITS;
  logic [TAG_BITS-1:0] o2_tag, o3_tag, o4_tag;
  logic o4_writes, o4_last, o4_signal_previous, o4_signal_next, o4_half_even, o4_is_steps;
  logic [1:0] o4_mode;
  logic [2:0] o4_fold;
  logic [16:0] o4_low, o4_high;
  logic o4_plane;
  logic [ADDRESS_BITS-1:0] o4_output;
  logic [UNIT_BITS-1:0] o4_position;

  always_ff @(posedge clock)
    if (reset) begin
      o2_valid <= 1'b0;
      o3_valid <= 1'b0;
      o4_valid <= 1'b0;
    end else begin
      o2_valid <= o1_valid;
      o3_valid <= o2_valid;
      o4_valid <= o3_valid;
    end

  always_ff @(posedge clock) begin
    o2_is_record <= o1_is_record;
    o2_falls <= o1_falls;
    o2_from_zero <= from_zero;
    o2_beat <= beat;
    if (o1_valid && o1_is_record) o2_sums <= o1_sums;
    o2_tag <= {
      o1_ends_beat && last_pass && mode != KEEP,
      last_sweep && o1_last,
      signal_previous,
      signal_next,
      half_even,
      mode == STEPS,
      mode,
      fold,
      low,
      high,
      plane,
      output_address,
      block_units + UNIT_BITS'(beat) * UNIT_BITS'(UNITS_OF_BEAT)
    };
    o3_is_record <= o2_is_record;
    o3_falls <= o2_falls;
    o3_tag <= o2_tag;
    o4_tag <= o3_tag;
  end
  assign {o4_writes, o4_last, o4_signal_previous, o4_signal_next, o4_half_even, o4_is_steps, o4_mode, o4_fold, o4_low,
          o4_high, o4_plane, o4_output, o4_position} = o4_tag;

  logic [8*OUTPUTS-1:0] o4_activations;
  logic [OUTPUTS*SUM_BITS-1:0] o4_results;

  generate
    for (genvar lane = 0; lane < OUTPUTS; lane = lane + 1) begin : lanes
      // The greatest fold with which this lane has an output: lane < ROWS / LANE_FOLD. The rows that it may need are those
      // whose number is its own modulo DISTANCE.
      localparam int MOST = ROWS >> $clog2(lane + 1);
      localparam int LANE_FOLD = FOLD < MOST ? FOLD : MOST;
      localparam int DISTANCE = OUTPUTS * LANE_FOLD <= ROWS ? OUTPUTS : ROWS / LANE_FOLD;
      localparam int CANDIDATES = ROWS / DISTANCE;
      logic [CANDIDATES*4*ACCUMULATOR_BITS-1:0] candidates;
      for (genvar candidate = 0; candidate < CANDIDATES; candidate = candidate + 1) begin : rows
        assign candidates[candidate*4*ACCUMULATOR_BITS+:4*ACCUMULATOR_BITS] =
            sums[(candidate*DISTANCE+lane)*4*ACCUMULATOR_BITS+:4*ACCUMULATOR_BITS];
      end
      acm_select #(
          .CANDIDATES(CANDIDATES),
          .BEAT_CANDIDATES(OUTPUTS / DISTANCE),
          .FOLD(LANE_FOLD),
          .ACCUMULATOR_BITS(ACCUMULATOR_BITS),
          .SUM_BITS(MASK_SUM_BITS),
          .BEAT_INDEX_BITS(BEAT_INDEX_BITS)
      ) select (
          .enable(o1_valid && o1_is_record),
          .fold(fold),
          .beat(beat),
          .candidates(candidates),
          .sums(o1_sums[lane*4*MASK_SUM_BITS+:4*MASK_SUM_BITS])
      );
      acm_lane #(
          .BEATS(BEATS),
          .BEAT_INDEX_BITS(BEAT_INDEX_BITS),
          .MASK_SUM_BITS(MASK_SUM_BITS),
          .COEFFICIENT_BITS(COEFFICIENT_BITS),
          .MULTIPLIER_BITS(MULTIPLIER_BITS),
          .SUM_BITS(SUM_BITS)
      ) calculate (
          .clock(clock),
          .o2_valid(o2_valid),
          .o2_is_record(o2_is_record),
          .o2_from_zero(o2_from_zero),
          .o2_beat(o2_beat),
          .o2_sums(o2_sums[lane*4*MASK_SUM_BITS+:4*MASK_SUM_BITS]),
          .o2_record(parameters_data[lane*RECORD_BITS+:RECORD_BITS]),
          .o2_threshold(parameters_data[lane*SUM_BITS+:SUM_BITS]),
          .o3_valid(o3_valid),
          .o3_is_record(o3_is_record),
          .o3_falls(o3_falls),
          .o4_counts(o4_is_steps),
          .o4_half_even(o4_half_even),
          .o4_low(o4_low),
          .o4_high(o4_high),
          .o4_plane(o4_plane),
          .o4_activation(o4_activations[lane*8+:8]),
          .o4_result(o4_results[lane*SUM_BITS+:SUM_BITS])
      );
    end
  endgenerate

  // Where the beat goes: a word of activations, and which unit of its line; a word of results.
  logic writes_activation, writes_result;
  logic [ADDRESS_BITS-1:0] o4_word;
  logic [31:0] line_unit;
  assign writes_activation = o4_valid && o4_writes && o4_mode != SUMS;
  assign writes_result = o4_valid && o4_writes && o4_mode == SUMS;
  assign o4_word = o4_output + ADDRESS_BITS'(o4_position / UNIT_BITS'(UNITS_OF_WORD) * UNIT_BITS'(WORDS_OF_UNIT));
  assign line_unit = 32'(o4_word[BANK_BITS-1:0]) * UNITS_OF_WORD / WORDS_OF_UNIT + 32'(o4_position) % UNITS_OF_WORD;
  assign activations_line = o4_word >> BANK_BITS;
  assign activations_slot = SLOT_BITS'(line_unit / UNITS_OF_BEAT);
  // A block begins at a word, so that its units complete words at multiples of UNITS_OF_WORD.
  assign activations_word_done = writes_activation && 32'(o4_position) % UNITS_OF_WORD == UNITS_OF_WORD - 1;
  assign results_address = o4_output + ADDRESS_BITS'(o4_position / UNIT_BITS'(UNITS_OF_BEAT));

  acm_place #(
      .ROWS(ROWS),
      .OUTPUTS(OUTPUTS),
      .FOLD(FOLD),
      .UNIT(UNIT),
      .WIDTH(8)
  ) place_activations (
      .enable(writes_activation),
      .fold(o4_fold),
      .first_unit(line_unit % UNITS_OF_BEAT),
      .data(o4_activations),
      .units(activations_write),
      .placed(activations_data)
  );

  acm_place #(
      .ROWS(ROWS),
      .OUTPUTS(OUTPUTS),
      .FOLD(FOLD),
      .UNIT(UNIT),
      .WIDTH(SUM_BITS)
  ) place_results (
      .enable(writes_result),
      .fold(o4_fold),
      .first_unit(32'(o4_position) % UNITS_OF_BEAT),
      .data(o4_results),
      .units(results_write),
      .placed(results_data)
  );

  assign complete = o4_valid && o4_last;
  assign complete_signal_previous = o4_signal_previous;
  assign complete_signal_next = o4_signal_next;
  assign busy = ready != '0 || o2_valid || o3_valid || o4_valid;
endmodule
