// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// O1 of one lane of the output stage: takes the four sums of the beat's row out of each group of rows, and adds the groups.
// A lane sees only the rows that it may need; beats are BEAT_CANDIDATES of them apart. FOLD is the greatest with which this
// lane has an output: what comes out with a greater one is of no use, and ignored.

module acm_select #(
    parameter int CANDIDATES = 2,
    parameter int BEAT_CANDIDATES = 1,
    parameter int FOLD = 2,
    parameter int ACCUMULATOR_BITS = 24,
    parameter int SUM_BITS = 25,
    parameter int BEAT_INDEX_BITS = 1
) (
    input  logic                                     enable,
    input  logic [                              2:0] fold,
    input  logic [              BEAT_INDEX_BITS-1:0] beat,
    input  logic [CANDIDATES*4*ACCUMULATOR_BITS-1:0] candidates,
    output logic [                   4*SUM_BITS-1:0] sums
);
  logic [4*ACCUMULATOR_BITS-1:0] chosen;

  always_comb begin
    sums   = '0;
    chosen = '0;
    if (enable)
      for (int group = 0; group < FOLD; group = group + 1)
        if (group < (1 << fold)) begin
          chosen = '0;
          for (int candidate = 0; candidate < CANDIDATES; candidate = candidate + 1)
            if (candidate == ((group * CANDIDATES) >> fold) + 32'(beat) * BEAT_CANDIDATES)
              chosen = candidates[candidate*4*ACCUMULATOR_BITS+:4*ACCUMULATOR_BITS];
          for (int plane = 0; plane < 4; plane = plane + 1)
            sums[plane*SUM_BITS+:SUM_BITS] = sums[plane*SUM_BITS+:SUM_BITS] +
                SUM_BITS'($signed(chosen[plane*ACCUMULATOR_BITS+:ACCUMULATOR_BITS]));
        end
  end
endmodule
