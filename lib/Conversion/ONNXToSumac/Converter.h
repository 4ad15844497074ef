//===- Converter.h - State of the ONNX conversion ---------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What the conversion rules work with. A rule sees one node through the class
// Node: its attributes, what is known about its inputs (class Tensor), and
// functions that build IR. Rules live in one file per theme and register
// themselves by domain and operator name.
//
//===----------------------------------------------------------------------===//

#ifndef SUMAC_LIB_CONVERSION_ONNXTOSUMAC_CONVERTER_H
#define SUMAC_LIB_CONVERSION_ONNXTOSUMAC_CONVERTER_H

#include "Shape.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/BuiltinAttributes.h"
#include "sumac/Dialect/ONNX/IR/ONNXDialect.h"
#include "sumac/Dialect/Sumac/IR/SumacDialect.h"
#include "sumac/Support/Real.h"
#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/StringMap.h"
#include <deque>
#include <memory>
#include <optional>

namespace sumac::onnx {

/// The operator set versions of the default domain that the rules know.
constexpr int64_t kOldestVersion = 6;
constexpr int64_t kNewestVersion = 28;

/// Computed constants have at most this many elements; larger ones stay
/// operations for later passes.
constexpr int64_t kMaxComputedElements = 4096;

/// A type's name in diagnostics: "f32".
std::string getTypeName(mlir::Type type);

/// A number in diagnostics: "-0.5".
std::string getNumberText(const Real &number);

/// The type of TensorProto.DataType's number `code`, among integers and the
/// floats that have exact arithmetic; null for others.
mlir::Type getONNXElementType(int64_t code, mlir::MLIRContext *context);

/// What is known about one ONNX value.
struct Tensor {
  /// Unset for results of nodes that could not be converted.
  bool known = false;
  Shape shape;
  /// The element type in ONNX, e.g. f32 or si8; null for types that have no
  /// arithmetic here, which `opaque` then names.
  mlir::Type elementType;
  std::string opaque;

  /// A tensor of reals or of integers. Null for literals until one is needed.
  mlir::Value value;
  /// A literal's elements: whole-byte integers or floats.
  mlir::ElementsAttr payload;
  /// Elements of an integer tensor that are known now, sizes among them.
  std::optional<llvm::SmallVector<Dim>> sizes;
  /// Elements of a computed constant that floats cannot hold.
  std::optional<llvm::SmallVector<Real>> exact;
  /// Whether no graph input has a part in it.
  bool constant = false;

  bool isInteger() const { return llvm::isa_and_nonnull<mlir::IntegerType>(elementType); }
  bool isFloat() const { return llvm::isa_and_nonnull<mlir::FloatType>(elementType); }
  int64_t rank() const { return static_cast<int64_t>(shape.size()); }
};

class Converter;

/// One node during its conversion.
class Node {
public:
  Node(NodeOp op, Converter &converter);

  NodeOp op;
  Converter &converter;
  mlir::OpBuilder &builder;
  mlir::Location loc;

  llvm::StringRef getType() { return op.getOpType(); }
  /// The operator set's version; the newest for domains that the file does not
  /// import.
  int64_t getVersion();

  //===--- Operands and results -------------------------------------------===//

  unsigned getNumInputs() const { return static_cast<unsigned>(inputs.size()); }
  bool hasInput(unsigned i) const { return i < inputs.size() && inputs[i]; }
  /// The input at a position that hasInput() or checkInputs() confirmed.
  Tensor &in(unsigned i) { return *inputs[i]; }
  /// Puts another tensor in an input's place, for the rest of this node.
  void replaceInput(unsigned i, Tensor tensor);
  /// Fails unless inputs 0 to `required` - 1 are there and none from `limit` on.
  mlir::LogicalResult checkInputs(unsigned required, unsigned limit);
  /// Whether output i exists and something uses it.
  bool isOutputUsed(unsigned i);
  void setOutput(unsigned i, Tensor tensor);
  void setResult(Tensor tensor) { setOutput(0, std::move(tensor)); }
  /// A result of reals (or of integers), computed from this node's inputs.
  void setResult(mlir::Value value, llvm::ArrayRef<Dim> shape, mlir::Type elementType);
  Tensor makeTensor(mlir::Value value, llvm::ArrayRef<Dim> shape, mlir::Type elementType);

  //===--- Attributes -----------------------------------------------------===//

  bool hasAttr(llvm::StringRef name) { return getAttr(name) != nullptr; }
  mlir::Attribute getAttr(llvm::StringRef name);
  /// These record an error for an attribute of another type.
  int64_t getInt(llvm::StringRef name, int64_t fallback);
  double getFloat(llvm::StringRef name, double fallback);
  std::string getString(llvm::StringRef name, llvm::StringRef fallback);
  std::optional<llvm::SmallVector<int64_t>> getInts(llvm::StringRef name);
  /// The integers of an attribute or, in later operator sets, of an input.
  std::optional<llvm::SmallVector<int64_t>> getIntsFrom(llvm::StringRef name, unsigned input);
  /// An axis in [0, rank), from a possibly negative number.
  mlir::FailureOr<int64_t> getAxis(int64_t axis, int64_t rank);

  //===--- Errors ---------------------------------------------------------===//

  /// The node is valid ONNX, but has no conversion.
  mlir::LogicalResult unsupported(const llvm::Twine &reason);
  /// The node breaks the operator's rules.
  mlir::LogicalResult invalid(const llvm::Twine &reason);
  bool hasFailed() const { return hasError; }

  //===--- Values (Values.cpp) --------------------------------------------===//
  // Each returns null or nothing after recording an error.

  /// A tensor of reals, whatever holds the value.
  mlir::Value real(Tensor &tensor);
  mlir::Value real(unsigned i) { return real(in(i)); }
  /// A tensor of integers of the ONNX element type.
  mlir::Value integer(Tensor &tensor);
  /// Elements of a constant; `what` names it in errors.
  std::optional<llvm::SmallVector<Real>> getExact(Tensor &tensor, llvm::StringRef what);
  /// The one element of a constant of one element.
  std::optional<Real> getExactScalar(Tensor &tensor, llvm::StringRef what);
  std::optional<int64_t> getIntScalar(Tensor &tensor, llvm::StringRef what);
  /// Sizes held by a constant integer tensor.
  std::optional<llvm::SmallVector<Dim>> getSizesOf(Tensor &tensor, llvm::StringRef what);
  std::optional<llvm::SmallVector<int64_t>> getIntsOf(Tensor &tensor, llvm::StringRef what);
  /// A constant's elements as an attribute of floats.
  mlir::ElementsAttr getFloatElements(Tensor &tensor, llvm::StringRef what);

  /// A constant of one element, of rank 0.
  mlir::Value makeScalar(double number);
  /// A tensor known exactly: a literal where floats can hold it.
  std::optional<Tensor> makeExact(llvm::ArrayRef<Dim> shape, mlir::Type elementType,
                                  llvm::SmallVector<Real> elements);
  Tensor makeSizes(llvm::ArrayRef<Dim> shape, mlir::Type elementType,
                   llvm::SmallVector<Dim> elements);
  ExactArrayAttr makeExactArray(llvm::ArrayRef<Real> numbers);
  ExactArrayAttr makeExactArray(double number) { return makeExactArray(Real::exactly(number)); }

  /// Whether the elements of a constant are at hand and few.
  static bool isComputable(Tensor &tensor);
  /// The elements at `positions` of a computable constant, as another one.
  std::optional<Tensor> pick(Tensor &tensor, llvm::ArrayRef<Dim> shape,
                             llvm::ArrayRef<int64_t> positions);

  //===--- Shapes (Movement.cpp) ------------------------------------------===//

  mlir::RankedTensorType realType(llvm::ArrayRef<Dim> shape);
  /// The tensor with another shape of as many elements.
  std::optional<Tensor> reshape(Tensor &tensor, llvm::ArrayRef<Dim> shape);
  std::optional<Tensor> transpose(Tensor &tensor, llvm::ArrayRef<int64_t> permutation);
  /// The transposed matrix, through quantizers down to the constant where the
  /// tensor is constant.
  mlir::Value transposeMatrix(mlir::Value value, llvm::ArrayRef<Dim> shape, bool constant);
  /// Builds the operations only.
  mlir::Value emitReshape(mlir::Value value, llvm::ArrayRef<Dim> from, llvm::ArrayRef<Dim> to);
  mlir::Value emitTranspose(mlir::Value value, llvm::ArrayRef<Dim> from,
                            llvm::ArrayRef<int64_t> permutation);

  //===--- Grids (Grids.cpp) ----------------------------------------------===//

  struct Codes {
    mlir::IntegerType storage;
    int64_t min, max;
    bool bipolar = false;
  };
  static Codes getAllCodes(mlir::IntegerType storage);
  /// A grid whose scale and zero point broadcast to `x` as in NumPy; absent
  /// ones are 1 and 0.
  GridAttr makeGrid(const Codes &codes, llvm::ArrayRef<Dim> x, Tensor *scale, Tensor *zeroPoint);
  /// A grid as ONNX states it: per tensor, along `axis`, or in blocks along it.
  GridAttr makeAxisGrid(const Codes &codes, llvm::ArrayRef<Dim> x, Tensor *scale,
                        Tensor *zeroPoint, int64_t axis, int64_t blockSize);
  GridAttr makeUnitGrid(mlir::IntegerType storage);

private:
  mlir::LogicalResult fail(const llvm::Twine &message);

  llvm::SmallVector<Tensor *> inputs; // null: absent
  std::deque<Tensor> replaced;
  llvm::SmallVector<int> outputs;     // result number, -1: absent
  bool hasError = false;
};

/// A literal with another shape of as many elements.
mlir::ElementsAttr reshapePayload(mlir::ElementsAttr payload, llvm::ArrayRef<int64_t> shape);
/// A literal whose element i is element positions[i] of the given one.
mlir::ElementsAttr gatherPayload(mlir::ElementsAttr payload, llvm::ArrayRef<int64_t> shape,
                                 llvm::ArrayRef<int64_t> positions);
mlir::ElementsAttr transposePayload(mlir::ElementsAttr payload, llvm::ArrayRef<int64_t> permutation);
/// A literal of integers limited to [low, high]; null for integers of more than
/// 32 bits.
mlir::ElementsAttr clampPayload(mlir::ElementsAttr payload, int64_t low, int64_t high);
/// Bytes of a literal that is no splat; its elements are whole bytes.
llvm::ArrayRef<char> getPayloadBytes(mlir::ElementsAttr payload);
mlir::ElementsAttr makePayload(mlir::RankedTensorType type, std::string bytes, llvm::StringRef name);
/// The resource's name, or `fallback`.
std::string getPayloadName(mlir::ElementsAttr payload, llvm::StringRef fallback);

using Rule = mlir::LogicalResult (*)(Node &node);

/// Rules by domain and operator.
class RuleRegistry {
public:
  void add(llvm::StringRef domain, llvm::StringRef name, Rule rule) {
    rules[key(domain, name)] = rule;
  }
  Rule lookup(llvm::StringRef domain, llvm::StringRef name) const {
    return rules.lookup(key(domain, name));
  }
  const llvm::StringMap<Rule> &getRules() const { return rules; }

  /// All rules of the project.
  static const RuleRegistry &get();

private:
  static std::string key(llvm::StringRef domain, llvm::StringRef name) {
    return (domain + "\n" + name).str();
  }
  llvm::StringMap<Rule> rules;
};

void addQuantRules(RuleRegistry &registry);
void addQOnnxRules(RuleRegistry &registry);
void addLinearRules(RuleRegistry &registry);
void addIntegerLinearRules(RuleRegistry &registry);
void addElementwiseRules(RuleRegistry &registry);
void addActivationRules(RuleRegistry &registry);
void addShapeRules(RuleRegistry &registry);
void addIndexingRules(RuleRegistry &registry);
void addReductionRules(RuleRegistry &registry);
void addMicrosoftRules(RuleRegistry &registry);

/// Why an operator without a rule has none, and what to do.
std::string getUnsupportedReason(llvm::StringRef domain, llvm::StringRef name);

/// Converts one function.
class Converter {
public:
  Converter(mlir::MLIRContext *context, bool dynamicBatch)
      : builder(context), dynamicBatch(dynamicBatch) {}

  /// Builds a converted copy of `source` at the builder's insertion point.
  /// Returns null where there are errors.
  mlir::Operation *convert(mlir::Operation *source);
  void emitErrors() const;
  /// Whether an input's declared leading size became dynamic.
  bool hasFreedBatch() const { return freedBatch; }

  mlir::OpBuilder builder;

  Tensor &lookup(mlir::Value value);
  void addError(mlir::Location loc, const llvm::Twine &message) {
    errors.emplace_back(loc, message.str());
  }
  /// The size that the file declares for a symbol; 1 where it declares none.
  int64_t getDeclaredSize(int symbol) const { return symbols[symbol].declared; }

private:
  struct Symbol {
    std::string name;
    int64_t declared = 1;
  };
  int getSymbol(llvm::StringRef name, int64_t declared);
  Shape getInputShape(mlir::RankedTensorType type, mlir::ArrayAttr names);
  void convertInputs(mlir::Operation *source, mlir::Operation *target);
  bool checkVersion(NodeOp op);
  void convertNode(NodeOp op);
  void convertOutputs(mlir::Operation *source, mlir::Operation *target);
  mlir::Value convertOutput(mlir::Value value, mlir::Type declared, mlir::Location loc);
  void eraseDeadOperations(mlir::Operation *target);

  bool dynamicBatch;
  bool freedBatch = false;
  bool reportedVersion = false;
  /// Held by pointer: rules keep references while others are added.
  llvm::DenseMap<mlir::Value, std::unique_ptr<Tensor>> tensors;
  std::vector<Symbol> symbols;
  std::vector<std::pair<mlir::Location, std::string>> errors;
};

} // namespace sumac::onnx

#endif // SUMAC_LIB_CONVERSION_ONNXTOSUMAC_CONVERTER_H
