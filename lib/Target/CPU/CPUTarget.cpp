//===- CPUTarget.cpp - The processor that code is generated for ---===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Resolves triple and processor names through LLVM's target registry.
//
//===----------------------------------------------------------------------===//

#include "sumac/Target/CPU/CPUTarget.h"

#include "llvm/ADT/StringMap.h"
#include "llvm/MC/MCSubtargetInfo.h"
#include "llvm/MC/TargetRegistry.h"
#include "llvm/Support/TargetSelect.h"
#include "llvm/Target/TargetMachine.h"
#include "llvm/TargetParser/Host.h"
#include "llvm/TargetParser/SubtargetFeature.h"
#include <mutex>

using namespace sumac;

static void initializeTargets() {
  static std::once_flag once;
  std::call_once(once, [] {
    llvm::InitializeAllTargetInfos();
    llvm::InitializeAllTargets();
    llvm::InitializeAllTargetMCs();
    llvm::InitializeAllAsmPrinters();
    llvm::InitializeAllAsmParsers();
  });
}

/// Features of this machine: LLVM's name of the processor may promise some that
/// a hypervisor hides, so all are given one by one.
static std::string getHostFeatures() {
  llvm::SubtargetFeatures features;
  for (const auto &feature : llvm::sys::getHostCPUFeatures())
    features.AddFeature(feature.first(), feature.second);
  return features.getString();
}

llvm::Expected<CPUTarget> CPUTarget::create(llvm::StringRef triple, llvm::StringRef cpu,
                                            llvm::StringRef features) {
  initializeTargets();
  llvm::Triple host(llvm::sys::getProcessTriple());
  CPUTarget result;
  result.triple = triple.empty() ? host : llvm::Triple(llvm::Triple::normalize(triple));
  std::string error;
  const llvm::Target *target = llvm::TargetRegistry::lookupTarget(result.triple, error);
  if (!target)
    return llvm::createStringError("unknown target triple '" + result.triple.str() + "': " + error);

  llvm::SubtargetFeatures all;
  result.cpu = cpu.str();
  if (cpu == "native") {
    if (result.triple.getArch() != host.getArch())
      return llvm::createStringError("processor 'native' is " + host.getArchName().str() + ", but the triple is '" +
                                     result.triple.str() + "': name a processor of that architecture");
    result.cpu = llvm::sys::getHostCPUName().str();
    all = llvm::SubtargetFeatures(getHostFeatures());
  } else if (cpu.empty()) {
    result.cpu = result.triple.getArch() == llvm::Triple::x86_64 ? "x86-64" : "generic";
  }
  for (llvm::StringRef feature : llvm::split(features, ','))
    if (!feature.empty())
      all.AddFeature(feature);
  result.features = all.getString();

  // LLVM only warns about unknown names, on standard error.
  std::unique_ptr<llvm::MCSubtargetInfo> subtarget(
      target->createMCSubtargetInfo(result.triple, "", ""));
  if (!subtarget || !subtarget->isCPUStringValid(result.cpu))
    return llvm::createStringError("unknown processor '" + result.cpu + "' for '" + result.triple.str() + "'");
  for (const std::string &feature : all.getFeatures()) {
    auto known = [&](const llvm::SubtargetFeatureKV &kv) {
      return llvm::SubtargetFeatures::StripFlag(feature) == kv.Key;
    };
    if (llvm::none_of(subtarget->getAllProcessorFeatures(), known) && cpu != "native")
      return llvm::createStringError("unknown feature '" + feature + "' for '" + result.triple.str() + "'");
  }

  auto machine = result.createTargetMachine();
  if (!machine)
    return machine.takeError();
  result.machine = std::move(*machine);
  return result;
}

llvm::Expected<std::unique_ptr<llvm::TargetMachine>> CPUTarget::createTargetMachine() const {
  std::string error;
  const llvm::Target *target = llvm::TargetRegistry::lookupTarget(triple, error);
  if (!target)
    return llvm::createStringError(error);
  llvm::TargetOptions options;
  // The exact forms say where a fused multiply-add stands; nothing else may fuse.
  options.AllowFPOpFusion = llvm::FPOpFusion::Strict;
  std::unique_ptr<llvm::TargetMachine> result(target->createTargetMachine(
      triple, cpu, features, options, llvm::Reloc::PIC_, std::nullopt, llvm::CodeGenOptLevel::Aggressive));
  if (!result)
    return llvm::createStringError("no code generator for '" + triple.str() + "'");
  return result;
}

bool CPUTarget::hasFeature(llvm::StringRef name) const {
  return machine->getMCSubtargetInfo()->checkFeatures(("+" + name).str());
}

unsigned CPUTarget::getVectorBits() const {
  if (isX86())
    return hasFeature("avx512f") ? 512 : hasFeature("avx2") ? 256 : 128;
  return 128;
}
