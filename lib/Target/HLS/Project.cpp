//===- Project.cpp - The files of an HLS project -*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Project.h"
#include "Code/CodeWriter.h"
#include "Code/Unrolled.h"
#include "Code/VerilogElements.h"
#include "Code/VerilogNetwork.h"
#include "Report.h"
#include "sumac/Analysis/StreamTiming.h"
#include "sumac/Simulator/StreamItems.h"
#include "sumac/Dialect/Stream/IR/ProcessBody.h"
#include "sumac/Support/Folders.h"
#include "sumac/Support/RunProgram.h"
#include "sumac/Target/CPU/Compile.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/Program.h"

#include <cmath>

using namespace mlir;
using namespace sumac;
using namespace sumac::hls;
using llvm::Twine;

//===----------------------------------------------------------------------===//
// Headers
//===----------------------------------------------------------------------===//

llvm::Expected<std::string> hls::findFiles() {
  return findInstalledFolder("hls", "ap_types/ap_int.h");
}

/// Copies Sumac's headers and the ap_int headers.
static llvm::Error copyHeaders(OutputFolder &folder) {
  llvm::Expected<std::string> files = findFiles();
  if (!files)
    return files.takeError();
  auto copy = [&](const std::string &from, const std::string &to) -> llvm::Error {
    auto buffer = llvm::MemoryBuffer::getFile(*files + "/" + from, /*IsText=*/true);
    if (!buffer)
      return llvm::createStringError("cannot read '" + *files + "/" + from + "': " + buffer.getError().message());
    return folder.write(to, (*buffer)->getBuffer());
  };
  if (llvm::Error error = copy("sumac_hls.h", "src/sumac_hls.h"))
    return error;
  if (llvm::Error error = copy("hls_stream.h", "local/hls_stream.h"))
    return error;
  std::vector<std::string> names;
  std::error_code code;
  for (llvm::sys::fs::recursive_directory_iterator it(*files + "/ap_types", code), end; it != end && !code;
       it.increment(code))
    if (llvm::sys::fs::is_regular_file(it->path()))
      names.push_back(StringRef(it->path()).drop_front(files->size() + 1).str());
  llvm::sort(names);
  for (const std::string &name : names)
    if (llvm::Error error = copy(name, "local/" + name))
      return error;
  return llvm::Error::success();
}

llvm::Error hls::writeSources(const Design &design, OutputFolder &folder) {
  if (llvm::Error error = copyHeaders(folder))
    return error;
  using Print = void (*)(const Design &, llvm::raw_ostream &);
  const std::pair<std::string, Print> files[] = {{"src/" + design.name + ".h", printHeader},
                                                 {"src/" + design.name + ".cpp", printSource},
                                                 {"local/library.cpp", printLibrary}};
  for (const auto &file : files)
    if (llvm::Error error = folder.write(file.first, [&](llvm::raw_ostream &os) { file.second(design, os); }))
      return error;
  return llvm::Error::success();
}

//===----------------------------------------------------------------------===//
// Test bench
//===----------------------------------------------------------------------===//

/// Raw values as 64-bit integers.
static SmallVector<int64_t> getIntegers(const HostTensor &tensor) {
  SmallVector<int64_t> values(tensor.getNumElements());
  for (auto [i, value] : llvm::enumerate(values))
    value = tensor.getInteger(i);
  return values;
}

static void printVectors(const Design &design, const TestVectors &vectors, llvm::raw_ostream &os) {
  CodeWriter code(os);
  code.line("// Made by Sumac: random frames, and what its reference interpreter says.");
  code.line();
  code.line("static const int kFrames = " + Twine(vectors.frames) + ";");
  std::vector<std::string> names = getPortNames(design);
  for (auto [i, name] : llvm::enumerate(names)) {
    const HostTensor &tensor =
        i < vectors.inputs.size() ? vectors.inputs[i] : vectors.outputs[i - vectors.inputs.size()];
    code.constants(name + "_frames", getIntegers(tensor), tensor.getNumElements() / vectors.frames);
  }
}

static void printTestBench(const Design &design, llvm::raw_ostream &os) {
  CodeWriter code(os);
  stream::NetworkOp network = design.network;
  std::vector<std::string> names = getPortNames(design);
  unsigned inputs = network.getBody().getNumArguments();
  SmallVector<Value> channels(network.getBody().getArguments());
  llvm::append_range(channels, network.getOutput().getChannels());
  code.line("// Made by Sumac. Runs the design on frames and compares every element of its");
  code.line("// outputs with the reference interpreter's. Status 1 if any differs.");
  code.line();
  code.line("#include \"" + design.name + ".h\"");
  code.line("#include \"vectors.h\"");
  code.line();
  code.line("#include <cstdio>");
  code.line("#include <cstdlib>");
  code.line();
  code.line("// The first argument: how many frames, at most.");
  code.open("int main(int count, char **arguments)");
  code.line("const int frames = count > 1 && std::atoi(arguments[1]) < kFrames ? std::atoi(arguments[1]) : kFrames;");
  code.line("long long compared = 0, differing = 0;");
  code.open("for (int frame = 0; frame < frames; ++frame)");
  std::string arguments;
  for (auto [i, name] : llvm::enumerate(names)) {
    stream::ChannelType type = stream::getChannelType(channels[i]);
    code.line(getStreamType(type.getItemBits()) + " " + name + "(\"" + name + "\");");
    arguments += (i == 0 ? "" : ", ") + name;
    if (i >= inputs)
      continue;
    std::string bits = std::to_string(type.getElementType().getWidth());
    code.loop("i", type.getItems());
    code.line("ap_uint<" + Twine(type.getItemBits()) + "> item = 0;");
    code.loop("l", type.getLanes());
    code.line("sumac::put<" + bits + ">(item, l, ap_uint<" + bits + ">(" + name + "_frames[frame][i * " +
              Twine(type.getLanes()) + " + l]));");
    code.close();
    code.line(name + ".write(item);");
    code.close();
  }
  // The top function of synthesis, so that the vendor's cosimulation can take
  // its place.
  code.line(design.name + "_axis(" + arguments + ");");
  for (unsigned i = inputs; i < names.size(); ++i) {
    stream::ChannelType type = stream::getChannelType(channels[i]);
    std::string element = getType(type.getElementType()), width = std::to_string(type.getElementType().getWidth());
    code.loop("i", type.getItems());
    code.line("const ap_uint<" + Twine(type.getItemBits()) + "> item = " + names[i] + ".read();");
    code.loop("l", type.getLanes());
    code.line("const " + element + " value = sumac::get<" + width + ">(item, l);");
    code.line("const " + element + " expected = " + names[i] + "_frames[frame][i * " + Twine(type.getLanes()) +
              " + l];");
    code.line("++compared;");
    code.open("if (value != expected)");
    code.line("if (differing++ < 10)");
    code.line("  std::printf(\"frame %d, " + names[i] + "[%d]: %s instead of %s\\n\", frame, i * " +
              Twine(type.getLanes()) + " + l, value.to_string(10).c_str(), expected.to_string(10).c_str());");
    code.close();
    code.close();
    code.close();
  }
  code.close();
  code.line("std::printf(\"%lld of %lld integers differ\\n\", differing, compared);");
  code.line("return differing != 0;");
  code.close();
}

//===----------------------------------------------------------------------===//
// Scripts
//===----------------------------------------------------------------------===//

static constexpr StringLiteral kMakefile = R"(# Made by Sumac. `make test` runs the test bench, without a vendor's tool.
CXX ?= g++
CXXFLAGS ?= -O1 -Wall -Wextra
# What HLS pragmas are is known to the vendor's compiler alone.
FLAGS = -std=c++14 -Wno-unknown-pragmas -Isrc -isystem local -isystem local/ap_types

test: build/test
	./build/test

build/test: src/@NAME@.cpp src/@NAME@.h src/sumac_hls.h tb/test.cpp tb/vectors.h
	mkdir -p build
	$(CXX) $(CXXFLAGS) $(FLAGS) src/@NAME@.cpp tb/test.cpp -o $@

library: build/lib@NAME@.so
build/lib@NAME@.so: src/@NAME@.cpp src/@NAME@.h src/sumac_hls.h local/library.cpp
	mkdir -p build
	$(CXX) $(CXXFLAGS) $(FLAGS) -shared -fPIC src/@NAME@.cpp local/library.cpp -o $@

# Every item of every stream, for the first frame, against the simulator's.
traffic:
	mkdir -p build
	$(CXX) $(CXXFLAGS) $(FLAGS) -DSUMAC_TRACE src/@NAME@.cpp tb/test.cpp -o build/traffic
	./build/traffic 1 | grep -v differ | LC_ALL=C sort -s -k1,1 | diff - tb/traffic.txt
	echo "all items are equal"

# Unrolled layers as Verilog, against the products of their weights.
rtl:
	mkdir -p build/rtl
	for test in rtl/*_test.v; do \
	  [ -e $$test ] || { echo no layer is unrolled; break; }; \
	  verilator --binary -Wno-WIDTH -Irtl --Mdir build/rtl --top-module $$(basename $$test .v) -o test $$test >/dev/null || exit 1; \
	  result=$$(build/rtl/test) || exit 1; \
	  echo $$test: $$result; \
	  case $$result in "0 of "*) ;; *) exit 1; esac; \
	done

clean:
	rm -rf build

.PHONY: test library traffic rtl clean
)";

static constexpr StringLiteral kVitis = R"(# Made by Sumac: vitis_hls -f scripts/vitis_hls.tcl
open_project -reset vitis
set_top @NAME@_axis
add_files src/@NAME@.cpp -cflags "-Isrc -std=c++14"
add_files -tb tb/test.cpp -cflags "-Isrc -Itb -std=c++14"
open_solution -reset solution -flow_target vivado
set_part {@PART@}
create_clock -period @PERIOD@
csim_design
csynth_design
cosim_design -rtl verilog
export_design -format ip_catalog
exit
)";

static constexpr StringLiteral kVivado = R"(# Made by Sumac: vivado -mode batch -source scripts/vivado.tcl
# Places and routes the design alone, after scripts/vitis_hls.tcl.
create_project -force -part @PART@ vivado vivado
add_files [glob vitis/solution/syn/verilog/*.v]
add_files -norecurse [glob -nocomplain vitis/solution/syn/verilog/*.dat]
set_property top @NAME@_axis [current_fileset]
synth_design -mode out_of_context
create_clock -period @PERIOD@ [get_ports ap_clk]
opt_design
place_design
route_design
report_utilization -file vivado/utilization.txt
report_timing_summary -file vivado/timing.txt
)";

static constexpr StringLiteral kReadme = R"(# @NAME@

Made by Sumac for @DEVICE@ (@PART@) at @CLOCK@ MHz. Takes a frame every @INTERVAL@
cycles (@FPS@ frames a second); the first result is complete @LATENCY@ cycles behind
the first item. FIFO depths are proven: the network never deadlocks and never
falls behind that rate.

    make test                               # compile with g++ and compare with the interpreter
    make traffic                            # compare every item of every stream with the simulator's
    make rtl                                # with unrolled layers: check their Verilog with verilator
    vitis_hls -f scripts/vitis_hls.tcl      # synthesize; top function @NAME@_axis
    vivado -mode batch -source scripts/vivado.tcl

src/        the design: @NAME@.h says how elements lie in items
tb/         the test bench with frames and the reference interpreter's results
report/     estimates as text, JSON and a page to look at
rtl/        where layers are unrolled: their adder graphs as Verilog modules, and, where
            all are, the whole network
local/      headers that stand in for the vendor's where it is not installed
folding.json  the units that were chosen; change it and compile with --folding=folding.json
files.sha256  what Sumac wrote; compiling to this folder again removes those of it that
            the new design does not have and that you did not change
)";

static std::string fill(StringRef text, const Design &design, const ProjectOptions &options,
                        const StreamTiming &timing) {
  double hertz = options.clock * 1e6;
  std::pair<StringRef, std::string> words[] = {
      {"@NAME@", design.name},
      {"@PART@", options.device->part.str()},
      {"@DEVICE@", options.device->name.str()},
      {"@PERIOD@", llvm::formatv("{0:f3}", 1000 / options.clock)},
      {"@CLOCK@", llvm::formatv("{0:f0}", options.clock)},
      {"@INTERVAL@", std::to_string(timing.interval)},
      {"@LATENCY@", std::to_string(timing.latency)},
      {"@FPS@", llvm::formatv("{0:f0}", hertz / static_cast<double>(timing.interval))},
  };
  std::string result;
  while (!text.empty()) {
    size_t at = text.find('@');
    result += text.take_front(at);
    if (at == StringRef::npos)
      break;
    text = text.drop_front(at);
    bool isWord = false;
    for (auto &[word, value] : words)
      if (text.consume_front(word)) {
        result += value;
        isWord = true;
        break;
      }
    if (!isWord) {
      result += '@';
      text = text.drop_front();
    }
  }
  return result;
}

static std::string printFolding(const Design &design) {
  stream::NetworkOp network = design.network;
  llvm::json::Object folding;
  for (auto process : network.getBody().getOps<stream::ProcessOp>())
    folding[process.getName()] = process.getUnit().toJSON();
  return llvm::formatv("{0:2}\n", llvm::json::Value(std::move(folding)));
}

/// rtl/NAME_network.v where all of the network is unrolled, and the logic between its
/// layers.
static llvm::Error writeVerilogNetwork(const Design &design, const DesignNames &names, const TestVectors &vectors,
                                       OutputFolder &folder) {
  stream::NetworkOp network = design.network;
  for (auto process : network.getBody().getOps<stream::ProcessOp>()) {
    std::string name = names.processes.lookup(process) + "_elements";
    auto print = [&](llvm::raw_ostream &os) { printVerilogElements(os, name, process); };
    if (llvm::Error error = folder.write("rtl/" + name + ".v", print))
      return error;
  }
  std::string base = "rtl/" + design.name + "_network";
  if (llvm::Error error = folder.write(base + ".v", [&](llvm::raw_ostream &os) { printVerilogNetwork(os, design); }))
    return error;
  std::vector<std::vector<int64_t>> frames(vectors.frames);
  for (const auto &tensors : {vectors.inputs, vectors.outputs})
    for (const HostTensor &tensor : tensors) {
      SmallVector<int64_t> values = getIntegers(tensor);
      size_t elements = values.size() / frames.size();
      for (auto [i, frame] : llvm::enumerate(frames))
        llvm::append_range(frame, ArrayRef(values).slice(i * elements, elements));
    }
  return folder.write(base + "_test.v",
                      [&](llvm::raw_ostream &os) { getNetworkTest(design).print(os, frames); });
}

/// rtl/: a module for each unrolled layer.
static llvm::Error writeVerilog(const Design &design, const TestVectors &vectors, OutputFolder &folder) {
  stream::NetworkOp network = design.network;
  DesignNames names(design);
  for (auto process : network.getBody().getOps<stream::ProcessOp>()) {
    auto unit = dyn_cast<stream::UnrolledUnitAttr>(process.getUnit());
    if (!unit)
      continue;
    std::string name = names.processes.lookup(process) + "_sums";
    LinearOp linear = stream::ProcessBody::get(process).linear;
    auto print = [&](llvm::raw_ostream &os) { printVerilog(os, name, linear, unit.getAddersPerStage()); };
    if (llvm::Error error = folder.write("rtl/" + name + ".v", print))
      return error;
    auto printTest = [&](llvm::raw_ostream &os) { printVerilogTest(os, name, linear, unit.getAddersPerStage()); };
    if (llvm::Error error = folder.write("rtl/" + name + "_test.v", printTest))
      return error;
  }
  if (hasVerilogNetwork(network))
    return writeVerilogNetwork(design, names, vectors, folder);
  return llvm::Error::success();
}

/// report/: estimates as text, JSON and a page.
static llvm::Error writeReports(const Design &design, const ProjectOptions &options, OutputFolder &folder) {
  llvm::json::Object report = makeReport(design, options);
  llvm::Expected<std::string> page = printReportPage(report);
  if (!page)
    return page.takeError();
  if (llvm::Error error = folder.write("report/report.html", *page))
    return error;
  if (llvm::Error error = folder.write("report/report.txt", [&](llvm::raw_ostream &os) { printReport(report, os); }))
    return error;
  return folder.write("report/report.json", [&](llvm::raw_ostream &os) {
    os << llvm::formatv("{0:2}\n", llvm::json::Value(std::move(report)));
  });
}

/// tb/traffic.txt: a line for each item of the first frame in every stream, as the
/// design prints them when SUMAC_TRACE is defined.
static llvm::Error writeTraffic(const Design &design, const TestVectors &vectors, OutputFolder &folder) {
  std::vector<HostTensor> inputs;
  for (const HostTensor &all : vectors.inputs) {
    HostTensor &frame = inputs.emplace_back(all);
    frame.shape.front() = 1;
    frame.bytes.resize(all.bytes.size() / static_cast<size_t>(vectors.frames));
  }
  auto items = computeStreamItems(design.network, inputs);
  if (failed(items))
    return llvm::createStringError("the interpreter cannot run the network");
  DesignNames names(design);
  std::map<std::string, const std::vector<llvm::APInt> *> sorted;
  for (auto &[fifo, list] : *items)
    sorted[names.streams.lookup(fifo->getOperand(0))] = &list;
  return folder.write("tb/traffic.txt", [&](llvm::raw_ostream &os) {
    for (auto &[name, list] : sorted)
      for (const llvm::APInt &item : *list)
        os << name << " " << llvm::toString(item, 16, /*Signed=*/false, /*formatAsCLiteral=*/false, /*UpperCase=*/false)
           << "\n";
  });
}

llvm::Error hls::writeProject(const Design &design, const ProjectOptions &options, const TestVectors &vectors,
                              OutputFolder &folder) {
  if (llvm::Error error = writeSources(design, folder))
    return error;
  if (llvm::Error error = folder.write("tb/vectors.h", [&](llvm::raw_ostream &os) { printVectors(design, vectors, os); }))
    return error;
  if (llvm::Error error = folder.write("tb/test.cpp", [&](llvm::raw_ostream &os) { printTestBench(design, os); }))
    return error;
  StreamTiming timing = computeStreamTiming(design.network);
  std::pair<StringRef, std::string> files[] = {
      {"Makefile", fill(kMakefile, design, options, timing)},
      {"README.md", fill(kReadme, design, options, timing)},
      {"scripts/vitis_hls.tcl", fill(kVitis, design, options, timing)},
      {"scripts/vivado.tcl", fill(kVivado, design, options, timing)},
      {"folding.json", printFolding(design)},
  };
  for (auto &[name, text] : files)
    if (llvm::Error error = folder.write(name, text))
      return error;
  if (llvm::Error error = writeTraffic(design, vectors, folder))
    return error;
  if (llvm::Error error = writeVerilog(design, vectors, folder))
    return error;
  return writeReports(design, options, folder);
}

//===----------------------------------------------------------------------===//
// Compilation
//===----------------------------------------------------------------------===//

llvm::Error hls::compileLibrary(StringRef folder, StringRef name, int64_t optimize, StringRef library) {
  std::string compiler;
  for (StringRef candidate : {"g++", "c++", "clang++", "clang++-22"})
    if (auto path = llvm::sys::findProgramByName(candidate)) {
      compiler = *path;
      break;
    }
  if (compiler.empty())
    return llvm::createStringError("running an HLS design needs a C++ compiler: install g++");
  std::string base = folder.str();
  std::vector<std::string> arguments{compiler,
                                     "-std=c++14",
                                     "-O" + std::to_string(optimize),
                                     "-w",
                                     "-shared",
                                     "-fPIC",
                                     "-I" + base + "/src",
                                     "-isystem",
                                     base + "/local",
                                     "-isystem",
                                     base + "/local/ap_types",
                                     base + "/src/" + name.str() + ".cpp",
                                     base + "/local/library.cpp",
                                     "-o",
                                     library.str()};
  return runProgram(arguments);
}
