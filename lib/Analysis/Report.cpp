//===- Report.cpp - Say what is known about each operation ----------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Remarks from the interfaces of operations; nothing here knows an operation by
// name.
//
//===----------------------------------------------------------------------===//

#include "sumac/Analysis/IntegerRanges.h"
#include "sumac/Analysis/Passes.h"

#include "llvm/Support/raw_ostream.h"

namespace sumac {
#define GEN_PASS_DEF_REPORT
#include "sumac/Analysis/Passes.h.inc"
} // namespace sumac

using namespace mlir;
using namespace sumac;

namespace {
struct ReportPass : sumac::impl::ReportBase<ReportPass> {
  using ReportBase::ReportBase;

  void runOnOperation() override;

private:
  void describeBounds(ArrayRef<IntegerRange> bounds, raw_ostream &os);
};
} // namespace

/// Parts of a remark, separated by semicolons.
static raw_ostream &beginPart(std::string &text, raw_ostream &os) {
  return text.empty() ? os : os << "; ";
}

static void describeWork(const OperationCount &count, raw_ostream &os) {
  std::pair<int64_t, StringRef> parts[] = {
      {count.multiplyAdds, "multiply-adds"},
      {count.multiplications, "multiplications"},
      {count.additions, "additions"},
      {count.comparisons, "comparisons"},
      {count.lookups, "lookups"}};
  StringRef separator = "work: ";
  for (auto [number, name] : parts) {
    if (number == 0)
      continue;
    os << separator << number << ' ' << name;
    separator = ", ";
  }
}

void ReportPass::describeBounds(ArrayRef<IntegerRange> bounds,
                                raw_ostream &os) {
  os << "bounds ";
  auto print = [&](IntegerRange range) {
    os << '[' << range.min << ", " << range.max << ']';
  };
  if (bounds.size() > maxChannels) {
    print(getHull(bounds));
    os << " over " << bounds.size() << " channels";
    return;
  }
  llvm::interleave(bounds, os, print, " ");
}

void ReportPass::runOnOperation() {
  markAllAnalysesPreserved();
  IntegerRanges ranges(getOperation());
  getOperation()->walk([&](Operation *op) {
    std::string text;
    llvm::raw_string_ostream os(text);
    bool moves =
        op->getNumResults() == 1 && !ranges.get(op->getResult(0)).empty();
    if (moves)
      describeBounds(ranges.get(op->getResult(0)), os);
    if (auto grid = dyn_cast<GridOpInterface>(op))
      if (GridAttr attr = grid.getResultGrid())
        beginPart(text, os) << "grid " << attr;
    if (auto cost = dyn_cast<CostOpInterface>(op)) {
      std::string work;
      llvm::raw_string_ostream workStream(work);
      describeWork(cost.getOperationCount(), workStream);
      if (!work.empty())
        beginPart(text, os) << work;
      if (int64_t bits = cost.getStoredBits())
        beginPart(text, os) << "stored bits: " << bits;
    }
    if (!text.empty())
      op->emitRemark() << text;
  });
}
