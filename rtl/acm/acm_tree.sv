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
        for (genvar pair = 0; pair < COUNT; pair = pair + 1) begin : pairs
          logic signed [BITS-2:0] left, right;
          assign left = levels[level-1].sums[2*pair*(BITS-1)+:BITS-1];
          assign right = levels[level-1].sums[(2*pair+1)*(BITS-1)+:BITS-1];
          assign sums[pair*BITS+:BITS] = BITS'(left) + BITS'(right);
        end
      end
    end
  endgenerate

  assign sum = levels[LEVELS].sums;
endmodule
