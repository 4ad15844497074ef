//===- Unsupported.cpp - Why an operator has no conversion ----------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A reason, and what to do, for operators without a rule.
//
//===----------------------------------------------------------------------===//

#include "Converter.h"
#include "llvm/ADT/StringSwitch.h"

using namespace mlir;

std::string sumac::onnx::getUnsupportedReason(StringRef domain, StringRef name) {
  constexpr StringRef convolution = "convolutions and pooling are not supported yet; only dense layers are";
  constexpr StringRef recurrent = "recurrent layers are not supported";
  constexpr StringRef control = "the graph must not branch or loop; export it with constants folded";
  constexpr StringRef product = "it multiplies activations by each other, which quantized layers here do not";
  constexpr StringRef output = "remove it: the largest element and its position are those of its input";
  StringRef reason =
      llvm::StringSwitch<StringRef>(name)
          .Cases({"Conv", "ConvTranspose", "ConvInteger", "QLinearConv", "DeformConv"}, convolution)
          .Cases({"MaxPool", "AveragePool", "GlobalAveragePool", "GlobalMaxPool", "LpPool"}, convolution)
          .Cases({"QLinearAveragePool", "QLinearGlobalAveragePool", "QuantAvgPool2d", "Im2Col"}, convolution)
          .Cases({"Pad", "Resize", "Upsample", "DepthToSpace", "SpaceToDepth"}, convolution)
          .Cases({"LSTM", "GRU", "RNN"}, recurrent)
          .Cases({"If", "Loop", "Scan", "SequenceMap"}, control)
          .Cases({"LogSoftmax", "Hardmax"}, output)
          .Cases({"Gelu", "Swish", "HardSwish", "Mish", "Attention", "Einsum"}, product)
          .Cases({"LayerNormalization", "InstanceNormalization", "GroupNormalization"},
                 "it normalizes by statistics of the data, not by constants")
          .Cases({"RMSNormalization", "MeanVarianceNormalization", "LpNormalization"},
                 "it normalizes by statistics of the data, not by constants")
          .Default("");
  if (!reason.empty())
    return reason.str();
  bool known = llvm::is_contained({"", "ai.onnx.ml", "com.microsoft", "qonnx.custom_op.general",
                                   "onnx.brevitas", "finn.custom_op.general",
                                   "qonnx.custom_op.channels_last"}, domain);
  return known ? "Sumac has no conversion for it"
               : "Sumac knows no operators of this domain";
}
