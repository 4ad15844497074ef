# Writes the models of large.test.


def write(name, arguments, results, lines, values):
    body = "".join(f"  {line}\n" for line in lines)
    with open(f"{name}.mlir", "w") as file:
        file.write(f"func.func @main_raw({arguments}) -> ({results}) {{\n{body}  return {values} : {results}\n}}\n")


def join(inputs):
    """A line that adds inputs, each once."""
    factors = ", ".join("[1]" for _ in inputs)
    return f"sumac.combine {', '.join(inputs)} multiply dense<[{factors}]> : tensor<{len(inputs)}x1xsi64> add dense<0> : tensor<1xsi64>"


def write_sums(name, count, copies):
    t, x = "tensor<?x1xsi64>", "tensor<?x1xui4>"
    lines = [f"%a0 = {join(['%x'])} : ({x}) -> {t}"]
    lines += [f"%a{i + 1} = {join([f'%a{i}'] * copies)} : ({', '.join([t] * copies)}) -> {t}" for i in range(count)]
    write(name, f"%x: {x}", t, lines, f"%a{count}")


T = "tensor<?x1xui8>"
CLAMPS = [f"%a{i} = sumac.clamp %x min [0] max [{i % 200 + 1}] : {T} -> {T}" for i in range(300)]
write("outputs", f"%x: {T}", ", ".join([T] * 300), CLAMPS, ", ".join(f"%a{i}" for i in range(300)))

W = "tensor<?x8192xui8>"
write("wide", f"%a0: {W}", W, [f"%a{i + 1} = sumac.clamp %a{i} min [0] max [9] : {W} -> {W}" for i in range(200)], "%a200")

write_sums("doubled", 40, 2)
write_sums("chain", 70000, 1)


def write_layer(name, inputs, outputs):
    lines = [
        f"%w = sumac.constant #sumac.uniform<dense<1> : tensor<{outputs}x{inputs}xsi8>, bits = 2> -> tensor<{outputs}x{inputs}xsi2>",
        f"%a = sumac.linear %x, %w : (tensor<?x{inputs}xui4>, tensor<{outputs}x{inputs}xsi2>) -> tensor<?x{outputs}xsi16>",
        f"%q = sumac.clamp %a min [0] max [15] : tensor<?x{outputs}xsi16> -> tensor<?x{outputs}xui4>",
    ]
    write(name, f"%x: tensor<?x{inputs}xui4>", f"tensor<?x{outputs}xui4>", lines, "%q")


write_layer("blocks", 1, 131072)
write_layer("tiles", 80, 24)
