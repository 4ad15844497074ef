//===- SumacAttributes.cpp - Attributes of the sumac dialect --------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Exact numbers, grids and sum forms: syntax and verifiers.
//
//===----------------------------------------------------------------------===//

#include "Detail.h"
#include "sumac/Dialect/Sumac/IR/SumacDialect.h"

#include "mlir/IR/Builders.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace sumac;

#define GET_ATTRDEF_CLASSES
#include "sumac/Dialect/Sumac/IR/SumacAttributes.cpp.inc"

void SumacDialect::registerAttributes() {
  addAttributes<
#define GET_ATTRDEF_LIST
#include "sumac/Dialect/Sumac/IR/SumacAttributes.cpp.inc"
      >();
}

//===----------------------------------------------------------------------===//
// ExactArrayAttr
//===----------------------------------------------------------------------===//

LogicalResult
ExactArrayAttr::verify(function_ref<InFlightDiagnostic()> emitError,
                       ArrayRef<StringAttr> values) {
  for (StringAttr value : values) {
    StringRef text = value ? value.getValue() : "";
    if (!Real::parse({text.data(), text.size()}))
      return emitError() << "\"" << text.take_front(64)
                         << "\" is no exact number";
  }
  return success();
}

//===----------------------------------------------------------------------===//
// GridAttr
//===----------------------------------------------------------------------===//

int64_t GridAttr::getStorageMin(IntegerType type) {
  return type.isUnsigned() ? 0 : llvm::minIntN(std::min(type.getWidth(), 64u));
}

int64_t GridAttr::getStorageMax(IntegerType type) {
  unsigned width = std::min(type.getWidth(), type.isUnsigned() ? 63u : 64u);
  return type.isUnsigned() ? static_cast<int64_t>(llvm::maxUIntN(width))
                           : llvm::maxIntN(width);
}

GridAttr GridAttr::getPerTensor(IntegerType storage, int64_t min, int64_t max,
                                StringRef scale, StringRef zeroPoint) {
  MLIRContext *ctx = storage.getContext();
  auto exact = [&](StringRef text) {
    return ExactArrayAttr::get(ctx, {StringAttr::get(ctx, text)});
  };
  return get(ctx, storage, min, max, /*bipolar=*/false, exact(scale),
             exact(zeroPoint), {}, {});
}

bool GridAttr::isPerTensorOrLastDim() const {
  ArrayRef<int64_t> shape = getShape();
  return shape.empty() || llvm::all_of(shape.drop_back(),
                                       [](int64_t size) { return size == 1; });
}

int64_t GridAttr::getScaleIndex(ArrayRef<int64_t> index) const {
  ArrayRef<int64_t> shape = getShape();
  ArrayRef<int64_t> trailing = index.take_back(shape.size());
  int64_t position = 0;
  for (auto [size, block, i] : llvm::zip_equal(shape, getBlock(), trailing))
    position = position * size + (block == 0 ? 0 : i / block);
  return position;
}

static LogicalResult verifyStorage(function_ref<InFlightDiagnostic()> emitError,
                                   IntegerType storage) {
  if (!storage.isSignless() && storage.getWidth() >= 1 &&
      storage.getWidth() <= 64)
    return success();
  return emitError()
         << "expected a signed or unsigned storage type of 1 to 64 bits, got "
         << storage;
}

// <ui8, min = 1, max = 7, bipolar, scale = <[..]>, zero_point = <[..]>, shape =
// [..], block = [..]>
Attribute GridAttr::parse(AsmParser &parser, Type) {
  auto parseIntegers = [&](SmallVectorImpl<int64_t> &out) {
    return parser.parseCommaSeparatedList(AsmParser::Delimiter::Square, [&] {
      return parser.parseInteger(out.emplace_back());
    });
  };
  SMLoc loc = parser.getCurrentLocation();
  IntegerType storage;
  if (parser.parseLess() || parser.parseType(storage))
    return {};
  auto emitError = [&] { return parser.emitError(loc); };
  if (failed(verifyStorage(emitError, storage)))
    return {};
  int64_t min = getStorageMin(storage), max = getStorageMax(storage);
  bool bipolar = false;
  ExactArrayAttr scale, zeroPoint;
  SmallVector<int64_t> shape, block;
  while (succeeded(parser.parseOptionalComma())) {
    StringRef key;
    SMLoc keyLoc = parser.getCurrentLocation();
    if (parser.parseKeyword(&key))
      return {};
    if (key == "bipolar") {
      bipolar = true;
      min = -1;
      max = 1;
      continue;
    }
    if (parser.parseEqual())
      return {};
    ParseResult parsed =
        llvm::StringSwitch<llvm::function_ref<ParseResult()>>(key)
            .Case("min", [&] { return parser.parseInteger(min); })
            .Case("max", [&] { return parser.parseInteger(max); })
            .Case(
                "scale",
                [&] { return parser.parseCustomAttributeWithFallback(scale); })
            .Case("zero_point",
                  [&] {
                    return parser.parseCustomAttributeWithFallback(zeroPoint);
                  })
            .Case("shape", [&] { return parseIntegers(shape); })
            .Case("block", [&] { return parseIntegers(block); })
            .Default([&] {
              return ParseResult(
                  parser.emitError(keyLoc, "unknown grid parameter '")
                  << key << "'");
            })();
    if (parsed)
      return {};
  }
  if (parser.parseGreater())
    return {};
  MLIRContext *ctx = parser.getContext();
  if (!scale)
    return parser.emitError(loc, "expected a scale"), Attribute();
  if (!zeroPoint)
    zeroPoint = ExactArrayAttr::get(ctx, {StringAttr::get(ctx, "0x0p+0")});
  return getChecked(emitError, ctx, storage, min, max, bipolar, scale,
                    zeroPoint, shape, block);
}

void GridAttr::print(AsmPrinter &printer) const {
  printer << '<' << getStorage();
  if (getBipolar()) {
    printer << ", bipolar";
  } else {
    if (getMin() != getStorageMin(getStorage()))
      printer << ", min = " << getMin();
    if (getMax() != getStorageMax(getStorage()))
      printer << ", max = " << getMax();
  }
  printer << ", scale = ";
  printer.printStrippedAttrOrType(getScale());
  printer << ", zero_point = ";
  printer.printStrippedAttrOrType(getZeroPoint());
  if (!getShape().empty()) {
    printer << ", shape = [";
    llvm::interleaveComma(getShape(), printer);
    printer << "], block = [";
    llvm::interleaveComma(getBlock(), printer);
    printer << ']';
  }
  printer << '>';
}

LogicalResult GridAttr::verify(function_ref<InFlightDiagnostic()> emitError,
                               IntegerType storage, int64_t min, int64_t max,
                               bool bipolar, ExactArrayAttr scale,
                               ExactArrayAttr zeroPoint,
                               ArrayRef<int64_t> shape,
                               ArrayRef<int64_t> block) {
  if (failed(verifyStorage(emitError, storage)))
    return failure();
  if (min > max || min < getStorageMin(storage) || max > getStorageMax(storage))
    return emitError() << "grid bounds [" << min << ", " << max
                       << "] do not fit " << storage;
  if (bipolar && (min != -1 || max != 1))
    return emitError() << "a bipolar grid has the bounds [-1, 1]";
  if (shape.size() != block.size())
    return emitError() << "grid shape and block differ in rank";
  int64_t count = 1;
  for (int64_t size : shape) {
    if (size < 1 || size > (int64_t(1) << 31) / count)
      return emitError() << "grid shape has an unusable size " << size;
    count *= size;
  }
  for (auto [size, step] : llvm::zip_equal(shape, block))
    if (step < 0 || (step == 0 && size != 1))
      return emitError() << "a block of 0 needs a grid dimension of size 1";
  if (static_cast<int64_t>(scale.getValues().size()) != count)
    return emitError() << "grid of shape with " << count << " entries has "
                       << scale.getValues().size() << " scales";
  size_t zeroPoints = zeroPoint.getValues().size();
  if (zeroPoints != 1 && static_cast<int64_t>(zeroPoints) != count)
    return emitError() << "expected one zero point, or one per scale";
  return success();
}

bool sumac::detail::isNonNegative(GridAttr grid) {
  if (grid.getBipolar())
    return false;
  for (size_t i = 0, e = grid.getZeroPoint().getValues().size(); i != e; ++i)
    if (getSign(Real(grid.getMin()) - getExact(grid.getZeroPoint(), i)) < 0)
      return false;
  return true;
}

bool sumac::detail::haveSamePoints(GridAttr a, GridAttr b) {
  return a.getScale() == b.getScale() && a.getZeroPoint() == b.getZeroPoint() &&
         a.getShape() == b.getShape() && a.getBlock() == b.getBlock();
}
