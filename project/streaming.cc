// SPDX-License-Identifier: Apache-2.0
// Recordings as pushes. See streaming.h.
#include "project/streaming.h"

#include <algorithm>

#include "data/counts.h"

namespace mote {
namespace {

void add_values(Take& take, const int16_t* begin, const int16_t* end, size_t axes) {
  if (begin == end) return;
  take.feeds.push_back({0, 0, std::vector<int16_t>(begin, end)});
  take.steps += (end - begin) / int64_t(axes);
}

// Seconds of [begin, end) that carry `label`.
double overlap_s(const LabelRange& range, double begin_s, double end_s) {
  return std::max(0.0, std::min(range.end_s, end_s) - std::max(range.begin_s, begin_s));
}

int32_t class_number(const std::vector<std::string>& classes, const std::string& label) {
  const auto found = std::find(classes.begin(), classes.end(), label);
  return found == classes.end() ? -1 : int32_t(found - classes.begin());
}

}  // namespace

Take make_take(const Recording& recording, const TakeOptions& options, int64_t& saturated) {
  Take take;
  take.recording = &recording;
  const size_t axes = recording.axes.size();
  const Counts counts = to_counts(recording, options.scales);
  for (int64_t n : counts.saturated) saturated += n;
  int64_t at = 0;
  const int16_t* rows = counts.values.data();
  for (const Gap& gap : recording.gaps) {
    add_values(take, rows + at * int64_t(axes), rows + gap.before * int64_t(axes), axes);
    take.feeds.push_back({0, uint32_t(gap.missing), {}});
    take.steps += gap.missing;
    at = gap.before;
  }
  add_values(take, rows + at * int64_t(axes), rows + recording.size() * int64_t(axes), axes);
  pad(take, options.window_samples);
  return take;
}

void pad(Take& take, int64_t window_samples) {
  if (take.steps >= window_samples) return;
  take.padding = window_samples - take.steps;
  take.feeds.push_back(
      {0, 0, std::vector<int16_t>(size_t(take.padding) * take.recording->axes.size(), 0)});
  take.steps = window_samples;
}

int64_t play(Evaluator& evaluator, const Graph& graph, const std::vector<Feed>& feeds,
             const std::function<void(int64_t step)>& decided) {
  int64_t step = 0;
  for (const Feed& feed : feeds) {
    const auto stream = int32_t(feed.stream);
    if (feed.n_missing > 0) {
      step += feed.n_missing;
      if (evaluator.push_missing(stream, feed.n_missing)) decided(step);
      continue;
    }
    const auto values = size_t(sample_bytes(graph, graph.streams.at(feed.stream)) + 1) / 2;
    for (size_t i = 0; i + values <= feed.values.size(); i += values) {
      ++step;
      if (evaluator.push(stream, feed.values.data() + i)) decided(step);
    }
  }
  return step;
}

int32_t label_of(const Take& take, int64_t end_step, const Labelling& labelling) {
  const Recording& recording = *take.recording;
  if (recording.labels.empty()) return class_number(*labelling.classes, recording.label);
  const double begin_s = double(end_step - labelling.window_samples) / recording.rate_hz;
  const double end_s = double(end_step) / recording.rate_hz;
  for (const LabelRange& range : recording.labels)
    if (2 * overlap_s(range, begin_s, end_s) > end_s - begin_s)
      return class_number(*labelling.classes, range.label);
  return -1;
}

}  // namespace mote
