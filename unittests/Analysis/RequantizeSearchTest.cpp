//===- RequantizeSearchTest.cpp - Proven forms against all inputs ---------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "sumac/Analysis/RequantizeSearch.h"

#include <chrono>
#include <cmath>
#include <gtest/gtest.h>
#include <random>

using namespace sumac;

namespace {

class Random {
public:
  explicit Random(uint64_t seed) : engine(seed) {}
  int64_t pick(int64_t low, int64_t high) {
    return low + int64_t(engine() % uint64_t(high - low + 1));
  }
  bool coin() { return engine() % 2; }

private:
  std::mt19937_64 engine;
};

/// acc * scale + bias -> [relu] -> codes, with a random everything.
StepFunction randomChannel(Random &random, RequantizeOptions &options,
                           int64_t range) {
  Quantizer quantizer;
  quantizer.rounding = static_cast<RoundingMode>(random.pick(0, 6));
  options.qmin = random.coin() ? 0 : -random.pick(0, 128);
  options.qmax = options.qmin + random.pick(1, 255);
  quantizer.qmin = options.qmin;
  quantizer.qmax = options.qmax;
  quantizer.zeroPoint = Real(random.coin() ? 0 : random.pick(-20, 20));
  quantizer.zeroPointBeforeRound = random.coin();
  double slope = std::ldexp(double(random.pick(-4096, 4096)), -14);
  if (random.pick(0, 9) == 0)
    slope = std::ldexp(double(random.pick(-64, 64)), -6); // many ties
  ScalarFunction function;
  function.affine(Real::exactly(slope) * Real(Rational(Integer(5), Integer(3))),
                  Real::exactly(double(random.pick(-1000, 1000)) / 16));
  if (random.coin())
    function.relu();
  int64_t lo = -random.pick(0, range), hi = lo + random.pick(0, 2 * range);
  return *buildSteps(function, quantizer, lo, hi);
}

template <typename Form>
void expectEqual(const StepFunction &function, const Form &form,
                 const RequantizeOptions &options) {
  for (int64_t x = function.lo; x <= function.hi; ++x)
    ASSERT_EQ(form(x, options.qmin, options.qmax), function(x)) << "at " << x;
}

/// Whether any multiplier and addend do with this shift: tries all multipliers.
bool existsByBruteForce(const StepFunction &function,
                        const RequantizeOptions &options, unsigned shift) {
  int64_t unit = int64_t(1) << shift;
  for (int64_t m = -40 * unit; m <= 40 * unit; ++m) {
    int64_t low = INT64_MIN, high = INT64_MAX;
    for (int64_t x = function.lo; x <= function.hi; ++x) {
      int64_t code = function(x);
      if (code > options.qmin)
        low = std::max(low, code * unit - m * x);
      if (code < options.qmax)
        high = std::min(high, (code + 1) * unit - 1 - m * x);
    }
    if (low <= high)
      return true;
  }
  return false;
}

} // namespace

TEST(MultiplyAddShift, EqualsItsFunctionEverywhere) {
  Random random(1);
  int found = 0;
  for (int i = 0; i < 2000; ++i) {
    RequantizeOptions options;
    StepFunction function = randomChannel(random, options, 3000);
    std::optional<MultiplyAddShift> form =
        findMultiplyAddShift(function, options);
    if (!form)
      continue;
    ++found;
    expectEqual(function, *form, options);
    EXPECT_LE(form->bitsNeeded(function.lo, function.hi), 64u);
    if (std::optional<MultiplyAddShift> wide = form->widened(5))
      expectEqual(function, *wide, options);
  }
  // Rounding away from or toward zero, and relu inside the clamp, bend lines.
  EXPECT_GT(found, 1200);
}

TEST(MultiplyAddShift, HalfEvenEqualsItsFunctionEverywhere) {
  Random random(11);
  int found = 0;
  for (int i = 0; i < 1000; ++i) {
    RequantizeOptions options;
    StepFunction function = randomChannel(random, options, 3000);
    options.halfEven = true;
    std::optional<MultiplyAddShift> form =
        findMultiplyAddShift(function, options);
    if (!form)
      continue;
    ++found;
    expectEqual(function, *form, options);
    if (std::optional<MultiplyAddShift> wide = form->widened(5))
      expectEqual(function, *wide, options);
  }
  EXPECT_GT(found, 200);
}

// A power of two as scale: all ties are there, and the multiplier is 1.
TEST(MultiplyAddShift, HalfEvenTakesPowersOfTwoAsTheyAre) {
  Random random(12);
  for (int i = 0; i < 200; ++i) {
    Quantizer quantizer;
    quantizer.rounding = RoundingMode::HalfEven;
    RequantizeOptions options;
    options.qmin = quantizer.qmin = random.coin() ? 0 : -128;
    options.qmax = quantizer.qmax = quantizer.qmin + 255;
    options.halfEven = true;
    ScalarFunction function;
    int64_t shift = random.pick(1, 8), sign = random.coin() ? 1 : -1;
    function.affine(Real::exactly(std::ldexp(double(sign), int(-shift))),
                    Real::exactly(std::ldexp(double(random.pick(-999, 999)),
                                             int(-shift))));
    StepFunction steps = *buildSteps(function, quantizer, -70000, 70000);
    std::optional<MultiplyAddShift> form =
        findMultiplyAddShift(steps, options);
    ASSERT_TRUE(form);
    EXPECT_EQ(form->multiplier, sign);
    EXPECT_EQ(form->shift, unsigned(shift));
    expectEqual(steps, *form, options);
  }
}

TEST(MultiplyAddShift, AffineChannelsHaveOne) {
  Random random(2);
  for (int i = 0; i < 500; ++i) {
    Quantizer quantizer;
    quantizer.qmin = -128;
    quantizer.qmax = 127;
    quantizer.rounding =
        random.coin() ? RoundingMode::Floor : RoundingMode::Ceil;
    ScalarFunction function;
    function.affine(Real::exactly(double(random.pick(-999, 999)) / 4321),
                    Real(1));
    StepFunction steps = *buildSteps(function, quantizer, -1000, 1000);
    EXPECT_TRUE(findMultiplyAddShift(steps, {-128, 127, 62, 64}));
  }
}

TEST(MultiplyAddShift, SmallestShiftByBruteForce) {
  Random random(3);
  int checked = 0;
  for (int i = 0; i < 400; ++i) {
    RequantizeOptions options;
    StepFunction function = randomChannel(random, options, 30);
    options.maxShift = 6;
    std::optional<MultiplyAddShift> form =
        findMultiplyAddShift(function, options);
    unsigned shift = 0;
    while (shift <= 5 && !existsByBruteForce(function, options, shift))
      ++shift;
    if (form && form->shift <= 5) {
      EXPECT_EQ(form->shift, shift);
      ++checked;
    } else {
      EXPECT_EQ(shift, 6u);
    }
  }
  EXPECT_GT(checked, 100);
}

TEST(MultiplyAddShift, RefusesBentAndJumpingFunctions) {
  StepFunction bent{0, 100, 0, {{10, 1}, {20, 2}, {80, 3}}};
  EXPECT_FALSE(findMultiplyAddShift(bent, {0, 255, 62, 64}));
  EXPECT_FALSE(findFloatMultiplyAdd(bent, {0, 255, 62, 64}, false));
  StepFunction turning{0, 100, 0, {{10, 1}, {20, 0}}};
  EXPECT_FALSE(findMultiplyAddShift(turning, {0, 255, 62, 64}));
  StepFunction outside{0, 100, 0, {{10, 300}}};
  EXPECT_FALSE(findMultiplyAddShift(outside, {0, 255, 62, 64}));
  // A sign: one jump from clamp to clamp is a steep line.
  StepFunction sign{-100, 100, -1, {{0, 1}}};
  std::optional<MultiplyAddShift> form =
      findMultiplyAddShift(sign, {-1, 1, 62, 64});
  ASSERT_TRUE(form);
  expectEqual(sign, *form, {-1, 1, 62, 64});
  StepFunction constant{-100, 100, 7, {}};
  EXPECT_EQ(findMultiplyAddShift(constant, {-9, 9, 62, 64})->multiplier, 0);
}

TEST(MultiplyAddShift, BitBudget) {
  Quantizer quantizer;
  quantizer.scale = Real::exactly(0.0371f);
  quantizer.qmin = 0;
  quantizer.qmax = 255;
  ScalarFunction function;
  function.affine(Real::exactly(0.00123f), Real());
  int64_t bound = (1 << 19) - 1;
  StepFunction steps = *buildSteps(function, quantizer, -bound, bound);
  RequantizeOptions options;
  std::optional<MultiplyAddShift> form = findMultiplyAddShift(steps, options);
  ASSERT_TRUE(form);
  unsigned bits = form->bitsNeeded(-bound, bound);
  options.bits = bits;
  EXPECT_TRUE(findMultiplyAddShift(steps, options));
  options.bits = bits - 1;
  EXPECT_FALSE(findMultiplyAddShift(steps, options));
}

TEST(MultiplyAddShift, LayersShareTheirShift) {
  Random random(4);
  std::vector<StepFunction> channels;
  auto build = [&](int count) {
    for (int i = 0; i < count; ++i) {
      Quantizer quantizer;
      quantizer.scale = Real::exactly(0.0371f);
      quantizer.qmin = 0;
      quantizer.qmax = 255;
      ScalarFunction function;
      function.affine(Real::exactly(float(random.pick(100, 2000)) * 1e-6f),
                      Real::exactly(float(random.pick(-99, 99)) * 0.01f));
      function.relu();
      channels.push_back(*buildSteps(function, quantizer, -(1 << 19), 1 << 19));
    }
  };
  build(300);
  RequantizeOptions options;
  auto start = std::chrono::steady_clock::now();
  MultiplyAddShiftLayer layer = findMultiplyAddShift(channels, options);
  std::chrono::duration<double> integer =
      std::chrono::steady_clock::now() - start;
  EXPECT_TRUE(layer.isComplete());
  unsigned bits = 0;
  for (size_t i = 0; i < channels.size(); ++i) {
    ASSERT_EQ(layer.channels[i]->shift, layer.shift);
    bits = std::max(bits, layer.channels[i]->bitsNeeded(-(1 << 19), 1 << 19));
    for (int j = 0; j < 2000; ++j) {
      int64_t x = random.pick(-(1 << 19), 1 << 19);
      ASSERT_EQ((*layer.channels[i])(x, 0, 255), channels[i](x));
    }
  }
  start = std::chrono::steady_clock::now();
  auto floats = findFloatMultiplyAdd(channels, options);
  std::chrono::duration<double> real = std::chrono::steady_clock::now() - start;
  bool float32 = floats.front()->isFloat32;
  for (const auto &form : floats) {
    ASSERT_TRUE(form);
    EXPECT_EQ(form->isFloat32, float32);
  }
  std::printf("shift %u, %u bits, %.3f s; float%d, %.3f s\n", layer.shift, bits,
              integer.count(), float32 ? 32 : 64, real.count());
  EXPECT_LT(integer.count() + real.count(), 3.0);
}

TEST(FloatMultiplyAdd, EqualsItsFunctionEverywhere) {
  Random random(5);
  int found[2] = {0, 0}, integer = 0;
  for (int i = 0; i < 1000; ++i) {
    RequantizeOptions options;
    StepFunction function = randomChannel(random, options, 3000);
    integer += findMultiplyAddShift(function, options).has_value();
    for (bool float32 : {false, true}) {
      std::optional<FloatMultiplyAdd> form =
          findFloatMultiplyAdd(function, options, float32);
      if (!form)
        continue;
      ++found[float32];
      expectEqual(function, *form, options);
    }
  }
  std::printf("%d in integers, %d in float64, %d in float32\n", integer,
              found[0], found[1]);
  EXPECT_EQ(found[0], integer); // double is fine enough for all of these
  EXPECT_GT(found[1], integer * 9 / 10);
}

TEST(FloatMultiplyAdd, RefusesWideAccumulators) {
  StepFunction function{-(1 << 25), 1 << 25, 0, {{5, 1}}};
  EXPECT_FALSE(findFloatMultiplyAdd(function, {0, 1, 62, 64}, true));
  EXPECT_TRUE(findFloatMultiplyAdd(function, {0, 1, 62, 64}, false));
}

TEST(EncodeForm, RandomQuantizers) {
  Random random(6);
  int kinds[5] = {};
  for (int i = 0; i < 400; ++i) {
    Quantizer quantizer;
    float scale =
        std::ldexp(1 + float(random.pick(0, (1 << 23) - 1)) / (1 << 23),
                   int(random.pick(-20, 10)));
    if (random.coin()) // fewer bits: ties that floats hit
      scale = std::ldexp(float(random.pick(1, 300)), int(random.pick(-12, 2)));
    quantizer.scale = Real::exactly(scale);
    if (random.coin())
      quantizer.rounding = static_cast<RoundingMode>(random.pick(0, 6));
    quantizer.qmin = random.coin() ? -128 : 0;
    quantizer.qmax = quantizer.qmin + (random.coin() ? 255 : 15);
    quantizer.zeroPoint = Real(random.coin() ? 0 : random.pick(-20, 20));
    quantizer.zeroPointBeforeRound = random.coin();
    ScalarFunction codes;
    ASSERT_TRUE(codes.toCode(quantizer));
    StepFunction steps = *buildFloatSteps(codes);
    std::optional<EncodeForm> form = findEncodeForm(steps, quantizer);
    if (!form) {
      // Up and Down see the sign of tiny x / scale + zeroPoint, floats do not.
      ASSERT_TRUE((quantizer.rounding == RoundingMode::Up ||
                   quantizer.rounding == RoundingMode::Down) &&
                  quantizer.zeroPointBeforeRound)
          << scale;
      continue;
    }
    ++kinds[int(form->kind)];
    for (float x :
         {-INFINITY, INFINITY, NAN, 0.0f, -0.0f, 0x1p-149f, -0x1p-149f})
      ASSERT_EQ((*form)(x), steps(floatToKey(x))) << x;
    for (int j = 0; j < 3000; ++j) {
      float x = keyToFloat(int32_t(random.pick(kMinFloatKey, kMaxFloatKey)));
      if (random.coin())
        x = scale * float(random.pick(-600, 600)) / 4;
      ASSERT_EQ((*form)(x), steps(floatToKey(x))) << x << " / " << scale;
    }
  }
  std::printf("f32 mul %d, f32 fma %d, f64 mul %d, f64 fma %d, f64 div %d\n",
              kinds[0], kinds[1], kinds[2], kinds[3], kinds[4]);
}

TEST(EncodeForm, DivisionDecidesEveryTieOf16BitCodes) {
  // The theorem of docs/rationale/exactness.md, at its steps.
  Random random(7);
  for (int i = 0; i < 12; ++i) {
    Quantizer quantizer;
    float scale = std::ldexp(float(random.pick(1, i < 6 ? 1 << 9 : 1 << 24)),
                             int(random.pick(-150, 60)));
    quantizer.scale = Real::exactly(scale);
    quantizer.qmin = 0;
    quantizer.qmax = 65535;
    quantizer.zeroPoint = Real(32768);
    ScalarFunction codes;
    ASSERT_TRUE(codes.toCode(quantizer));
    StepFunction steps = *buildFloatSteps(codes);
    EncodeForm form;
    form.kind = EncodeForm::Kind::DivideF64;
    form.factor = scale;
    form.offset = 32768;
    form.qmax = 65535;
    EXPECT_TRUE(agreesAtSteps(steps, [&](int64_t key) {
      return form(keyToFloat(int32_t(key)));
    })) << scale;
  }
}
