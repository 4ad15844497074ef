// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Issues the steps of execute instructions, at most one a cycle. A step waits while a word that it reads is pending, at the
// beginning of a sweep while its set of accumulators is taken, and at the end of a block and image while words that these
// write are pending. Everything that needs a product (addresses of blocks, passes, images) is a running sum.

module acm_execute #(
    parameter int ROWS = 8,
    parameter int LANES = 4,
    parameter int BANKS = 4,
    parameter int OUTPUTS = 4,
    parameter int UNIT = 4,
    parameter int INSTRUCTION_BITS = 160,
    parameter int ADDRESS_BITS = 7,
    parameter int UNIT_BITS = 10,
    parameter int DESCRIPTOR_BITS = 64
) (
    input  logic                        clock,
    input  logic                        reset,
    input  logic [INSTRUCTION_BITS-1:0] head,
    input  logic                        empty,
    output logic                        take,
    input  logic                        previous_available,
    input  logic                        next_available,
    output logic                        take_previous,
    output logic                        take_next,
    // The step that is issued in this cycle.
    output logic                        issue,
    output logic                        reads_indices,
    output logic [    ADDRESS_BITS-1:0] codes_address,
    output logic [    ADDRESS_BITS-1:0] indices_address,
    output logic [    ADDRESS_BITS-1:0] line_address,
    // The step that was issued in the cycle before.
    output logic                        step_valid,
    output logic                        step_first,
    output logic                        step_last,
    output logic                        step_set,
    output logic [                 1:0] step_format,
    output logic                        step_is_signed,
    output logic [                 2:0] step_fold,
    output logic [                 2:0] step_span,
    output logic [   $clog2(BANKS)-1:0] step_position,
    // The sweep whose last step is issued in this cycle, for the output stage.
    output logic                        sweep_issued,
    output logic                        sweep_set,
    output logic [ DESCRIPTOR_BITS-1:0] sweep_descriptor,
    input  logic                        release_enable,
    input  logic                        release_set,
    input  logic                        written,
    output logic                        busy,
    output logic                        stall_read,
    output logic                        stall_set,
    output logic                        stall_write
);
  localparam logic [1:0] DENSE = 2'd0;
  localparam logic [1:0] CODES = 2'd1, STEPS = 2'd2;
  localparam int BANK_BITS = $clog2(BANKS);
  localparam int MAXIMUM_BEATS = ROWS / OUTPUTS;
  localparam int BEATS_LOG = $clog2(MAXIMUM_BEATS);
  // The end of an interval of words of activations may lie behind the memory.
  localparam int WORD_BITS = ADDRESS_BITS + 1;
  // Words of activations that a beat of all OUTPUTS completes, or one that ends a word.
  localparam int BEAT_WORDS = OUTPUTS >= LANES ? OUTPUTS / LANES : 1;

  // The fields of the current instruction, section 2.
  logic [INSTRUCTION_BITS-1:0] current;
  logic current_valid;
  logic [1:0] format, mode;
  logic resume, is_signed, half_even;
  logic [2:0] fold, span;
  logic [ADDRESS_BITS-1:0] codes, indices, parameters, input_line, input_stride, output_word, output_stride;
  logic [15:0] blocks, images;
  logic [4:0] passes;
  logic [ADDRESS_BITS-1:0] windows, steps;
  logic [16:0] low, high;
  logic [7:0] count, falls;
  logic plane;
  assign format = current[8:7];
  assign mode = current[10:9];
  assign resume = current[11];
  assign is_signed = current[12];
  assign half_even = current[13];
  assign fold = current[16:14];
  assign span = current[19:17];
  assign codes = current[20+:ADDRESS_BITS];
  assign indices = current[20+ADDRESS_BITS+:ADDRESS_BITS];
  assign parameters = current[20+2*ADDRESS_BITS+:ADDRESS_BITS];
  assign input_line = current[20+3*ADDRESS_BITS+:ADDRESS_BITS];
  assign input_stride = current[20+4*ADDRESS_BITS+:ADDRESS_BITS];
  assign output_word = current[20+5*ADDRESS_BITS+:ADDRESS_BITS];
  assign output_stride = current[20+6*ADDRESS_BITS+:ADDRESS_BITS];
  assign blocks = current[20+7*ADDRESS_BITS+:16];
  assign images = current[36+7*ADDRESS_BITS+:16];
  assign passes = current[52+7*ADDRESS_BITS+:5];
  assign windows = current[57+7*ADDRESS_BITS+:ADDRESS_BITS];
  assign steps = current[57+8*ADDRESS_BITS+:ADDRESS_BITS];
  assign low = current[57+9*ADDRESS_BITS+:17];
  assign high = current[74+9*ADDRESS_BITS+:17];
  assign count = current[91+9*ADDRESS_BITS+:8];
  assign falls = current[99+9*ADDRESS_BITS+:8];
  assign plane = current[107+9*ADDRESS_BITS];

  // Where the current instruction is.
  logic [15:0] block, image;
  logic [4:0] pass;
  logic [ADDRESS_BITS-1:0] window, step;
  logic [ADDRESS_BITS-1:0] offset, block_offset;  // of words of codes and indices
  logic [ADDRESS_BITS-1:0] position;  // step times 2^fold: words (dense) or masks (bitmask)
  logic [ADDRESS_BITS-1:0] image_input, image_output;  // the line and the word of this image
  logic [ADDRESS_BITS-1:0] block_parameters, pass_parameters;
  logic [UNIT_BITS-1:0] block_units;  // units of the blocks before this one
  logic set;
  logic [1:0] taken;

  logic first_of_sweep, last_of_window, last_of_sweep, last_pass, last_of_image, last_image, last_block, last;
  logic writes_activations, read_pending, write_pending;
  logic [ADDRESS_BITS-1:0] beats, block_words, units;
  logic [2:0] beats_fold;
  logic [WORD_BITS-1:0] read_first, read_end, write_first, write_end;

  assign first_of_sweep = step == '0 && window == '0;
  assign last_of_window = step + 1'b1 == steps;
  assign last_of_sweep = last_of_window && window + 1'b1 == windows;
  assign last_pass = pass + 1'b1 == passes;
  assign last_of_image = last_of_sweep && last_pass;
  assign last_image = image + 1'b1 == images;
  assign last_block = block + 1'b1 == blocks;
  assign last = last_of_image && last_image && last_block;
  assign writes_activations = mode == CODES || mode == STEPS;

  // Folds make beats fewer until there is one; further ones make it smaller.
  assign beats_fold = UNIT < OUTPUTS && 32'(fold) > BEATS_LOG ? 3'(BEATS_LOG) : fold;
  // A block's parameter words: beats for each pass, and as many for each threshold.
  assign beats = ADDRESS_BITS'(MAXIMUM_BEATS) >> beats_fold;
  assign block_words = ADDRESS_BITS'((32'(passes) + (mode == STEPS ? 32'(count) : 32'd0)) * MAXIMUM_BEATS >> beats_fold);

  assign units = ADDRESS_BITS'(ROWS / UNIT) >> fold;

  assign codes_address = codes + offset;
  assign indices_address = indices + offset;
  assign line_address = format == DENSE ? image_input + (position >> BANK_BITS) : image_input + window;
  assign reads_indices = issue && format != DENSE;

  always_comb begin
    if (format == DENSE) begin
      read_first = (WORD_BITS'(image_input) << BANK_BITS) + WORD_BITS'(position);
      read_end = read_first + (WORD_BITS'(1) << fold);
    end else begin
      read_first = WORD_BITS'(line_address) << BANK_BITS;
      read_end = read_first + WORD_BITS'(BANKS);
    end
    write_first = WORD_BITS'(image_output) +
        (UNIT < LANES ? WORD_BITS'(block_units >> $clog2(LANES / UNIT)) : WORD_BITS'(block_units) << $clog2(UNIT / LANES));
    write_end = write_first + (WORD_BITS'(ROWS / LANES) >> fold);
  end

  acm_pending #(
      .WORD_BITS(WORD_BITS),
      .PARTIAL(UNIT < OUTPUTS ? 1 : 0)
  ) pending (
      .clock(clock),
      .reset(reset),
      .read_first(read_first),
      .read_end(read_end),
      .read_pending(read_pending),
      .write_first(write_first),
      .write_end(write_end),
      .write_pending(write_pending),
      .mark(issue && last_of_image && writes_activations),
      .written(written),
      .written_words(WORD_BITS'(BEAT_WORDS))
  );

  // A set that the output stage releases in this cycle is free in this cycle.
  assign stall_read = current_valid && read_pending;
  assign stall_set = current_valid && !read_pending && first_of_sweep && taken[set] && !(release_enable && release_set == set);
  assign stall_write = current_valid && !read_pending && !stall_set && last_of_image && writes_activations && write_pending;
  assign issue = current_valid && !stall_read && !stall_set && !stall_write;

  logic wait_previous, wait_next;
  assign wait_previous = head[3];
  assign wait_next = head[4];
  assign take = !empty && (!current_valid || issue && last) && (!wait_previous || previous_available) &&
      (!wait_next || next_available);
  assign take_previous = take && wait_previous;
  assign take_next = take && wait_next;

  assign sweep_issued = issue && last_of_sweep;
  assign sweep_set = set;
  assign sweep_descriptor = {
    pass == '0 && !resume, last_pass, last, current[5], current[6], mode, half_even, fold, low, high, count, falls, plane,
    pass_parameters, image_output, block_units
  };

  always_ff @(posedge clock)
    if (reset) begin
      current_valid <= 1'b0;
      step_valid <= 1'b0;
      set <= 1'b0;
      taken <= '0;
    end else begin
      if (take) current_valid <= 1'b1;
      else if (issue && last) current_valid <= 1'b0;
      step_valid <= issue;
      if (release_enable) taken[release_set] <= 1'b0;
      if (issue && first_of_sweep) taken[set] <= 1'b1;
      if (sweep_issued) set <= !set;
    end

  always_ff @(posedge clock)
    if (issue) begin
      step_first <= first_of_sweep;
      step_last <= last_of_sweep;
      step_set <= set;
      step_format <= format;
      step_is_signed <= is_signed;
      step_fold <= fold;
      step_span <= span;
      step_position <= position[BANK_BITS-1:0];
    end

  always_ff @(posedge clock)
    if (take) begin
      current <= head;
      block <= '0;
      image <= '0;
      pass <= '0;
      window <= '0;
      step <= '0;
      offset <= '0;
      block_offset <= '0;
      position <= '0;
      image_input <= head[20+3*ADDRESS_BITS+:ADDRESS_BITS];
      image_output <= head[20+5*ADDRESS_BITS+:ADDRESS_BITS];
      block_parameters <= head[20+2*ADDRESS_BITS+:ADDRESS_BITS];
      pass_parameters <= head[20+2*ADDRESS_BITS+:ADDRESS_BITS];
      block_units <= '0;
    end else if (issue) begin
      step <= last_of_window ? '0 : step + 1'b1;
      position <= last_of_window ? '0 : position + (ADDRESS_BITS'(1) << fold);
      if (last_of_window) window <= last_of_sweep ? '0 : window + 1'b1;
      if (last_of_sweep) begin
        pass <= last_pass ? '0 : pass + 1'b1;
        pass_parameters <= last_pass ? block_parameters : pass_parameters + beats;
      end
      offset <= offset + 1'b1;
      if (last_of_image) begin
        if (last_image) begin
          block <= block + 1'b1;
          block_offset <= offset + 1'b1;
          block_parameters <= block_parameters + block_words;
          pass_parameters <= block_parameters + block_words;
          block_units <= block_units + UNIT_BITS'(units);
          image <= '0;
          image_input <= input_line;
          image_output <= output_word;
        end else begin
          // Every image reads the block's codes and parameters again.
          offset <= block_offset;
          image <= image + 1'b1;
          image_input <= image_input + input_stride;
          image_output <= image_output + output_stride;
        end
      end
    end

  assign busy = current_valid || step_valid;

  logic unused;
  assign unused = &{1'b0, current, parameters};
endmodule
