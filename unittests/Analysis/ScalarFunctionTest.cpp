//===- ScalarFunctionTest.cpp - Error bounds and hard chains --------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "sumac/Analysis/StepFunction.h"

#include <chrono>
#include <cmath>
#include <gtest/gtest.h>
#include <random>

using namespace sumac;

namespace {

class RandomChains {
public:
  explicit RandomChains(uint64_t seed) : engine(seed) {}

  int64_t pick(int64_t low, int64_t high) {
    return low + int64_t(engine() % uint64_t(high - low + 1));
  }

  /// A float as models have them: ordinary, whole, tiny, huge, zero, or a root.
  Real constant() {
    double mantissa = double(pick(-(1 << 23), 1 << 23));
    switch (pick(0, 9)) {
    case 0:
      return Real(pick(-8, 8));
    case 1:
      return Real::exactly(std::ldexp(mantissa, int(pick(-149, 100))));
    case 2:
      return Real(Rational(Integer(pick(-99, 99)), Integer(pick(1, 99))));
    case 3:
      return *Real(pick(0, 99)).sqrt() * Real(pick(-3, 3));
    case 4: // a large sum that cancels
      return *Real(pick(1, 1000000)).sqrt() - Real(pick(0, 1000));
    default:
      return Real::exactly(std::ldexp(mantissa, int(pick(-28, -16))));
    }
  }

  void append(ScalarFunction &function) {
    switch (pick(0, 11)) {
    case 0:
      function.relu();
      return;
    case 1:
      function.leakyRelu(constant());
      return;
    case 2:
      function.clip(Real(pick(-9, 0)), constant());
      return;
    case 3:
      function.sigmoid();
      return;
    case 4:
      function.tanh();
      return;
    case 5:
      function.abs();
      return;
    case 6:
      function.power(Rational(pick(1, 3)));
      return;
    case 7: {
      Quantizer quantizer;
      quantizer.scale = Real::exactly(std::ldexp(double(pick(1, 999)), -9));
      quantizer.rounding = static_cast<RoundingMode>(pick(0, 6));
      quantizer.zeroPoint = Real(pick(-3, 3));
      quantizer.zeroPointBeforeRound = pick(0, 1);
      quantizer.qmin = pick(-128, 0);
      quantizer.qmax = 127;
      ASSERT_TRUE(function.quantize(quantizer));
      return;
    }
    default:
      function.affine(constant(), constant());
    }
  }

private:
  std::mt19937_64 engine;
};

} // namespace

TEST(ScalarFunction, ErrorBoundsHold) {
  RandomChains random(1);
  int bounded = 0, exact = 0;
  for (int i = 0; i < 20000; ++i) {
    ScalarFunction function;
    for (int64_t n = random.pick(1, 4); n; --n)
      random.append(function);
    int64_t x = random.pick(-(1 << 20), 1 << 20) >> random.pick(0, 20);
    double error;
    double value = function.approx(double(x), error);
    if (!std::isfinite(error))
      continue;
    ++bounded;
    exact += error == 0;
    std::optional<Real> truth = function.eval(Integer(x));
    if (!truth) // several transcendental values
      continue;
    Rational bound = Rational::exactly(error);
    Real off = *truth - Real::exactly(value);
    if (error == 0) {
      EXPECT_EQ(off.sign(), 0) << truth->toString();
    } else {
      // Nothing counts as inside: numbers that cannot be told apart.
      EXPECT_LE(off.compare(Real(bound)).value_or(0), 0) << truth->toString();
      EXPECT_GE(off.compare(Real(-bound)).value_or(0), 0) << truth->toString();
    }
  }
  EXPECT_GT(bounded, 15000);
  EXPECT_GT(exact, 2000);
}

TEST(ScalarFunction, RandomChainsAgainstEveryExactCode) {
  RandomChains random(2);
  int built = 0;
  for (int i = 0; i < 1500; ++i) {
    ScalarFunction function;
    for (int64_t n = random.pick(1, 4); n; --n)
      random.append(function);
    Quantizer quantizer;
    quantizer.scale = Real::exactly(std::ldexp(double(random.pick(1, 99)), -6));
    if (random.pick(0, 3) == 0)
      quantizer.scale = -quantizer.scale;
    quantizer.rounding = static_cast<RoundingMode>(random.pick(0, 6));
    quantizer.qmin = -100;
    quantizer.qmax = 100;
    ASSERT_TRUE(function.toCode(quantizer));
    std::optional<StepFunction> steps = buildSteps(function, -60, 60);
    if (!steps)
      continue;
    ++built;
    for (int64_t x = -60; x <= 60; ++x)
      if (std::optional<Real> code = function.eval(Integer(x))) {
        ASSERT_EQ(Integer(steps->operator()(x)),
                  code->asRational().numerator());
      }
  }
  EXPECT_GT(built, 1400);
}

TEST(ScalarFunction, ExtremeConstantsOfRealFiles) {
  // Variance 5.6e-45, weight 1e-41, scale 7.9e-13.
  Quantizer quantizer;
  quantizer.scale = Real::exactly(7.9e-13f);
  quantizer.qmin = -128;
  quantizer.qmax = 127;
  Real root = *Real::exactly(5.6e-45f).sqrt();
  ScalarFunction function;
  function.affine(*Real::exactly(1e-41f).divide(root), Real());
  StepFunction steps =
      *buildSteps(function, quantizer, -(1LL << 40), 1LL << 40);
  EXPECT_EQ(steps.first, -128);
  EXPECT_EQ(steps.last(), 127);
  ASSERT_EQ(steps.steps.size(), 255u);
  double slope =
      double(1e-41f) / std::sqrt(double(5.6e-45f)) / double(7.9e-13f);
  EXPECT_NEAR(double(steps.steps[128].position), 0.5 / slope, 0.01 / slope);
}

TEST(ScalarFunction, TiesThatOnlyExactArithmeticDecidesStayFast) {
  // x / 6 + an offset: every third code boundary is a tie that no double holds.
  auto start = std::chrono::steady_clock::now();
  for (int i = 0; i < 100; ++i) {
    ScalarFunction function;
    function.affine(Real(Rational(Integer(1), Integer(3 * (2 * i + 1)))),
                    Real());
    Quantizer quantizer;
    quantizer.qmin = 0;
    quantizer.qmax = 255;
    EXPECT_TRUE(buildSteps(function, quantizer, -(1 << 19), 1 << 19));
  }
  std::chrono::duration<double> time = std::chrono::steady_clock::now() - start;
  std::printf("%.3f s\n", time.count());
  EXPECT_LT(time.count(), 1.0);
}

TEST(ScalarFunction, SixteenBitCodes) {
  ScalarFunction function;
  function.affine(Real::exactly(0.00123f), Real::exactly(0.7f)).sigmoid();
  Quantizer quantizer;
  quantizer.scale = Real(Rational(Integer(1), Integer(65535)));
  quantizer.qmin = 0;
  quantizer.qmax = 65535;
  auto start = std::chrono::steady_clock::now();
  std::optional<StepFunction> steps =
      buildSteps(function, quantizer, -(1 << 22), 1 << 22);
  std::chrono::duration<double> time = std::chrono::steady_clock::now() - start;
  ASSERT_TRUE(steps);
  std::printf("%zu steps, %.3f s\n", steps->steps.size(), time.count());
  EXPECT_EQ(steps->first, 0);
  EXPECT_EQ(steps->last(), 65535);
}

TEST(ScalarFunction, RefusesWhatIsNotDefined) {
  Quantizer zero;
  zero.scale = Real();
  EXPECT_FALSE(ScalarFunction().toCode(zero));
  Quantizer fraction;
  fraction.zeroPoint = Real(Rational(Integer(1), Integer(2)));
  EXPECT_FALSE(ScalarFunction().toCode(fraction));
  fraction.zeroPointBeforeRound = true;
  EXPECT_TRUE(ScalarFunction().toCode(fraction));
  EXPECT_FALSE(buildSteps(ScalarFunction().relu(), 0, 10)); // gives no codes
  EXPECT_FALSE(buildSteps(ScalarFunction(), Quantizer(), 10, 0));
}
