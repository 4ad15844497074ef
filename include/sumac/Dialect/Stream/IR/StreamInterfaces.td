//===- StreamInterfaces.td - Interfaces of the stream dialect -*- tablegen -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SUMAC_DIALECT_STREAM_IR_STREAMINTERFACES
#define SUMAC_DIALECT_STREAM_IR_STREAMINTERFACES

include "mlir/IR/AttrTypeBase.td"
include "mlir/IR/OpBase.td"

def Stream_UnitAttrInterface : AttrInterface<"UnitAttrInterface"> {
  let cppNamespace = "::sumac::stream";
  let description = [{
    How a `stream.process` (the argument `process`) computes its body: the hardware
    that is built for it.
    A new kind of unit is a new attribute with this interface.
  }];
  let methods = [
    InterfaceMethod<"short name for reports, e.g. \"folded\"", "::llvm::StringRef", "getUnitName">,
    InterfaceMethod<"all units of this kind that can compute the process, itself with other parameters",
      "::llvm::SmallVector<::mlir::Attribute>", "getCandidates", (ins "::mlir::Operation *":$process)>,
    InterfaceMethod<"the parameters by their names, as in a folding file", "::llvm::json::Object", "toJSON">,
    InterfaceMethod<"the unit with the parameters that `object` names changed; the error says what is wrong",
      "::llvm::Expected<::mlir::Attribute>", "withParameters", (ins "const ::llvm::json::Object &":$object)>,
    InterfaceMethod<"whether the unit can compute the process: the kinds of its operations, the lanes of its channels",
      "::llvm::LogicalResult", "verifyProcess", (ins "::mlir::Operation *":$process)>,
    InterfaceMethod<"lanes of every channel that the process reads", "int64_t", "getInputLanes",
      (ins "::mlir::Operation *":$process)>,
    InterfaceMethod<"lanes of the channel that it writes", "int64_t", "getOutputLanes",
      (ins "::mlir::Operation *":$process)>,
    InterfaceMethod<"the static schedule of the process", "::sumac::stream::Schedule", "getSchedule",
      (ins "::mlir::Operation *":$process)>,
    InterfaceMethod<"what the process takes of a device", "::sumac::stream::Resources", "getResources",
      (ins "::mlir::Operation *":$process)>,
  ];
}

def Stream_StreamOpInterface : OpInterface<"StreamOpInterface"> {
  let cppNamespace = "::sumac::stream";
  let description = [{
    A process: it reads its channel operands and writes its channel results by a
    static schedule.
  }];
  let methods = [
    InterfaceMethod<"in which steps of a frame operands are read and results written", "::sumac::stream::Schedule",
      "getSchedule">,
    InterfaceMethod<"estimated resources", "::sumac::stream::Resources", "getResources">,
    InterfaceMethod<"name for reports and code", "::std::string", "getProcessName">,
  ];
}

#endif // SUMAC_DIALECT_STREAM_IR_STREAMINTERFACES
