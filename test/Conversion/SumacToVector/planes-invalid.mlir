// RUN: sumac-opt %s -split-input-file --sumac-cpu-vector-pipeline=cpu=x86-64 -verify-diagnostics

// expected-error @+1 {{names @nothing in sumac.planes, which is no other function of its type}}
func.func @main(%x: tensor<?x2xui3>) -> tensor<?x2xui3> attributes {sumac.planes = [@nothing]} {
  return %x : tensor<?x2xui3>
}

// -----

// expected-error @+1 {{names @main in sumac.planes, which is no other function of its type}}
func.func @main(%x: tensor<?x2xui3>) -> tensor<?x2xui3> attributes {sumac.planes = [@main]} {
  return %x : tensor<?x2xui3>
}

// -----

// expected-error @+1 {{names @other in sumac.planes, which is no other function of its type}}
func.func @main(%x: tensor<?x2xui3>) -> tensor<?x2xui3> attributes {sumac.planes = [@other]} {
  return %x : tensor<?x2xui3>
}
func.func @other(%x: tensor<?x2xui4>) -> tensor<?x2xui4> {
  return %x : tensor<?x2xui4>
}

// -----

// expected-error @+1 {{has no list of functions in sumac.planes}}
func.func @main(%x: tensor<?x2xui3>) -> tensor<?x2xui3> attributes {sumac.planes = 2} {
  return %x : tensor<?x2xui3>
}

// -----

func.func @main(%x: tensor<?x2xui3>) -> tensor<?x2xui3> attributes {sumac.planes = [@other]} {
  return %x : tensor<?x2xui3>
}
// expected-error @+1 {{names functions for other numbers of bit planes than 'main' in sumac.planes}}
func.func @main_raw(%x: tensor<?x2xui3>) -> tensor<?x2xui3> {
  return %x : tensor<?x2xui3>
}
func.func @other(%x: tensor<?x2xui3>) -> tensor<?x2xui3> {
  return %x : tensor<?x2xui3>
}
