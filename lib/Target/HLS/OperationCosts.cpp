//===- OperationCosts.cpp - Su et al.'s model of throughput -*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "OperationCosts.h"

#include "sumac/Dialect/Stream/IR/ProcessBody.h"

#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace sumac;
using namespace sumac::hls;

OperationCost hls::getOperationCost(unsigned weightBits, unsigned activationBits) {
  auto bits = static_cast<double>(weightBits + activationBits);
  double multiplier = (2.0 * static_cast<double>(llvm::divideCeil(weightBits + activationBits, 6)) - 1) * bits;
  return {1.1 * (multiplier + bits), static_cast<double>(llvm::divideCeil(weightBits + activationBits, 48))};
}

llvm::json::Object hls::estimateOperationCosts(const Design &design, const ProjectOptions &options,
                                               double framesPerSecond) {
  llvm::json::Array layers;
  double lut = 0, dsp = 0;
  stream::NetworkOp network = design.network;
  for (auto process : network.getBody().getOps<stream::ProcessOp>()) {
    LinearOp linear = stream::ProcessBody::get(process).linear;
    if (!linear)
      continue;
    CodingAttrInterface weights = stream::getWeights(linear);
    unsigned weightBits = weights.getElementBits(), activationBits = stream::getElementBits(linear.getInput());
    OperationCost cost = getOperationCost(weightBits, activationBits);
    auto operations = static_cast<double>(weights.getShape()[0]) * static_cast<double>(weights.getShape()[1]);
    lut += operations * cost.lut;
    dsp += operations * cost.dsp;
    layers.push_back(llvm::json::Object{{"name", process.getName()},
                                        {"weight_bits", weightBits},
                                        {"activation_bits", activationBits},
                                        {"operations", operations},
                                        {"lut_per_operation", cost.lut},
                                        {"dsp_per_operation", cost.dsp}});
  }
  double hertz = options.clock * 1e6;
  double byLUT = lut == 0 ? 0 : hertz * static_cast<double>(options.device->lut) / lut;
  double byDSP = dsp == 0 ? 0 : hertz * static_cast<double>(options.device->dsp) / dsp;
  double best = byLUT + byDSP;
  return llvm::json::Object{{"layers", std::move(layers)},
                            {"lut", lut},
                            {"dsp", dsp},
                            {"frames_per_second_lut", byLUT},
                            {"frames_per_second_dsp", byDSP},
                            {"frames_per_second", best},
                            {"efficiency", best == 0 ? 0 : framesPerSecond / best}};
}
