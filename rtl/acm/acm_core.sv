// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The accumulate-multiply core: docs/ACM/specification.md says what it computes and in which cycle. The parameters are the
// keys of the machine description (those that hardware depends on), which must have been checked: nothing is refused here.
//
// DRAM is outside: what is read is there in the cycle of its address, what is written is taken at the end of the cycle; the
// latency is counted inside. While reset is high, a program is written to the instruction memory; it begins in the cycle
// after reset, which is cycle 0. reset must stay high for a cycle after the last word was written.

module acm_core #(
    parameter int ROWS = 8,
    parameter int LANES = 4,
    parameter int BANKS = 4,
    parameter int OUTPUTS = 4,
    parameter int FOLD = 2,
    parameter int ACTIVATION_BITS = 8,
    parameter int ACCUMULATOR_BITS = 24,
    parameter int COEFFICIENT_BITS = 16,
    parameter int MULTIPLIER_BITS = 16,
    parameter int SUM_BITS = 32,
    parameter int CODES = 64,
    parameter int INDICES = 64,
    parameter int ACTIVATIONS = 64,
    parameter int PARAMETERS = 64,
    parameter int RESULTS = 32,
    parameter int INSTRUCTIONS = 64,
    parameter int QUEUE = 4,
    parameter int DMA_BYTES = 8,
    parameter int DMA_LATENCY = 10,
    parameter int COUNTER_BITS = 40,
    // The rest follows from these.
    parameter int ADDRESS_BITS = $clog2(1 + maximum(maximum(maximum(CODES, INDICES), maximum(ACTIVATIONS, PARAMETERS)),
                                                    maximum(RESULTS, INSTRUCTIONS))),
    parameter int INSTRUCTION_BITS = (maximum(108 + 9 * ADDRESS_BITS, 90 + 3 * ADDRESS_BITS) + 31) / 32 * 32
) (
    input  logic                        clock,
    input  logic                        reset,
    input  logic                        program_write,
    input  logic [    ADDRESS_BITS-1:0] program_address,
    input  logic [INSTRUCTION_BITS-1:0] program_data,
    // The instruction that runs begin at; taken while reset is high.
    input  logic [    ADDRESS_BITS-1:0] start,
    output logic                        dram_read_enable,
    output logic [                31:0] dram_read_address,
    input  logic [     8*DMA_BYTES-1:0] dram_read_data,
    output logic                        dram_write_enable,
    output logic [                31:0] dram_write_address,
    output logic [     8*DMA_BYTES-1:0] dram_write_data,
    output logic                        done,
    output logic                        deadlock,
    output logic                        fault,
    output logic [    COUNTER_BITS-1:0] cycles,
    // In how many cycles: execute 0 issued a step, waited for 1 a pending word to read, 2 accumulators, 3 a pending word to
    // write, 4 a token of load, 5 a token of store, 6 took its first instruction, 7 had none; load was 8 busy, 9 waiting for
    // a token, 10 neither; store likewise, 11 to 13; 14 fetch waited for room in a queue.
    output logic [ 15*COUNTER_BITS-1:0] event_cycles
);
  function automatic int maximum(input int left, input int right);
    maximum = left > right ? left : right;
  endfunction

  function automatic int transfers(input int bits);
    transfers = (bits + 8 * DMA_BYTES - 1) / (8 * DMA_BYTES);
  endfunction

  localparam int BANK_BITS = $clog2(BANKS);
  localparam int INDEX_BITS = $clog2(BANKS * LANES);
  localparam int SLOTS = BANKS * LANES / OUTPUTS;
  localparam int SLOT_BITS = SLOTS > 1 ? $clog2(SLOTS) : 1;
  // Outputs are addressed in units: the outputs of the smallest beat. An image has as many as there are places for one in the
  // memory of activations, or of results.
  localparam int UNIT = OUTPUTS * FOLD <= ROWS ? OUTPUTS : ROWS / FOLD;
  localparam int UNIT_BITS = ADDRESS_BITS + maximum($clog2(LANES), $clog2(OUTPUTS / UNIT)) + 1;
  localparam int DESCRIPTOR_BITS = 62 + 2 * ADDRESS_BITS + UNIT_BITS;
  localparam int DMA_BITS = 8 * DMA_BYTES;

  // Bits of a word, and transfers that one takes.
  localparam int CODE_WIDTH = 4 * ROWS * LANES;
  localparam int INDEX_WIDTH = ROWS * LANES * INDEX_BITS;
  localparam int ACTIVATION_WIDTH = ACTIVATION_BITS * LANES;
  localparam int PARAMETER_WIDTH = OUTPUTS * (4 * COEFFICIENT_BITS + SUM_BITS + MULTIPLIER_BITS + 6);
  localparam int RESULT_WIDTH = OUTPUTS * SUM_BITS;
  localparam int MOST_TRANSFERS = maximum(maximum(transfers(CODE_WIDTH), transfers(INDEX_WIDTH)), maximum(
      maximum(transfers(ACTIVATION_WIDTH), transfers(PARAMETER_WIDTH)), transfers(RESULT_WIDTH)));
  localparam int TRANSFER_BITS = $clog2(MOST_TRANSFERS + 1);

  // Fetch and queues.
  logic [ADDRESS_BITS-1:0] fetch_address;
  logic [INSTRUCTION_BITS-1:0] instruction, load_head, store_head, execute_head;
  logic load_push, load_full, load_take, load_empty, store_push, store_full, store_take, store_empty;
  logic execute_push, execute_full, execute_take, execute_empty;
  logic fetch_ended, fetch_moves, fetch_fault, load_waits, store_waits, execute_issues, execute_waits_for_previous;

  acm_memory #(
      .WORDS(INSTRUCTIONS),
      .WIDTH(INSTRUCTION_BITS),
      .SLICE_BITS(INSTRUCTION_BITS),
      .ADDRESS_BITS(ADDRESS_BITS)
  ) instruction_memory (
      .clock(clock),
      .write_enable(program_write),
      .write_address(program_address),
      .write_slice(1'b0),
      .write_data(program_data),
      .read_enable(1'b1),
      .read_address(fetch_address),
      .read_data(instruction)
  );

  acm_fetch #(
      .INSTRUCTION_BITS(INSTRUCTION_BITS),
      .ADDRESS_BITS(ADDRESS_BITS)
  ) fetch (
      .clock(clock),
      .reset(reset),
      .start(start),
      .address(fetch_address),
      .instruction(instruction),
      .load_full(load_full),
      .store_full(store_full),
      .execute_full(execute_full),
      .load_push(load_push),
      .store_push(store_push),
      .execute_push(execute_push),
      .ended(fetch_ended),
      .moves(fetch_moves),
      .fault(fetch_fault)
  );

  acm_queue #(
      .DEPTH(QUEUE),
      .WIDTH(INSTRUCTION_BITS)
  ) load_queue (
      .clock(clock),
      .reset(reset),
      .push(load_push),
      .push_data(instruction),
      .full(load_full),
      .pop(load_take),
      .head(load_head),
      .empty(load_empty)
  );

  acm_queue #(
      .DEPTH(QUEUE),
      .WIDTH(INSTRUCTION_BITS)
  ) store_queue (
      .clock(clock),
      .reset(reset),
      .push(store_push),
      .push_data(instruction),
      .full(store_full),
      .pop(store_take),
      .head(store_head),
      .empty(store_empty)
  );

  acm_queue #(
      .DEPTH(QUEUE),
      .WIDTH(INSTRUCTION_BITS)
  ) execute_queue (
      .clock(clock),
      .reset(reset),
      .push(execute_push),
      .push_data(instruction),
      .full(execute_full),
      .pop(execute_take),
      .head(execute_head),
      .empty(execute_empty)
  );

  // Tokens.
  logic load_to_execute, execute_to_load, execute_to_store, store_to_execute;
  logic load_take_next, load_give_next, store_take_previous, store_give_previous, execute_take_previous, execute_take_next;
  logic complete, complete_signal_previous, complete_signal_next;
  logic [3:0] overflow;

  acm_tokens load_to_execute_tokens (
      .clock(clock),
      .reset(reset),
      .give(load_give_next),
      .take(execute_take_previous),
      .available(load_to_execute),
      .overflow(overflow[0])
  );
  acm_tokens execute_to_load_tokens (
      .clock(clock),
      .reset(reset),
      .give(complete && complete_signal_previous),
      .take(load_take_next),
      .available(execute_to_load),
      .overflow(overflow[1])
  );
  acm_tokens execute_to_store_tokens (
      .clock(clock),
      .reset(reset),
      .give(complete && complete_signal_next),
      .take(store_take_previous),
      .available(execute_to_store),
      .overflow(overflow[2])
  );
  acm_tokens store_to_execute_tokens (
      .clock(clock),
      .reset(reset),
      .give(store_give_previous),
      .take(execute_take_next),
      .available(store_to_execute),
      .overflow(overflow[3])
  );
  assign fault = fetch_fault || overflow != '0;

  // Load and store.
  logic load_busy, codes_write, indices_write, activations_write, parameters_write;
  logic [ADDRESS_BITS-1:0] load_address;
  logic [TRANSFER_BITS-1:0] load_slice;

  acm_load #(
      .INSTRUCTION_BITS(INSTRUCTION_BITS),
      .ADDRESS_BITS(ADDRESS_BITS),
      .DMA_BYTES(DMA_BYTES),
      .DMA_LATENCY(DMA_LATENCY),
      .TRANSFER_BITS(TRANSFER_BITS),
      .CODES_TRANSFERS(transfers(CODE_WIDTH)),
      .INDICES_TRANSFERS(transfers(INDEX_WIDTH)),
      .ACTIVATIONS_TRANSFERS(transfers(ACTIVATION_WIDTH)),
      .PARAMETERS_TRANSFERS(transfers(PARAMETER_WIDTH))
  ) load (
      .clock(clock),
      .reset(reset),
      .head(load_head),
      .empty(load_empty),
      .take(load_take),
      .next_available(execute_to_load),
      .take_next(load_take_next),
      .give_next(load_give_next),
      .busy(load_busy),
      .dram_enable(dram_read_enable),
      .dram_address(dram_read_address),
      .codes_write(codes_write),
      .indices_write(indices_write),
      .activations_write(activations_write),
      .parameters_write(parameters_write),
      .write_address(load_address),
      .write_slice(load_slice)
  );

  logic store_busy, store_read;
  logic [ADDRESS_BITS-1:0] store_address;
  logic [ACTIVATION_WIDTH-1:0] store_activation;
  logic [RESULT_WIDTH-1:0] store_result;

  acm_store #(
      .INSTRUCTION_BITS(INSTRUCTION_BITS),
      .ADDRESS_BITS(ADDRESS_BITS),
      .DMA_BYTES(DMA_BYTES),
      .DMA_LATENCY(DMA_LATENCY),
      .TRANSFER_BITS(TRANSFER_BITS),
      .ACTIVATION_WIDTH(ACTIVATION_WIDTH),
      .RESULT_WIDTH(RESULT_WIDTH),
      .ACTIVATIONS_TRANSFERS(transfers(ACTIVATION_WIDTH)),
      .RESULTS_TRANSFERS(transfers(RESULT_WIDTH))
  ) store (
      .clock(clock),
      .reset(reset),
      .head(store_head),
      .empty(store_empty),
      .take(store_take),
      .previous_available(execute_to_store),
      .take_previous(store_take_previous),
      .give_previous(store_give_previous),
      .busy(store_busy),
      .read_enable(store_read),
      .read_address(store_address),
      .activation_data(store_activation),
      .result_data(store_result),
      .dram_enable(dram_write_enable),
      .dram_address(dram_write_address),
      .dram_data(dram_write_data)
  );

  // Execute.
  logic issue, reads_indices, execute_busy, stall_read, stall_set, stall_write;
  logic [ADDRESS_BITS-1:0] codes_address, indices_address, line_address;
  logic step_valid, step_first, step_last, step_set, step_is_signed;
  logic [1:0] step_format;
  logic [2:0] step_fold, step_span;
  logic [BANK_BITS-1:0] step_position;
  logic sweep_issued, sweep_set, release_enable, release_set, word_done;
  logic [DESCRIPTOR_BITS-1:0] sweep_descriptor;

  acm_execute #(
      .ROWS(ROWS),
      .LANES(LANES),
      .BANKS(BANKS),
      .OUTPUTS(OUTPUTS),
      .UNIT(UNIT),
      .INSTRUCTION_BITS(INSTRUCTION_BITS),
      .ADDRESS_BITS(ADDRESS_BITS),
      .UNIT_BITS(UNIT_BITS),
      .DESCRIPTOR_BITS(DESCRIPTOR_BITS)
  ) execute (
      .clock(clock),
      .reset(reset),
      .head(execute_head),
      .empty(execute_empty),
      .take(execute_take),
      .previous_available(load_to_execute),
      .next_available(store_to_execute),
      .take_previous(execute_take_previous),
      .take_next(execute_take_next),
      .issue(issue),
      .reads_indices(reads_indices),
      .codes_address(codes_address),
      .indices_address(indices_address),
      .line_address(line_address),
      .step_valid(step_valid),
      .step_first(step_first),
      .step_last(step_last),
      .step_set(step_set),
      .step_format(step_format),
      .step_is_signed(step_is_signed),
      .step_fold(step_fold),
      .step_span(step_span),
      .step_position(step_position),
      .sweep_issued(sweep_issued),
      .sweep_set(sweep_set),
      .sweep_descriptor(sweep_descriptor),
      .release_enable(release_enable),
      .release_set(release_set),
      .written(word_done),
      .busy(execute_busy),
      .stall_read(stall_read),
      .stall_set(stall_set),
      .stall_write(stall_write)
  );

  assign load_waits = !load_busy && !load_empty && !load_take;
  assign store_waits = !store_busy && !store_empty && !store_take;
  assign execute_issues = issue || stall_read || stall_set || stall_write;
  // Of both tokens, load's is named first.
  assign execute_waits_for_previous = execute_head[3] && !load_to_execute;

  // Memories that execute reads.
  logic [CODE_WIDTH-1:0] codes;
  logic [INDEX_WIDTH-1:0] indices;
  logic [ACTIVATION_WIDTH*BANKS-1:0] line;
  logic parameters_read;
  logic [OUTPUTS/UNIT-1:0] output_units, results_units;
  logic [ADDRESS_BITS-1:0] parameters_address, output_line, results_address;
  logic [PARAMETER_WIDTH-1:0] parameters_data;
  logic [SLOT_BITS-1:0] output_slot;
  logic [ACTIVATION_BITS*OUTPUTS-1:0] output_data;
  logic [RESULT_WIDTH-1:0] results_data;

  acm_memory #(
      .WORDS(CODES),
      .WIDTH(CODE_WIDTH),
      .SLICE_BITS(DMA_BITS),
      .ADDRESS_BITS(ADDRESS_BITS),
      .SLICE_ADDRESS_BITS(TRANSFER_BITS)
  ) code_memory (
      .clock(clock),
      .write_enable(codes_write),
      .write_address(load_address),
      .write_slice(load_slice),
      .write_data(dram_read_data),
      .read_enable(issue),
      .read_address(codes_address),
      .read_data(codes)
  );

  acm_memory #(
      .WORDS(INDICES),
      .WIDTH(INDEX_WIDTH),
      .SLICE_BITS(DMA_BITS),
      .ADDRESS_BITS(ADDRESS_BITS),
      .SLICE_ADDRESS_BITS(TRANSFER_BITS)
  ) index_memory (
      .clock(clock),
      .write_enable(indices_write),
      .write_address(load_address),
      .write_slice(load_slice),
      .write_data(dram_read_data),
      .read_enable(reads_indices),
      .read_address(indices_address),
      .read_data(indices)
  );

  acm_activations #(
      .WORDS(ACTIVATIONS),
      .LANES(LANES),
      .BANKS(BANKS),
      .OUTPUTS(OUTPUTS),
      .UNIT(UNIT),
      .DMA_BYTES(DMA_BYTES),
      .ADDRESS_BITS(ADDRESS_BITS),
      .SLICE_ADDRESS_BITS(TRANSFER_BITS),
      .SLOT_BITS(SLOT_BITS)
  ) activation_memory (
      .clock(clock),
      .load_enable(activations_write),
      .load_address(load_address),
      .load_slice(load_slice),
      .load_data(dram_read_data),
      .output_units(output_units),
      .output_line(output_line),
      .output_slot(output_slot),
      .output_data(output_data),
      .execute_enable(issue),
      .execute_line(line_address),
      .execute_data(line),
      .store_enable(store_read),
      .store_address(store_address),
      .store_data(store_activation)
  );

  acm_memory #(
      .WORDS(PARAMETERS),
      .WIDTH(PARAMETER_WIDTH),
      .SLICE_BITS(DMA_BITS),
      .ADDRESS_BITS(ADDRESS_BITS),
      .SLICE_ADDRESS_BITS(TRANSFER_BITS)
  ) parameter_memory (
      .clock(clock),
      .write_enable(parameters_write),
      .write_address(load_address),
      .write_slice(load_slice),
      .write_data(dram_read_data),
      .read_enable(parameters_read),
      .read_address(parameters_address),
      .read_data(parameters_data)
  );

  // Units of a word of results are written apart.
  generate
    for (genvar unit = 0; unit < OUTPUTS / UNIT; unit = unit + 1) begin : results
      acm_memory #(
          .WORDS(RESULTS),
          .WIDTH(UNIT * SUM_BITS),
          .SLICE_BITS(UNIT * SUM_BITS),
          .ADDRESS_BITS(ADDRESS_BITS)
      ) result_memory (
          .clock(clock),
          .write_enable(results_units[unit]),
          .write_address(results_address),
          .write_slice(1'b0),
          .write_data(results_data[unit*UNIT*SUM_BITS+:UNIT*SUM_BITS]),
          .read_enable(store_read),
          .read_address(store_address),
          .read_data(store_result[unit*UNIT*SUM_BITS+:UNIT*SUM_BITS])
      );
    end
  endgenerate

  // Rows and the output stage.
  logic read_set, output_busy;
  logic [ROWS*4*ACCUMULATOR_BITS-1:0] sums;

  acm_rows #(
      .ROWS(ROWS),
      .LANES(LANES),
      .BANKS(BANKS),
      .FOLD(FOLD),
      .ACTIVATION_BITS(ACTIVATION_BITS),
      .ACCUMULATOR_BITS(ACCUMULATOR_BITS)
  ) rows (
      .clock(clock),
      .enable(step_valid),
      .first(step_first),
      .set_select(step_set),
      .format(step_format),
      .is_signed(step_is_signed),
      .fold(step_fold),
      .span(step_span),
      .position(step_position),
      .codes(codes),
      .indices(indices),
      .line(line),
      .read_set(read_set),
      .sums(sums)
  );

  acm_output #(
      .ROWS(ROWS),
      .LANES(LANES),
      .BANKS(BANKS),
      .OUTPUTS(OUTPUTS),
      .UNIT(UNIT),
      .FOLD(FOLD),
      .ACCUMULATOR_BITS(ACCUMULATOR_BITS),
      .COEFFICIENT_BITS(COEFFICIENT_BITS),
      .MULTIPLIER_BITS(MULTIPLIER_BITS),
      .SUM_BITS(SUM_BITS),
      .ADDRESS_BITS(ADDRESS_BITS),
      .UNIT_BITS(UNIT_BITS),
      .DESCRIPTOR_BITS(DESCRIPTOR_BITS),
      .PARAMETER_WIDTH(PARAMETER_WIDTH),
      .SLOT_BITS(SLOT_BITS)
  ) output_stage (
      .clock(clock),
      .reset(reset),
      .sweep_issued(sweep_issued),
      .sweep_set(sweep_set),
      .sweep_descriptor(sweep_descriptor),
      .sweep_done(step_valid && step_last),
      .sweep_done_set(step_set),
      .release_enable(release_enable),
      .release_set(release_set),
      .read_set(read_set),
      .sums(sums),
      .parameters_enable(parameters_read),
      .parameters_address(parameters_address),
      .parameters_data(parameters_data),
      .activations_write(output_units),
      .activations_line(output_line),
      .activations_slot(output_slot),
      .activations_data(output_data),
      .activations_word_done(word_done),
      .results_write(results_units),
      .results_address(results_address),
      .results_data(results_data),
      .complete(complete),
      .complete_signal_previous(complete_signal_previous),
      .complete_signal_next(complete_signal_next),
      .busy(output_busy)
  );

  acm_counters #(
      .EVENTS(15),
      .COUNTER_BITS(COUNTER_BITS)
  ) counters (
      .clock(clock),
      .reset(reset),
      .fetch_ended(fetch_ended),
      .fetch_moves(fetch_moves),
      .queues_empty(load_empty && store_empty && execute_empty),
      .units_busy(load_busy || store_busy || execute_busy || output_busy),
      .units_take(load_take || store_take || execute_take),
      .events({
        !fetch_ended && !fetch_moves,
        !store_busy && !store_waits,
        store_waits,
        store_busy,
        !load_busy && !load_waits,
        load_waits,
        load_busy,
        !execute_issues && execute_empty,
        !execute_issues && execute_take,
        !execute_issues && !execute_empty && !execute_take && !execute_waits_for_previous,
        !execute_issues && !execute_empty && !execute_take && execute_waits_for_previous,
        stall_write,
        stall_set,
        stall_read,
        issue
      }),
      .done(done),
      .deadlock(deadlock),
      .cycles(cycles),
      .event_cycles(event_cycles)
  );
endmodule
