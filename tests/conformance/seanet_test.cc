// SPDX-License-Identifier: Apache-2.0
// Layers of a published int16 network (SeaNet), each a .tflite file with inputs and the answer that
// TensorFlow Lite Micro's own tests expect: imported, evaluated, equal in every number.
// Environment: MOTE_DATA (skips without it).
#include <gtest/gtest.h>

#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "compiler/import/import.h"
#include "graph/evaluator.h"

namespace mote::conformance {
namespace {

std::vector<int64_t> numbers_of(const std::filesystem::path& file) {
  std::ifstream in(file);
  std::vector<int64_t> numbers;
  for (std::string word; std::getline(in, word, ',');)
    if (word.find_first_of("0123456789") != std::string::npos) numbers.push_back(std::stoll(word));
  return numbers;
}

// The file whose name begins with `start`: its end says the type.
std::filesystem::path file_beginning(const std::filesystem::path& folder,
                                     const std::string& start) {
  for (const auto& entry : std::filesystem::directory_iterator(folder))
    if (entry.path().filename().string().rfind(start, 0) == 0) return entry.path();
  return folder / start;
}

Bytes bytes_of(const std::vector<int64_t>& numbers, ElementType type) {
  return with_element_type(type, [&](auto element) {
    Bytes bytes;
    for (int64_t number : numbers) {
      element = decltype(element)(number);
      const auto* from = reinterpret_cast<const uint8_t*>(&element);
      bytes.insert(bytes.end(), from, from + sizeof element);
    }
    return bytes;
  });
}

void check_layer(const std::filesystem::path& file) {
  const std::string stem = file.stem().string();
  Diagnostics diagnostics;
  const Graph graph = import_model(file, {}, diagnostics).graph;
  const Stream& stream = graph.streams.at(0);
  Bytes sample(size_t(sample_bytes(graph, stream)));
  size_t i = 0;
  for (const SamplePart& part : sample_parts(graph, stream)) {
    const auto csv =
        file_beginning(file.parent_path(), stem + "_input" + std::to_string(i++) + "_");
    const Bytes tensor = bytes_of(numbers_of(csv), graph.value(part.value).type);
    ASSERT_EQ(int64_t(tensor.size()), graph.value(part.value).bytes()) << csv;
    std::memcpy(sample.data() + part.offset, tensor.data(), tensor.size());
  }
  Evaluator evaluator(graph);
  evaluator.push(0, sample.data());
  const Value& output = graph.value(graph.outputs.at(0));
  const auto golden = numbers_of(file_beginning(file.parent_path(), stem + "_golden_"));
  ASSERT_EQ(int64_t(golden.size()), output.elements());
  EXPECT_TRUE(evaluator.outputs() == bytes_of(golden, output.type)) << file;
}

class SeaNet : public testing::TestWithParam<const char*> {};

TEST_P(SeaNet, EveryNumberOfEveryLayer) {
  const char* data = std::getenv("MOTE_DATA");
  if (!data) GTEST_SKIP() << "MOTE_DATA is not set: it names the folder of public recordings";
  const auto folder = std::filesystem::path(data) / "models/tflm_seanet_int16_kernels" / GetParam();
  int layers = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.path().extension() != ".tflite") continue;
    check_layer(entry.path());
    ++layers;
  }
  EXPECT_GT(layers, 1);
}

INSTANTIATE_TEST_SUITE_P(Layers, SeaNet,
                         testing::Values("add", "conv", "leaky_relu", "pad", "quantize",
                                         "strided_slice", "sub", "transpose_conv"));

}  // namespace
}  // namespace mote::conformance
