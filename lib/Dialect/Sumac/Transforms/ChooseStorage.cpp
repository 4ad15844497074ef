//===- ChooseStorage.cpp - Storages that the user names --------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// `sumac-choose-storage`: LAYER=STORAGE becomes the attribute of the weights.
//
//===----------------------------------------------------------------------===//

#include "LayerChoice.h"
#include "sumac/Dialect/Sumac/IR/Storage.h"
#include "sumac/Dialect/Sumac/Transforms/Passes.h"

namespace sumac {
#define GEN_PASS_DEF_CHOOSESTORAGE
#include "sumac/Dialect/Sumac/Transforms/Passes.h.inc"
} // namespace sumac

using namespace mlir;
using namespace sumac;

/// The storages that `name` leaves to choose from; empty if there is none.
static SmallVector<StorageAttrInterface> getCandidates(MLIRContext *context,
                                                       StringRef name) {
  SmallVector<StorageAttrInterface> storages = getStorages(context);
  llvm::erase_if(storages, [&](StorageAttrInterface storage) {
    // Nothing computes with a Huffman code.
    return name == "smallest" ? isa<HuffmanStorageAttr>(storage)
                              : storage.getStorageName() != name;
  });
  return storages;
}

namespace {
struct ChooseStorage : public sumac::impl::ChooseStorageBase<ChooseStorage> {
  using ChooseStorageBase::ChooseStorageBase;

  void runOnOperation() override {
    for (const std::string &entry : storages)
      if (failed(apply(entry)))
        return signalPassFailure();
  }

private:
  LogicalResult apply(StringRef entry);
};
} // namespace

LogicalResult ChooseStorage::apply(StringRef entry) {
  auto [layerName, storageName] = entry.rsplit('=');
  SmallVector<StorageAttrInterface> candidates =
      getCandidates(&getContext(), storageName);
  if (candidates.empty())
    return getOperation().emitError("unknown storage in '")
           << entry
           << "'; expected LAYER=packed, bitmask, csr, huffman or smallest";
  return applyToLayers(
      getOperation(), layerName, "storage " + storageName,
      [&](LinearOp layer) -> Operation * {
        auto constant = layer.getWeights().getDefiningOp<ConstantOp>();
        if (!constant || !constant.getValue().isIntegral())
          return nullptr;
        StorageAttrInterface storage =
            findSmallestStorage(candidates, CodeStatistics(constant.getValue()));
        if (!storage)
          return nullptr;
        constant.setStorageAttr(storage);
        return constant;
      });
}
