//===- Processes.cpp - Processes in C++ -*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Processes.h"
#include "Elements.h"
#include "Elementwise.h"
#include "Unrolled.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace sumac;
using namespace sumac::hls;
using llvm::Twine;
using sumac::stream::getChannelType;

/// `static void NAME_unit(STREAM &input, ..., STREAM &output, ...)`, opened.
static void openProcess(CodeWriter &code, const std::string &name, ValueRange inputs, ValueRange results) {
  std::string parameters;
  auto add = [&](ValueRange channels, StringRef what) {
    for (auto [i, channel] : llvm::enumerate(channels)) {
      parameters += (parameters.empty() ? "" : ", ") + getStreamType(getChannelType(channel).getItemBits()) + " &" +
                    what.str() + (channels.size() > 1 ? std::to_string(i) : "");
    }
  };
  add(inputs, "input");
  add(results, "output");
  code.open("static void " + name + "_unit(" + parameters + ")");
}

/// A name from a file within a comment: it neither ends nor continues the line.
static std::string quote(StringRef name) {
  std::string text;
  for (char c : name)
    text += llvm::isPrint(c) && c != '\\' ? c : '?';
  return text;
}

static std::string getItemType(Value channel) { return getType(false, getChannelType(channel).getItemBits()); }

/// "784 x ui8, lanes = 16"
static std::string describe(Value channel) {
  std::string text;
  stream::ChannelType type = getChannelType(channel);
  llvm::raw_string_ostream(text) << type.getElements() << " x " << type.getElementType() << " in items of "
                                 << type.getLanes();
  return text;
}

//===----------------------------------------------------------------------===//
// Folded units
//===----------------------------------------------------------------------===//

static StringRef getImplementation(stream::Memory memory) {
  return memory == stream::Memory::LUT ? "lutram" : memory == stream::Memory::BRAM ? "bram" : "uram";
}

/// Puts the elements of an item together from an expression for each.
static void printOutput(CodeWriter &code, Value channel, StringRef index, StringRef channelOf,
                        function_ref<std::string(CodeWriter &)> element) {
  stream::ChannelType type = getChannelType(channel);
  code.line(getItemType(channel) + " item = 0;");
  code.loop(index, type.getLanes());
  code.pragma("unroll");
  code.line("const int channel = " + channelOf + ";");
  std::string value = element(code);
  code.line("sumac::put<" + Twine(type.getElementType().getWidth()) + ">(item, " + index + ", " + value + ");");
  code.close();
  code.line("output.write(item);");
}

static void printFolded(CodeWriter &code, const std::string &name, stream::ProcessOp process,
                        stream::FoldedUnitAttr unit) {
  stream::ProcessBody body = stream::ProcessBody::get(process);
  std::unique_ptr<ElementCode> element = createElementCode(name, body.linear, unit);
  ElementFunction activation(name + "_activation", body.elementwise, body.linear.getResult());
  ArrayRef<int64_t> shape = stream::getWeights(body.linear).getShape();
  int64_t pe = unit.getPe(), simd = unit.getSimd(), groups = shape[0] / pe, parts = shape[1] / simd;

  element->printConstants(code);
  activation.printConstants(code);
  code.line();
  activation.print(code);
  code.line();
  code.line("// " + quote(process.getName()) + ": " + describe(process.getInputs()[0]) + " to " +
            describe(process.getResult()) + ".");
  code.line("// PE " + Twine(pe) + ", SIMD " + Twine(simd) + ": " + Twine(groups) + " groups of " +
            Twine(parts) + " steps.");
  openProcess(code, name, process.getInputs(), process->getResults());
  code.pragma("array_reshape variable=" + name + "_weights complete dim=2");
  code.pragma("bind_storage variable=" + name + "_weights type=rom_1p impl=" + getImplementation(unit.getMemory()));
  activation.printPragmas(code, pe);
  element->printBuffers(code);
  code.loop("group", groups);
  code.loop("part", parts);
  code.pragma("pipeline II=1 style=flp");
  code.open("if (group == 0)");
  code.line("const " + getItemType(process.getInputs()[0]) + " item = input.read();");
  element->printRead(code);
  code.close();
  code.line("const auto &tile = " + Twine(name) + "_weights[group * " + Twine(parts) + " + part];");
  code.loop("p", pe);
  code.pragma("unroll");
  code.line("const int channel = group * " + Twine(pe) + " + p;");
  code.line("(void)channel;");
  element->printStep(code);
  code.close();
  code.open("if (part == " + Twine(parts - 1) + ")");
  printOutput(code, process.getResult(), "p", "group * " + std::to_string(pe) + " + p", [&](CodeWriter &code) {
    std::string sum = element->printResult(code);
    return activation.getName() + "(channel, " + sum + ")";
  });
  code.close();
  code.close();
  code.close();
  code.close();
}

//===----------------------------------------------------------------------===//
// Unrolled units
//===----------------------------------------------------------------------===//

static void printUnrolled(CodeWriter &code, const std::string &name, stream::ProcessOp process) {
  stream::ProcessBody body = stream::ProcessBody::get(process);
  LinearOp linear = body.linear;
  ElementFunction activation(name + "_activation", body.elementwise, linear.getResult());
  stream::ChannelType in = getChannelType(process.getInputs()[0]), out = getChannelType(process.getResult());
  IntegerType sum = stream::getElementType(linear.getResult());
  activation.printConstants(code);
  printBias(code, name, linear);
  code.line();
  activation.print(code);
  code.line();
  printAdderGraph(code, name, linear);
  code.line();
  code.line("// " + quote(process.getName()) + ": " + describe(process.getInputs()[0]) + " to " +
            describe(process.getResult()) + ", unrolled.");
  openProcess(code, name, process.getInputs(), process->getResults());
  code.pragma("pipeline II=1 style=flp");
  activation.printPragmas(code, out.getLanes());
  code.line(getType(in.getElementType()) + " x[" + Twine(in.getElements()) + "];");
  code.pragma("array_partition variable=x complete");
  code.line(getType(sum) + " sums[" + Twine(out.getElements()) + "];");
  code.pragma("array_partition variable=sums complete");
  code.line("const " + getItemType(process.getInputs()[0]) + " in = input.read();");
  code.loop("l", in.getLanes());
  code.pragma("unroll");
  code.line("x[l] = sumac::get<" + Twine(in.getElementType().getWidth()) + ">(in, l);");
  code.close();
  code.line(name + "_sums(x, sums);");
  printOutput(code, process.getResult(), "p", "p", [&](CodeWriter &) {
    std::string value = "sums[p]";
    if (linear.getBias())
      value = getType(sum) + "(sums[p] + " + name + "_bias[p])";
    return activation.getName() + "(channel, " + value + ")";
  });
  code.close();
}

//===----------------------------------------------------------------------===//
// Elementwise units
//===----------------------------------------------------------------------===//

static void printElementwise(CodeWriter &code, const std::string &name, stream::ProcessOp process) {
  stream::ProcessBody body = stream::ProcessBody::get(process);
  SmallVector<Value> arguments(process.getBody().getArguments());
  ElementFunction function(name + "_element", body.elementwise, arguments);
  stream::ChannelType type = getChannelType(process.getResult());
  function.printConstants(code);
  code.line();
  function.print(code);
  code.line();
  code.line("// " + quote(process.getName()) + ": " + describe(process.getResult()) + ", elementwise.");
  openProcess(code, name, process.getInputs(), process->getResults());
  function.printPragmas(code, type.getLanes());
  code.loop("i", type.getItems());
  code.pragma("pipeline II=1 style=flp");
  bool hasOne = arguments.size() == 1;
  std::string call;
  for (auto [i, input] : llvm::enumerate(process.getInputs())) {
    std::string number = hasOne ? "" : std::to_string(i);
    code.line("const " + getItemType(input) + " in" + number + " = input" + number + ".read();");
    IntegerType element = getChannelType(input).getElementType();
    call += ", " + getType(element) + "(sumac::get<" + std::to_string(element.getWidth()) + ">(in" + number + ", l))";
  }
  printOutput(code, process.getResult(), "l", "i * " + std::to_string(type.getLanes()) + " + l",
              [&](CodeWriter &) { return function.getName() + "(channel" + call + ")"; });
  code.close();
  code.close();
}

//===----------------------------------------------------------------------===//
// Forks and resizes
//===----------------------------------------------------------------------===//

static void printFork(CodeWriter &code, const std::string &name, stream::ForkOp fork) {
  code.line("// " + describe(fork.getInput()) + ", copied.");
  openProcess(code, name, fork.getInput(), fork.getResults());
  code.loop("i", getChannelType(fork.getInput()).getItems());
  code.pragma("pipeline II=1 style=flp");
  code.line("const " + getItemType(fork.getInput()) + " item = input.read();");
  for (unsigned i = 0; i < fork.getNumResults(); ++i)
    code.line("output" + Twine(i) + ".write(item);");
  code.close();
  code.close();
}

static void printResize(CodeWriter &code, const std::string &name, stream::ResizeOp resize) {
  stream::ChannelType from = getChannelType(resize.getInput()), to = getChannelType(resize.getResult());
  code.line("// " + describe(resize.getInput()) + " to items of " + Twine(to.getLanes()) + ".");
  openProcess(code, name, resize.getInput(), resize->getResults());
  int64_t narrow = std::min(from.getItemBits(), to.getItemBits());
  std::string buffer = getType(false, std::max(from.getItemBits(), to.getItemBits()));
  code.line(buffer + " item = 0;");
  if (from.getLanes() < to.getLanes()) {
    int64_t ratio = to.getLanes() / from.getLanes();
    code.loop("i", to.getItems());
    code.loop("j", ratio);
    code.pragma("pipeline II=1 style=flp");
    code.line("sumac::put<" + Twine(narrow) + ">(item, j, input.read());");
    code.line("if (j == " + Twine(ratio - 1) + ")");
    code.line("  output.write(item);");
  } else {
    code.loop("i", from.getItems());
    code.loop("j", from.getLanes() / to.getLanes());
    code.pragma("pipeline II=1 style=flp");
    code.line("if (j == 0)");
    code.line("  item = input.read();");
    code.line("output.write(sumac::get<" + Twine(narrow) + ">(item, j));");
  }
  code.close();
  code.close();
  code.close();
}

void hls::printProcess(CodeWriter &code, const std::string &name, Operation *op) {
  llvm::TypeSwitch<Operation *>(op)
      .Case([&](stream::ProcessOp process) {
        if (auto unit = dyn_cast<stream::FoldedUnitAttr>(process.getUnit()))
          printFolded(code, name, process, unit);
        else if (isa<stream::UnrolledUnitAttr>(process.getUnit()))
          printUnrolled(code, name, process);
        else
          printElementwise(code, name, process);
      })
      .Case([&](stream::ForkOp fork) { printFork(code, name, fork); })
      .Case([&](stream::ResizeOp resize) { printResize(code, name, resize); });
}
