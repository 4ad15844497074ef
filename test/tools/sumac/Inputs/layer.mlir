// Two inputs of a fixed batch of 2; one quantized layer each; two outputs.
func.func @main(%left: tensor<2x3xf32> {sumac.name = "left"},
                %right: tensor<2x3xf32> {sumac.name = "right"})
    -> (tensor<2x2xf32> {sumac.name = "sum"}, tensor<2xsi64> {sumac.name = "class"}) {
  %w = sumac.constant #sumac.uniform<dense<[[1, -2, 3], [0, 1, -1]]> : tensor<2x3xsi8>, bits = 3> -> tensor<2x3xsi3>
  %l = sumac.encode %left, <ui8, scale = <["0x1p-4"]>, zero_point = <["0x0p+0"]>>, half_even : tensor<2x3xf32> -> tensor<2x3xui8>
  %r = sumac.encode %right, <ui8, scale = <["0x1p-4"]>, zero_point = <["0x0p+0"]>>, half_even : tensor<2x3xf32> -> tensor<2x3xui8>
  %a = sumac.linear %l, %w : (tensor<2x3xui8>, tensor<2x3xsi3>) -> tensor<2x2xsi12> loc("first")
  %b = sumac.linear %r, %w : (tensor<2x3xui8>, tensor<2x3xsi3>) -> tensor<2x2xsi12> loc("second")
  %s = sumac.combine %a, %b multiply dense<1> : tensor<2x1xsi64> add dense<0> : tensor<1xsi64>
       : (tensor<2x2xsi12>, tensor<2x2xsi12>) -> tensor<2x2xsi13> loc("join")
  %c = sumac.argmax %s axis 1 : tensor<2x2xsi13> -> tensor<2xsi64> loc("argmax")
  %y = sumac.decode %s, <si13, scale = <["0x1p-4"]>, zero_point = <["0x0p+0"]>> : tensor<2x2xsi13> -> tensor<2x2xf32>
  return %y, %c : tensor<2x2xf32>, tensor<2xsi64>
}
