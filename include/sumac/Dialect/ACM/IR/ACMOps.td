//===- ACMOps.td - Operations of the acm dialect -*- tablegen -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SUMAC_DIALECT_ACM_IR_ACMOPS
#define SUMAC_DIALECT_ACM_IR_ACMOPS

include "mlir/IR/OpBase.td"
include "mlir/IR/BuiltinAttributeInterfaces.td"
include "mlir/IR/RegionKindInterface.td"
include "mlir/IR/SymbolInterfaces.td"
include "sumac/Dialect/ACM/IR/ACMDialect.td"

class ACM_Op<string mnemonic, list<Trait> traits = []> : Op<ACM_Dialect, mnemonic, traits>;

def ACM_ProgramOp : ACM_Op<"program", [Symbol, IsolatedFromAbove, SingleBlock, NoTerminator]> {
  let summary = "a program of the accumulate-multiply core";
  let description = [{
    `machine` is the JSON of the description, `entry` that of the container's section
    of entry points: images of a run, bytes of DRAM, inputs and outputs. `names` is
    the section of names, a JSON object, but for the instructions' own: those are
    their locations. `data` is DRAM from address 0 on. The body is the instructions,
    in program order.

    The verifier checks that a container can hold the program: the description, ports,
    that fields fit. That instructions keep to the machine and are free of races and
    deadlocks is checked by `sumac-translate --acm-check` and before each run.

    Example:

    ```mlir
    acm.program @design machine("{...}") entry("{...}") data(dense_resource<dram> : tensor<4096xui8>) {
      acm.load {memory = "codes", address = 0, words = 16, rows = 1, dram = 0, signal_next = 1}
      acm.execute {format = "dense", mode = "codes", blocks = 1, images = 1, passes = 1, windows = 1, steps = 4,
                   wait_previous = 1, signal_next = 1, high = 127}
      acm.store {memory = "activations", words = 4, rows = 1, dram = 2048, wait_previous = 1}
      acm.finish
    }
    ```
  }];
  let arguments = (ins SymbolNameAttr:$sym_name, StrAttr:$machine, StrAttr:$entry, OptionalAttr<StrAttr>:$names,
    ElementsAttr:$data);
  let regions = (region SizedRegion<1>:$body);
  let assemblyFormat = [{
    $sym_name `machine` `(` $machine `)` `entry` `(` $entry `)` (`names` `(` $names^ `)`)? `data` `(` $data `)`
    attr-dict-with-keyword $body
  }];
  let hasRegionVerifier = 1;
  let extraClassDeclaration = [{
    llvm::LogicalResult verifyInstructions(const Machine &machine);
  }];
}

/// Fields are attributes of their names in section 2 of the specification: integers,
/// or strings where values have names. A field that is not there is 0.
class ACM_InstructionOp<string mnemonic> : ACM_Op<mnemonic, [HasParent<"ProgramOp">]> {
  let assemblyFormat = "attr-dict";
  let hasVerifier = 1;
  let extraClassDefinition = [{
    ::llvm::LogicalResult $cppClass::verify() { return ::sumac::acm::verifyInstruction(*this); }
  }];
}

def ACM_FinishOp : ACM_InstructionOp<"finish"> {
  let summary = "ends the program";
}
def ACM_LoadOp : ACM_InstructionOp<"load"> {
  let summary = "copies words from DRAM to a memory";
}
def ACM_StoreOp : ACM_InstructionOp<"store"> {
  let summary = "copies words of activations or results to DRAM";
}
def ACM_ExecuteOp : ACM_InstructionOp<"execute"> {
  let summary = "accumulates and finishes blocks of outputs";
}

#endif // SUMAC_DIALECT_ACM_IR_ACMOPS
