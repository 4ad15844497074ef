// Options of the pass that cannot be.
// RUN: not sumac-opt %s --convert-sumac-to-acm=machine=none 2>&1 | FileCheck %s --check-prefix=MACHINE
// RUN: not sumac-opt %s --convert-sumac-to-acm=images=-1 2>&1 | FileCheck %s --check-prefix=IMAGES
// RUN: not sumac-opt %s --convert-sumac-to-acm=images=65536 2>&1 | FileCheck %s --check-prefix=IMAGES
// RUN: not sumac-opt %s --convert-sumac-to-acm=formats=dense,coo 2>&1 | FileCheck %s --check-prefix=FORMATS
// MACHINE: error: there is no machine 'none': neither a preset (
// IMAGES: error: a run has 1 to 65535 images; 0: as many as fit
// FORMATS: error: there is no format 'coo'; there are dense, bitmask and csr
func.func @main_raw(%x: tensor<?x2xui4>) -> tensor<?x2xui4> {
  %c = sumac.clamp %x min [0] max [9] : tensor<?x2xui4> -> tensor<?x2xui4>
  return %c : tensor<?x2xui4>
}
