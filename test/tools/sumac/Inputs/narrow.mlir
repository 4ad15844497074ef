// An input of 4 bits whose grid ends at 12.
func.func @main(%x: tensor<?x3xf32> {sumac.name = "x"}) -> (tensor<?x3xf32> {sumac.name = "y"}) {
  %c = sumac.encode %x, <ui4, max = 12, scale = <["0x1p-4"]>, zero_point = <["0x0p+0"]>>, half_even : tensor<?x3xf32> -> tensor<?x3xui4>
  %y = sumac.decode %c, <ui4, scale = <["0x1p-4"]>, zero_point = <["0x0p+0"]>> : tensor<?x3xui4> -> tensor<?x3xf32>
  return %y : tensor<?x3xf32>
}
