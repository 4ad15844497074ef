// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The load unit: moves rows of words from DRAM to the memories, DMA_BYTES a cycle after the latency. A word that is wider
// than a transfer is written slice by slice; only its last slice completes it.

module acm_load #(
    parameter int INSTRUCTION_BITS = 160,
    parameter int ADDRESS_BITS = 7,
    parameter int DMA_BYTES = 8,
    parameter int DMA_LATENCY = 10,
    parameter int TRANSFER_BITS = 4,
    parameter int CODES_TRANSFERS = 1,
    parameter int INDICES_TRANSFERS = 1,
    parameter int ACTIVATIONS_TRANSFERS = 1,
    parameter int PARAMETERS_TRANSFERS = 1
) (
    input  logic                        clock,
    input  logic                        reset,
    input  logic [INSTRUCTION_BITS-1:0] head,
    input  logic                        empty,
    output logic                        take,
    input  logic                        next_available,
    output logic                        take_next,
    output logic                        give_next,
    output logic                        busy,
    output logic                        dram_enable,
    output logic [                31:0] dram_address,
    output logic                        codes_write,
    output logic                        indices_write,
    output logic                        activations_write,
    output logic                        parameters_write,
    output logic [    ADDRESS_BITS-1:0] write_address,
    output logic [   TRANSFER_BITS-1:0] write_slice
);
  localparam int LATENCY_BITS = $clog2(DMA_LATENCY + 2);

  // The fields of an instruction, section 2.
  logic [2:0] head_memory;
  logic [ADDRESS_BITS-1:0] head_address, head_stride, head_words;
  logic [15:0] head_rows;
  logic [31:0] head_dram, head_dram_stride;
  logic head_wait_next, head_signal_next;
  assign head_wait_next = head[4];
  assign head_signal_next = head[6];
  assign head_memory = head[9:7];
  assign head_address = head[10+:ADDRESS_BITS];
  assign head_stride = head[10+ADDRESS_BITS+:ADDRESS_BITS];
  assign head_words = head[10+2*ADDRESS_BITS+:ADDRESS_BITS];
  assign head_rows = head[10+3*ADDRESS_BITS+:16];
  assign head_dram = head[26+3*ADDRESS_BITS+:32];
  assign head_dram_stride = head[58+3*ADDRESS_BITS+:32];

  logic [2:0] memory;
  logic signal_next;
  logic [ADDRESS_BITS-1:0] stride, words, words_left, row_address, address;
  logic [15:0] rows_left;
  logic [31:0] dram_stride, dram_row;
  logic [TRANSFER_BITS-1:0] slice, last_slice;
  logic [LATENCY_BITS-1:0] wait_left;
  logic last_of_word, last_of_row, last;

  assign take = !busy && !empty && (!head_wait_next || next_available);
  assign take_next = take && head_wait_next;

  always_comb
    case (memory)
      3'd0: last_slice = TRANSFER_BITS'(CODES_TRANSFERS - 1);
      3'd1: last_slice = TRANSFER_BITS'(INDICES_TRANSFERS - 1);
      3'd2: last_slice = TRANSFER_BITS'(ACTIVATIONS_TRANSFERS - 1);
      default: last_slice = TRANSFER_BITS'(PARAMETERS_TRANSFERS - 1);
    endcase

  assign dram_enable = busy && wait_left == '0;
  assign last_of_word = slice == last_slice;
  assign last_of_row = last_of_word && words_left == ADDRESS_BITS'(1);
  assign last = last_of_row && rows_left == 16'd1;
  assign give_next = dram_enable && last && signal_next;

  assign codes_write = dram_enable && memory == 3'd0;
  assign indices_write = dram_enable && memory == 3'd1;
  assign activations_write = dram_enable && memory == 3'd2;
  assign parameters_write = dram_enable && memory == 3'd3;
  assign write_address = address;
  assign write_slice = slice;

  always_ff @(posedge clock)
    if (reset) busy <= 1'b0;
    else if (take) busy <= 1'b1;
    else if (dram_enable && last) busy <= 1'b0;

  always_ff @(posedge clock)
    if (take) begin
      memory <= head_memory;
      signal_next <= head_signal_next;
      stride <= head_stride;
      words <= head_words;
      words_left <= head_words;
      rows_left <= head_rows;
      dram_stride <= head_dram_stride;
      dram_row <= head_dram;
      dram_address <= head_dram;
      row_address <= head_address;
      address <= head_address;
      slice <= '0;
      wait_left <= LATENCY_BITS'(DMA_LATENCY);
    end else if (busy && wait_left != '0) wait_left <= wait_left - 1'b1;
    else if (dram_enable) begin
      slice <= last_of_word ? '0 : slice + 1'b1;
      if (last_of_row) begin
        rows_left <= rows_left - 1'b1;
        words_left <= words;
        row_address <= row_address + stride;
        address <= row_address + stride;
        dram_row <= dram_row + dram_stride;
        dram_address <= dram_row + dram_stride;
      end else begin
        dram_address <= dram_address + 32'(DMA_BYTES);
        if (last_of_word) begin
          words_left <= words_left - 1'b1;
          address <= address + 1'b1;
        end
      end
    end

  logic unused;
  assign unused = &{1'b0, head};
endmodule
