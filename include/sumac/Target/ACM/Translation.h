//===- Translation.h - Programs of the core in and out -*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SUMAC_TARGET_ACM_TRANSLATION_H
#define SUMAC_TARGET_ACM_TRANSLATION_H

namespace sumac {

/// Registers sumac-translate's --acm-assemble, --acm-disassemble, --acm-check,
/// --acm-simulate, --acm-to-mlir and --mlir-to-acm.
void registerACMTranslations();

} // namespace sumac

#endif // SUMAC_TARGET_ACM_TRANSLATION_H
