//===- Forms.h - The sum forms that there are ------------------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// For options and reports, which know forms by their names.
//
//===----------------------------------------------------------------------===//

#ifndef SUMAC_DIALECT_SUMAC_IR_FORMS_H
#define SUMAC_DIALECT_SUMAC_IR_FORMS_H

#include "sumac/Dialect/Sumac/IR/SumacDialect.h"

namespace sumac {

/// All forms of Sumac's dialect.
llvm::SmallVector<FormAttrInterface> getForms(mlir::MLIRContext *context);

} // namespace sumac

#endif // SUMAC_DIALECT_SUMAC_IR_FORMS_H
