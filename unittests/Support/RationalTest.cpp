//===- RationalTest.cpp - Integers and rationals --------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "sumac/Support/Rational.h"

#include <cmath>
#include <cstring>
#include <gtest/gtest.h>
#include <random>

using namespace sumac;

template <typename Float, typename Bits> static Float fromBits(Bits bits) {
  Float result;
  std::memcpy(&result, &bits, sizeof(result));
  return result;
}

TEST(Integer, Int128) {
  Int128 big = (Int128(1) << 100) + 7;
  EXPECT_EQ(Integer(big).toString(), "1267650600228229401496703205383");
  EXPECT_EQ(Integer(-big).toString(), "-1267650600228229401496703205383");
  EXPECT_EQ(Integer(INT64_MIN).toString(), "-9223372036854775808");
  EXPECT_EQ(Integer(UINT64_MAX).toString(), "18446744073709551615");
}

TEST(Integer, SignedBits) {
  EXPECT_EQ(Integer(0).signedBits(), 1u);
  EXPECT_EQ(Integer(-1).signedBits(), 1u);
  EXPECT_EQ(Integer(1).signedBits(), 2u);
  EXPECT_EQ(Integer(127).signedBits(), 8u);
  EXPECT_EQ(Integer(-128).signedBits(), 8u);
  EXPECT_EQ(Integer(-129).signedBits(), 9u);
}

TEST(Integer, FloorDivisionAndShift) {
  EXPECT_EQ(Integer(-7).floorDiv(Integer(2)), Integer(-4));
  EXPECT_EQ(Integer(-7).shr(1), Integer(-4));
  EXPECT_EQ(Integer(7).shr(1), Integer(3));
}

TEST(Rational, FloorAndCeil) {
  Rational x(Integer(-7), Integer(2));
  EXPECT_EQ(x.floor(), Integer(-4));
  EXPECT_EQ(x.ceil(), Integer(-3));
  EXPECT_EQ(Rational(5).floor(), Rational(5).ceil());
}

TEST(Rational, DoublesSurviveAllConversions) {
  std::mt19937_64 random(1);
  for (int i = 0; i < 5000; ++i) {
    auto x = fromBits<double>(uint64_t(random()));
    if (!std::isfinite(x))
      continue;
    Rational exact = *Rational::fromDouble(x);
    EXPECT_EQ(exact.toDoubleNearest(), x);
    EXPECT_TRUE(exact.isDouble());
    EXPECT_EQ(Rational::parse(exact.toString()), exact);
    // double -> float in hardware rounds to nearest even too.
    EXPECT_EQ(exact.toFloat(), float(x)) << x;
    auto f = fromBits<float>(uint32_t(random()));
    if (std::isfinite(f)) {
      EXPECT_EQ(Rational::exactly(f).toFloat(), f);
    }
  }
}

TEST(Rational, RoundsToFloatAsHardwareDoes) {
  std::mt19937_64 random(2);
  for (int i = 0; i < 5000; ++i) {
    auto a = int32_t(random()) >> (random() % 31);
    auto b = int32_t(random()) >> (random() % 31) | 1;
    Rational quotient{Integer(a), Integer(b)};
    EXPECT_EQ(quotient.toDoubleNearest(), double(a) / double(b));
    // Any 24-bit operands give one rounding in float as well.
    float fa = float(a % (1 << 24)), fb = float(b % (1 << 24));
    Rational small = Rational::exactly(fa) / Rational::exactly(fb);
    EXPECT_EQ(small.toFloat(), fa / fb);
  }
}

TEST(Rational, FloatLimits) {
  auto parse = [](const char *text) {
    return Rational::parse(text)->toFloat();
  };
  EXPECT_EQ(parse("0x1p-149"), std::ldexp(1.0f, -149));
  EXPECT_EQ(parse("0x1p-150"), 0.0f); // tie to even
  EXPECT_EQ(parse("0x1.000001p-150"), std::ldexp(1.0f, -149));
  EXPECT_EQ(parse("0x1.8p-149"), std::ldexp(1.0f, -148)); // tie to even
  EXPECT_EQ(parse("0x1.ffffffp+127"), HUGE_VALF);         // tie to 2^128
  EXPECT_EQ(parse("0x1.fffffefp+127"), 0x1.fffffep+127f);
  EXPECT_EQ(parse("-0x1p+4000"), -HUGE_VALF);
  EXPECT_EQ(parse("-0x1p-4000"), 0.0f);
  EXPECT_EQ(parse("0x1.000001p+0"), 1.0f);
  EXPECT_EQ(parse("0x1.000003p+0"), 0x1.000004p+0f);
}

TEST(Rational, CanonicalText) {
  auto text = [](const char *in) { return Rational::parse(in)->toString(); };
  EXPECT_EQ(text("0.1875"), "0x1.8p-3");
  EXPECT_EQ(text("-1"), "-0x1p+0");
  EXPECT_EQ(text("0"), "0x0p+0");
  EXPECT_EQ(text("-0"), "0x0p+0");
  EXPECT_EQ(text("2/6"), "1/3");
  EXPECT_EQ(text("-0.1"), "-1/10");
  EXPECT_EQ(text("0x10.10"), "0x1.01p+4");
  EXPECT_EQ(text("1e3"), "0x1.f4p+9");
  EXPECT_EQ(text("25e-1"), "0x1.4p+1");
}

TEST(Rational, RefusesBadAndHostileText) {
  for (const char *bad : {"",
                          "-",
                          "x",
                          "0x",
                          "0x1p",
                          "0x1p+",
                          "1/0",
                          "1/",
                          "1//2",
                          "1e",
                          "nan",
                          "inf",
                          "1.",
                          ".",
                          " 1",
                          "1 ",
                          "--1",
                          "0x1p+99999999999999999999",
                          "0x1p+9999999",
                          "1e999999",
                          "1/-2"})
    EXPECT_FALSE(Rational::parse(bad)) << bad;
  EXPECT_FALSE(Rational::parse(std::string(100000, '9')));
  EXPECT_TRUE(Rational::parse("0x1p-65536"));
}

TEST(Rational, RandomTextDoesNotFail) {
  std::mt19937 random(3);
  const char alphabet[] = "0123456789abcdefxp+-./eE";
  for (int i = 0; i < 20000; ++i) {
    std::string text;
    for (unsigned n = random() % 12; n; --n)
      text += alphabet[random() % (sizeof(alphabet) - 1)];
    if (std::optional<Rational> x = Rational::parse(text)) {
      EXPECT_EQ(Rational::parse(x->toString()), x);
    }
  }
}

TEST(Rational, PowersAndRoots) {
  Rational half(Integer(1), Integer(2));
  EXPECT_EQ(half.pow(-3), Rational(8));
  EXPECT_EQ(Rational(-1).pow(INT64_MIN), Rational(1));
  EXPECT_EQ(Rational(-1).pow(INT64_MAX), Rational(-1));
  EXPECT_EQ(Rational(0).pow(0), Rational(1));
  EXPECT_FALSE(Rational(0).pow(-1));
  EXPECT_FALSE(Rational(2).pow(int64_t(1) << 40));
  EXPECT_EQ(Rational(Integer(8), Integer(27)).root(Integer(3)),
            Rational(Integer(2), Integer(3)));
  EXPECT_EQ(Rational(-8).root(Integer(3)), Rational(-2));
  EXPECT_FALSE(Rational(-4).root(Integer(2)));
  EXPECT_FALSE(Rational(2).root(Integer(1).shl(70)));
}
