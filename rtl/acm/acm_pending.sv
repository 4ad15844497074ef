// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Which activation words are pending: will be written by blocks and images whose last step has been issued. They are few: two
// sweeps can hold accumulators and three more be in O2 to O4, so a ring of eight intervals of words is enough, and no mark is
// kept for each word. Words of an interval are written in order; its first one moves up with them. Where beats may be
// partial, an interval that is shorter than written_words is done at once.

module acm_pending #(
    parameter int WORD_BITS = 8,
    parameter int PARTIAL = 0
) (
    input  logic                 clock,
    input  logic                 reset,
    // Words that the next step reads: first and behind the last.
    input  logic [WORD_BITS-1:0] read_first,
    input  logic [WORD_BITS-1:0] read_end,
    output logic                 read_pending,
    // Words that its block and image write.
    input  logic [WORD_BITS-1:0] write_first,
    input  logic [WORD_BITS-1:0] write_end,
    output logic                 write_pending,
    input  logic                 mark,
    // The output stage completes words of the oldest interval.
    input  logic                 written,
    input  logic [WORD_BITS-1:0] written_words
);
  localparam int ENTRIES = 8;

  logic [ENTRIES*WORD_BITS-1:0] firsts, ends;
  logic [ENTRIES-1:0] valid;
  logic [2:0] head, tail;
  logic [WORD_BITS-1:0] head_first, head_end, remaining;
  logic is_done;

  always_comb begin
    read_pending  = 1'b0;
    write_pending = 1'b0;
    for (int entry = 0; entry < ENTRIES; entry = entry + 1)
      if (valid[entry]) begin
        if (read_first < ends[entry*WORD_BITS+:WORD_BITS] && firsts[entry*WORD_BITS+:WORD_BITS] < read_end)
          read_pending = 1'b1;
        if (write_first < ends[entry*WORD_BITS+:WORD_BITS] && firsts[entry*WORD_BITS+:WORD_BITS] < write_end)
          write_pending = 1'b1;
      end
  end

  assign head_first = firsts[{29'b0, head}*WORD_BITS+:WORD_BITS];
  assign head_end   = ends[{29'b0, head}*WORD_BITS+:WORD_BITS];
  assign remaining  = head_first + written_words;
  assign is_done    = PARTIAL != 0 ? remaining >= head_end : remaining == head_end;

  always_ff @(posedge clock)
    if (reset) begin
      valid <= '0;
      head  <= '0;
      tail  <= '0;
    end else begin
      for (int entry = 0; entry < ENTRIES; entry = entry + 1) begin
        if (mark && 32'(tail) == entry) begin
          valid[entry] <= 1'b1;
          firsts[entry*WORD_BITS+:WORD_BITS] <= write_first;
          ends[entry*WORD_BITS+:WORD_BITS] <= write_end;
        end
        if (written && 32'(head) == entry) begin
          firsts[entry*WORD_BITS+:WORD_BITS] <= remaining;
          if (is_done) valid[entry] <= 1'b0;
        end
      end
      if (mark) tail <= tail + 1'b1;
      if (written && is_done) head <= head + 1'b1;
    end
endmodule
