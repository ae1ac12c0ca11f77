// SPDX-License-Identifier: Apache-2.0
// Augmentation of recordings, before the graph sees them. In: rows of int16 counts as push() takes
// them. Out: as many rows, changed as a sensor worn or mounted a little differently would have
// changed them. Same seed, same rows.
#pragma once
#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace mote {

constexpr double kQuietestNoise_db = 40;

// How strongly; each is off at 0.
struct AugmentOptions {
  double jitter = 0;  // added noise: its standard deviation, as a share of each axis' own
  double gain = 0;    // one factor for all axes, from 1 - gain to 1 + gain
  double tempo = 0;   // speed of time, from 1 - tempo to 1 + tempo, linear interpolation
  double crop = 0;    // up to this share is missing, at the beginning or the end; zeros fill up
  // Noise of a random colour, from low-pitched to hissing; the ratio of each axis' variance to the
  // noise's is drawn between this and kQuietestNoise_db. Without a value: none.
  std::optional<double> noise_snr_db = {};
  double shift_samples = 0;  // start earlier or later by up to so many samples
  double rotation_deg = 0;   // turn every group of axes about one random direction by up to so much
  std::vector<std::array<int32_t, 3>> rotation_groups =
      {};  // x, y, z of a sensor, right-handed, the same counts a unit
  // One sound with silence around it: at another tempo it is longer or shorter, cropped it is
  // shorter, and noise ends where it ends. Otherwise rows stay as many as they were.
  bool isolated = false;
};

// Row i shows the recording at the time source_begin + i * source_step (in samples), so labels can
// follow. Beyond the recording's ends its first or last row is repeated.
struct AugmentedRows {
  std::vector<int16_t> rows;  // [n, axes]
  double source_begin = 0;
  double source_step = 1;
};

AugmentedRows augment(std::span<const int16_t> rows, int32_t axes, const AugmentOptions& options,
                      uint64_t seed);

}  // namespace mote
