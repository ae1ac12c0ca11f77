// SPDX-License-Identifier: Apache-2.0
// See diff.h.
#include "project/diff.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <nlohmann/json.hpp>

#include "graph/quantizer.h"
#include "graph/text.h"

namespace mote {
namespace {

using nlohmann::ordered_json;

std::vector<double> real_values(const Value& value, const uint8_t* bytes) {
  return real_numbers(value, {bytes, size_t(value.bytes())});
}

// The real numbers at the value's own type and scale, rounded to nearest and saturated.
void store(const Value& value, const std::vector<double>& real, uint8_t* to) {
  with_element_type(value.type, [&](auto element) {
    using T = decltype(element);
    for (size_t i = 0; i < real.size(); ++i) {
      double number = real[i];
      if (!value.quantization.empty())
        number = number / double(value.quantization.scale()) + value.quantization.zero_point();
      if constexpr (!std::is_same_v<T, float>)
        number = std::clamp(std::nearbyint(number), double(std::numeric_limits<T>::min()),
                            double(std::numeric_limits<T>::max()));
      element = T(number);
      std::memcpy(to + i * sizeof element, &element, sizeof element);
    }
    return 0;
  });
}

ModelSamples converted(const Graph& a, const Graph& b, const ModelSamples& samples) {
  const auto from = sample_parts(a, a.streams.at(0)), into = sample_parts(b, b.streams.at(0));
  if (from.size() != into.size())
    fail("models-differ", b.name,
         "it has " + std::to_string(into.size()) + " inputs, \"" + a.name + "\" has " +
             std::to_string(from.size()));
  const auto a_bytes = size_t(sample_bytes(a, a.streams[0]));
  const auto b_bytes = size_t(sample_bytes(b, b.streams[0]));
  ModelSamples out{samples.count, Bytes(size_t(samples.count) * b_bytes)};
  for (size_t i = 0; i < from.size(); ++i) {
    const Value& x = a.value(from[i].value);
    const Value& y = b.value(into[i].value);
    if (x.elements() != y.elements())
      fail("models-differ", b.name,
           "input \"" + y.name + "\" has another shape than \"" + x.name + "\" of \"" + a.name +
               "\"");
    for (int64_t n = 0; n < samples.count; ++n)
      store(y, real_values(x, samples.bytes.data() + size_t(n) * a_bytes + size_t(from[i].offset)),
            out.bytes.data() + size_t(n) * b_bytes + size_t(into[i].offset));
  }
  return out;
}

// The layers that answered, in order.
std::vector<ValueId> layers_of(const Graph& graph, const ModelAnswers& answers) {
  std::vector<ValueId> ids;
  for (const Node& node : graph.nodes)
    if (answers.layers.count(node.outputs[0])) ids.push_back(node.outputs[0]);
  return ids;
}

struct Pair {
  size_t a, b;
};

// The longest common sequence of layers that may stand for each other: equal names, or as many
// elements; equal names weigh more.
class Matcher {
 public:
  Matcher(const Graph& a, const std::vector<ValueId>& in_a, const Graph& b,
          const std::vector<ValueId>& in_b)
      : a_(a), b_(b), in_a_(in_a), in_b_(in_b) {}

  std::vector<Pair> run() {
    const size_t pairs_to_weigh = (in_a_.size() + 1) * (in_b_.size() + 1);
    if (pairs_to_weigh > kMostPairs)
      fail("too-large", a_.name, "the models have too many layers to be compared");
    best_.resize(pairs_to_weigh);
    for (size_t i = in_a_.size(); i-- > 0;)
      for (size_t j = in_b_.size(); j-- > 0;)
        at(i, j) = std::max({at(i + 1, j), at(i, j + 1), weight(i, j) + at(i + 1, j + 1)});
    std::vector<Pair> pairs;
    for (size_t i = 0, j = 0; i < in_a_.size() && j < in_b_.size();) {
      if (weight(i, j) > 0 && at(i, j) == weight(i, j) + at(i + 1, j + 1))
        pairs.push_back({i++, j++});
      else
        at(i, j) == at(i + 1, j) ? ++i : ++j;
    }
    return pairs;
  }

 private:
  static constexpr size_t kMostPairs = 25'000'000;

  int64_t& at(size_t i, size_t j) { return best_[i * (in_b_.size() + 1) + j]; }
  int64_t weight(size_t i, size_t j) const {
    const Value& x = a_.value(in_a_[i]);
    const Value& y = b_.value(in_b_[j]);
    if (x.elements() != y.elements()) return 0;
    return x.name == y.name ? 3 : x.shape == y.shape ? 2 : 1;
  }

  const Graph &a_, &b_;
  const std::vector<ValueId>&in_a_, &in_b_;
  std::vector<int64_t> best_;
};

LayerDifference compare_layer(const Value& x, const Bytes& a, const Value& y, const Bytes& b) {
  LayerDifference row{
      x.name, y.name, print_type(x.type, x.shape), print_type(y.type, y.shape), 0, 0, 0, false};
  const std::vector<double> p = real_values(x, a.data()), q = real_values(y, b.data());
  for (size_t i = 0; i < p.size(); ++i) {
    row.largest = std::max(row.largest, std::fabs(p[i] - q[i]));
    row.rms += (p[i] - q[i]) * (p[i] - q[i]);
    row.signal += p[i] * p[i];
  }
  row.rms = std::sqrt(row.rms / double(p.size()));
  row.signal = std::sqrt(row.signal / double(p.size()));
  row.equal = x.type == y.type && a == b;
  return row;
}

}  // namespace

double LayerDifference::decibels() const {
  return rms == 0 ? 999 : signal == 0 ? 0 : 20 * std::log10(signal / rms);
}

ModelDifference compare_models(const Graph& a, const Graph& b, const ModelSamples& samples) {
  const ModelAnswers of_a = answer(a, samples), of_b = answer(b, converted(a, b, samples));
  const std::vector<ValueId> in_a = layers_of(a, of_a), in_b = layers_of(b, of_b);
  ModelDifference difference;
  const std::vector<Pair> pairs = Matcher(a, in_a, b, in_b).run();
  for (const Pair& pair : pairs)
    difference.layers.push_back(compare_layer(a.value(in_a[pair.a]), of_a.layers.at(in_a[pair.a]),
                                              b.value(in_b[pair.b]), of_b.layers.at(in_b[pair.b])));
  difference.unmatched = in_a.size() + in_b.size() - 2 * pairs.size();
  return difference;
}

int64_t first_different(const ModelDifference& difference) {
  for (size_t i = 0; i < difference.layers.size(); ++i)
    if (!difference.layers[i].equal) return int64_t(i);
  return -1;
}

std::string to_text(const ModelDifference& difference) {
  std::string text = fmt::format("  {:>3} {:20} {:20} {:>10} {:>10} {:>7}  {}\n", "nr", "first",
                                 "second", "largest", "rms", "dB", "layer");
  for (size_t i = 0; i < difference.layers.size(); ++i) {
    const LayerDifference& l = difference.layers[i];
    const std::string error =
        l.equal ? fmt::format("{:>29}", "equal")
                : fmt::format("{:>10.4g} {:>10.4g} {:>7.1f}", l.largest, l.rms, l.decibels());
    text +=
        fmt::format("  {:>3} {:20} {:20} {}  {}\n", i, l.output, l.other_output, error, l.layer);
  }
  const int64_t first = first_different(difference);
  text += first < 0 ? "\n  every layer is equal\n"
                    : fmt::format("\n  the first layer that differs is {}: \"{}\" and \"{}\"\n",
                                  first, difference.layers[size_t(first)].layer,
                                  difference.layers[size_t(first)].other);
  if (difference.unmatched > 0)
    text += fmt::format("  {} layers stand in one of the models alone\n", difference.unmatched);
  return text;
}

std::string to_json(const ModelDifference& difference) {
  ordered_json json{{"first_different", first_different(difference)},
                    {"unmatched", difference.unmatched}};
  json["layers"] = ordered_json::array();
  for (const LayerDifference& l : difference.layers)
    json["layers"].push_back({{"layer", l.layer},
                              {"other", l.other},
                              {"output", l.output},
                              {"other_output", l.other_output},
                              {"equal", l.equal},
                              {"largest", l.largest},
                              {"rms", l.rms},
                              {"signal_rms", l.signal},
                              {"decibels", l.decibels()}});
  return json.dump(1) + "\n";
}

}  // namespace mote
