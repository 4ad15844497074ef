//===- ApplyInputTypes.cpp - Types for inputs without quantizer -----------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// `sumac-apply-input-types`: puts the quantizer that a named type stands for
// behind float arguments that have none.
//
//===----------------------------------------------------------------------===//

#include "sumac/Dialect/Sumac/IR/SumacDialect.h"
#include "sumac/Dialect/Sumac/Transforms/Passes.h"

#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/Builders.h"
#include "llvm/ADT/StringMap.h"

namespace sumac {
#define GEN_PASS_DEF_APPLYINPUTTYPES
#include "sumac/Dialect/Sumac/Transforms/Passes.h.inc"
} // namespace sumac

using namespace mlir;
using namespace sumac;

/// The grid that a type's name stands for, or null: [u]int1 ... [u]int16,
/// bipolar, [u]fixed<W,I>. Case does not matter.
static GridAttr parseInputType(MLIRContext *context, StringRef text) {
  std::string lower = text.lower();
  StringRef name = lower;
  if (name == "bipolar" || name == "binary") {
    auto storage = IntegerType::get(context, name == "bipolar" ? 2 : 1,
                                    name == "bipolar" ? IntegerType::Signed
                                                      : IntegerType::Unsigned);
    ExactArrayAttr one =
        ExactArrayAttr::get(context, StringAttr::get(context, "0x1p+0"));
    ExactArrayAttr zero =
        ExactArrayAttr::get(context, StringAttr::get(context, "0x0p+0"));
    bool bipolar = name == "bipolar";
    return GridAttr::get(context, storage, bipolar ? -1 : 0, 1, bipolar, one,
                         zero, {}, {});
  }
  bool isUnsigned = name.consume_front("u");
  unsigned width = 0;
  int fraction = 0;
  if (name.consume_front("int")) {
    if (name.getAsInteger(10, width))
      return {};
  } else if (name.consume_front("fixed<") && name.consume_back(">")) {
    auto [first, second] = name.split(',');
    int integerBits = 0;
    if (first.trim().getAsInteger(10, width) ||
        second.trim().getAsInteger(10, integerBits) ||
        std::abs(integerBits) > 256)
      return {};
    fraction = static_cast<int>(width) - integerBits;
  } else {
    return {};
  }
  if (width < 1 || width > 24)
    return {};
  auto storage = IntegerType::get(
      context, width, isUnsigned ? IntegerType::Unsigned : IntegerType::Signed);
  std::string scale = "0x1p" + std::string(fraction > 0 ? "-" : "+") +
                      std::to_string(std::abs(fraction));
  return GridAttr::getPerTensor(storage, GridAttr::getStorageMin(storage),
                                GridAttr::getStorageMax(storage), scale,
                                "0x0p+0");
}

/// Whether every way from a value leads to a quantizer through data movement
/// and scalar operations before any layer.
static bool reachesQuantizerFirst(Value value) {
  return llvm::all_of(value.getUsers(), [](Operation *user) {
    if (isa<QuantizeOp, EncodeOp>(user))
      return true;
    // Whatever has no other tensor that depends on the input.
    if (isa<LinearOp, SoftmaxOp, ArgMaxOp, ReduceMaxOp, ToFloatOp>(user) ||
        user->getNumResults() != 1 || user->hasTrait<OpTrait::IsTerminator>())
      return false;
    return reachesQuantizerFirst(user->getResult(0));
  });
}

/// A list option splits at every comma, also in `fixed<16,6>`: joins such
/// pieces again.
static SmallVector<std::string>
joinAngleBrackets(ArrayRef<std::string> pieces) {
  SmallVector<std::string> entries;
  bool open = false;
  for (StringRef piece : pieces) {
    if (open)
      entries.back() += "," + piece.str();
    else
      entries.push_back(piece.str());
    StringRef entry = entries.back();
    open = entry.count('<') > entry.count('>');
  }
  return entries;
}

namespace {
struct ApplyInputTypes
    : public sumac::impl::ApplyInputTypesBase<ApplyInputTypes> {
  using ApplyInputTypesBase::ApplyInputTypesBase;

  void runOnOperation() override {
    func::FuncOp function = getOperation();
    std::string all;
    llvm::StringMap<std::string> named;
    for (const std::string &entry : joinAngleBrackets(types)) {
      auto [name, type] = StringRef(entry).split('=');
      if (type.empty())
        all = name.str();
      else
        named[name] = type.str();
    }
    for (BlockArgument argument : function.getArguments()) {
      unsigned index = argument.getArgNumber();
      auto nameAttr =
          function.getArgAttrOfType<StringAttr>(index, "sumac.name");
      StringRef name = nameAttr ? nameAttr.getValue() : StringRef();
      std::string type = all;
      bool mustApply = false;
      if (auto annotated =
              function.getArgAttrOfType<StringAttr>(index, "sumac.input_type");
          annotated && type.empty())
        type = annotated.getValue().str();
      if (auto it = named.find(name); it != named.end()) {
        type = it->second;
        mustApply = true;
        named.erase(it);
      }
      if (type.empty())
        continue;
      if (failed(apply(argument, name, type, mustApply)))
        return signalPassFailure();
    }
    if (!named.empty()) {
      function.emitError("no input has the name '")
          << named.begin()->getKey() << "' that --input-type gives a type";
      signalPassFailure();
    }
  }

  LogicalResult apply(BlockArgument argument, StringRef name, StringRef type,
                      bool mustApply) {
    GridAttr grid = parseInputType(&getContext(), type);
    if (!grid)
      return emitError(argument.getLoc(), "unknown input type '")
             << type << "' for input '" << name
             << "'; expected int1 to int24, uint1 to uint24, bipolar, "
                "fixed<W,I> or ufixed<W,I>";
    auto tensor = dyn_cast<RankedTensorType>(argument.getType());
    if (!tensor || !isa<FloatType>(tensor.getElementType())) {
      if (mustApply)
        return emitError(argument.getLoc(), "input '")
               << name << "' is not a float tensor; it has its type already";
      return success();
    }
    for (Operation *user : llvm::make_early_inc_range(argument.getUsers())) {
      auto fromFloat = dyn_cast<FromFloatOp>(user);
      if (!fromFloat ||
          (!mustApply && reachesQuantizerFirst(fromFloat.getResult())))
        continue;
      OpBuilder builder(fromFloat->getContext());
      builder.setInsertionPointAfter(fromFloat);
      auto quantize = QuantizeOp::create(
          builder, fromFloat.getLoc(), fromFloat.getType(),
          fromFloat.getResult(), grid,
          RoundingModeAttr::get(&getContext(), RoundingMode::HalfEven),
          /*zero_point_first=*/false);
      fromFloat.getResult().replaceAllUsesExcept(quantize.getResult(),
                                                 quantize);
    }
    return success();
  }
};
} // namespace
