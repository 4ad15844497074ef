//===- Importer.h - Parts of the ONNX importer ------------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What the importer's files share: element types, tensors, attributes,
// external data and local functions. Everything read from a model is untrusted:
// sizes are compared with the bytes at hand before anything is allocated.
//
//===----------------------------------------------------------------------===//

#ifndef SUMAC_LIB_IMPORT_ONNX_IMPORTER_H
#define SUMAC_LIB_IMPORT_ONNX_IMPORTER_H

#include "mlir/IR/Builders.h"
#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/OwningOpRef.h"
#include "sumac_onnx.pb.h"
#include "llvm/ADT/StringRef.h"
#include <list>
#include <string>

namespace sumac::onnx {

namespace proto = ::sumac_onnx_proto;

/// The largest size of one dimension, and the largest number of elements of a
/// tensor without its dynamic dimensions.
constexpr int64_t kMaxDimension = int64_t(1) << 31;
constexpr int64_t kMaxElements = int64_t(1) << 40;

//===----------------------------------------------------------------------===//
// Element types
//===----------------------------------------------------------------------===//

/// How elements of one TensorProto.DataType are stored and typed.
struct ElementType {
  /// The type of values, e.g. si4; null for types that Sumac has no type for.
  mlir::Type type;
  /// The type of one element in a payload: whole bytes, e.g. si8 for si4.
  mlir::Type payload;
  /// Bits that an element takes in raw_data.
  unsigned bits = 0;
};

ElementType getElementType(int32_t dataType, mlir::MLIRContext *context);
/// The name in TensorProto.DataType, e.g. "FLOAT8E5M2".
std::string getDataTypeName(int32_t dataType);

//===----------------------------------------------------------------------===//
// External data
//===----------------------------------------------------------------------===//

/// Reads external data of tensors, from files inside one folder only.
class ExternalDataReader {
public:
  /// An empty folder refuses all external data.
  explicit ExternalDataReader(llvm::StringRef folder);

  /// Reads the `size` bytes that the tensor's external_data entries name.
  mlir::FailureOr<std::string> read(const proto::TensorProto &tensor, uint64_t size,
                                    mlir::Location loc) const;

private:
  std::string folder;
};

//===----------------------------------------------------------------------===//
// Tensors and attributes
//===----------------------------------------------------------------------===//

/// A constant of the model. `payload` is null for types that have no elements
/// attribute (strings, complex numbers); `description` then says what it is.
struct ImportedTensor {
  mlir::Type type; ///< tensor<..x type>, or !onnx.value
  mlir::ElementsAttr payload;
  std::string description;
};

class TensorImporter {
public:
  TensorImporter(mlir::MLIRContext *context, llvm::StringRef externalFolder)
      : context(context), external(externalFolder) {}

  /// Takes the tensor's data away from the message.
  mlir::FailureOr<ImportedTensor> import(proto::TensorProto &tensor, llvm::StringRef name,
                                         mlir::Location loc);

private:
  mlir::FailureOr<std::string> takeBytes(proto::TensorProto &tensor, const ElementType &element,
                                         int64_t count, mlir::Location loc);

  mlir::MLIRContext *context;
  ExternalDataReader external;
};

/// Checks dims (none negative, sizes and their product within bounds) and
/// returns the number of elements.
mlir::FailureOr<int64_t> checkDims(llvm::ArrayRef<int64_t> dims, mlir::Location loc,
                                   llvm::StringRef what);

/// A node's attributes as a dictionary; subgraphs, types and sparse tensors
/// become strings that only describe them.
mlir::FailureOr<mlir::DictionaryAttr> importAttributes(proto::NodeProto &node,
                                                       TensorImporter &tensors,
                                                       mlir::Location loc);

/// "OpType:output" or the node's own name.
std::string getNodeName(const proto::NodeProto &node);
mlir::Location getNodeLoc(const proto::NodeProto &node, mlir::MLIRContext *context);

//===----------------------------------------------------------------------===//
// Local functions
//===----------------------------------------------------------------------===//

/// A node to import, with the operator set versions that hold for it.
struct PlacedNode {
  proto::NodeProto *node;
  const google::protobuf::RepeatedPtrField<proto::OperatorSetIdProto> *opsets;
};

/// Replaces calls of the model's own functions by their bodies. Nodes made here
/// live in `storage`.
mlir::FailureOr<std::vector<PlacedNode>> inlineFunctions(proto::ModelProto &model,
                                                         std::list<proto::NodeProto> &storage,
                                                         mlir::MLIRContext *context);

//===----------------------------------------------------------------------===//
// Graph
//===----------------------------------------------------------------------===//

mlir::OwningOpRef<mlir::ModuleOp> importModel(proto::ModelProto &model, llvm::StringRef fileName,
                                              llvm::StringRef externalFolder,
                                              mlir::MLIRContext *context);

} // namespace sumac::onnx

#endif // SUMAC_LIB_IMPORT_ONNX_IMPORTER_H
