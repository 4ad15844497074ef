// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The store unit: moves rows of words of activations or results to DRAM, DMA_BYTES a cycle after the latency. The memories
// need a cycle to read, so the address is that of the next cycle's word; when an instruction is taken, it is the
// instruction's, so that a latency of 0 works, too. Padding behind a word is written as zeros.

module acm_store #(
    parameter int INSTRUCTION_BITS = 160,
    parameter int ADDRESS_BITS = 7,
    parameter int DMA_BYTES = 8,
    parameter int DMA_LATENCY = 10,
    parameter int TRANSFER_BITS = 4,
    parameter int ACTIVATION_WIDTH = 32,
    parameter int RESULT_WIDTH = 128,
    parameter int ACTIVATIONS_TRANSFERS = 1,
    parameter int RESULTS_TRANSFERS = 1
) (
    input  logic                        clock,
    input  logic                        reset,
    input  logic [INSTRUCTION_BITS-1:0] head,
    input  logic                        empty,
    output logic                        take,
    input  logic                        previous_available,
    output logic                        take_previous,
    output logic                        give_previous,
    output logic                        busy,
    output logic                        read_enable,
    output logic [    ADDRESS_BITS-1:0] read_address,
    input  logic [ACTIVATION_WIDTH-1:0] activation_data,
    input  logic [    RESULT_WIDTH-1:0] result_data,
    output logic                        dram_enable,
    output logic [                31:0] dram_address,
    output logic [     8*DMA_BYTES-1:0] dram_data
);
  localparam int LATENCY_BITS = $clog2(DMA_LATENCY + 2);
  localparam int TRANSFERS = ACTIVATIONS_TRANSFERS > RESULTS_TRANSFERS ? ACTIVATIONS_TRANSFERS : RESULTS_TRANSFERS;
  localparam int WORD_INDEX_BITS = $clog2(8 * DMA_BYTES * TRANSFERS);
  localparam logic [2:0] ACTIVATIONS = 3'd2;

  logic head_wait_previous, head_signal_previous, head_is_activations;
  logic [ADDRESS_BITS-1:0] head_address, head_stride, head_words;
  logic [15:0] head_rows;
  logic [31:0] head_dram, head_dram_stride;
  assign head_wait_previous = head[3];
  assign head_signal_previous = head[5];
  assign head_is_activations = head[9:7] == ACTIVATIONS;
  assign head_address = head[10+:ADDRESS_BITS];
  assign head_stride = head[10+ADDRESS_BITS+:ADDRESS_BITS];
  assign head_words = head[10+2*ADDRESS_BITS+:ADDRESS_BITS];
  assign head_rows = head[10+3*ADDRESS_BITS+:16];
  assign head_dram = head[26+3*ADDRESS_BITS+:32];
  assign head_dram_stride = head[58+3*ADDRESS_BITS+:32];

  logic is_activations, signal_previous;
  logic [ADDRESS_BITS-1:0] stride, words, words_left, row_address, address, next_address;
  logic [15:0] rows_left;
  logic [31:0] dram_stride, dram_row;
  logic [TRANSFER_BITS-1:0] slice, last_slice;
  logic [LATENCY_BITS-1:0] wait_left;
  logic last_of_word, last_of_row, last;
  logic [8*DMA_BYTES*TRANSFERS-1:0] word;

  assign take = !busy && !empty && (!head_wait_previous || previous_available);
  assign take_previous = take && head_wait_previous;

  assign last_slice = is_activations ? TRANSFER_BITS'(ACTIVATIONS_TRANSFERS - 1) : TRANSFER_BITS'(RESULTS_TRANSFERS - 1);
  assign dram_enable = busy && wait_left == '0;
  assign last_of_word = slice == last_slice;
  assign last_of_row = last_of_word && words_left == ADDRESS_BITS'(1);
  assign last = last_of_row && rows_left == 16'd1;
  assign give_previous = dram_enable && last && signal_previous;

  assign word = is_activations ? (8*DMA_BYTES*TRANSFERS)'(activation_data) : (8*DMA_BYTES*TRANSFERS)'(result_data);
  assign dram_data = word[WORD_INDEX_BITS'({slice, {$clog2(8 * DMA_BYTES) {1'b0}}})+:8*DMA_BYTES];

  always_comb
    if (take) next_address = head_address;
    else if (dram_enable && last_of_row) next_address = row_address + stride;
    else if (dram_enable && last_of_word) next_address = address + 1'b1;
    else next_address = address;

  assign read_enable  = take || busy;
  assign read_address = next_address;

  always_ff @(posedge clock)
    if (reset) busy <= 1'b0;
    else if (take) busy <= 1'b1;
    else if (dram_enable && last) busy <= 1'b0;

  always_ff @(posedge clock) begin
    address <= next_address;
    if (take) begin
      is_activations <= head_is_activations;
      signal_previous <= head_signal_previous;
      stride <= head_stride;
      words <= head_words;
      words_left <= head_words;
      rows_left <= head_rows;
      dram_stride <= head_dram_stride;
      dram_row <= head_dram;
      dram_address <= head_dram;
      row_address <= head_address;
      slice <= '0;
      wait_left <= LATENCY_BITS'(DMA_LATENCY);
    end else if (busy && wait_left != '0) wait_left <= wait_left - 1'b1;
    else if (dram_enable) begin
      slice <= last_of_word ? '0 : slice + 1'b1;
      if (last_of_row) begin
        rows_left <= rows_left - 1'b1;
        words_left <= words;
        row_address <= row_address + stride;
        dram_row <= dram_row + dram_stride;
        dram_address <= dram_row + dram_stride;
      end else begin
        dram_address <= dram_address + 32'(DMA_BYTES);
        if (last_of_word) words_left <= words_left - 1'b1;
      end
    end
  end

  logic unused;
  assign unused = &{1'b0, head};
endmodule
