//===- Pipeline.h - Integer level to programs of the core -*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SUMAC_TARGET_ACM_PIPELINE_H
#define SUMAC_TARGET_ACM_PIPELINE_H

namespace sumac {

/// Registers sumac-acm-pipeline.
void registerACMPipelines();

} // namespace sumac

#endif // SUMAC_TARGET_ACM_PIPELINE_H
