// Real numbers to the end, which no target but the interpreter computes.
func.func @main(%x: tensor<?x2xf32> {sumac.name = "x"}) -> (tensor<?x2xf32> {sumac.name = "y"}) {
  %a = sumac.from_float %x : tensor<?x2xf32> -> tensor<?x2x!sumac.real>
  %b = sumac.relu %a : tensor<?x2x!sumac.real>
  %y = sumac.to_float %b : tensor<?x2x!sumac.real> -> tensor<?x2xf32>
  return %y : tensor<?x2xf32>
}
