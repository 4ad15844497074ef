// RUN: sumac-opt %s | sumac-opt | FileCheck %s
// RUN: sumac-opt %s -emit-bytecode | sumac-opt | FileCheck %s

// A network without outputs is of no use, but it is what the text says.
// CHECK-LABEL: stream.network @nothing
// CHECK-NEXT:    stream.output{{$}}
"stream.network"() <{sym_name = "nothing"}> ({
  "stream.output"() : () -> ()
}) : () -> ()
