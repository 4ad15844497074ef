// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The positions of a mask's set bits, from the lowest: position l is that of the (l + 1)-th, if there is one. Every set bit
// moves down by the number of clear bits below it, in log2 steps; such moves never meet.

module acm_compact #(
    parameter int BITS = 16,
    parameter int LANES = 4,
    parameter int POSITION_BITS = 4
) (
    input  logic                           enable,
    input  logic [               BITS-1:0] mask,
    output logic [LANES*POSITION_BITS-1:0] positions,
    output logic [              LANES-1:0] valid
);
  // BITS is a power of two, of which POSITION_BITS is the logarithm; a bit moves by less than BITS.
  logic [POSITION_BITS-1:0] clear[0:BITS-1];  // how many bits below are clear
  logic [POSITION_BITS-1:0] position[0:BITS-1];
  logic present[0:BITS-1];
  logic move, stay;

  always_comb begin
    move = 1'b0;
    stay = 1'b0;
    for (int index = 0; index < BITS; index = index + 1) begin
      clear[index] = '0;
      position[index] = POSITION_BITS'(index);
      present[index] = enable && mask[index];
    end
    if (enable) begin
      // Sums over 1, 2, 4 ... neighbours.
      for (int index = 1; index < BITS; index = index + 1) clear[index] = POSITION_BITS'(!mask[index-1]);
      for (int stage = 0; stage < POSITION_BITS; stage = stage + 1)
        for (int index = BITS - 1; index >= (1 << stage); index = index - 1)
          clear[index] = clear[index] + clear[index-(1<<stage)];
      for (int stage = 0; stage < POSITION_BITS; stage = stage + 1)
        for (int index = 0; index < BITS; index = index + 1) begin
          stay = present[index] && !clear[index][stage];
          move = 1'b0;
          if (index + (1 << stage) < BITS) begin
            move = present[index+(1<<stage)] && clear[index+(1<<stage)][stage];
            position[index] = move ? position[index+(1<<stage)] : position[index];
            clear[index] = move ? clear[index+(1<<stage)] : clear[index];
          end
          present[index] = stay || move;
        end
    end
  end

  always_comb
    for (int lane = 0; lane < LANES; lane = lane + 1) begin
      positions[lane*POSITION_BITS+:POSITION_BITS] = position[lane];
      valid[lane] = present[lane];
    end
endmodule
