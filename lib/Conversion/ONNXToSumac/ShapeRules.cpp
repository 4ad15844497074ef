//===- ShapeRules.cpp - Reshapes, constants and shape chains --------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Nodes that move or make elements without arithmetic.
//
//===----------------------------------------------------------------------===//

#include "Converter.h"
#include "mlir/IR/DialectResourceBlobManager.h"
#include "llvm/ADT/SmallBitVector.h"

using namespace mlir;
using namespace sumac;
using namespace sumac::onnx;

static LogicalResult convertIdentity(Node &node) {
  if (failed(node.checkInputs(1, 1)))
    return failure();
  node.setResult(node.in(0));
  return success();
}

static LogicalResult convertDropout(Node &node) {
  if (failed(node.checkInputs(1, 3)))
    return failure();
  if (node.isOutputUsed(1))
    return node.unsupported("its mask is used; export the model for inference");
  if (node.hasInput(2)) {
    Tensor &training = node.in(2);
    auto value = dyn_cast_or_null<DenseElementsAttr>(training.payload);
    bool off = value && value.isSplat() && value.getSplatValue<APInt>().isZero();
    if (!off)
      return node.unsupported("it is in training mode; export the model for inference");
  }
  node.setResult(node.in(0));
  return success();
}

//===----------------------------------------------------------------------===//
// Constants
//===----------------------------------------------------------------------===//

static Tensor makeLiteral(ElementsAttr payload, Type elementType) {
  Tensor tensor;
  tensor.known = true;
  tensor.constant = true;
  tensor.elementType = elementType;
  tensor.payload = payload;
  for (int64_t size : payload.getShapedType().getShape())
    tensor.shape.push_back(Dim(size));
  return tensor;
}

/// A payload must be at hand and have the whole-byte elements that `type` needs.
/// Nothing behind this checks it again.
static bool isPayloadOf(ElementsAttr payload, Type type) {
  Type element = payload.getElementType();
  if (auto resource = dyn_cast<DenseResourceElementsAttr>(payload)) {
    // IR read from text may lack the resource, or hold one of another size.
    const AsmResourceBlob *blob = resource.getRawHandle().getBlob();
    auto bytes = static_cast<int64_t>(blob ? blob->getData().size() : 0);
    if (!blob || !element.isIntOrFloat() ||
        bytes != payload.getNumElements() * (element.getIntOrFloatBitWidth() / 8))
      return false;
  } else if (!isa<DenseElementsAttr>(payload)) {
    return false;
  }
  if (auto integer = dyn_cast<IntegerType>(type)) {
    auto stored = dyn_cast<IntegerType>(element);
    bool isUnsigned = integer.isUnsigned() || integer.isSignless();
    return stored && stored.getWidth() == std::max(8u, static_cast<unsigned>(llvm::PowerOf2Ceil(integer.getWidth()))) &&
           (isUnsigned ? stored.isUnsigned() : stored.isSigned());
  }
  return element == type || type.getIntOrFloatBitWidth() < 8;
}

static LogicalResult convertConstant(Node &node) {
  Builder &b = node.builder;
  if (auto description = dyn_cast_or_null<StringAttr>(node.getAttr("opaque"))) {
    Tensor tensor;
    tensor.constant = true;
    tensor.opaque = description.getValue().str();
    node.setResult(std::move(tensor));
    return success();
  }
  auto vectorType = [&](int64_t size, Type type) { return RankedTensorType::get({size}, type); };
  Type si64 = b.getIntegerType(64, true), f32 = b.getF32Type();
  if (auto payload = dyn_cast_or_null<ElementsAttr>(node.getAttr("value"))) {
    Type element = payload.getElementType();
    if (auto type = dyn_cast_or_null<TypeAttr>(node.getAttr("value_type")))
      if (auto tensor = dyn_cast<RankedTensorType>(type.getValue()))
        element = tensor.getElementType();
    // An initializer's type is its result's.
    if (auto tensor = dyn_cast<RankedTensorType>(node.op.getResult(0).getType()))
      element = tensor.getElementType();
    if (!isa<IntegerType, FloatType>(element) || !isPayloadOf(payload, element))
      return node.invalid("its value of type " + getTypeName(payload.getType()) +
                          " has no elements, or not those of " + getTypeName(element));
    node.setResult(makeLiteral(payload, element));
    return success();
  }
  if (node.hasAttr("value_int")) {
    int64_t value = node.getInt("value_int", 0);
    node.setResult(makeLiteral(DenseElementsAttr::get(RankedTensorType::get({}, si64), value), si64));
    return success();
  }
  if (std::optional<SmallVector<int64_t>> values = node.getInts("value_ints")) {
    node.setResult(makeLiteral(
        DenseElementsAttr::get(vectorType(values->size(), si64), ArrayRef<int64_t>(*values)), si64));
    return success();
  }
  if (auto value = dyn_cast_or_null<FloatAttr>(node.getAttr("value_float"))) {
    node.setResult(makeLiteral(
        DenseElementsAttr::get(RankedTensorType::get({}, f32), static_cast<float>(value.getValueAsDouble())), f32));
    return success();
  }
  if (auto values = dyn_cast_or_null<DenseF32ArrayAttr>(node.getAttr("value_floats"))) {
    node.setResult(makeLiteral(
        DenseElementsAttr::get(vectorType(values.size(), f32), values.asArrayRef()), f32));
    return success();
  }
  Tensor opaque;
  opaque.constant = true;
  opaque.opaque = "string or sparse tensor";
  node.setResult(std::move(opaque));
  return success();
}

/// Shapes made by nodes are bounded as those of initializers are.
static std::optional<int64_t> getBoundedCount(Node &node, ArrayRef<int64_t> sizes) {
  int64_t count = 1;
  for (int64_t size : sizes) {
    if (size < 0 || llvm::MulOverflow(count, size, count) || count > kMaxComputedElements) {
      (void)node.unsupported("it makes a constant of shape " + toString(Shape(sizes.begin(), sizes.end())) +
                             "; Sumac computes constants of up to " + Twine(kMaxComputedElements) + " elements");
      return std::nullopt;
    }
  }
  return count;
}

static LogicalResult convertConstantOfShape(Node &node) {
  if (failed(node.checkInputs(1, 1)))
    return failure();
  std::optional<SmallVector<int64_t>> sizes = node.getIntsOf(node.in(0), "shape");
  std::optional<int64_t> count = sizes ? getBoundedCount(node, *sizes) : std::nullopt;
  if (!count)
    return failure();
  Tensor element;
  if (auto payload = dyn_cast_or_null<ElementsAttr>(node.getAttr("value"))) {
    Type type = payload.getElementType();
    if (auto stated = dyn_cast_or_null<TypeAttr>(node.getAttr("value_type")))
      if (auto tensor = dyn_cast<RankedTensorType>(stated.getValue()))
        type = tensor.getElementType();
    if (payload.getNumElements() != 1 || !isPayloadOf(payload, type))
      return node.invalid("its value must be a tensor of one element");
    element = makeLiteral(payload, type);
  } else {
    Type f32 = node.builder.getF32Type();
    element = makeLiteral(DenseElementsAttr::get(RankedTensorType::get({}, f32), 0.0f), f32);
  }
  Shape shape(sizes->begin(), sizes->end());
  std::optional<Tensor> result = node.pick(element, shape, SmallVector<int64_t>(*count, 0));
  if (!result)
    return failure();
  node.setResult(std::move(*result));
  return success();
}

static LogicalResult convertRange(Node &node) {
  if (failed(node.checkInputs(3, 3)))
    return failure();
  if (!node.in(0).isInteger())
    return node.unsupported("it counts in floats");
  std::optional<int64_t> start = node.getIntScalar(node.in(0), "start");
  std::optional<int64_t> limit = start ? node.getIntScalar(node.in(1), "limit") : std::nullopt;
  std::optional<int64_t> step = limit ? node.getIntScalar(node.in(2), "step") : std::nullopt;
  if (!step)
    return failure();
  if (*step == 0)
    return node.invalid("its step is zero");
  SmallVector<Dim> elements;
  for (Int128 i = *start; *step > 0 ? i < *limit : i > *limit; i += *step) {
    if (static_cast<int64_t>(elements.size()) >= kMaxComputedElements)
      return node.unsupported("it makes more than " + Twine(kMaxComputedElements) + " elements");
    elements.push_back(Dim(static_cast<int64_t>(i)));
  }
  Dim size(static_cast<int64_t>(elements.size()));
  node.setResult(node.makeSizes(size, node.in(0).elementType, std::move(elements)));
  return success();
}

static LogicalResult convertShape(Node &node) {
  if (failed(node.checkInputs(1, 1)))
    return failure();
  ArrayRef<Dim> shape = node.in(0).shape;
  auto rank = static_cast<int64_t>(shape.size());
  auto clamp = [&](int64_t axis) { return std::clamp<int64_t>(axis < 0 ? axis + rank : axis, 0, rank); };
  int64_t start = clamp(node.getInt("start", 0)), end = clamp(node.getInt("end", rank));
  SmallVector<Dim> sizes;
  if (start < end)
    sizes.append(shape.begin() + start, shape.begin() + end);
  Dim count(static_cast<int64_t>(sizes.size()));
  node.setResult(node.makeSizes(count, node.builder.getIntegerType(64, true), std::move(sizes)));
  return success();
}

static LogicalResult convertSize(Node &node) {
  if (failed(node.checkInputs(1, 1)))
    return failure();
  std::optional<Dim> product = getProduct(node.in(0).shape);
  if (!product)
    return node.unsupported("the number of elements depends on several dynamic sizes");
  node.setResult(node.makeSizes({}, node.builder.getIntegerType(64, true), {*product}));
  return success();
}

//===----------------------------------------------------------------------===//
// Reshape
//===----------------------------------------------------------------------===//

/// The target shape with 0 and -1 resolved. A file that fixes the batch fixes it
/// in such targets, too: where the input's rows are dynamic, a leading number
/// that counts the declared rows becomes dynamic as well.
static std::optional<Shape> resolveTarget(Node &node, ArrayRef<Dim> from, SmallVector<Dim> target,
                                          bool allowZero) {
  auto fail = [&](const Twine &why) -> std::optional<Shape> {
    (void)node.invalid("it cannot reshape " + toString(from) + " to " + toString(target) + why);
    return std::nullopt;
  };
  int64_t open = -1;
  for (auto [i, dim] : llvm::enumerate(target)) {
    if (dim.factor == 0 && !allowZero) {
      if (i >= from.size())
        return fail("");
      dim = from[i];
    } else if (dim == Dim(-1)) {
      if (open >= 0)
        return fail(", which leaves two sizes open");
      open = static_cast<int64_t>(i);
    } else if (dim.factor < 0) {
      return fail("");
    }
  }
  std::optional<Dim> total = getProduct(from);
  if (!total) {
    (void)node.unsupported("the number of elements depends on several dynamic sizes");
    return std::nullopt;
  }
  // Rows can be taken apart only where they come first.
  bool rowsFirst = !from.empty() && !from[0].isStatic() && from[0].symbol == total->symbol;
  bool staticLead = !target.empty() && target[0].isStatic() && target[0].factor > 0 && open != 0;
  auto rest = [&] {
    SmallVector<Dim> others;
    for (auto [i, dim] : llvm::enumerate(target))
      if (static_cast<int64_t>(i) != open)
        others.push_back(dim);
    return getProduct(others);
  };
  std::optional<Dim> known = rest();
  if (!known)
    return fail("");
  bool losesRows = !total->isStatic() && known->isStatic() && (open != 0);
  if (losesRows && rowsFirst && staticLead) {
    int64_t declared = node.converter.getDeclaredSize(total->symbol);
    std::optional<Dim> all = multiply(Dim(total->factor), Dim(declared));
    bool counts = all && (open >= 0 ? known->factor > 0 && all->factor % known->factor == 0
                                    : all->factor == known->factor);
    if (counts && target[0].factor % declared == 0) {
      target[0] = Dim(target[0].factor / declared, total->symbol);
      known = rest();
      if (!known)
        return fail("");
    }
  }
  if (open >= 0) {
    std::optional<Dim> size = divideExactly(*total, *known);
    if (!size)
      return fail("");
    target[open] = *size;
  } else if (*known != *total) {
    return fail(", which has another number of elements");
  }
  return Shape(target.begin(), target.end());
}

static LogicalResult setReshaped(Node &node, ArrayRef<Dim> shape) {
  std::optional<Tensor> result = node.reshape(node.in(0), shape);
  if (!result)
    return failure();
  node.setResult(std::move(*result));
  return success();
}

static LogicalResult convertReshape(Node &node) {
  if (failed(node.checkInputs(2, 2)))
    return failure();
  std::optional<SmallVector<Dim>> target = node.getSizesOf(node.in(1), "shape");
  if (!target)
    return failure();
  bool allowZero = node.getInt("allowzero", 0) != 0;
  std::optional<Shape> shape = resolveTarget(node, node.in(0).shape, std::move(*target), allowZero);
  if (!shape)
    return failure();
  return setReshaped(node, *shape);
}

static LogicalResult convertFlatten(Node &node) {
  if (failed(node.checkInputs(1, 1)))
    return failure();
  ArrayRef<Dim> shape = node.in(0).shape;
  int64_t rank = node.in(0).rank(), axis = node.getInt("axis", 1);
  if (axis < -rank || axis > rank)
    return node.invalid("axis " + Twine(axis) + " is not an axis of a tensor of rank " + Twine(rank));
  if (axis < 0)
    axis += rank;
  std::optional<Dim> rows = getProduct(shape.take_front(axis)), columns = getProduct(shape.drop_front(axis));
  if (!rows || !columns)
    return node.unsupported("the shape " + toString(shape) + " does not flatten at axis " + Twine(axis));
  return setReshaped(node, {*rows, *columns});
}

/// Marks the axes; an error for one out of range or given twice.
static FailureOr<llvm::SmallBitVector> getAxes(Node &node, ArrayRef<int64_t> axes, int64_t rank) {
  llvm::SmallBitVector marked(static_cast<unsigned>(rank));
  for (int64_t axis : axes) {
    FailureOr<int64_t> position = node.getAxis(axis, rank);
    if (failed(position))
      return failure();
    if (marked.test(*position))
      return node.invalid("axis " + Twine(axis) + " is given twice");
    marked.set(*position);
  }
  return marked;
}

static LogicalResult convertSqueeze(Node &node) {
  if (failed(node.checkInputs(1, 2)))
    return failure();
  Tensor &x = node.in(0);
  std::optional<SmallVector<int64_t>> axes = node.getIntsFrom("axes", 1);
  if (node.hasFailed())
    return failure();
  Shape shape;
  if (axes) {
    FailureOr<llvm::SmallBitVector> marked = getAxes(node, *axes, x.rank());
    if (failed(marked))
      return failure();
    for (auto [i, dim] : llvm::enumerate(x.shape)) {
      if (!marked->test(i))
        shape.push_back(dim);
      else if (!dim.isOne())
        return node.invalid("it squeezes axis " + Twine(i) + " of the shape " + toString(x.shape));
    }
  } else {
    llvm::copy_if(x.shape, std::back_inserter(shape), [](Dim dim) { return !dim.isOne(); });
  }
  return setReshaped(node, shape);
}

static LogicalResult convertUnsqueeze(Node &node) {
  if (failed(node.checkInputs(1, 2)))
    return failure();
  Tensor &x = node.in(0);
  std::optional<SmallVector<int64_t>> axes = node.getIntsFrom("axes", 1);
  if (!axes)
    return node.hasFailed() ? failure() : node.invalid("its axes are missing");
  if (axes->size() > 64)
    return node.unsupported("it adds " + Twine(axes->size()) + " dimensions");
  int64_t rank = x.rank() + static_cast<int64_t>(axes->size());
  FailureOr<llvm::SmallBitVector> marked = getAxes(node, *axes, rank);
  if (failed(marked))
    return failure();
  Shape shape;
  const Dim *next = x.shape.begin();
  for (int64_t i = 0; i < rank; ++i)
    shape.push_back(marked->test(i) ? Dim(1) : *next++);
  return setReshaped(node, shape);
}

static LogicalResult convertTranspose(Node &node) {
  if (failed(node.checkInputs(1, 1)))
    return failure();
  Tensor &x = node.in(0);
  SmallVector<int64_t> reversed = llvm::to_vector(llvm::reverse(llvm::seq<int64_t>(0, x.rank())));
  SmallVector<int64_t> permutation = node.getInts("perm").value_or(reversed);
  if (node.hasFailed())
    return failure();
  SmallVector<int64_t> sorted = permutation;
  llvm::sort(sorted);
  if (!llvm::equal(sorted, llvm::seq<int64_t>(0, x.rank())))
    return node.invalid("its perm is no permutation of the axes of " + toString(x.shape));
  std::optional<Tensor> result = node.transpose(x, permutation);
  if (!result)
    return failure();
  node.setResult(std::move(*result));
  return success();
}

/// Broadcasts to a shape: adds a constant zero of that shape.
static LogicalResult convertExpand(Node &node) {
  if (failed(node.checkInputs(2, 2)))
    return failure();
  Tensor &x = node.in(0);
  std::optional<SmallVector<Dim>> target = node.getSizesOf(node.in(1), "shape");
  if (!target)
    return failure();
  std::optional<Shape> shape = broadcast(x.shape, *target);
  if (!shape)
    return node.invalid("the shape " + toString(x.shape) + " does not expand to " + toString(*target));
  if (*shape == x.shape) {
    node.setResult(x);
    return success();
  }
  // Sizes that the input has already need no zero to broadcast them.
  SmallVector<int64_t> sizes;
  for (auto [i, dim] : llvm::enumerate(*shape)) {
    size_t missing = shape->size() - x.shape.size();
    bool given = i >= missing && x.shape[i - missing] == dim;
    if (!given && !dim.isStatic())
      return node.unsupported("it expands along the batch");
    sizes.push_back(given ? 1 : dim.factor);
  }
  if (!getBoundedCount(node, sizes))
    return failure();
  Value input = node.real(x);
  if (!input)
    return failure();
  ElementsAttr zeros = DenseElementsAttr::get(RankedTensorType::get(sizes, node.builder.getF32Type()), 0.0f);
  Value zero = ConstantOp::create(node.builder, node.loc, node.realType(Shape(sizes.begin(), sizes.end())),
                                  DenseCodingAttr::get(node.op.getContext(), zeros));
  node.setResult(AddOp::create(node.builder, node.loc, input, zero), *shape, x.elementType);
  return success();
}

void sumac::onnx::addShapeRules(RuleRegistry &registry) {
  registry.add("", "Identity", convertIdentity);
  registry.add("", "Dropout", convertDropout);
  registry.add("", "Constant", convertConstant);
  registry.add("", "ConstantOfShape", convertConstantOfShape);
  registry.add("", "Range", convertRange);
  registry.add("", "Shape", convertShape);
  registry.add("", "Size", convertSize);
  registry.add("", "Reshape", convertReshape);
  registry.add("", "Flatten", convertFlatten);
  registry.add("", "Squeeze", convertSqueeze);
  registry.add("", "Unsqueeze", convertUnsqueeze);
  registry.add("", "Transpose", convertTranspose);
  registry.add("", "Expand", convertExpand);
}
