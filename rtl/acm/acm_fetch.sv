// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Takes instructions in program order, one a cycle, and gives each to its unit's queue. The instruction memory needs a cycle
// to read: the address is that of the next cycle's instruction, and during reset that of the first, `start`.

module acm_fetch #(
    parameter int INSTRUCTION_BITS = 160,
    parameter int ADDRESS_BITS = 7
) (
    input  logic                        clock,
    input  logic                        reset,
    input  logic [    ADDRESS_BITS-1:0] start,
    output logic [    ADDRESS_BITS-1:0] address,
    input  logic [INSTRUCTION_BITS-1:0] instruction,
    input  logic                        load_full,
    input  logic                        store_full,
    input  logic                        execute_full,
    output logic                        load_push,
    output logic                        store_push,
    output logic                        execute_push,
    output logic                        ended,
    output logic                        moves,
    output logic                        fault
);
  localparam logic [2:0] FINISH = 3'd0, LOAD = 3'd1, STORE = 3'd2, EXECUTE = 3'd3;

  logic [ADDRESS_BITS-1:0] counter;
  logic [2:0] opcode;
  logic finish, reserved;

  assign opcode = instruction[2:0];
  assign load_push = !ended && opcode == LOAD && !load_full;
  assign store_push = !ended && opcode == STORE && !store_full;
  assign execute_push = !ended && opcode == EXECUTE && !execute_full;
  assign finish = !ended && opcode == FINISH;
  assign reserved = !ended && opcode > EXECUTE;
  assign moves = load_push || store_push || execute_push || finish || reserved;

  always_comb
    if (reset) address = start;
    else if (moves) address = counter + 1'b1;
    else address = counter;

  always_ff @(posedge clock)
    if (reset) begin
      counter <= start;
      ended <= 1'b0;
      fault <= 1'b0;
    end else begin
      counter <= address;
      if (finish) ended <= 1'b1;
      // A reserved opcode ends fetch: nothing that follows could be trusted.
      if (reserved) begin
        ended <= 1'b1;
        fault <= 1'b1;
      end
    end

  logic unused;
  assign unused = &{1'b0, instruction};
endmodule
