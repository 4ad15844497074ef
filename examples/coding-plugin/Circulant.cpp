//===- Circulant.cpp - A coding outside of Sumac's tree -------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Weights of which every row is the one above, rotated: one row is stored.
// docs/tutorials/add-a-coding.md explains it.
//
//===----------------------------------------------------------------------===//

#include "sumac/Dialect/Sumac/IR/Payload.h"
#include "sumac/Dialect/Sumac/IR/SumacDialect.h"
#include "sumac/Dialect/Sumac/Transforms/Discovery.h"

#include "mlir/IR/Builders.h"
#include "mlir/IR/DialectImplementation.h"
#include "mlir/Tools/Plugins/DialectPlugin.h"
#include "llvm/ADT/TypeSwitch.h"

#include "CirculantDialect.h.inc"
#define GET_ATTRDEF_CLASSES
#include "CirculantAttrs.h.inc"

using namespace mlir;
using namespace sumac;
using namespace circulant;

#include "CirculantDialect.cpp.inc"
#define GET_ATTRDEF_CLASSES
#include "CirculantAttrs.cpp.inc"

void CirculantDialect::initialize() {
  addAttributes<
#define GET_ATTRDEF_LIST
#include "CirculantAttrs.cpp.inc"
      >();
}

//===----------------------------------------------------------------------===//
// The coding
//===----------------------------------------------------------------------===//

LogicalResult RowsAttr::verify(function_ref<InFlightDiagnostic()> emitError,
                               ElementsAttr first, ArrayRef<int64_t> shape) {
  ShapedType type = first.getShapedType();
  if (!type.getElementType().isSignedInteger(64) || type.getRank() != 1)
    return emitError() << "the first row must be a list of si64 elements";
  if (shape.size() != 2 || shape[0] < 0 || shape[1] != type.getDimSize(0))
    return emitError() << "the shape must be [outputs, " << type.getDimSize(0) << "]";
  return success();
}

ArrayRef<int64_t> RowsAttr::getShape() const { return getWeightShape(); }

void RowsAttr::decodeIntegers(int64_t begin, MutableArrayRef<int64_t> out) const {
  SmallVector<int64_t> first = readPayloadIntegers(getFirst());
  auto columns = static_cast<int64_t>(first.size());
  for (auto [i, value] : llvm::enumerate(out)) {
    int64_t row = (begin + static_cast<int64_t>(i)) / columns;
    int64_t column = (begin + static_cast<int64_t>(i)) % columns;
    value = first[((column - row) % columns + columns) % columns];
  }
}

int64_t RowsAttr::getStoredBits() const { return getFirst().getNumElements() * getElementBits(); }

/// Every value is stored once, in as many bits as its range needs.
unsigned RowsAttr::getElementBits() const {
  IntegerRange range = getPayloadRange(getFirst());
  unsigned bits = 1;
  while (range.min < llvm::minIntN(bits) || range.max > llvm::maxIntN(bits))
    ++bits;
  return bits;
}

std::string RowsAttr::getCodingName() const { return "circulant"; }

//===----------------------------------------------------------------------===//
// Recognizing it
//===----------------------------------------------------------------------===//

namespace {
class CirculantFinder : public discovery::CodingFinder {
public:
  CodingAttrInterface find(const discovery::Weights &weights, int64_t limit) const override;
  bool isStructured() const override { return true; }
  void registerDialects(DialectRegistry &registry) const override { registry.insert<CirculantDialect>(); }
};
} // namespace

CodingAttrInterface CirculantFinder::find(const discovery::Weights &weights, int64_t limit) const {
  int64_t columns = weights.getInputs();
  if (columns < 2 || weights.getOutputs() < 2)
    return {};
  std::vector<int64_t> first;
  bool rotates = true;
  weights.forEachBlock([&](int64_t begin, ArrayRef<int64_t> values) {
    for (auto [i, value] : llvm::enumerate(values)) {
      int64_t row = (begin + static_cast<int64_t>(i)) / columns;
      int64_t column = (begin + static_cast<int64_t>(i)) % columns;
      if (row == 0)
        first.push_back(value);
      else
        rotates = rotates && value == first[((column - row) % columns + columns) % columns];
    }
  });
  if (!rotates)
    return {};
  auto type = RankedTensorType::get(columns, IntegerType::get(weights.getContext(), 64, IntegerType::Signed));
  auto coding = RowsAttr::get(weights.getContext(), DenseElementsAttr::get(type, ArrayRef(first)), weights.getShape());
  return coding.getStoredBits() < limit ? coding : CodingAttrInterface();
}

/// Found by `sumac --plugin` and all other tools that load this file.
static discovery::CodingFinderRegistration<CirculantFinder> registration;

/// What `--load-dialect-plugin` of sumac-opt looks for: files with the attribute
/// can be read.
extern "C" LLVM_ATTRIBUTE_WEAK DialectPluginLibraryInfo mlirGetDialectPluginInfo() {
  return {MLIR_PLUGIN_API_VERSION, "Circulant", "1",
          [](DialectRegistry *registry) { registry->insert<CirculantDialect>(); }};
}
