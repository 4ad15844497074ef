//===- Diagnostics.cpp - Errors as a user reads them ---===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Turns locations into node names and prints diagnostics with their notes.
//
//===----------------------------------------------------------------------===//

#include "sumac/Driver/Diagnostics.h"

#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/Location.h"
#include "llvm/ADT/SetVector.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace sumac;
using namespace mlir;

namespace {
/// The places that one location names, each once.
struct Places {
  llvm::SetVector<StringRef> nodes;
  FileLineColLoc file;

  void collect(Location location) {
    llvm::TypeSwitch<Location>(location)
        .Case<NameLoc>([&](NameLoc loc) { nodes.insert(loc.getName()); })
        .Case<FileLineColLoc>(
            [&](FileLineColLoc loc) { file = file ? file : loc; })
        .Case<CallSiteLoc>([&](CallSiteLoc loc) {
          collect(loc.getCallee());
          collect(loc.getCaller());
        })
        .Case<FusedLoc>([&](FusedLoc loc) {
          for (Location part : loc.getLocations())
            collect(part);
        });
  }
};
} // namespace

std::string sumac::getNodeName(Location location) {
  Places places;
  places.collect(location);
  return places.nodes.empty() ? std::string() : places.nodes.front().str();
}

std::string sumac::stringifyLocation(Location location) {
  Places places;
  places.collect(location);
  std::string text;
  llvm::raw_string_ostream os(text);
  if (!places.nodes.empty()) {
    // Operations folded into one carry the names of all; three tell enough.
    os << (places.nodes.size() == 1 ? "node " : "nodes ");
    llvm::interleaveComma(
        llvm::ArrayRef(places.nodes.getArrayRef()).take_front(3), os,
        [&](StringRef name) { os << "'" << name << "'"; });
    if (places.nodes.size() > 3)
      os << " and others";
  } else if (FileLineColLoc file = places.file) {
    os << file.getFilename().getValue() << ":" << file.getLine() << ":"
       << file.getColumn();
  }
  return text;
}

static StringRef stringifySeverity(DiagnosticSeverity severity) {
  switch (severity) {
  case DiagnosticSeverity::Note:
    return "note";
  case DiagnosticSeverity::Warning:
    return "warning";
  case DiagnosticSeverity::Error:
    return "error";
  case DiagnosticSeverity::Remark:
    return "remark";
  }
  return "diagnostic";
}

static void printLine(const Diagnostic &diagnostic, raw_ostream &os) {
  os << stringifySeverity(diagnostic.getSeverity()) << ": ";
  std::string place = stringifyLocation(diagnostic.getLocation());
  if (!place.empty())
    os << place << ": ";
  os << diagnostic << "\n";
}

void sumac::printDiagnostic(const Diagnostic &diagnostic, raw_ostream &os) {
  printLine(diagnostic, os);
  // "see current operation" prints whole functions; IR is what --compile-to is
  // for.
  for (const Diagnostic &note :
       const_cast<Diagnostic &>(diagnostic).getNotes()) {
    std::string message = note.str();
    if (!StringRef(message).starts_with("see current operation"))
      printLine(note, os);
  }
}

DiagnosticCollector::DiagnosticCollector(MLIRContext *context)
    : handler(context, [this](Diagnostic &diagnostic) {
        if (diagnostic.getSeverity() != DiagnosticSeverity::Error)
          return failure();
        llvm::raw_string_ostream os(text);
        if (!text.empty())
          os << "\n";
        std::string place = stringifyLocation(diagnostic.getLocation());
        if (!place.empty())
          os << place << ": ";
        os << diagnostic;
        return success();
      }) {}

llvm::Error DiagnosticCollector::takeError(StringRef fallback) {
  std::string message = text.empty() ? fallback.str() : std::move(text);
  text.clear();
  return llvm::createStringError(message);
}
