// SPDX-License-Identifier: Apache-2.0
// Recordings through a graph. In: recordings in physical units and a graph. Out: what push() is fed
// (the same for the evaluator, the host player and every emulated core), the windows that decisions
// belong to, and captured values.
#pragma once
#include <functional>
#include <vector>

#include "data/recording.h"
#include "graph/evaluator.h"
#include "runner/protocol.h"

namespace mote {

// A recording as push() takes it, with what is needed to label its windows.
struct Take {
  const Recording* recording = nullptr;
  int32_t group = 0;
  std::vector<Feed>
      feeds;            // counts and gaps; zeros follow a recording that is shorter than one window
  int64_t steps = 0;    // samples in all, missing ones included
  int64_t padding = 0;  // zeros at the end, the last of `feeds`, among them
};

struct TakeOptions {
  std::vector<float> scales;   // of each axis
  int64_t window_samples = 1;  // a shorter recording is followed by zeros up to here
};

// The recording's counts; `saturated` is increased by the samples that did not fit.
Take make_take(const Recording& recording, const TakeOptions& options, int64_t& saturated);

// Zeros behind a take that is shorter than a window.
void pad(Take& take, int64_t window_samples);

// Feeds stretches to an evaluator of `graph` that has been reset, calling `decided(step)` after
// each decision; step counts the samples pushed so far, missing ones included. Returns the samples
// in all.
int64_t play(Evaluator& evaluator, const Graph& graph, const std::vector<Feed>& feeds,
             const std::function<void(int64_t step)>& decided);

// One decision: which recording, where its window ends, what it should say.
struct Window {
  size_t take = 0;
  int64_t end_step = 0;
  int32_t label = -1;  // class number; -1: no label covers most of it
};

// The class of the window [end - length, end) steps of a recording: the recording's own label, or
// the one that covers more than half of the window.
struct Labelling {
  const std::vector<std::string>* classes = nullptr;
  int64_t window_samples = 1;
  bool whole = false;  // only the first window of a recording counts
};
int32_t label_of(const Take& take, int64_t end_step, const Labelling& labelling);

}  // namespace mote
