// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The memory of activations: lines of BANKS words of LANES bytes. Execute reads a line, store a word (it gets the line, too,
// and selects), load writes a slice of a word, the output stage units of a slot of OUTPUTS bytes of a line; all in the same
// cycle. Programs that write a byte twice in a cycle, or read what is being written, are not race-free, so that no order need
// be kept.

module acm_activations #(
    parameter int WORDS = 64,
    parameter int LANES = 4,
    parameter int BANKS = 4,
    parameter int OUTPUTS = 4,
    parameter int UNIT = 4,
    parameter int DMA_BYTES = 8,
    parameter int ADDRESS_BITS = 7,
    parameter int SLICE_ADDRESS_BITS = 1,
    parameter int SLOT_BITS = 2
) (
    input  logic                          clock,
    input  logic                          load_enable,
    input  logic [      ADDRESS_BITS-1:0] load_address,
    input  logic [SLICE_ADDRESS_BITS-1:0] load_slice,
    input  logic [       8*DMA_BYTES-1:0] load_data,
    input  logic [      OUTPUTS/UNIT-1:0] output_units,
    input  logic [      ADDRESS_BITS-1:0] output_line,
    input  logic [         SLOT_BITS-1:0] output_slot,
    input  logic [         8*OUTPUTS-1:0] output_data,
    input  logic                          execute_enable,
    input  logic [      ADDRESS_BITS-1:0] execute_line,
    output logic [     8*LANES*BANKS-1:0] execute_data,
    input  logic                          store_enable,
    input  logic [      ADDRESS_BITS-1:0] store_address,
    output logic [           8*LANES-1:0] store_data
);
  localparam int LINES = WORDS / BANKS;
  localparam int LINE_BITS = LINES > 1 ? $clog2(LINES) : 1;
  localparam int BANK_BITS = $clog2(BANKS);
  // A transfer that is wider than a word carries padding behind it.
  localparam int SLICE_BYTES = LANES < DMA_BYTES ? LANES : DMA_BYTES;
  // Bytes that are always written together: all three widths are powers of two.
  localparam int PART_BYTES = SLICE_BYTES < UNIT ? SLICE_BYTES : UNIT;
  localparam int PART_BITS = 8 * PART_BYTES;

  logic [8*LANES*BANKS-1:0] store_line;
  logic [BANK_BITS-1:0] load_bank, store_bank;
  logic [LINE_BITS-1:0] load_line_index, store_line_index;

  assign load_bank = load_address[BANK_BITS-1:0];
  assign load_line_index = LINE_BITS'(load_address >> BANK_BITS);
  assign store_line_index = LINE_BITS'(store_address >> BANK_BITS);
  assign store_data = store_line[{store_bank, {$clog2(8 * LANES) {1'b0}}}+:8*LANES];

  generate
    for (genvar first = 0; first < BANKS * LANES; first = first + PART_BYTES) begin : parts
      localparam int BANK = first / LANES;
      localparam int SLICE = first % LANES / SLICE_BYTES;
      localparam int SLOT = first / OUTPUTS;
      logic [PART_BITS-1:0] words[0:LINES-1];
      always_ff @(posedge clock) begin
        if (load_enable && 32'(load_bank) == BANK && 32'(load_slice) == SLICE)
          words[load_line_index] <= load_data[first%SLICE_BYTES*8+:PART_BITS];
        if (output_units[first%OUTPUTS/UNIT] && 32'(output_slot) == SLOT)
          words[output_line[LINE_BITS-1:0]] <= output_data[first%OUTPUTS*8+:PART_BITS];
      end
      always_ff @(posedge clock) begin
        if (execute_enable) execute_data[first*8+:PART_BITS] <= words[execute_line[LINE_BITS-1:0]];
        if (store_enable) store_line[first*8+:PART_BITS] <= words[store_line_index];
      end
    end
  endgenerate

  always_ff @(posedge clock)
    if (store_enable) store_bank <= store_address[BANK_BITS-1:0];

  logic unused;
  assign unused = &{1'b0, load_address, load_data, output_line, execute_line, store_address};
endmodule
