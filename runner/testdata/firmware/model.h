// SPDX-License-Identifier: Apache-2.0
// A small model written by hand, with the shape of an emitted one: the test fixture of image
// building, player and emulator. Stream 0 has three axes, stream 1 has one. Every kHop samples of
// stream 0 it runs four layers over the last kWindow samples and decides.
#pragma once
#include <stdint.h>

namespace fixture {

constexpr int kAxes = 3;
constexpr int kWindow = 8;
constexpr int kHop = 4;
constexpr int kClasses = 2;
constexpr int kLayers = 4;
constexpr int kOutputBytes = 9;  // class u8, two scores s32
constexpr uint32_t kStateId = 0x600D5EED;
constexpr int kStateBytes = kWindow * kAxes * 2 + 4 + 4 + 4;

struct Model {
  int16_t window[kWindow][kAxes];  // the oldest sample first
  int32_t n_samples;
  int32_t offset;  // last value of stream 1
  float energy;    // smoothed over decisions
  int16_t means[kAxes];
  int32_t scores[kClasses];
  uint8_t best;
};

extern const int8_t kWeights[kClasses][kAxes];

}  // namespace fixture
