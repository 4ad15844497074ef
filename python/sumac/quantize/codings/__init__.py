# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The codings of weights, one theme a module. A new module needs only @coding (sumac.quantize.coding) to be found."""
