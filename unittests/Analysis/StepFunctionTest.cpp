//===- StepFunctionTest.cpp - Steps against brute force -------------------===//
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

constexpr RoundingMode kModes[] = {RoundingMode::HalfEven, RoundingMode::HalfUp,
                                   RoundingMode::HalfDown, RoundingMode::Floor,
                                   RoundingMode::Ceil,     RoundingMode::Up,
                                   RoundingMode::Down};

/// p / q with q > 0, rounded by cases on the remainder of the magnitude: an
/// independent definition of the modes.
int64_t roundFraction(Int128 p, Int128 q, RoundingMode mode) {
  bool negative = p < 0;
  Int128 magnitude = negative ? -p : p;
  Int128 whole = magnitude / q, twice = 2 * (magnitude % q);
  bool away = false;
  switch (mode) {
  case RoundingMode::HalfEven:
    away = twice > q || (twice == q && whole % 2 == 1);
    break;
  case RoundingMode::HalfUp:
    away = twice >= q;
    break;
  case RoundingMode::HalfDown:
    away = twice > q;
    break;
  case RoundingMode::Floor:
    away = twice > 0 && negative;
    break;
  case RoundingMode::Ceil:
    away = twice > 0 && !negative;
    break;
  case RoundingMode::Up:
    away = twice > 0;
    break;
  case RoundingMode::Down:
    break;
  }
  whole += away;
  return int64_t(negative ? -whole : whole);
}

Rational ratio(int64_t p, int64_t q) { return {Integer(p), Integer(q)}; }

/// Every value of the function equals `expected`.
template <typename Expected>
void expectEverywhere(const StepFunction &steps, Expected expected,
                      const char *what) {
  int64_t previous = steps.lo - 1;
  for (const StepFunction::Step &step : steps.steps) {
    ASSERT_GT(step.position, previous);
    previous = step.position;
  }
  for (int64_t x = steps.lo; x <= steps.hi; ++x)
    ASSERT_EQ(steps(x), expected(x)) << what << " at " << x;
}

} // namespace

TEST(Rounding, TableOfQuantizedOnnx) {
  struct Row {
    RoundingMode mode;
    int expected[4];
  };
  const double numbers[] = {5.5, 2.5, -2.5, -5.5};
  const Row table[] = {{RoundingMode::HalfEven, {6, 2, -2, -6}},
                       {RoundingMode::Ceil, {6, 3, -2, -5}},
                       {RoundingMode::Floor, {5, 2, -3, -6}},
                       {RoundingMode::Up, {6, 3, -3, -6}},
                       {RoundingMode::Down, {5, 2, -2, -5}},
                       {RoundingMode::HalfUp, {6, 3, -3, -6}},
                       {RoundingMode::HalfDown, {5, 2, -2, -5}}};
  for (const Row &row : table)
    for (int i = 0; i < 4; ++i) {
      EXPECT_EQ(roundToInteger(numbers[i], row.mode), row.expected[i]);
      EXPECT_EQ(roundToInteger(Real::exactly(numbers[i]), row.mode),
                Integer(row.expected[i]));
    }
}

TEST(Rounding, ExactAndDoubleAgreeWithTheDefinition) {
  std::mt19937_64 random(1);
  for (int i = 0; i < 20000; ++i) {
    int64_t p = int64_t(random() % 4001) - 2000, q = 1 << (random() % 8);
    for (RoundingMode mode : kModes) {
      int64_t expected = roundFraction(p, q, mode);
      ASSERT_EQ(roundToInteger(double(p) / double(q), mode), double(expected));
      ASSERT_EQ(roundToInteger(Real(ratio(p, q)), mode), Integer(expected));
      int64_t odd = 1 + random() % 50;
      ASSERT_EQ(roundToInteger(Real(ratio(p, odd)), mode),
                Integer(roundFraction(p, odd, mode)));
    }
  }
}

TEST(StepFunction, RandomAffineChainsBruteForce) {
  std::mt19937_64 random(2);
  auto pick = [&](int64_t low, int64_t high) {
    return low + int64_t(random() % uint64_t(high - low + 1));
  };
  for (int i = 0; i < 4000; ++i) {
    // (a x + b) / d [relu], quantized with a scale of s / t.
    int64_t a = pick(-40, 40), b = pick(-300, 300);
    int64_t d = random() % 2 ? pick(1, 60) : int64_t(1) << pick(0, 6);
    int64_t s = pick(1, 9), t = random() % 2 ? pick(1, 9) : 1 << pick(0, 4);
    Quantizer quantizer;
    quantizer.scale = Real(ratio(s, t));
    quantizer.qmin = pick(-20, 0);
    quantizer.qmax = quantizer.qmin + pick(0, 40);
    quantizer.rounding = kModes[random() % 7];
    quantizer.zeroPointBeforeRound = random() % 2;
    // z / 2 is the zero point.
    int64_t z = pick(-9, 9) * (quantizer.zeroPointBeforeRound ? 1 : 2);
    quantizer.zeroPoint = Real(ratio(z, 2));
    bool relu = random() % 2;
    ScalarFunction function;
    function.affine(Real(ratio(a, d)), Real(ratio(b, d)));
    if (relu)
      function.relu();
    int64_t lo = pick(-200, 100), hi = lo + pick(0, 300);
    std::optional<StepFunction> steps = buildSteps(function, quantizer, lo, hi);
    ASSERT_TRUE(steps);
    expectEverywhere(
        *steps,
        [&](int64_t x) {
          int64_t value = a * x + b;
          value = relu && value < 0 ? 0 : value;
          int64_t code;
          if (quantizer.zeroPointBeforeRound)
            code = roundFraction(2 * value * t + z * d * s, 2 * d * s,
                                 quantizer.rounding);
          else
            code = roundFraction(value * t, d * s, quantizer.rounding) + z / 2;
          return std::min(std::max(code, quantizer.qmin), quantizer.qmax);
        },
        "affine");
  }
}

TEST(StepFunction, NonMonotoneChainsBruteForce) {
  std::mt19937_64 random(3);
  auto pick = [&](int64_t low, int64_t high) {
    return low + int64_t(random() % uint64_t(high - low + 1));
  };
  for (int i = 0; i < 2000; ++i) {
    // f(x) over 64: a x + b, then a shape, then + c and another abs.
    int64_t a = pick(-9, 9), b = pick(-400, 400), c = pick(-2000, 2000);
    int shape = int(random() % 4);
    ScalarFunction function;
    function.affine(Real(a), Real(b));
    if (shape == 0)
      function.abs();
    else if (shape == 1)
      function.leakyRelu(Real(ratio(-1, 4)));
    else if (shape == 2)
      function.power(Rational(2));
    else
      function.clip(Real(-50), Real(ratio(201, 4)));
    function.affine(Real(1), Real(c)).abs();
    Quantizer quantizer;
    quantizer.scale = Real(64);
    quantizer.rounding = kModes[random() % 7];
    quantizer.qmin = 0;
    quantizer.qmax = 255;
    int64_t lo = pick(-200, 0), hi = lo + pick(0, 400);
    std::optional<StepFunction> steps = buildSteps(function, quantizer, lo, hi);
    ASSERT_TRUE(steps);
    expectEverywhere(
        *steps,
        [&](int64_t x) {
          int64_t y = 4 * (a * x + b); // in quarters
          if (shape == 0)
            y = std::abs(y);
          else if (shape == 1)
            y = y < 0 ? -y / 4 : y;
          else if (shape == 2)
            y = y * y / 4;
          else
            y = std::min<int64_t>(std::max<int64_t>(y, -200), 201);
          y = std::abs(y + 4 * c);
          return std::min<int64_t>(roundFraction(y, 256, quantizer.rounding),
                                   255);
        },
        "shape");
  }
}

TEST(StepFunction, NestedQuantizersBruteForce) {
  // Trunc: 8 bits to 5, after a first quantizer.
  for (RoundingMode mode : kModes) {
    Quantizer first, second;
    first.scale = Real(ratio(3, 16));
    first.zeroPoint = Real(3);
    first.qmin = 0;
    first.qmax = 255;
    second.scale = Real(8);
    second.rounding = mode;
    ScalarFunction function;
    ASSERT_TRUE(function.toCode(first));
    ASSERT_TRUE(function.toCode(second));
    std::optional<StepFunction> steps = buildSteps(function, -100, 100);
    ASSERT_TRUE(steps);
    expectEverywhere(
        *steps,
        [&](int64_t x) {
          int64_t code = roundFraction(x * 16, 3, RoundingMode::HalfEven) + 3;
          code = std::min<int64_t>(std::max<int64_t>(code, 0), 255);
          return roundFraction(code, 8, mode);
        },
        "trunc");
  }
}

TEST(StepFunction, BipolarAndThresholds) {
  Quantizer bipolar;
  bipolar.bipolar = true;
  bipolar.scale = Real(ratio(1, 3));
  StepFunction steps =
      *buildSteps(ScalarFunction().affine(Real(-2), Real(6)), bipolar, -9, 9);
  EXPECT_EQ(steps.first, 1);
  EXPECT_EQ(steps.steps, (std::vector<StepFunction::Step>{{4, -1}}));
  EXPECT_EQ(steps(3), 1); // zero is positive

  ScalarFunction counted;
  counted.affine(Real(ratio(1, 3)), Real());
  ASSERT_TRUE(counted.countThresholds(
      {Real(2), Real(-1), Real(2), *Real(10).sqrt(), Real(ratio(1, 3))}));
  steps = *buildSteps(counted, -20, 20);
  EXPECT_EQ(steps.steps, (std::vector<StepFunction::Step>{
                             {-3, 1}, {1, 2}, {6, 4}, {10, 5}}));
  EXPECT_EQ(steps.risingThresholds(), (std::vector<int64_t>{-3, 1, 6, 6, 10}));
}

TEST(StepFunction, BatchNormRoots) {
  // x / sqrt(v) against k + 1/2: x^2 against v (k + 1/2)^2.
  std::mt19937_64 random(4);
  for (int i = 0; i < 300; ++i) {
    int64_t v = 1 + random() % 400, shift = int64_t(random() % 21) - 10;
    ScalarFunction function;
    function.affine(*Real(v).sqrt()->inverse(), Real(shift));
    Quantizer quantizer;
    quantizer.rounding = kModes[random() % 3];
    StepFunction steps = *buildSteps(function, quantizer, -500, 500);
    expectEverywhere(
        steps,
        [&](int64_t x) {
          int64_t k = 0, magnitude = std::abs(x);
          while (4 * magnitude * magnitude > v * (2 * k + 1) * (2 * k + 1))
            ++k;
          int64_t whole = x < 0 ? -k : k;
          // Ties exist only for square v; the shift moves their parity.
          if (4 * magnitude * magnitude == v * (2 * k + 1) * (2 * k + 1)) {
            int64_t other = x < 0 ? -k - 1 : k + 1;
            int64_t low = std::min(whole, other) + shift;
            return roundFraction(2 * low + 1, 2, quantizer.rounding);
          }
          return whole + shift;
        },
        "batch norm");
  }
}

TEST(StepFunction, SmoothActivations) {
  std::mt19937_64 random(5);
  for (int i = 0; i < 60; ++i) {
    double scale = std::ldexp(double(random() % 1000 + 1), -12);
    bool sigmoid = random() % 2;
    ScalarFunction function;
    function.affine(Real::exactly(scale), Real());
    sigmoid ? function.sigmoid() : function.tanh();
    Quantizer quantizer;
    quantizer.scale = Real(ratio(1, sigmoid ? 255 : 127));
    quantizer.qmin = -128;
    quantizer.qmax = 255;
    quantizer.rounding = kModes[random() % 7];
    StepFunction steps = *buildSteps(function, quantizer, -3000, 3000);
    for (int64_t x = -3000; x <= 3000; ++x) {
      long double input = (long double)scale * x;
      long double value =
          sigmoid ? 255 / (1 + std::exp(-input)) : 127 * std::tanh(input);
      // Far enough from the places where long double decides differently.
      long double twice = 2 * value;
      if (std::fabs(twice - std::nearbyint(twice)) < 1e-12L)
        continue;
      ASSERT_EQ(steps(x), roundToInteger(double(value), quantizer.rounding));
    }
    EXPECT_TRUE(steps.isNonDecreasing());
  }
}

TEST(StepFunction, GeneralPowers) {
  for (int p = 1; p < 12; ++p) {
    ScalarFunction function;
    function.relu().power(ratio(p, 4));
    StepFunction steps = *buildSteps(function, Quantizer(), -20, 2000);
    for (int64_t x = 0; x <= 2000; ++x) {
      // round(x^(p/4)) = k iff (2k - 1)^4 < 16 x^p < (2k + 1)^4 (no ties: odd).
      int64_t k = steps(x);
      Integer power = *Rational(x).pow(p)->numerator().toInt64() < 0
                          ? Integer(0)
                          : Rational(x).pow(p)->numerator();
      Integer sixteen = power * Integer(16);
      ASSERT_LT(sixteen, Rational(2 * k + 1).pow(4)->numerator());
      if (k > 0) {
        ASSERT_GT(sixteen, Rational(2 * k - 1).pow(4)->numerator());
      }
      if (p * std::log2(double(x + 1)) > 58)
        break;
    }
  }
  EXPECT_FALSE(
      buildSteps(ScalarFunction().power(ratio(1, 2)), Quantizer(), -1, 1));
  EXPECT_FALSE(
      buildSteps(ScalarFunction().power(Rational(-1)), Quantizer(), -5, 5));
}

TEST(StepFunction, WholeInt64Range) {
  Quantizer quantizer;
  quantizer.scale = Real(Rational::dyadic(Integer(1), 60));
  StepFunction steps =
      *buildSteps(ScalarFunction(), quantizer, INT64_MIN, INT64_MAX);
  EXPECT_EQ(steps.first, -8);
  EXPECT_EQ(steps.last(), 8);
  EXPECT_EQ(steps.steps.size(), 16u);
  int64_t half = int64_t(1) << 59;
  EXPECT_EQ(steps(half), 0);
  EXPECT_EQ(steps(half + 1), 1);
  EXPECT_EQ(steps(3 * half), 2);
  EXPECT_EQ(steps(3 * half - 1), 1);
  EXPECT_FALSE(buildSteps(ScalarFunction(), Quantizer(), 0, INT64_MAX, 100));
}

TEST(StepFunction, FloatKeysAreOrdered) {
  EXPECT_EQ(floatToKey(0.0f), 0);
  EXPECT_EQ(floatToKey(-0.0f), 0);
  EXPECT_EQ(floatToKey(NAN), kMinFloatKey);
  EXPECT_EQ(floatToKey(-INFINITY), kMinFloatKey);
  EXPECT_EQ(floatToKey(INFINITY), kMaxFloatKey);
  EXPECT_EQ(floatToKey(-0x1p-149f), -1);
  std::mt19937 random(6);
  for (int i = 0; i < 10000; ++i) {
    float x = keyToFloat(
        int32_t(int64_t(random() % (2u * kMaxFloatKey)) - kMaxFloatKey));
    EXPECT_EQ(keyToFloat(floatToKey(x)), x);
    EXPECT_EQ(floatToKey(std::nextafter(x, INFINITY)), floatToKey(x) + 1);
  }
}

TEST(StepFunction, FloatInputsAgainstExactArithmetic) {
  std::mt19937 random(7);
  for (int i = 0; i < 200; ++i) {
    float scale = std::ldexp(1 + float(random() % (1 << 12)) / (1 << 12),
                             int(random() % 20) - 12);
    if (random() % 4 == 0)
      scale = 1.0f / 255.0f;
    Quantizer quantizer;
    quantizer.scale = Real::exactly(scale);
    quantizer.qmin = -128;
    quantizer.qmax = 127;
    quantizer.rounding = kModes[random() % 7];
    quantizer.zeroPoint = Real(int64_t(random() % 21) - 10);
    quantizer.zeroPointBeforeRound = random() % 2;
    ScalarFunction codes;
    ASSERT_TRUE(codes.toCode(quantizer));
    StepFunction steps = *buildFloatSteps(codes);
    EXPECT_EQ(steps.first, -128);
    EXPECT_EQ(steps.last(), 127);
    // Up skips a code where no float hits it exactly.
    EXPECT_GE(steps.steps.size(), 254u);
    for (int j = 0; j < 100; ++j) {
      // Half of the probes are next to ties.
      float x = scale * (float(random() % 600) / 2 - 150);
      if (random() % 2)
        x = std::nextafter(x, random() % 2 ? INFINITY : -INFINITY);
      Real exact = *Real::exactly(x).divide(quantizer.scale);
      int64_t zero = *quantizer.zeroPoint.asRational().numerator().toInt64();
      bool before = quantizer.zeroPointBeforeRound;
      Rational v = exact.asRational() + Rational(before ? zero : 0);
      Integer floor = v.floor();
      int64_t denominator = 1
                            << 20; // keep the fraction, and that it is inexact
      Rational fraction = (v - Rational(floor)) * Rational(2 * denominator);
      int64_t part = *fraction.floor().toInt64() * 2 + !fraction.isInteger();
      int64_t code =
          roundFraction(Int128(*floor.toInt64()) * 4 * denominator + part,
                        4 * denominator, quantizer.rounding);
      code += before ? 0 : zero;
      code = std::min<int64_t>(std::max<int64_t>(code, -128), 127);
      ASSERT_EQ(steps(floatToKey(x)), code) << x << " / " << scale;
    }
  }
}

TEST(StepFunction, InfinitiesSaturateEvenForHugeScales) {
  Quantizer quantizer;
  quantizer.scale = Real::exactly(0x1p120f);
  quantizer.qmin = -1000;
  quantizer.qmax = 1000;
  ScalarFunction codes;
  ASSERT_TRUE(codes.toCode(quantizer));
  StepFunction steps = *buildFloatSteps(codes);
  EXPECT_EQ(steps(floatToKey(0x1.fffffep127f)), 256);
  EXPECT_EQ(steps(kMaxFloatKey), 1000);
  EXPECT_EQ(steps(floatToKey(NAN)), -1000);
}

TEST(StepFunction, FastForWideLayers) {
  // 300 channels of 255 steps over 20 bits, scales as QDQ models have them.
  std::mt19937_64 random(8);
  auto start = std::chrono::steady_clock::now();
  size_t count = 0;
  for (int channel = 0; channel < 300; ++channel) {
    float weightScale = 0.001f + float(random() % 1000) * 1e-6f;
    Quantizer quantizer;
    quantizer.scale = Real::exactly(0.047f);
    quantizer.qmin = 0;
    quantizer.qmax = 255;
    ScalarFunction function;
    function.affine(Real::exactly(weightScale) * Real::exactly(1 / 255.0f),
                    Real::exactly(float(random() % 100) * 0.01f));
    if (channel % 2) // a batch norm: irrational factors
      function.affine(*Real::exactly(0.013f).sqrt(), Real::exactly(-0.1f));
    function.relu();
    count += buildSteps(function, quantizer, -(1 << 21), 1 << 21)->steps.size();
  }
  std::chrono::duration<double> time = std::chrono::steady_clock::now() - start;
  EXPECT_GT(count, 1000u);
  EXPECT_LT(time.count(), 1.0); // 0.3 on an idle machine
  RecordProperty("seconds", std::to_string(time.count()));
  std::printf("%zu steps in %.3f s\n", count, time.count());
}
