// RUN: sumac-opt --convert-onnx-to-sumac --split-input-file --verify-diagnostics %s

// IR read from text may lack a resource that it names.
func.func @main(%x: tensor<?x66xf32> {sumac.name = "x"}) -> (!onnx.value {sumac.name = "y"}) {
  // expected-error @below {{invalid ONNX operator 'Constant': its value of type tensor<66xf32> has no elements}}
  %w = onnx.node "Constant"() attributes {value = dense_resource<missing> : tensor<66xf32>} : () -> tensor<66xf32>
  %y = onnx.node "Add"(%x, %w) since 13 : (tensor<?x66xf32>, tensor<66xf32>) -> !onnx.value
  return %y : !onnx.value
}

// -----

func.func @main(%x: tensor<?x66xf32> {sumac.name = "x"}) -> (!onnx.value {sumac.name = "y"}) {
  // expected-error @below {{invalid ONNX operator 'Constant': its value of type tensor<66xf32> has no elements}}
  %w = onnx.node "Constant"() attributes {value = dense_resource<short> : tensor<66xf32>} : () -> tensor<66xf32>
  %y = onnx.node "Add"(%x, %w) since 13 : (tensor<?x66xf32>, tensor<66xf32>) -> !onnx.value
  return %y : !onnx.value
}

{-#
  dialect_resources: {
    builtin: {
      short: "0x040000000000803F"
    }
  }
#-}

// -----

// Modules beyond the imported level pass unchanged.
func.func @main(%x: tensor<?x2xf32>) -> tensor<?x2xf32> {
  return %x : tensor<?x2xf32>
}
