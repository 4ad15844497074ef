//===- RoundCoefficients.cpp - Sums made exact by name ---------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// `sumac-round-coefficients`: weights that are (almost) sums of a few coefficients
// become sums of coefficients of so many bits, and a remark bounds the change.
//
//===----------------------------------------------------------------------===//

#include "Constants.h"
#include "sumac/Dialect/Sumac/IR/Ranges.h"
#include "sumac/Dialect/Sumac/Transforms/NearBasis.h"
#include "sumac/Dialect/Sumac/Transforms/Passes.h"
#include "sumac/Support/Real.h"

#include "llvm/Support/FormatVariadic.h"

#include <cmath>

namespace sumac {
#define GEN_PASS_DEF_ROUNDCOEFFICIENTS
#include "sumac/Dialect/Sumac/Transforms/Passes.h.inc"
} // namespace sumac

using namespace mlir;
using namespace sumac;

/// The largest absolute value of a quantizer's grid with one scale; nothing
/// where the value does not come from one.
static std::optional<double> getLargestInput(Value value) {
  Operation *op = value.getDefiningOp();
  while (op && !isa<GridOpInterface>(op) && op->getNumOperands() == 1 &&
         op->getDialect()->getNamespace() == "tensor")
    op = op->getOperand(0).getDefiningOp();
  auto source = dyn_cast_or_null<GridOpInterface>(op);
  GridAttr grid = source ? source.getResultGrid() : GridAttr();
  if (!grid || !grid.isPerTensor())
    return std::nullopt;
  std::optional<Real> scale = Real::parse(grid.getScale().getValues()[0].getValue().str());
  std::optional<Real> zeroPoint = Real::parse(grid.getZeroPoint().getValues()[0].getValue().str());
  if (!scale || !zeroPoint)
    return std::nullopt;
  double largest = 0.0;
  for (int64_t code : {grid.getMin(), grid.getMax()}) {
    double low = 0.0, high = 0.0;
    ((Real(code) - *zeroPoint) * *scale).enclose(low, high);
    largest = std::max({largest, std::abs(low), std::abs(high)});
  }
  return largest;
}

namespace {
/// The weights of one layer before and after.
struct Change {
  std::vector<float> weights;
  double largest = 0.0; ///< change of a weight
  double sum = 0.0;     ///< of changes of one output's weights, the largest

  Change(CodingAttrInterface coding, const NearBasis &basis);
};
} // namespace

Change::Change(CodingAttrInterface coding, const NearBasis &basis) {
  int64_t outputs = coding.getShape()[0], inputs = coding.getShape()[1];
  weights.resize(outputs * inputs);
  SmallVector<double> row(inputs);
  for (int64_t n = 0; n < outputs; ++n) {
    coding.decodeDoubles(n * inputs, row);
    double total = 0.0;
    for (auto [k, value] : llvm::enumerate(row)) {
      weights[n * inputs + k] = static_cast<float>(basis.getSum(basis.masks.at(value)));
      double rounded = weights[n * inputs + k]; // what is stored
      largest = std::max(largest, std::abs(rounded - value));
      total += std::abs(rounded - value);
    }
    sum = std::max(sum, total);
  }
  // Sums of doubles are off by less than this.
  sum *= 1.0 + 1e-9;
}

/// A bound in three digits that is not below it: printing rounds a mantissa of
/// at least 1 by at most 0.005.
static std::string stringifyBound(double bound) {
  return llvm::formatv("{0:e2}", bound * 1.00501).str();
}

/// Rounds the weights of one layer, and says by how much its results change.
static void round(LinearOp layer, unsigned bits) {
  auto constant = layer.getWeights().getDefiningOp<ConstantOp>();
  if (!constant || !llvm::all_of(constant->getUses(), [](OpOperand &use) {
        auto user = dyn_cast<LinearOp>(use.getOwner());
        return user && user.getInput() != use.get() && user.getBias() != use.get();
      }))
    return;
  CodingAttrInterface coding = constant.getValue();
  if (coding.isIntegral() || coding.getShape().size() != 2)
    return;
  std::optional<NearBasis> basis = findNearBasis(coding);
  if (!basis)
    return;
  bool isRounded = basis->roundCoefficients(bits);
  if (!isRounded && basis->deviation == 0.0)
    return;
  Change change(coding, *basis);
  constant.setValueAttr(DenseCodingAttr::get(
      layer.getContext(),
      makeFloatPayload(layer.getContext(), coding.getShape(), change.weights,
                       getResourceName(constant.getLoc()))));
  std::optional<double> input = getLargestInput(layer.getInput());
  InFlightDiagnostic remark = layer.emitRemark();
  remark << "its weights became sums of " << basis->coefficients.size()
         << " coefficients of " << bits << " bits; each changed by at most "
         << stringifyBound(change.largest)
         << ", and the layer's results by at most "
         << stringifyBound(change.sum * input.value_or(1.0));
  if (!input)
    remark << " times the largest input";
}

namespace {
struct RoundCoefficients
    : public sumac::impl::RoundCoefficientsBase<RoundCoefficients> {
  using RoundCoefficientsBase::RoundCoefficientsBase;

  void runOnOperation() override {
    if (bits < 2 || bits > 22) {
      getOperation().emitError("coefficients have 2 to 22 bits, not ") << bits;
      return signalPassFailure();
    }
    getOperation().walk([&](LinearOp layer) { round(layer, bits); });
  }
};
} // namespace
