// A real layer whose input the file says to be -1 or +1.
module {
  func.func @main(%x: tensor<?x3xf32> {sumac.name = "x", sumac.input_type = "bipolar"}) -> (tensor<?x2xf32> {sumac.name = "y"}) {
    %w = sumac.constant #sumac.uniform<dense<[[1, -3, 2], [2, 1, -1]]> : tensor<2x3xsi8>, bits = 3> -> tensor<2x3xsi3>
    %d = sumac.decode %w, <si3, scale = <["0x1p-2"]>, zero_point = <["0x0p+0"]>> : tensor<2x3xsi3> -> tensor<2x3x!sumac.real>
    %r = sumac.from_float %x : tensor<?x3xf32> -> tensor<?x3x!sumac.real>
    %a = sumac.linear %r, %d : (tensor<?x3x!sumac.real>, tensor<2x3x!sumac.real>) -> tensor<?x2x!sumac.real>
    %y = sumac.to_float %a : tensor<?x2x!sumac.real> -> tensor<?x2xf32>
    return %y : tensor<?x2xf32>
  }
}
