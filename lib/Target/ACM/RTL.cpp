//===- RTL.cpp - The core's RTL in verilator -*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Load.h"

#include "Limits.h"
#include "sumac/Support/Folders.h"
#include "sumac/Support/OutputFile.h"
#include "sumac/Support/RunProgram.h"

#include "llvm/ADT/SmallString.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/Process.h"
#include "llvm/Support/Program.h"
#include "llvm/Support/xxhash.h"

using namespace sumac;
using namespace sumac::acm;
using llvm::StringRef;

/// A number that is another one when the sources are.
static uint64_t hashSources(const std::string &folder) {
  std::vector<std::string> paths;
  std::error_code code;
  for (llvm::sys::fs::recursive_directory_iterator it(folder, code), end; it != end && !code; it.increment(code))
    if (llvm::sys::fs::is_regular_file(it->path()))
      paths.push_back(it->path());
  llvm::sort(paths);
  std::string text;
  for (const std::string &path : paths)
    if (auto buffer = llvm::MemoryBuffer::getFile(path))
      text += (*buffer)->getBuffer();
  return llvm::xxh3_64bits(text);
}

/// The simulation of a machine, built if it is not yet there.
static llvm::Expected<std::string> findSimulation(const Machine &machine) {
  auto sources = findInstalledFolder("acm", "acm_core.sv");
  if (!sources)
    return sources.takeError();
  llvm::SmallString<256> folder;
  if (!llvm::sys::path::cache_directory(folder))
    return llvm::createStringError("there is no cache folder for the RTL's simulation: set HOME or XDG_CACHE_HOME");
  llvm::sys::path::append(folder, "sumac", "acm-" + llvm::utohexstr(machine.getHash() ^ hashSources(*sources)));
  std::string program = (folder + "/acm_bench").str();
  if (llvm::sys::fs::can_execute(program))
    return program;
  auto python = llvm::sys::findProgramByName("python3");
  if (!python || !llvm::sys::findProgramByName("verilator"))
    return llvm::createStringError("running the core's RTL needs verilator and python3: install them");
  // Built aside, so that what is there is whole, whoever else builds it now.
  auto temporary = TemporaryFolder::create();
  if (!temporary)
    return temporary.takeError();
  std::string description = (*temporary)->path + "/machine.json", made = (*temporary)->path + "/simulation";
  std::string json = machine.getCanonicalJSON();
  if (llvm::Error error = writeFile(description, json))
    return std::move(error);
  llvm::errs() << "building the simulation of machine '" << machine.name << "', once ...\n";
  if (llvm::Error error = runProgram({*python, *sources + "/build", description, made}))
    return std::move(error);
  std::error_code code = llvm::sys::fs::create_directories(folder);
  std::string aside = program + "." + std::to_string(llvm::sys::Process::getProcessId());
  if (!code)
    code = llvm::sys::fs::copy_file(made + "/acm_bench", aside);
  if (!code)
    code = llvm::sys::fs::setPermissions(aside, llvm::sys::fs::all_read | llvm::sys::fs::all_exe | llvm::sys::fs::owner_write);
  if (!code)
    code = llvm::sys::fs::rename(aside, program);
  if (code) {
    (void)llvm::sys::fs::remove(aside);
    return llvm::createStringError(code, "cannot write '" + program + "': " + code.message());
  }
  return program;
}

namespace {

class RTLCore final : public Core {
public:
  RTLCore(std::string simulation, std::unique_ptr<TemporaryFolder> folder, int64_t cycles, int64_t repeat,
          int64_t repeatedCycles)
      : simulation(std::move(simulation)), folder(std::move(folder)), cycles(cycles), repeat(repeat),
        repeatedCycles(repeatedCycles) {}
  llvm::Error run(llvm::MutableArrayRef<uint8_t> dram) override;

private:
  std::string simulation;
  std::unique_ptr<TemporaryFolder> folder;
  int64_t cycles; ///< that the cycle simulator says
  int64_t repeat, repeatedCycles; ///< of a run that is not the first
};

} // namespace

/// Runs the program twice, as first run and, where there is another beginning, as a later
/// one; the bench sees to it that both leave the same.
llvm::Error RTLCore::run(llvm::MutableArrayRef<uint8_t> dram) {
  std::string before = folder->path + "/before", after = folder->path + "/after";
  if (llvm::Error error = writeFile(before, llvm::toStringRef(dram)))
    return error;
  std::vector<std::string> command = {simulation, "--instructions", folder->path + "/instructions", "--dram", before,
                                      "--dram-bytes", std::to_string(dram.size()), "--output", after, "--limit",
                                      std::to_string(10 * cycles)};
  if (repeat != 0)
    command.insert(command.end(), {"--repeat", std::to_string(repeat)});
  auto report = runForOutput(command);
  if (!report)
    return report.takeError();
  auto json = llvm::json::parse(*report);
  if (!json)
    return json.takeError();
  const llvm::json::Object *object = json->getAsObject();
  for (auto [key, simulated] : {std::pair("cycles", cycles), std::pair("repeated_cycles", repeatedCycles)}) {
    int64_t counted = object ? object->getInteger(key).value_or(0) : 0;
    if (counted != simulated)
      return llvm::createStringError("the RTL took " + llvm::Twine(counted) + " cycles, the cycle simulator " +
                                     llvm::Twine(simulated));
  }
  auto buffer = llvm::MemoryBuffer::getFile(after, /*IsText=*/false, /*RequiresNullTerminator=*/false);
  if (!buffer || (*buffer)->getBufferSize() != dram.size())
    return llvm::createStringError("the simulation left no DRAM");
  llvm::copy((*buffer)->getBuffer(), dram.begin());
  return llvm::Error::success();
}

llvm::Expected<std::unique_ptr<Core>> acm::makeRTLCore(const Container &container) {
  auto cycles = simulateCycles(container.program, getCycleLimits(kMostRTLCycles));
  if (!cycles)
    return cycles.takeError();
  int64_t repeatedCycles = 0;
  if (container.entry.repeat != 0) {
    auto repeated = simulateCycles(container.getRepeated(), getCycleLimits(kMostRTLCycles));
    if (!repeated)
      return repeated.takeError();
    repeatedCycles = repeated->cycles;
  }
  auto simulation = findSimulation(container.program.machine);
  if (!simulation)
    return simulation.takeError();
  auto folder = TemporaryFolder::create();
  if (!folder)
    return folder.takeError();
  auto instructions = encode(container.program);
  if (!instructions)
    return instructions.takeError();
  if (llvm::Error error = writeFile((*folder)->path + "/instructions", llvm::toStringRef(*instructions)))
    return std::move(error);
  return std::make_unique<RTLCore>(std::move(*simulation), std::move(*folder), cycles->cycles,
                                   container.entry.repeat, repeatedCycles);
}
