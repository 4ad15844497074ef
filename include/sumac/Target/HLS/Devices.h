//===- Devices.h - Common FPGAs -*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SUMAC_TARGET_HLS_DEVICES_H
#define SUMAC_TARGET_HLS_DEVICES_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"

namespace sumac::hls {

/// What a device has, from the vendor's product tables (DS190, DS890, DS950).
struct Device {
  llvm::StringLiteral name; ///< as users write it
  llvm::StringLiteral part; ///< as the vendor's tools do
  int64_t lut, ff, dsp, bram, uram; ///< block memories of 18 and 288 Kbit
};

llvm::ArrayRef<Device> getDevices();
/// The device of that name or part, or null.
const Device *lookupDevice(llvm::StringRef name);

} // namespace sumac::hls

#endif // SUMAC_TARGET_HLS_DEVICES_H
