//===- OptionSetTest.cpp ---===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "sumac/Target/OptionSet.h"

#include "llvm/Support/raw_ostream.h"
#include "gtest/gtest.h"

using namespace sumac;

static OptionSet makeOptions() {
  OptionSet options;
  options.addFlag("fast", false, "Go faster");
  options.addInteger("lines", 4, "Lines", 1, 16);
  options.addNumber("weight", 0.5, "Weight");
  options.addString("cpu", "native", "Processor");
  options.addString("mode", "a", "Mode", {"a", "b"});
  return options;
}

static std::string textOf(llvm::Error error) {
  return llvm::toString(std::move(error));
}

TEST(OptionSet, Defaults) {
  OptionSet options = makeOptions();
  EXPECT_FALSE(options.getFlag("fast"));
  EXPECT_EQ(options.getInteger("lines"), 4);
  EXPECT_EQ(options.getNumber("weight"), 0.5);
  EXPECT_EQ(options.getString("cpu"), "native");
  EXPECT_FALSE(options.isSet("cpu"));
}

TEST(OptionSet, Text) {
  OptionSet options = makeOptions();
  EXPECT_EQ(textOf(options.set("fast", "")), "");
  EXPECT_EQ(textOf(options.set("lines", "16")), "");
  EXPECT_EQ(textOf(options.set("weight", "1.25")), "");
  EXPECT_EQ(textOf(options.set("mode", "b")), "");
  EXPECT_TRUE(options.getFlag("fast"));
  EXPECT_EQ(options.getInteger("lines"), 16);
  EXPECT_EQ(options.getNumber("weight"), 1.25);
  EXPECT_EQ(options.getString("mode"), "b");
  EXPECT_TRUE(options.isSet("mode"));
}

TEST(OptionSet, TextErrors) {
  OptionSet options = makeOptions();
  EXPECT_EQ(textOf(options.set("lines", "17")),
            "option 'lines' takes an integer from 1 to 16, not 17");
  EXPECT_EQ(textOf(options.set("lines", "99999999999999999999")),
            "option 'lines' takes an integer, not '99999999999999999999'");
  EXPECT_EQ(textOf(options.set("mode", "c")),
            "option 'mode' takes one of a, b, not 'c'");
  EXPECT_EQ(textOf(options.set("fast", "maybe")),
            "option 'fast' takes true or false, not 'maybe'");
  EXPECT_EQ(textOf(options.set("size", "1")),
            "unknown option 'size'; known are: fast, lines, weight, cpu, mode");
}

TEST(OptionSet, JSON) {
  OptionSet options = makeOptions();
  EXPECT_EQ(textOf(options.set(llvm::json::Object{
                {"fast", true}, {"lines", 2}, {"cpu", "x"}})),
            "");
  EXPECT_EQ(options.toJSON(), (llvm::json::Object{{"fast", true},
                                                  {"lines", 2},
                                                  {"weight", 0.5},
                                                  {"cpu", "x"},
                                                  {"mode", "a"}}));
  EXPECT_EQ(textOf(options.set(llvm::json::Object{{"lines", "2"}})),
            "option 'lines' takes an integer, not \"2\"");
}

TEST(OptionSet, Help) {
  std::string text;
  llvm::raw_string_ostream os(text);
  makeOptions().printHelp(os);
  EXPECT_NE(text.find("--mode=a|b"), std::string::npos);
  EXPECT_NE(text.find("Processor (default \"native\")"), std::string::npos);
}
