// SPDX-License-Identifier: Apache-2.0
// Writing questions for the oracle. See oracle_batch.h.
#include "tests/conformance/oracle_batch.h"

#include <set>

#include "compiler/emit/tflite/tflite_export.h"
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

Bytes random_tensor(Random& random, const Value& value) {
  if (value.type == ElementType::f32) return random_f32(random, value.elements());
  MOTE_ASSERT(value.type == ElementType::s8);
  return random_s8(random, value.elements());
}

}  // namespace

OracleBatch::OracleBatch(std::filesystem::path folder) : folder_(std::move(folder)) {
  std::filesystem::create_directories(folder_);
  cases_.open(folder_ / "cases.txt");
}

int32_t OracleBatch::add(const Graph& graph, Random& random, int32_t invocations) {
  Evaluator evaluator(graph);
  Bytes inputs, outputs;
  for (int32_t n = 0; n < invocations; ++n) {
    std::vector<Bytes> tensors;
    for (const Stream& stream : graph.streams) {
      tensors.push_back(random_tensor(random, graph.value(stream.value)));
      inputs.insert(inputs.end(), tensors.back().begin(), tensors.back().end());
    }
    // A node runs when its first input comes; the others must be there before.
    for (size_t s = tensors.size(); s-- > 0;) evaluator.push(int32_t(s), tensors[s].data());
    MOTE_ASSERT(evaluator.produced(graph.outputs[0]));
    const Bytes answer = evaluator.outputs();
    outputs.insert(outputs.end(), answer.begin(), answer.end());
  }
  Diagnostics diagnostics;
  const std::string stem = std::to_string(count_++);
  write_file(folder_ / (stem + ".tflite"), export_tflite(graph, {}, diagnostics));
  write_file(folder_ / (stem + ".inputs"), inputs);
  write_file(folder_ / (stem + ".outputs"), outputs);
  cases_ << stem << " " << graph.streams.size() << " " << graph.name << std::endl;
  return int32_t(std::set<uint8_t>(outputs.begin(), outputs.end()).size());
}

}  // namespace mote::conformance
