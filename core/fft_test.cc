// SPDX-License-Identifier: Apache-2.0
// Transforms against a double-precision DFT for every size, and the table generator against long
// double libm. In: nothing. Out: the signal-to-noise ratio of each size, held to the figures fft.h
// states.
#include "core/fft.h"

#include <gtest/gtest.h>

#include <cmath>
#include <complex>
#include <random>
#include <vector>

#include "core/twiddles.h"

namespace mote {
namespace {

using Spectrum = std::vector<std::complex<double>>;

// Recursive FFT in double with exact tables: error below 1e-14, checked against the plain sum for
// small n.
Spectrum fft_double(const Spectrum& x) {
  const size_t n = x.size();
  if (n == 1) return x;
  Spectrum even, odd;
  for (size_t i = 0; i < n; i += 2) {
    even.push_back(x[i]);
    odd.push_back(x[i + 1]);
  }
  even = fft_double(even);
  odd = fft_double(odd);
  Spectrum y(n);
  for (size_t k = 0; k < n / 2; ++k) {
    const auto t =
        odd[k] * std::polar(1.0, -2 * M_PI * static_cast<double>(k) / static_cast<double>(n));
    y[k] = even[k] + t;
    y[k + n / 2] = even[k] - t;
  }
  return y;
}

double snr_db(const Spectrum& exact, const Spectrum& measured) {
  double signal = 0, noise = 1e-300;
  for (size_t i = 0; i < exact.size(); ++i) {
    signal += std::norm(exact[i]);
    noise += std::norm(exact[i] - measured[i]);
  }
  return 10 * std::log10(signal / noise);
}

std::vector<int16_t> table_q15(int32_t n) {
  std::vector<int16_t> table(static_cast<size_t>(twiddle_count(n)) + 1);
  fill_twiddles_q15(n, table.data());
  return table;
}
std::vector<float> table_f32(int32_t n) {
  std::vector<float> table(static_cast<size_t>(twiddle_count(n)) + 1);
  fill_twiddles_f32(n, table.data());
  return table;
}

enum class Kind { noise, tone, impulse, loudest };

Spectrum signal_of(Kind kind, size_t n, bool real) {
  std::mt19937_64 random(n * 31 + static_cast<size_t>(kind));
  std::uniform_real_distribution<double> uniform(-1, 1);
  Spectrum x(n);
  for (size_t i = 0; i < n; ++i) {
    const double phase = 0.2 + 2 * M_PI * 0.1237 * static_cast<double>(i);
    switch (kind) {
      case Kind::noise:
        x[i] = {uniform(random), uniform(random)};
        break;
      case Kind::tone:
        x[i] = {std::cos(phase), std::sin(phase)};
        break;
      case Kind::impulse:
        x[i] = i == n / 3 ? 1.0 : 0.0;
        break;
      case Kind::loudest:
        x[i] = {random() & 1 ? 1.0 : -1.0, random() & 1 ? 1.0 : -1.0};
        break;
    }
    if (real) x[i] = x[i].real();
  }
  return x;
}

double stated_snr_db(size_t n) { return n <= 256 ? 90 : 84; }

TEST(Fft, DoubleOracleEqualsThePlainSum) {
  const Spectrum x = signal_of(Kind::noise, 32, false);
  const Spectrum y = fft_double(x);
  for (size_t k = 0; k < 32; ++k) {
    std::complex<double> sum = 0;
    for (size_t i = 0; i < 32; ++i)
      sum += x[i] * std::polar(1.0, -2 * M_PI * static_cast<double>(i * k) / 32);
    EXPECT_NEAR(std::abs(sum - y[k]), 0, 1e-12);
  }
}

template <class Sample, class Transform>
Spectrum transformed(const Spectrum& x, double full_scale, bool real, Transform transform) {
  const size_t n = x.size();
  std::vector<Sample> z(real ? n + 2 : 2 * n);
  for (size_t i = 0; i < n; ++i) {
    if (real) {
      z[i] = static_cast<Sample>(x[i].real() * full_scale);
    } else {
      z[2 * i] = static_cast<Sample>(x[i].real() * full_scale);
      z[2 * i + 1] = static_cast<Sample>(x[i].imag() * full_scale);
    }
  }
  transform(z.data());
  Spectrum y(real ? n / 2 + 1 : n);
  for (size_t k = 0; k < y.size(); ++k)
    y[k] = {static_cast<double>(z[2 * k]), static_cast<double>(z[2 * k + 1])};
  return y;
}

Spectrum expected(const Spectrum& x, double scale, bool real) {
  Spectrum y = fft_double(x);
  if (real) y.resize(x.size() / 2 + 1);
  for (auto& v : y) v *= scale;
  return y;
}

TEST(Fft, FixedPointReachesTheStatedRatio) {
  const double full = 1 << 30;
  for (Kind kind : {Kind::noise, Kind::tone, Kind::impulse, Kind::loudest}) {
    for (uint32_t n = 2; n <= 8192; n *= 2) {
      const auto table = table_q15(static_cast<int32_t>(n));
      for (bool real : {false, true}) {
        const Spectrum x = signal_of(kind, n, real);
        const Spectrum y = transformed<int32_t>(x, full, real, [&](int32_t* z) {
          real ? fft_real_s32(z, n, table.data()) : fft_complex_s32(z, n, table.data(), n);
        });
        const double snr = snr_db(expected(x, full / n, real), y);
        if (kind == Kind::noise) std::printf("n %u real %d: %.1f dB\n", n, real, snr);
        EXPECT_GE(snr, stated_snr_db(n))
            << n << " real " << real << " kind " << static_cast<int>(kind);
      }
    }
  }
}

TEST(Fft, FloatIsExactToItsPrecision) {
  for (Kind kind : {Kind::noise, Kind::tone, Kind::impulse}) {
    for (uint32_t n = 2; n <= 8192; n *= 2) {
      const auto table = table_f32(static_cast<int32_t>(n));
      for (bool real : {false, true}) {
        const Spectrum x = signal_of(kind, n, real);
        const Spectrum y = transformed<float>(x, 1, real, [&](float* z) {
          real ? fft_real_f32(z, n, table.data()) : fft_complex_f32(z, n, table.data(), n);
        });
        EXPECT_GE(snr_db(expected(x, 1, real), y), 130) << n << " real " << real;
      }
    }
  }
}

TEST(Fft, ComplexTransformTakesATableOfHigherOrder) {
  const auto own = table_q15(64), larger = table_q15(512);
  std::vector<int32_t> a(128), b;
  std::mt19937 random(5);
  for (auto& v : a) v = static_cast<int32_t>(random()) >> 1;
  b = a;
  fft_complex_s32(a.data(), 64, own.data(), 64);
  fft_complex_s32(b.data(), 64, larger.data(), 512);
  EXPECT_EQ(a, b);
}

// The loudest input that the header allows, aligned with each bin so that all of it meets in one
// place.
TEST(Fft, FullScaleSquareWavesDoNotOverflow) {
  for (uint32_t n : {8u, 64u, 1024u}) {
    const auto table = table_q15(static_cast<int32_t>(n));
    for (uint32_t bin = 0; bin < n; bin += n / 8 + 1) {
      std::vector<int32_t> z(2 * n);
      Spectrum x(n);
      for (uint32_t i = 0; i < n; ++i) {
        const double phase = 2 * M_PI * bin * i / n + 0.785;
        x[i] = {std::cos(phase) >= 0 ? 1.0 : -1.0, std::sin(phase) >= 0 ? 1.0 : -1.0};
        z[2 * i] = static_cast<int32_t>(x[i].real() * (1 << 30));
        z[2 * i + 1] = static_cast<int32_t>(x[i].imag() * (1 << 30));
      }
      fft_complex_s32(z.data(), n, table.data(), n);
      const Spectrum y = expected(x, static_cast<double>(1 << 30) / n, false);
      for (uint32_t k = 0; k < n; ++k) {
        EXPECT_NEAR(z[2 * k], y[k].real(), 200000) << n << " " << bin << " " << k;
        EXPECT_NEAR(z[2 * k + 1], y[k].imag(), 200000);
      }
    }
  }
}

TEST(Twiddles, EqualLongDoubleLibm) {
  for (int64_t n : {1, 2, 3, 5, 7, 8, 12, 100, 360, 511, 512, 4096, 48000}) {
    for (int64_t k = -n; k <= 2 * n; k += 1 + n / 700) {
      const long double angle = 2 * 3.14159265358979323846264338L * (k % n) / n;
      ASSERT_NEAR(static_cast<double>(cos_turn_q60(k, n) * 0x1p-60L - std::cos(angle)), 0,
                  2e-18 * 8)
          << k << "/" << n;
      ASSERT_NEAR(static_cast<double>(sin_turn_q60(k, n) * 0x1p-60L - std::sin(angle)), 0,
                  2e-18 * 8)
          << k << "/" << n;
      ASSERT_EQ(cos_turn_f32(k, n), static_cast<float>(cos_turn_q60(k, n) * 0x1p-60L));
    }
  }
  EXPECT_EQ(cos_turn_q15(0, 7), 32767);
  EXPECT_EQ(cos_turn_q15(1, 2), -32768);
  EXPECT_EQ(cos_turn_q15(1, 4), 0);
  EXPECT_EQ(sin_turn_q15(3, 4), -32768);
  EXPECT_EQ(cos_turn_f32(1, 6), 0.5f);
  EXPECT_EQ(cos_turn_q15(1, 8), 23170);
  EXPECT_EQ(sin_turn_q15(-1, 8), -23170);
}

}  // namespace
}  // namespace mote
