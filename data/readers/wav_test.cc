// SPDX-License-Identifier: Apache-2.0
// WAV files written here byte by byte (not by the library that reads them), every encoding; files
// cut off.
#include "data/readers/wav.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>

#include "data/readers/temporary_file.h"

namespace mote {
namespace {

template <typename T>
std::string little_endian(T value) {
  std::string bytes(sizeof value, '\0');
  std::memcpy(bytes.data(), &value, sizeof value);
  return bytes;
}

struct WavForm {
  uint16_t format = 1;  // 1 = PCM, 3 = float
  uint16_t bits = 16;
  uint16_t channels = 1;
  uint32_t rate_hz = 8000;
};

std::string wav(const WavForm& form, const std::string& samples) {
  const uint16_t frame_bytes = uint16_t(form.channels * form.bits / 8);
  const std::string header = "WAVEfmt " + little_endian<uint32_t>(16) + little_endian(form.format) +
                             little_endian(form.channels) + little_endian(form.rate_hz) +
                             little_endian(form.rate_hz * frame_bytes) +
                             little_endian(frame_bytes) + little_endian(form.bits);
  const std::string list = "LIST" + little_endian<uint32_t>(4) + "INFO";
  const std::string body =
      header + list + "data" + little_endian(uint32_t(samples.size())) + samples;
  return "RIFF" + little_endian(uint32_t(body.size())) + body;
}

class Wav : public testing::Test {
 protected:
  Recording read(const std::string& bytes, const ReadOptions& options = {}) {
    auto recordings = read_wav(folder_.write("a.wav", bytes), options, diagnostics_);
    return recordings.empty() ? Recording() : recordings[0];
  }
  std::string errors() const { return codes(diagnostics_.errors()); }
  TemporaryFolder folder_;
  Diagnostics diagnostics_;
};

TEST_F(Wav, EveryInt16ComesBackAsItsOwnCount) {
  std::string samples;
  for (int n = -32768; n < 32768; ++n) samples += little_endian(int16_t(n));
  const Recording r = read(wav({}, samples));
  ASSERT_EQ(errors(), "");
  ASSERT_EQ(r.size(), 65536);
  EXPECT_EQ(r.rate_hz, 8000);
  EXPECT_EQ(r.axes[0].name, "audio");
  EXPECT_EQ(r.axes[0].unit, "FS");
  for (int n = -32768; n < 32768; ++n)
    ASSERT_EQ(r.values[size_t(n + 32768)], float(n) / 32768) << n;
}

TEST_F(Wav, OtherEncodings) {
  EXPECT_EQ(read(wav({1, 8, 1, 8000}, std::string("\x00\x80\xff\x81", 4))).values,
            (std::vector<float>{-1, 0, 127.f / 128, 1.f / 128}));
  const std::string s24("\x00\x00\x80\xff\xff\x7f\x01\x00\x00", 9);
  EXPECT_EQ(read(wav({1, 24, 1, 8000}, s24)).values,
            (std::vector<float>{-1, 8388607.f / 8388608, 1.f / 8388608}));
  const std::string s32 = little_endian<int32_t>(INT32_MIN) + little_endian<int32_t>(1 << 20);
  EXPECT_EQ(read(wav({1, 32, 1, 8000}, s32)).values,
            (std::vector<float>{-1, std::ldexp(1.f, -11)}));
  const std::string real = little_endian(0.25f) + little_endian(-1.5f);
  EXPECT_EQ(read(wav({3, 32, 1, 8000}, real)).values, (std::vector<float>{0.25f, -1.5f}));
  EXPECT_EQ(errors(), "");
}

TEST_F(Wav, ChannelsAreAxes) {
  const std::string samples = little_endian<int16_t>(16384) + little_endian<int16_t>(-8192) +
                              little_endian<int16_t>(0) + little_endian<int16_t>(1);
  const Recording r = read(wav({1, 16, 2, 48000}, samples));
  EXPECT_EQ(r.values, (std::vector<float>{0.5f, -0.25f, 0, 1.f / 32768}));
  EXPECT_EQ(r.axes[1].name, "audio_2");
  ReadOptions options;
  options.axes = {"audio_2"};
  EXPECT_EQ(read(wav({1, 16, 2, 48000}, samples), options).values,
            (std::vector<float>{-0.25f, 1.f / 32768}));
  EXPECT_EQ(errors(), "");
}

TEST_F(Wav, NanIsAMissingSample) {
  const Recording r =
      read(wav({3, 32, 1, 8000}, little_endian(0.5f) + little_endian(NAN) + little_endian(1.f)));
  EXPECT_EQ(r.values, (std::vector<float>{0.5f, 1}));
  EXPECT_EQ(r.gaps.size(), 1u);
}

TEST_F(Wav, AnotherRateOrEncodingIsRefused) {
  ReadOptions options;
  options.rate_hz = 16000;
  read(wav({}, "ab"), options);
  read(wav({7, 8, 1, 8000}, "ab"));  // mu-law
  read("OggS0000000000000000000000000");
  EXPECT_EQ(errors(), "wrong-rate wav-encoding not-wav");
}

TEST_F(Wav, HeaderThatPromisesMoreThanTheFileHolds) {
  std::string bytes = wav({}, "abcdefgh");
  read(bytes.substr(0, bytes.size() - 2));
  EXPECT_EQ(errors(), "truncated-wav");
}

TEST_F(Wav, PrefixesAndDamageNeverCrash) {
  const std::string bytes = wav({}, "abcdefgh");
  expect_each_prefix_refused(folder_, "x.wav", bytes, {}, false);
  expect_no_crash_when_damaged(folder_, "x.wav", bytes, {});
}

}  // namespace
}  // namespace mote
