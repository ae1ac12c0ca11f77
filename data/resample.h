// SPDX-License-Identifier: Apache-2.0
// A recording at a lower rate, before training. In: a recording. Out: the same at `rate_hz`,
// without what that rate cannot hold. Firmware never does this: there the graph resamples.
#pragma once
#include "data/recording.h"

namespace mote {

// Band-limited interpolation with a Kaiser-windowed sinc (J. O. Smith, "Digital Audio Resampling"):
// even up to 0.45 of the new rate, 80 dB down from 0.55. Each stretch between gaps on its own, its
// first and last sample repeated beyond its ends; gaps keep their length in time, rounded to
// samples. 0 < rate_hz <= recording.rate_hz.
Recording resampled(const Recording& recording, double rate_hz);

}  // namespace mote
