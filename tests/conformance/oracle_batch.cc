// SPDX-License-Identifier: Apache-2.0
// Writing questions for the oracle. See oracle_batch.h.
#include "tests/conformance/oracle_batch.h"

#include <cstring>
#include <limits>
#include <map>
#include <set>

#include "compiler/emit/tflite/tflite_export.h"
#include "compiler/import/import.h"
#include "graph/evaluator.h"

namespace mote::conformance {
namespace {

void write_file(const std::filesystem::path& path, const Bytes& bytes) {
  std::ofstream file(path, std::ios::binary);
  file.write(reinterpret_cast<const char*>(bytes.data()), std::streamsize(bytes.size()));
  MOTE_ASSERT(file.good());
}

// Any byte; or only the ends of the range, where saturation and the sums' bounds are.
Bytes random_s8(Random& random, int64_t count) {
  const bool ends = random.one_in(4);
  Bytes bytes(static_cast<size_t>(count));
  for (uint8_t& b : bytes) b = uint8_t(ends ? random.integer(127, 128) : random.integer(0, 255));
  return bytes;
}

// Over orders of magnitude; or multiples of 1/64, which lie on the ties of a quantisation to 1/32.
Bytes random_f32(Random& random, int64_t count) {
  const bool multiples = random.one_in(2);
  Bytes bytes(static_cast<size_t>(count) * 4);
  for (int64_t i = 0; i < count; ++i) {
    const float sign = random.one_in(2) ? 1.0f : -1.0f;
    const float number =
        multiples ? float(random.integer(-400, 400)) / 64 : sign * random.scale(1e-3f, 20.0f);
    std::memcpy(bytes.data() + 4 * i, &number, 4);
  }
  return bytes;
}

Bytes random_integers(Random& random, const Value& value, const NumberRange* range) {
  if (!range && value.type == ElementType::s8) return random_s8(random, value.elements());
  Bytes bytes(static_cast<size_t>(value.bytes()));
  with_element_type(value.type, [&](auto element) {
    using T = decltype(element);
    const bool boolean = value.type == ElementType::boolean;
    double low = boolean ? 0 : double(std::numeric_limits<T>::min());
    double high = boolean ? 1 : double(std::numeric_limits<T>::max());
    if (range) low = range->low, high = range->high;
    low = std::max(low, -2147483648.0), high = std::min(high, 2147483647.0);
    for (size_t i = 0; i < bytes.size(); i += sizeof(T)) {
      element = T(random.integer(int32_t(low), int32_t(high)));
      std::memcpy(bytes.data() + i, &element, sizeof(T));
    }
    return 0;
  });
  return bytes;
}

Bytes random_floats_in(Random& random, int64_t count, const NumberRange& range) {
  Bytes bytes(static_cast<size_t>(count) * 4);
  for (int64_t i = 0; i < count; ++i) {
    const double position = double(random.integer(0, 1 << 24)) / (1 << 24);
    const auto number = float(range.low + position * (range.high - range.low));
    std::memcpy(bytes.data() + 4 * i, &number, 4);
  }
  return bytes;
}

Bytes random_tensor(Random& random, const Value& value, const NumberRange* range) {
  if (value.type != ElementType::f32) return random_integers(random, value, range);
  return range ? random_floats_in(random, value.elements(), *range)
               : random_f32(random, value.elements());
}

// One sample of a stream, its tensors without the padding between them as well.
struct Sample {
  Bytes packed;
  Bytes tensors;
};
Sample random_sample(Random& random, const Graph& graph, const Stream& stream,
                     const std::vector<NumberRange>& ranges) {
  Sample sample;
  sample.packed.resize(size_t(sample_bytes(graph, stream)));
  size_t i = 0;
  for (const SamplePart& part : sample_parts(graph, stream)) {
    const NumberRange* range = i < ranges.size() ? &ranges[i] : nullptr;
    const Bytes tensor = random_tensor(random, graph.value(part.value), range);
    std::memcpy(sample.packed.data() + part.offset, tensor.data(), tensor.size());
    sample.tensors.insert(sample.tensors.end(), tensor.begin(), tensor.end());
    ++i;
  }
  return sample;
}

// Name and bytes of each, both behind their length in 32 bits.
Bytes joined(const std::map<std::string, Bytes>& layers) {
  Bytes all;
  const auto append = [&all](const void* bytes, size_t n) {
    const auto length = uint32_t(n);
    const auto* from = reinterpret_cast<const uint8_t*>(&length);
    all.insert(all.end(), from, from + sizeof length);
    all.insert(all.end(), static_cast<const uint8_t*>(bytes),
               static_cast<const uint8_t*>(bytes) + n);
  };
  for (const auto& [name, bytes] : layers) {
    append(name.data(), name.size());
    append(bytes.data(), bytes.size());
  }
  return all;
}

const char* oracle_word(Against against) {
  switch (against) {
    case Against::micro:
      return "micro";
    case Against::micro_alone:
      return "micro_alone";
    case Against::micro_settled:
      return "micro_settled";
    case Against::micro_tolerance_alone:
      return "micro_tolerance_alone";
    case Against::micro_tolerance:
      return "micro_tolerance";
    case Against::litert_tolerance:
      return "litert_tolerance";
    case Against::litert_hybrid:
      return "litert_hybrid";
  }
  return "";
}

}  // namespace

OracleBatch::OracleBatch(std::filesystem::path folder) : folder_(std::move(folder)) {
  std::filesystem::create_directories(folder_);
  cases_.open(folder_ / "cases.txt");
}

int32_t OracleBatch::write(const Bytes& model, const Answers& answers, const std::string& line) {
  const std::string stem = std::to_string(count_++);
  write_file(folder_ / (stem + ".tflite"), model);
  write_file(folder_ / (stem + ".inputs"), answers.inputs);
  write_file(folder_ / (stem + ".outputs"), answers.outputs);
  cases_ << stem << " " << line << std::endl;
  return int32_t(std::set<uint8_t>(answers.outputs.begin(), answers.outputs.end()).size());
}

int32_t OracleBatch::add(const Graph& graph, Random& random, int32_t invocations) {
  Evaluator evaluator(graph);
  Answers answers;
  for (int32_t n = 0; n < invocations; ++n) {
    std::vector<Bytes> tensors;
    for (const Stream& stream : graph.streams) {
      tensors.push_back(random_tensor(random, graph.value(stream.value), nullptr));
      answers.inputs.insert(answers.inputs.end(), tensors.back().begin(), tensors.back().end());
    }
    // A node runs when its first input comes; the others must be there before.
    for (size_t s = tensors.size(); s-- > 0;) evaluator.push(int32_t(s), tensors[s].data());
    MOTE_ASSERT(evaluator.produced(graph.outputs[0]));
    const Bytes answer = evaluator.outputs();
    answers.outputs.insert(answers.outputs.end(), answer.begin(), answer.end());
  }
  Diagnostics diagnostics;
  const std::string counts = std::to_string(graph.streams.size()) + " 1 ";
  return write(export_tflite(graph, {}, diagnostics), answers, counts + "micro " + graph.name);
}

int32_t OracleBatch::add(const ForeignCase& foreign, Random& random, int32_t invocations) {
  Diagnostics diagnostics;
  const Graph graph =
      import_tflite({foreign.model, "foreign", foreign.description}, {}, diagnostics);
  Evaluator evaluator(graph);
  Answers answers;
  const Stream& stream = graph.streams.at(0);
  std::map<std::string, Bytes> layers;
  if (foreign.every_layer)
    evaluator.observe([&](int32_t node, std::span<const uint8_t> output) {
      const Value& value = graph.value(graph.nodes[size_t(node)].outputs[0]);
      layers[value.name] = {output.begin(), output.end()};
    });
  for (int32_t n = 0; n < invocations; ++n) {
    const Sample sample = random_sample(random, graph, stream, foreign.ranges);
    answers.inputs.insert(answers.inputs.end(), sample.tensors.begin(), sample.tensors.end());
    evaluator.push(0, sample.packed.data());
    const Bytes answer = evaluator.outputs();
    answers.outputs.insert(answers.outputs.end(), answer.begin(), answer.end());
  }
  if (foreign.every_layer)
    write_file(folder_ / (std::to_string(count_) + ".layers"), joined(layers));
  return write(foreign.model, answers,
               std::to_string(1 + stream.more.size()) + " " + std::to_string(graph.outputs.size()) +
                   " " + oracle_word(foreign.against) + " " + foreign.description);
}

}  // namespace mote::conformance
