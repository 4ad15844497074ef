// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Adds LANES signed terms in a binary tree; every level's sums are a bit wider than those of the level before.

module acm_tree #(
    parameter int LANES = 4,
    parameter int WIDTH = 9
) (
    input  logic [           LANES*WIDTH-1:0] terms,
    output logic [WIDTH+$clog2(LANES)-1:0] sum
);
  localparam int LEVELS = $clog2(LANES);

  generate
    for (genvar level = 0; level <= LEVELS; level = level + 1) begin : levels
      localparam int COUNT = LANES >> level;
      localparam int BITS = WIDTH + level;
      logic [COUNT*BITS-1:0] sums;
      if (level == 0) begin : leaves
        assign sums = terms;
      end else begin : adders
        logic [2*COUNT*(BITS-1)-1:0] previous;
        assign previous = levels[level-1].sums;
        always_comb
          for (int pair = 0; pair < COUNT; pair = pair + 1)
            sums[pair*BITS+:BITS] = BITS'($signed(previous[2*pair*(BITS-1)+:BITS-1])) +
                BITS'($signed(previous[(2*pair+1)*(BITS-1)+:BITS-1]));
      end
    end
  endgenerate

  assign sum = levels[LEVELS].sums;
endmodule
