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
  logic [BITS*POSITION_BITS-1:0] clear, position;
  logic [BITS-1:0] present;
  logic move, stay;

  always_comb begin
    clear = '0;
    position = '0;
    present = '0;
    move = 1'b0;
    stay = 1'b0;
    if (enable) begin
      // How many bits below are clear: sums over 1, 2, 4 ... neighbours.
      for (int bit_index = 1; bit_index < BITS; bit_index = bit_index + 1)
        clear[bit_index*POSITION_BITS+:POSITION_BITS] = POSITION_BITS'(!mask[bit_index-1]);
      for (int stage = 0; stage < POSITION_BITS; stage = stage + 1)
        for (int bit_index = BITS - 1; bit_index >= (1 << stage); bit_index = bit_index - 1)
          clear[bit_index*POSITION_BITS+:POSITION_BITS] = clear[bit_index*POSITION_BITS+:POSITION_BITS] +
              clear[(bit_index-(1<<stage))*POSITION_BITS+:POSITION_BITS];
      for (int bit_index = 0; bit_index < BITS; bit_index = bit_index + 1)
        position[bit_index*POSITION_BITS+:POSITION_BITS] = POSITION_BITS'(bit_index);
      present = mask;
      for (int stage = 0; stage < POSITION_BITS; stage = stage + 1)
        for (int bit_index = 0; bit_index < BITS; bit_index = bit_index + 1) begin
          stay = present[bit_index] && !clear[bit_index*POSITION_BITS+stage];
          if (bit_index + (1 << stage) < BITS) begin
            move = present[bit_index+(1<<stage)] && clear[(bit_index+(1<<stage))*POSITION_BITS+stage];
            position[bit_index*POSITION_BITS+:POSITION_BITS] = move ?
                position[(bit_index+(1<<stage))*POSITION_BITS+:POSITION_BITS] :
                position[bit_index*POSITION_BITS+:POSITION_BITS];
            clear[bit_index*POSITION_BITS+:POSITION_BITS] = move ?
                clear[(bit_index+(1<<stage))*POSITION_BITS+:POSITION_BITS] : clear[bit_index*POSITION_BITS+:POSITION_BITS];
          end else move = 1'b0;
          present[bit_index] = stay || move;
        end
    end
  end

  assign positions = position[LANES*POSITION_BITS-1:0];
  assign valid = present[LANES-1:0];
endmodule
