//===- ElementwiseRules.cpp - Arithmetic ----------------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Add, Sub, Mul, Div, Pow, Sqrt, ... on activations, on constants (computed
// exactly) and on sizes in shape chains.
//
//===----------------------------------------------------------------------===//

#include "Converter.h"

using namespace mlir;
using namespace sumac;
using namespace sumac::onnx;

namespace {
enum class BinaryKind { Add, Sub, Mul, Div };
} // namespace

//===----------------------------------------------------------------------===//
// Constants
//===----------------------------------------------------------------------===//

/// Calls `compute(i, positionA, positionB)` for each element of the broadcast.
template <typename Compute>
static bool forEachBroadcast(ArrayRef<Dim> a, ArrayRef<Dim> b, ArrayRef<Dim> to, Compute compute) {
  SmallVector<int64_t> sizes = getSizes(to), strides = getStrides(sizes);
  auto position = [&](ArrayRef<Dim> from, int64_t i) {
    SmallVector<int64_t> fromSizes = getSizes(from), fromStrides = getStrides(fromSizes);
    int64_t result = 0;
    for (size_t d = 0; d < from.size(); ++d) {
      size_t e = d + to.size() - from.size();
      if (fromSizes[d] != 1)
        result += (i / strides[e]) % sizes[e] * fromStrides[d];
    }
    return result;
  };
  for (int64_t i = 0, count = *getStaticCount(to); i < count; ++i)
    if (!compute(position(a, i), position(b, i)))
      return false;
  return true;
}

/// One element of integer arithmetic on sizes; nothing where it is no size.
static std::optional<Dim> computeSize(BinaryKind kind, Dim a, Dim b) {
  Dim result;
  switch (kind) {
  case BinaryKind::Add:
    if (a.symbol != b.symbol || llvm::AddOverflow(a.factor, b.factor, result.factor))
      return std::nullopt;
    result.symbol = a.symbol;
    return result;
  case BinaryKind::Sub:
    if (a.symbol != b.symbol || llvm::SubOverflow(a.factor, b.factor, result.factor))
      return std::nullopt;
    result.symbol = result.factor == 0 ? -1 : a.symbol;
    return result;
  case BinaryKind::Mul:
    return multiply(a, b);
  case BinaryKind::Div:
    // Integer division drops the fraction.
    if (a.isStatic() && b.isStatic() && b.factor != 0 && b.factor != -1)
      return Dim(a.factor / b.factor);
    return divideExactly(a, b);
  }
  return std::nullopt;
}

static std::optional<Real> computeReal(BinaryKind kind, const Real &a, const Real &b) {
  switch (kind) {
  case BinaryKind::Add:
    return a + b;
  case BinaryKind::Sub:
    return a - b;
  case BinaryKind::Mul:
    return a * b;
  case BinaryKind::Div:
    return a.divide(b);
  }
  return std::nullopt;
}

/// Integer arithmetic on known integers, shape chains above all.
static std::optional<Tensor> foldSizes(Node &node, BinaryKind kind, Tensor &a, Tensor &b,
                                       ArrayRef<Dim> shape) {
  if (!a.isInteger() || !Node::isComputable(a) || !Node::isComputable(b))
    return std::nullopt;
  std::optional<SmallVector<Dim>> x = node.getSizesOf(a, "operand"), y = node.getSizesOf(b, "operand");
  if (!x || !y)
    return std::nullopt;
  SmallVector<Dim> result;
  bool complete = forEachBroadcast(a.shape, b.shape, shape, [&](int64_t i, int64_t j) {
    std::optional<Dim> size = computeSize(kind, (*x)[i], (*y)[j]);
    if (size)
      result.push_back(*size);
    return size.has_value();
  });
  if (!complete) {
    (void)node.unsupported("it computes a size that is no multiple of the batch");
    return std::nullopt;
  }
  return node.makeSizes(shape, a.elementType, std::move(result));
}

/// Exact arithmetic on small constants; nothing where later passes must do it.
static std::optional<Tensor> foldReals(Node &node, BinaryKind kind, Tensor &a, Tensor &b,
                                       ArrayRef<Dim> shape) {
  if (!a.isFloat() || !Node::isComputable(a) || !Node::isComputable(b) ||
      *getStaticCount(shape) > kMaxComputedElements)
    return std::nullopt;
  std::optional<SmallVector<Real>> x = node.getExact(a, "operand"), y = node.getExact(b, "operand");
  if (!x || !y)
    return std::nullopt;
  SmallVector<Real> result;
  bool complete = forEachBroadcast(a.shape, b.shape, shape, [&](int64_t i, int64_t j) {
    std::optional<Real> element = computeReal(kind, (*x)[i], (*y)[j]);
    if (element)
      result.push_back(std::move(*element));
    return element.has_value();
  });
  return complete ? node.makeExact(shape, a.elementType, std::move(result)) : std::nullopt;
}

//===----------------------------------------------------------------------===//
// Add, Sub, Mul, Div
//===----------------------------------------------------------------------===//

static Value emitBinary(Node &node, BinaryKind kind, Value a, Value b) {
  switch (kind) {
  case BinaryKind::Add:
    return AddOp::create(node.builder, node.loc, a, b);
  case BinaryKind::Sub:
    return SubOp::create(node.builder, node.loc, a, b);
  case BinaryKind::Mul:
    return MulOp::create(node.builder, node.loc, a, b);
  case BinaryKind::Div:
    return DivOp::create(node.builder, node.loc, a, b);
  }
  return nullptr;
}

/// Up to version 6 the second operand is aligned at `axis`, if `broadcast` is set.
static LogicalResult alignOldBroadcast(Node &node) {
  if (node.getVersion() >= 7 || node.getInt("broadcast", 0) == 0 || !node.hasAttr("axis"))
    return success();
  Tensor &a = node.in(0), &b = node.in(1);
  FailureOr<int64_t> axis = node.getAxis(node.getInt("axis", 0), a.rank());
  if (failed(axis))
    return failure();
  int64_t ones = a.rank() - *axis - b.rank();
  if (ones <= 0)
    return success();
  Shape shape = b.shape;
  shape.append(ones, Dim(1));
  std::optional<Tensor> aligned = node.reshape(b, shape);
  if (!aligned)
    return failure();
  node.replaceInput(1, std::move(*aligned));
  return success();
}

static std::optional<Tensor> combine(Node &node, BinaryKind kind, Tensor &a, Tensor &b) {
  if (a.isInteger() != b.isInteger()) {
    (void)node.invalid("its operands have elements of types " + getTypeName(a.elementType) + " and " +
                       getTypeName(b.elementType));
    return std::nullopt;
  }
  std::optional<Shape> shape = broadcast(a.shape, b.shape);
  if (!shape) {
    (void)node.invalid("shapes " + toString(a.shape) + " and " + toString(b.shape) +
                       " do not broadcast");
    return std::nullopt;
  }
  if (isStatic(*shape)) {
    if (std::optional<Tensor> folded = foldSizes(node, kind, a, b, *shape))
      return folded;
    if (node.hasFailed())
      return std::nullopt;
  }
  std::optional<Tensor> exact;
  if (isStatic(*shape)) {
    exact = foldReals(node, kind, a, b, *shape);
    if (node.hasFailed())
      return std::nullopt;
    // Floats hold the result: nothing is left to compute.
    if (exact && exact->payload)
      return exact;
  }
  if (kind == BinaryKind::Div && a.isInteger()) {
    (void)node.unsupported("it divides integers and drops the fraction; Sumac does so for constants only");
    return std::nullopt;
  }
  Value x = node.real(a), y = node.real(b);
  if (!x || !y)
    return std::nullopt;
  Tensor result = node.makeTensor(emitBinary(node, kind, x, y), *shape, a.elementType);
  result.constant = a.constant && b.constant;
  if (exact)
    result.exact = std::move(exact->exact);
  return result;
}

/// A divisor must be a constant other than zero.
static LogicalResult checkDivisor(Node &node, Tensor &divisor) {
  if (!divisor.constant)
    return node.unsupported("it divides by an activation; the divisor must be constant");
  if (!Node::isComputable(divisor))
    return success();
  if (divisor.sizes && !isStatic(*divisor.sizes))
    return success();
  std::optional<SmallVector<Real>> elements = node.getExact(divisor, "divisor");
  if (!elements)
    return failure();
  if (llvm::any_of(*elements, [](const Real &x) { return x.sign().value_or(1) == 0; }))
    return node.invalid("it divides by zero");
  return success();
}

static LogicalResult convertBinary(Node &node, BinaryKind kind) {
  if (failed(node.checkInputs(2, 2)) || failed(alignOldBroadcast(node)))
    return failure();
  Tensor &a = node.in(0), &b = node.in(1);
  if (kind == BinaryKind::Mul && !a.constant && !b.constant)
    return node.unsupported("it multiplies two activations; one operand must be constant");
  if (kind == BinaryKind::Div && failed(checkDivisor(node, b)))
    return failure();
  std::optional<Tensor> result = combine(node, kind, a, b);
  if (!result)
    return failure();
  node.setResult(std::move(*result));
  return success();
}

template <BinaryKind kind>
static LogicalResult convertBinaryOf(Node &node) {
  return convertBinary(node, kind);
}

/// Sum and Mean of any number of operands.
static LogicalResult convertSum(Node &node) {
  unsigned count = node.getNumInputs();
  if (failed(node.checkInputs(std::max(count, 1u), count)))
    return failure();
  Tensor sum = node.in(0);
  for (unsigned i = 1; i < count; ++i) {
    std::optional<Tensor> next = combine(node, BinaryKind::Add, sum, node.in(i));
    if (!next)
      return failure();
    sum = std::move(*next);
  }
  if (node.getType() == "Mean" && count > 1) {
    Value value = node.real(sum);
    if (!value)
      return failure();
    value = DivOp::create(node.builder, node.loc, value, node.makeScalar(count));
    node.setResult(value, sum.shape, sum.elementType);
    return success();
  }
  node.setResult(std::move(sum));
  return success();
}

//===----------------------------------------------------------------------===//
// Pow, Sqrt, Reciprocal
//===----------------------------------------------------------------------===//

/// x to a constant power; constants are computed where they stay algebraic.
static LogicalResult convertPower(Node &node, const Real &exponent) {
  Tensor &x = node.in(0);
  if (!exponent.isRational())
    return node.unsupported("its exponent is no rational number");
  if (x.isInteger() && !(exponent.asRational().isInteger() && exponent.asRational().sign() >= 0))
    return node.unsupported("it takes integers to a power that is not a natural number");
  std::optional<Tensor> exact;
  if (x.constant && Node::isComputable(x) && isStatic(x.shape)) {
    std::optional<SmallVector<Real>> elements = node.getExact(x, "base");
    if (!elements)
      return failure();
    SmallVector<Real> powers;
    for (const Real &element : *elements) {
      std::optional<Real> power = element.pow(exponent.asRational());
      if (!power)
        return node.invalid("it takes " + getNumberText(element) + " to the power " + getNumberText(exponent));
      powers.push_back(std::move(*power));
    }
    exact = node.makeExact(x.shape, x.elementType, std::move(powers));
    if (exact && exact->payload && x.isFloat()) {
      node.setResult(std::move(*exact));
      return success();
    }
  }
  Value input = node.real(x);
  if (!input)
    return failure();
  Value value = PowerOp::create(node.builder, node.loc, input.getType(), input,
                                node.makeExactArray(exponent));
  Tensor result = node.makeTensor(value, x.shape, x.elementType);
  result.constant = x.constant;
  if (exact)
    result.exact = std::move(exact->exact);
  node.setResult(std::move(result));
  return success();
}

static LogicalResult convertPow(Node &node) {
  if (failed(node.checkInputs(2, 2)))
    return failure();
  std::optional<Real> exponent = node.getExactScalar(node.in(1), "exponent");
  if (!exponent)
    return failure();
  // A tensor of one element may still raise the rank.
  if (node.in(1).rank() > node.in(0).rank())
    return node.unsupported("its exponent has a higher rank than its base");
  return convertPower(node, *exponent);
}

static LogicalResult convertSqrt(Node &node) {
  if (failed(node.checkInputs(1, 1)))
    return failure();
  return convertPower(node, Real(Rational(1, 2)));
}

static LogicalResult convertReciprocal(Node &node) {
  if (failed(node.checkInputs(1, 1)) || failed(checkDivisor(node, node.in(0))))
    return failure();
  return convertPower(node, Real(-1));
}

//===----------------------------------------------------------------------===//
// Min, Max
//===----------------------------------------------------------------------===//

/// max(a, b) = relu(a - b) + b; min(a, b) = a - relu(a - b).
static std::optional<Tensor> combineExtreme(Node &node, bool isMax, Tensor &a, Tensor &b) {
  std::optional<Shape> shape = broadcast(a.shape, b.shape);
  if (!shape) {
    (void)node.invalid("shapes " + toString(a.shape) + " and " + toString(b.shape) + " do not broadcast");
    return std::nullopt;
  }
  Tensor &x = a.constant ? b : a, &bound = a.constant ? a : b;
  if (bound.constant && getStaticCount(bound.shape) == 1 && shape->size() == x.shape.size()) {
    std::optional<Real> number = node.getExactScalar(bound, "bound");
    Value value = number ? node.real(x) : Value();
    if (!value)
      return std::nullopt;
    ExactArrayAttr array = node.makeExactArray(*number), none;
    return node.makeTensor(ClipOp::create(node.builder, node.loc, value.getType(), value,
                                          isMax ? array : none, isMax ? none : array),
                           *shape, x.elementType);
  }
  Value p = node.real(a), q = node.real(b);
  if (!p || !q)
    return std::nullopt;
  Value difference = SubOp::create(node.builder, node.loc, p, q);
  Value excess = ReluOp::create(node.builder, node.loc, difference.getType(), difference);
  Value result = isMax ? Value(AddOp::create(node.builder, node.loc, excess, q))
                       : Value(SubOp::create(node.builder, node.loc, p, excess));
  return node.makeTensor(result, *shape, a.elementType);
}

template <bool isMax>
static LogicalResult convertExtreme(Node &node) {
  unsigned count = node.getNumInputs();
  if (failed(node.checkInputs(std::max(count, 1u), count)))
    return failure();
  Tensor result = node.in(0);
  for (unsigned i = 1; i < count; ++i) {
    std::optional<Tensor> next = combineExtreme(node, isMax, result, node.in(i));
    if (!next)
      return failure();
    next->constant = result.constant && node.in(i).constant;
    result = std::move(*next);
  }
  node.setResult(std::move(result));
  return success();
}

void sumac::onnx::addElementwiseRules(RuleRegistry &registry) {
  registry.add("", "Add", convertBinaryOf<BinaryKind::Add>);
  registry.add("", "Sub", convertBinaryOf<BinaryKind::Sub>);
  registry.add("", "Mul", convertBinaryOf<BinaryKind::Mul>);
  registry.add("", "Div", convertBinaryOf<BinaryKind::Div>);
  registry.add("", "Sum", convertSum);
  registry.add("", "Mean", convertSum);
  registry.add("", "Pow", convertPow);
  registry.add("", "Sqrt", convertSqrt);
  registry.add("", "Reciprocal", convertReciprocal);
  registry.add("", "Min", convertExtreme<false>);
  registry.add("", "Max", convertExtreme<true>);
}
