//===- FastKernels.cpp - Kernels for particular processors ---===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The list of linear kernels that use a processor's own instructions.
//
//===----------------------------------------------------------------------===//

#include "sumac/Target/CPU/LinearKernel.h"

using namespace sumac;

void sumac::addFastLinearKernels(LinearKernelRegistry &registry) {}
