// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A unit's queue of instructions. Whether it is full or empty is the state at the beginning of a cycle: a push does not see
// the room that a pop makes in the same cycle, as section 4 of the specification says.

module acm_queue #(
    parameter int DEPTH = 4,
    parameter int WIDTH = 32
) (
    input  logic             clock,
    input  logic             reset,
    input  logic             push,
    input  logic [WIDTH-1:0] push_data,
    output logic             full,
    input  logic             pop,
    output logic [WIDTH-1:0] head,
    output logic             empty
);
  localparam int POINTER_BITS = DEPTH > 1 ? $clog2(DEPTH) : 1;
  localparam int COUNT_BITS = $clog2(DEPTH + 1);
  localparam logic [POINTER_BITS-1:0] LAST = POINTER_BITS'(DEPTH - 1);

  logic [WIDTH-1:0] entries[0:DEPTH-1];
  logic [POINTER_BITS-1:0] head_pointer, tail_pointer;
  logic [COUNT_BITS-1:0] count;

  assign full  = count == COUNT_BITS'(DEPTH);
  assign empty = count == '0;
  assign head  = entries[head_pointer];

  always_ff @(posedge clock)
    if (push) entries[tail_pointer] <= push_data;

  always_ff @(posedge clock)
    if (reset) begin
      head_pointer <= '0;
      tail_pointer <= '0;
      count <= '0;
    end else begin
      if (push) tail_pointer <= tail_pointer == LAST ? '0 : tail_pointer + 1'b1;
      if (pop) head_pointer <= head_pointer == LAST ? '0 : head_pointer + 1'b1;
      if (push && !pop) count <= count + 1'b1;
      if (pop && !push) count <= count - 1'b1;
    end
endmodule
