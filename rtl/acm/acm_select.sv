// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// O1 of one lane of the output stage: takes the four sums of the beat's row out of each group of rows, and adds the groups.
// A lane sees only the rows whose number is its own modulo OUTPUTS: ROWS / OUTPUTS of them.

module acm_select #(
    parameter int CANDIDATES = 2,
    parameter int FOLD = 2,
    parameter int ACCUMULATOR_BITS = 24,
    parameter int BEAT_INDEX_BITS = 1
) (
    input  logic                                               enable,
    input  logic [                                        2:0] fold,
    input  logic [                        BEAT_INDEX_BITS-1:0] beat,
    input  logic [          CANDIDATES*4*ACCUMULATOR_BITS-1:0] candidates,
    output logic [4*(ACCUMULATOR_BITS+$clog2(FOLD))-1:0] sums
);
  localparam int SUM_BITS = ACCUMULATOR_BITS + $clog2(FOLD);

  logic [4*ACCUMULATOR_BITS-1:0] chosen;

  always_comb begin
    sums   = '0;
    chosen = '0;
    if (enable)
      for (int group = 0; group < FOLD; group = group + 1)
        if (group < (1 << fold)) begin
          chosen = '0;
          for (int candidate = 0; candidate < CANDIDATES; candidate = candidate + 1)
            if (candidate == ((group * CANDIDATES) >> fold) + 32'(beat))
              chosen = candidates[candidate*4*ACCUMULATOR_BITS+:4*ACCUMULATOR_BITS];
          for (int plane = 0; plane < 4; plane = plane + 1)
            sums[plane*SUM_BITS+:SUM_BITS] = sums[plane*SUM_BITS+:SUM_BITS] +
                SUM_BITS'($signed(chosen[plane*ACCUMULATOR_BITS+:ACCUMULATOR_BITS]));
        end
  end
endmodule
