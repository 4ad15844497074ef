//===- ProcessingElement.h - How one output is summed up -*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A processing element of a folded unit takes `simd` inputs and as many weights a
// step and adds to one accumulator. There is one kind for each sum form.
//
//===----------------------------------------------------------------------===//

#ifndef SUMAC_LIB_DIALECT_STREAM_IR_UNITS_PROCESSINGELEMENT_H
#define SUMAC_LIB_DIALECT_STREAM_IR_UNITS_PROCESSINGELEMENT_H

#include "sumac/Dialect/Stream/IR/ProcessBody.h"

namespace sumac::stream {

/// The layer that an element belongs to.
struct ElementContext {
  LinearOp linear;
  CodingAttrInterface weights;
  int64_t simd;
  int64_t activationBits, accumulatorBits;
  Multiplier multiplier;
};

/// One kind of processing element.
struct ProcessingElement {
  llvm::StringRef form; ///< name of the sum form
  /// Inputs that a step must take a multiple of, as must the layer.
  int64_t (*getInputMultiple)(CodingAttrInterface weights);
  /// Whether units can compute with these weights.
  bool (*supports)(CodingAttrInterface weights);
  Resources (*getResources)(const ElementContext &context);
  /// What all elements of a unit share.
  Resources (*getSharedResources)(const ElementContext &context);
  /// Pipeline stages from an input to the accumulator's value, the accumulator
  /// included.
  int64_t (*getStages)(const ElementContext &context);
};

/// The kind for a form, or null where folded units do not have it.
const ProcessingElement *lookupProcessingElement(llvm::StringRef form);

/// The name of the form of a layer; multiply_accumulate where it has none.
llvm::StringRef getFormName(LinearOp linear);

} // namespace sumac::stream

#endif // SUMAC_LIB_DIALECT_STREAM_IR_UNITS_PROCESSINGELEMENT_H
