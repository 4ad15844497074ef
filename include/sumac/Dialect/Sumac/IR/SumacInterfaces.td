//===- SumacInterfaces.td - Interfaces of the sumac dialect -*- tablegen -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SUMAC_DIALECT_SUMAC_IR_SUMACINTERFACES
#define SUMAC_DIALECT_SUMAC_IR_SUMACINTERFACES

include "mlir/IR/AttrTypeBase.td"
include "mlir/IR/OpBase.td"

//===----------------------------------------------------------------------===//
// Attribute interfaces
//===----------------------------------------------------------------------===//

def Sumac_CodingAttrInterface : AttrInterface<"CodingAttrInterface"> {
  let cppNamespace = "::sumac";
  let description = [{
    A coding is an attribute that decodes to a constant tensor: what the weights
    *are*, apart from how a layer is computed (form) and how its bits lie
    (storage). Nothing outside the attribute asks which coding it is.

    Elements are numbered in row-major order. For a coding with
    `isIntegral()`, element i is exactly `decodeIntegers(i) * 2^getExponent()`;
    verifiers of codings make sure that the integers fit 64 bits. A coding
    that is not integral holds floats, each decoded exactly as a double.
  }];
  let methods = [
    InterfaceMethod<"shape of the decoded tensor", "::llvm::ArrayRef<int64_t>", "getShape">,
    InterfaceMethod<"whether elements are integers times one power of two", "bool", "isIntegral",
      (ins), [{}], [{ return true; }]>,
    InterfaceMethod<"the power of two that every decoded integer is multiplied by",
      "int64_t", "getExponent", (ins), [{}], [{ return 0; }]>,
    InterfaceMethod<"decode elements [first, first + out.size()) to integers",
      "void", "decodeIntegers", (ins "int64_t":$first, "::llvm::MutableArrayRef<int64_t>":$out)>,
    InterfaceMethod<"decode elements [first, first + out.size()) to doubles; exact unless isIntegral() with integers beyond 53 bits",
      "void", "decodeDoubles", (ins "int64_t":$first, "::llvm::MutableArrayRef<double>":$out), [{}], [{
        ::sumac::detail::decodeAsDoubles(::llvm::cast<::sumac::CodingAttrInterface>($_attr), first, out);
      }]>,
    InterfaceMethod<"smallest and largest decoded integer of elements [first, first + count)",
      "::sumac::IntegerRange", "getRange", (ins "int64_t":$first, "int64_t":$count), [{}], [{
        return ::sumac::detail::scanRange(::llvm::cast<::sumac::CodingAttrInterface>($_attr), first, count);
      }]>,
    InterfaceMethod<"bits that the coding needs for all elements in dense packed storage, tables included",
      "int64_t", "getStoredBits">,
    InterfaceMethod<"bits of one element's code in dense packed storage, tables not included",
      "unsigned", "getElementBits">,
    InterfaceMethod<"shape of the codes, [output channels, codes]: one code for each element, or for each group of them",
      "::llvm::ArrayRef<int64_t>", "getCodeShape", (ins), [{}], [{ return $_attr.getShape(); }]>,
    InterfaceMethod<"calls `visit` for each output channel, in order, with the bits of its codes and its codes as storage holds them, for a coding that is integral; the integers in two's complement unless the coding has codes of its own",
      "void", "visitCodes", (ins "::sumac::VisitCodes":$visit), [{}], [{
        ::sumac::detail::visitTwosComplementCodes(::llvm::cast<::sumac::CodingAttrInterface>($_attr), visit);
      }]>,
    InterfaceMethod<"the code that stands for nothing but zeros, which sparse storage leaves out; nullopt if there is none",
      "::std::optional<uint64_t>", "getZeroCode", (ins), [{}], [{ return 0; }]>,
    InterfaceMethod<"elements that one code stands for, neighbours in an output channel; the last code of a channel may stand for fewer",
      "int64_t", "getGroupSize", (ins), [{}], [{ return 1; }]>,
    InterfaceMethod<"number of groups of getGroupSize() elements that codes choose from (papers.md, WP: the pool); 0 where there are none",
      "int64_t", "getNumGroups", (ins), [{}], [{ return 0; }]>,
    InterfaceMethod<"the elements of group `group`, getGroupSize() of them",
      "void", "decodeGroup", (ins "int64_t":$group, "::llvm::MutableArrayRef<int64_t>":$out), [{}], [{ (void)group; }]>,
    InterfaceMethod<"number of binary masks B_k that the integers decompose into, w = sum_k c_k B_k (papers.md, F4); 0 where there are none",
      "unsigned", "getNumMasks", (ins), [{}], [{ return 0; }]>,
    InterfaceMethod<"coefficient c_k of mask k in output channel `channel`, in units of 2^getExponent()",
      "int64_t", "getMaskCoefficient", (ins "unsigned":$mask, "int64_t":$channel), [{}], [{ return 0; }]>,
    InterfaceMethod<"masks of elements [first, first + out.size()): bit k of an entry says whether mask k has the element; for at most 8 masks",
      "void", "decodeMasks", (ins "int64_t":$first, "::llvm::MutableArrayRef<uint8_t>":$out), [{}], [{
        ::sumac::detail::decodeTwosComplementMasks(::llvm::cast<::sumac::CodingAttrInterface>($_attr), first, out);
      }]>,
    InterfaceMethod<"check what the attribute's own verifier cannot: that the payload is there and its values are in range",
      "::llvm::LogicalResult", "verifyContents",
      (ins "::llvm::function_ref<::mlir::InFlightDiagnostic()>":$emitError), [{}], [{ return ::llvm::success(); }]>,
    InterfaceMethod<"short name for reports, e.g. \"uniform4\"", "::std::string", "getCodingName">,
  ];
}

def Sumac_StorageAttrInterface : AttrInterface<"StorageAttrInterface"> {
  let cppNamespace = "::sumac";
  let description = [{
    How the bits of a coding's codes lie. Tables of a coding (coefficients,
    values, the vectors of a pool) are stored beside them, as they are.
  }];
  let methods = [
    InterfaceMethod<"short name for options and reports", "::llvm::StringRef", "getStorageName">,
    InterfaceMethod<"bits that codes with these statistics take, tables included; nullopt where they cannot be stored so",
      "::std::optional<int64_t>", "getBits", (ins "const ::sumac::CodeStatistics &":$statistics)>,
    InterfaceMethod<"the codes as a string of bits, of as many bits as getBits() says without tables",
      "void", "encode", (ins "::sumac::CodingAttrInterface":$coding, "const ::sumac::CodeStatistics &":$statistics,
                             "::sumac::BitWriter &":$out)>,
    InterfaceMethod<"the codes back, row-major: what a decoder in hardware does; false if the bits end early or make no sense",
      "bool", "decode", (ins "const ::sumac::CodeLayout &":$layout, "::sumac::BitReader &":$in,
                             "::std::vector<uint64_t> &":$codes)>,
  ];
}

def Sumac_FormAttrInterface : AttrInterface<"FormAttrInterface"> {
  let cppNamespace = "::sumac";
  let description = [{
    A sum form says how a layer is computed: dense multiply-accumulate, bit
    planes with popcount, masked sums, ... A cost model or the user writes it
    on `sumac.linear`; mechanical passes obey it.
  }];
  let methods = [
    InterfaceMethod<"whether a layer with these weights and this activation type can be computed in this form",
      "bool", "supports", (ins "::sumac::CodingAttrInterface":$weights, "::mlir::IntegerType":$activation)>,
    InterfaceMethod<"short name for options and reports", "::llvm::StringRef", "getFormName">,
  ];
}

//===----------------------------------------------------------------------===//
// Operation interfaces
//===----------------------------------------------------------------------===//

def Sumac_GridOpInterface : OpInterface<"GridOpInterface"> {
  let cppNamespace = "::sumac";
  let description = [{
    An operation whose result lies on a known grid: every element is
    (code - zero point) * scale for an integer code within the grid's bounds.
  }];
  let methods = [
    InterfaceMethod<"the grid of the first result, or null", "::sumac::GridAttr", "getResultGrid">,
  ];
}

def Sumac_IntegerRangeOpInterface : OpInterface<"IntegerRangeOpInterface"> {
  let cppNamespace = "::sumac";
  let description = [{
    An operation on tensors of integers that can bound its result from the
    bounds of its operands. A range holds for all elements of one channel (the
    last dimension), or has one entry for all channels.
  }];
  let methods = [
    InterfaceMethod<"per-channel bounds of the first result, or nullopt where an operand's are unknown",
      "::std::optional<::sumac::ChannelRanges>", "inferResultRanges",
      (ins "::llvm::ArrayRef<::std::optional<::sumac::ChannelRanges>>":$operands)>,
  ];
}

def Sumac_CostOpInterface : OpInterface<"CostOpInterface"> {
  let cppNamespace = "::sumac";
  let description = [{
    Work and storage of one operation, for one row of the batch. Cost models and
    reports are written against this alone.
  }];
  let methods = [
    InterfaceMethod<"operations done for one row", "::sumac::OperationCount", "getOperationCount">,
    InterfaceMethod<"bits of constants that the operation holds as attributes", "int64_t", "getStoredBits",
      (ins), [{}], [{ return 0; }]>,
  ];
}

#endif // SUMAC_DIALECT_SUMAC_IR_SUMACINTERFACES
