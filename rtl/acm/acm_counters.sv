// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The number of the cycle, whether the program has ended or cannot go on, and why execute did not issue.

module acm_counters #(
    parameter int COUNTER_BITS = 48
) (
    input  logic                    clock,
    input  logic                    reset,
    input  logic                    fetch_ended,
    input  logic                    fetch_moves,
    input  logic                    queues_empty,
    input  logic                    units_busy,
    input  logic                    units_take,
    input  logic                    execute_idle,
    input  logic                    execute_queue_empty,
    input  logic                    issue,
    input  logic                    stall_read,
    input  logic                    stall_set,
    input  logic                    stall_write,
    output logic                    done,
    output logic                    deadlock,
    output logic [COUNTER_BITS-1:0] cycles,
    output logic [COUNTER_BITS-1:0] steps,
    output logic [COUNTER_BITS-1:0] stalls_read,
    output logic [COUNTER_BITS-1:0] stalls_set,
    output logic [COUNTER_BITS-1:0] stalls_write,
    output logic [COUNTER_BITS-1:0] idle_waiting,
    output logic [COUNTER_BITS-1:0] idle_empty
);
  // Everything that is under way ends by itself (stalls, too, because the output stage never waits); when nothing is under
  // way and no unit takes an instruction, no state changes any more.
  assign done = fetch_ended && queues_empty && !units_busy;
  assign deadlock = !done && !fetch_moves && !units_busy && !units_take;

  always_ff @(posedge clock)
    if (reset) begin
      cycles <= '0;
      steps <= '0;
      stalls_read <= '0;
      stalls_set <= '0;
      stalls_write <= '0;
      idle_waiting <= '0;
      idle_empty <= '0;
    end else if (!done && !deadlock) begin
      cycles <= cycles + 1'b1;
      if (issue) steps <= steps + 1'b1;
      if (stall_read) stalls_read <= stalls_read + 1'b1;
      if (stall_set) stalls_set <= stalls_set + 1'b1;
      if (stall_write) stalls_write <= stalls_write + 1'b1;
      if (execute_idle && !execute_queue_empty) idle_waiting <= idle_waiting + 1'b1;
      if (execute_idle && execute_queue_empty) idle_empty <= idle_empty + 1'b1;
    end
endmodule
