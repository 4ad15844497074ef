//===- Devices.cpp - Common FPGAs -*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "sumac/Target/HLS/Devices.h"

using namespace sumac::hls;

static const Device kDevices[] = {
    {"pynq-z2", "xc7z020clg400-1", 53200, 106400, 220, 280, 0},
    {"zc706", "xc7z045ffg900-2", 218600, 437200, 900, 1090, 0},
    {"arty-a7-100", "xc7a100tcsg324-1", 63400, 126800, 240, 270, 0},
    {"ultra96", "xczu3eg-sbva484-1-e", 70560, 141120, 360, 432, 0},
    {"kv260", "xck26-sfvc784-2LV-c", 117120, 234240, 1248, 288, 64},
    {"zcu104", "xczu7ev-ffvc1156-2-e", 230400, 460800, 1728, 624, 96},
    {"zcu102", "xczu9eg-ffvb1156-2-e", 274080, 548160, 2520, 1824, 0},
    {"zcu111", "xczu28dr-ffvg1517-2-e", 425280, 850560, 4272, 2160, 80},
    {"alveo-u50", "xcu50-fsvh2104-2-e", 872064, 1743128, 5952, 2688, 640},
    {"alveo-u250", "xcu250-figd2104-2L-e", 1728000, 3456000, 12288, 5376, 1280},
    {"vu9p", "xcvu9p-flga2104-2L-e", 1182240, 2364480, 6840, 4320, 960},
    {"vcu440", "xcvu440-flga2892-2-e", 2532960, 5065920, 2880, 5040, 0},
};

llvm::ArrayRef<Device> sumac::hls::getDevices() { return kDevices; }

const Device *sumac::hls::lookupDevice(llvm::StringRef name) {
  for (const Device &device : kDevices)
    if (name.equals_insensitive(device.name) || name.equals_insensitive(device.part))
      return &device;
  return nullptr;
}
