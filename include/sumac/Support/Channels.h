//===- Channels.h - Entries of channels -------------------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SUMAC_SUPPORT_CHANNELS_H
#define SUMAC_SUPPORT_CHANNELS_H

#include <cstdint>

namespace sumac {

/// Entry `channel` of an array that has one entry per channel or one for all. A
/// reference, where the array gives one: it lives as long as the array.
template <typename ArrayT> decltype(auto) atChannel(const ArrayT &entries, int64_t channel) {
  return entries[entries.size() == 1 ? 0 : channel];
}

} // namespace sumac

#endif // SUMAC_SUPPORT_CHANNELS_H
