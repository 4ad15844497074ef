//===- SpecificationTest.cpp - Examples of the specification --------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Assembles, checks and runs the programs of docs/ACM/specification.md:
// indented text that begins with `machine`.
//
//===----------------------------------------------------------------------===//

#include "sumac/ACM/Assembly.h"
#include "sumac/Simulator/ACM/Check.h"
#include "sumac/Simulator/ACM/CycleSimulator.h"

#include "llvm/Support/MemoryBuffer.h"
#include "gtest/gtest.h"

using namespace llvm;
using namespace sumac::acm;

static std::vector<std::string> getExamples(StringRef page) {
  std::vector<std::string> examples;
  bool isInside = false;
  while (!page.empty()) {
    auto [line, rest] = page.split('\n');
    page = rest;
    if (line.starts_with("    machine ")) {
      examples.emplace_back();
      isInside = true;
    }
    isInside &= line.starts_with("    ");
    if (isInside)
      examples.back() += (line + "\n").str();
  }
  return examples;
}

TEST(ACMSpecification, Examples) {
  auto page =
      MemoryBuffer::getFile(SUMAC_SOURCE_DIR "/docs/ACM/specification.md");
  ASSERT_TRUE(static_cast<bool>(page));
  std::vector<std::string> examples = getExamples((*page)->getBuffer());
  EXPECT_FALSE(examples.empty());
  for (const std::string &example : examples) {
    Expected<Program> program = assemble(example);
    ASSERT_TRUE(static_cast<bool>(program))
        << toString(program.takeError()) << "\n"
        << example;
    Container container;
    container.program = std::move(*program);
    container.entry.dram = 4096;
    EXPECT_EQ(toString(check(container)), "") << example;
    EXPECT_EQ(toString(simulateCycles(container.program).takeError()), "");
  }
}
