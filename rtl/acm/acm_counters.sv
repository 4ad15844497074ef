// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The number of the cycle, whether the program has ended or cannot go on, and in how many cycles each event was there.

module acm_counters #(
    parameter int EVENTS = 15,
    parameter int COUNTER_BITS = 40
) (
    input  logic                           clock,
    input  logic                           reset,
    input  logic                           fetch_ended,
    input  logic                           fetch_moves,
    input  logic                           queues_empty,
    input  logic                           units_busy,
    input  logic                           units_take,
    input  logic [             EVENTS-1:0] events,
    output logic                           done,
    output logic                           deadlock,
    output logic [       COUNTER_BITS-1:0] cycles,
    output logic [EVENTS*COUNTER_BITS-1:0] event_cycles
);
  // Everything that is under way ends by itself (stalls, too, because the output stage never waits); when nothing is under
  // way and no unit takes an instruction, no state changes any more.
  assign done = fetch_ended && queues_empty && !units_busy;
  assign deadlock = !done && !fetch_moves && !units_busy && !units_take;

  always_ff @(posedge clock)
    if (reset) begin
      cycles <= '0;
      event_cycles <= '0;
    end else if (!done && !deadlock) begin
      cycles <= cycles + 1'b1;
      for (int event_index = 0; event_index < EVENTS; event_index = event_index + 1)
        if (events[event_index])
          event_cycles[event_index*COUNTER_BITS+:COUNTER_BITS] <=
              event_cycles[event_index*COUNTER_BITS+:COUNTER_BITS] + 1'b1;
    end
endmodule
