// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Where the outputs of a beat go among the OUTPUTS places that are addressed together. A beat that is less than that is in
// the lowest lanes; it is offered at all places, and only the units that it goes to are written. On machines whose beats are
// all of OUTPUTS, this is nothing but wires.

module acm_place #(
    parameter int ROWS = 8,
    parameter int OUTPUTS = 4,
    parameter int FOLD = 2,
    parameter int UNIT = 4,
    parameter int WIDTH = 8
) (
    input  logic                     enable,
    input  logic [              2:0] fold,
    input  logic [             31:0] first_unit,
    input  logic [OUTPUTS*WIDTH-1:0] data,
    output logic [ OUTPUTS/UNIT-1:0] units,
    output logic [OUTPUTS*WIDTH-1:0] placed
);
  generate
    if (UNIT == OUTPUTS) begin : whole
      assign units  = enable;
      assign placed = data;
      logic unused;
      assign unused = &{1'b0, fold, first_unit};
    end else begin : partial
      always_comb begin
        units = enable ? '1 : '0;
        for (int log = 1; log <= $clog2(FOLD); log = log + 1)
          if (32'(fold) == log && (ROWS >> log) < OUTPUTS)
            for (int unit = 0; unit < OUTPUTS / UNIT; unit = unit + 1)
              if (unit / ((ROWS >> log) / UNIT) != first_unit / ((ROWS >> log) / UNIT)) units[unit] = 1'b0;
      end
      for (genvar lane = 0; lane < OUTPUTS; lane = lane + 1) begin : lanes
        always_comb begin
          placed[lane*WIDTH+:WIDTH] = data[lane*WIDTH+:WIDTH];
          for (int log = 1; log <= $clog2(FOLD); log = log + 1)
            if (32'(fold) == log && (ROWS >> log) <= lane)
              placed[lane*WIDTH+:WIDTH] = data[lane%(ROWS>>log)*WIDTH+:WIDTH];
        end
      end
    end
  endgenerate
endmodule
