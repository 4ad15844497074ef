//===- bench.cpp - Runs a program on the verilated core
//--------------------===//
//
// Part of the Sumac project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Writes a program to the core's instruction memory, gives it a DRAM, and runs
// it until it has ended, cannot go on, or has run for too many cycles. All of
// it is kept outside of LLVM, so that a simulation is built from this file and
// what verilator writes.
//
//===----------------------------------------------------------------------===//

#include "Vacm_core.h"
#include "verilated.h"
#if VM_TRACE
#include "verilated_vcd_c.h"
#endif

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <string>
#include <vector>

namespace {

struct Options {
  std::string instructions, dram, output, trace;
  uint64_t limit = 100000000;
  uint64_t bytes = 0;
  uint64_t repeat = 0;
};

[[noreturn]] void fail(const std::string &message) {
  fprintf(stderr, "error: %s\n", message.c_str());
  exit(1);
}

void printUsage() {
  fprintf(
      stderr,
      "usage: acm_bench --instructions FILE [--dram FILE] [--dram-bytes N] "
      "[--output FILE] [--limit CYCLES] [--trace FILE] [--repeat N]\n"
      "runs a program; prints cycles and reasons of stalls as JSON; "
      "--output gets DRAM after the run\n"
      "--repeat runs it again, with the same DRAM, from instruction N on\n"
      "exit status: 0 ended, 2 deadlock, 3 limit, 4 fault of the program, "
      "5 the second run left another DRAM\n");
}

uint64_t parseNumber(const char *text) {
  char *end = nullptr;
  uint64_t value = strtoull(text, &end, 0);
  if (!*text || *end)
    fail(std::string("not a number: ") + text);
  return value;
}

Options parseOptions(int argc, char **argv) {
  Options options;
  for (int index = 1; index < argc; index += 2) {
    std::string name = argv[index];
    if (index + 1 == argc || name == "--help") {
      printUsage();
      exit(name == "--help" ? 0 : 1);
    }
    const char *value = argv[index + 1];
    if (name == "--instructions")
      options.instructions = value;
    else if (name == "--dram")
      options.dram = value;
    else if (name == "--output")
      options.output = value;
    else if (name == "--trace")
      options.trace = value;
    else if (name == "--limit")
      options.limit = parseNumber(value);
    else if (name == "--repeat")
      options.repeat = parseNumber(value);
    else if (name == "--dram-bytes")
      options.bytes = parseNumber(value);
    else
      fail("unknown option " + name);
  }
  if (options.instructions.empty())
    fail("--instructions is needed");
  return options;
}

std::vector<uint8_t> readFile(const std::string &path) {
  std::vector<uint8_t> bytes;
  FILE *file = fopen(path.c_str(), "rb");
  if (!file)
    fail("cannot open " + path);
  uint8_t buffer[65536];
  while (size_t count = fread(buffer, 1, sizeof buffer, file))
    bytes.insert(bytes.end(), buffer, buffer + count);
  fclose(file);
  return bytes;
}

void writeFile(const std::string &path, const std::vector<uint8_t> &bytes) {
  FILE *file = fopen(path.c_str(), "wb");
  if (!file || fwrite(bytes.data(), 1, bytes.size(), file) != bytes.size() ||
      fclose(file) != 0)
    fail("cannot write " + path);
}

/// The core and its surroundings. Ports are copied as bytes: verilator keeps
/// them in little-endian words without padding, and the widths are multiples of
/// eight.
class Simulation {
public:
  explicit Simulation(const Options &options)
      : core(std::make_unique<Vacm_core>(&context)), dram(readDram(options)),
        given(dram) {
#if VM_TRACE
    if (!options.trace.empty()) {
      context.traceEverOn(true);
      trace = std::make_unique<VerilatedVcdC>();
      core->trace(trace.get(), 99);
      trace->open(options.trace.c_str());
    }
#else
    if (!options.trace.empty())
      fail("this simulation was built without --trace");
#endif
  }

  void loadProgram(const std::vector<uint8_t> &program) {
    size_t size = sizeof core->program_data;
    if (program.size() % size != 0)
      fail("the program is not a multiple of " + std::to_string(size) +
           " bytes");
    core->reset = 1;
    core->start = 0;
    core->program_write = 1;
    for (size_t index = 0; index < program.size() / size; ++index) {
      core->program_address = index;
      memcpy(&core->program_data, program.data() + index * size, size);
      clockCycle();
    }
    core->program_write = 0;
    begin(0);
  }

  /// Gets ready for a run from instruction `start` on, with the DRAM that was
  /// given. Memories stay.
  void begin(uint64_t start) {
    dram = given;
    core->reset = 1;
    core->start = start;
    // The memory is written at the end of a cycle, and then read once.
    clockCycle();
    clockCycle();
    core->reset = 0;
    core->eval();
  }

  /// Runs, and returns the reason why it stopped, as an exit status.
  int run(uint64_t limit) {
    while (true) {
      if (core->fault)
        return 4;
      if (core->done)
        return 0;
      if (core->deadlock)
        return 2;
      if (core->cycles >= limit)
        return 3;
      clockCycle();
    }
  }

  /// The counters in the order of the core's port, named and grouped as
  /// Sumac's cycle simulator does.
  void printEvents() const {
    printEvents("\"execute\": {",
                {"step", "pending_input", "accumulators_taken",
                 "pending_output", "wait_previous", "wait_next", "begin",
                 "empty"},
                0);
    printEvents("}, \"load\": {", {"busy", "wait", "empty"}, 8);
    printEvents("}, \"store\": {", {"busy", "wait", "empty"}, 11);
    printEvents("}, ", {"fetch_stalls"}, 14);
  }

  const std::vector<uint8_t> &getDram() const { return dram; }
  const Vacm_core &getCore() const { return *core; }
  ~Simulation() {
#if VM_TRACE
    if (trace)
      trace->close();
#endif
    core->final();
  }

private:
  void printEvents(const char *title, const std::vector<const char *> &names,
                   size_t first) const {
    printf("%s", title);
    for (size_t index = 0; index < names.size(); ++index)
      printf("%s\"%s\": %llu", index ? ", " : "", names[index],
             (unsigned long long)getEvent(first + index));
  }

  uint64_t getEvent(size_t number) const {
    constexpr size_t events = 15;
    constexpr size_t bytes = 5; // COUNTER_BITS of the core
    static_assert(sizeof core->event_cycles >= events * bytes &&
                      sizeof core->event_cycles < events * bytes + 8,
                  "the core's counters have another width");
    uint64_t value = 0;
    memcpy(&value,
           reinterpret_cast<const uint8_t *>(&core->event_cycles) +
               number * bytes,
           bytes);
    return value;
  }

  static std::vector<uint8_t> readDram(const Options &options) {
    std::vector<uint8_t> bytes;
    if (!options.dram.empty())
      bytes = readFile(options.dram);
    if (bytes.size() < options.bytes)
      bytes.resize(options.bytes);
    return bytes;
  }

  /// One cycle, begun by what the last rising edge left.
  void clockCycle() {
    size_t size = sizeof core->dram_read_data;
    if (core->dram_read_enable) {
      uint64_t address = core->dram_read_address;
      if (address + size > dram.size())
        fail("reads behind the end of DRAM, at " + std::to_string(address));
      memcpy(&core->dram_read_data, dram.data() + address, size);
    }
    if (core->dram_write_enable) {
      uint64_t address = core->dram_write_address;
      if (address + size > dram.size())
        fail("writes behind the end of DRAM, at " + std::to_string(address));
      memcpy(dram.data() + address, &core->dram_write_data, size);
    }
    core->clock = 0;
    core->eval();
    dump();
    core->clock = 1;
    core->eval();
    dump();
  }

  void dump() {
#if VM_TRACE
    if (trace)
      trace->dump(time);
#endif
    time += 5;
  }

  VerilatedContext context;
  std::unique_ptr<Vacm_core> core;
  std::vector<uint8_t> dram, given;
  uint64_t time = 0;
#if VM_TRACE
  std::unique_ptr<VerilatedVcdC> trace;
#endif
};

} // namespace

int main(int argc, char **argv) {
  Options options = parseOptions(argc, argv);
  Simulation simulation(options);
  simulation.loadProgram(readFile(options.instructions));
  int status = simulation.run(options.limit);
  const Vacm_core &core = simulation.getCore();
  const char *reasons[] = {"ended", "", "deadlock", "limit", "fault"};
  printf("{\"end\": \"%s\", \"cycles\": %llu, ", reasons[status],
         (unsigned long long)core.cycles);
  simulation.printEvents();
  if (options.repeat != 0 && status == 0) {
    std::vector<uint8_t> left = simulation.getDram();
    simulation.begin(options.repeat);
    status = simulation.run(options.limit);
    printf(", \"repeated_cycles\": %llu", (unsigned long long)core.cycles);
    if (status == 0 && simulation.getDram() != left)
      status = 5;
  }
  printf("}\n");
  if (!options.output.empty())
    writeFile(options.output, simulation.getDram());
  return status;
}
