// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A memory with one write port and one read port. A read takes a cycle: the word of the address that is given in a cycle is
// there in the next one, and stays until the next read. A word is written in slices, because a transfer from DRAM may be
// narrower than a word: slice s has the bits from s SLICE_BITS on. The last one may be cut off.

module acm_memory #(
    parameter int WORDS = 16,
    parameter int WIDTH = 32,
    parameter int SLICE_BITS = 32,
    parameter int ADDRESS_BITS = 5,
    parameter int SLICE_ADDRESS_BITS = 1
) (
    input  logic                          clock,
    input  logic                          write_enable,
    input  logic [      ADDRESS_BITS-1:0] write_address,
    input  logic [SLICE_ADDRESS_BITS-1:0] write_slice,
    input  logic [        SLICE_BITS-1:0] write_data,
    input  logic                          read_enable,
    input  logic [      ADDRESS_BITS-1:0] read_address,
    output logic [             WIDTH-1:0] read_data
);
  localparam int SLICES = (WIDTH + SLICE_BITS - 1) / SLICE_BITS;
  localparam int INDEX_BITS = WORDS > 1 ? $clog2(WORDS) : 1;

  generate
    for (genvar slice = 0; slice < SLICES; slice = slice + 1) begin : slices
      localparam int BITS = WIDTH - slice * SLICE_BITS < SLICE_BITS ? WIDTH - slice * SLICE_BITS : SLICE_BITS;
      logic [BITS-1:0] words[0:WORDS-1];
      always_ff @(posedge clock)
        if (write_enable && 32'(write_slice) == slice) words[write_address[INDEX_BITS-1:0]] <= write_data[BITS-1:0];
      always_ff @(posedge clock)
        if (read_enable) read_data[slice*SLICE_BITS+:BITS] <= words[read_address[INDEX_BITS-1:0]];
    end
  endgenerate

  // An address has the bits of the largest memory; a program that is in range leaves the upper ones clear.
  // What a transfer carries behind the word's end is dropped.
  logic unused;
  assign unused = &{1'b0, write_address, read_address, write_data};
endmodule
