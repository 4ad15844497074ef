// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef CIRCULANT
#define CIRCULANT

include "mlir/IR/AttrTypeBase.td"
include "mlir/IR/BuiltinAttributeInterfaces.td"
include "mlir/IR/DialectBase.td"
include "sumac/Dialect/Sumac/IR/SumacInterfaces.td"

def Circulant_Dialect : Dialect {
  let name = "circulant";
  let cppNamespace = "::circulant";
  let useDefaultAttributePrinterParser = 1;
}

def Circulant_RowsAttr : AttrDef<Circulant_Dialect, "Rows",
    [DeclareAttrInterfaceMethods<Sumac_CodingAttrInterface>]> {
  let mnemonic = "rows";
  let summary = "every row of weights is the one above, rotated to the right";
  let description = [{
    w[n, k] = first[(k - n) mod K] for weights [outputs, K]; `first` is [K] of
    si64 elements.
  }];
  let parameters = (ins "::mlir::ElementsAttr":$first, ArrayRefParameter<"int64_t">:$weightShape);
  let assemblyFormat = "`<` $first `,` `shape` `=` `[` $weightShape `]` `>`";
  let genVerifyDecl = 1;
}

#endif // CIRCULANT
