// SPDX-License-Identifier: Apache-2.0
// Layers of somebody's int16 audio network with inputs and answers recorded by TensorFlow Lite
// Micro's own tests (MOTE_DATA/models/tflm_seanet_int16_kernels): imported and evaluated, every
// number equal.
#include <gtest/gtest.h>

#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "compiler/import/import.h"
#include "graph/evaluator.h"

namespace mote {
namespace {

namespace fs = std::filesystem;

std::vector<int64_t> read_numbers(const fs::path& path) {
  std::ifstream file(path);
  EXPECT_TRUE(file) << path;
  std::vector<int64_t> numbers;
  for (std::string word; std::getline(file, word, ',');) numbers.push_back(std::stoll(word));
  return numbers;
}

// NAME_WHAT_TYPE.csv, whatever the type.
fs::path file_of(const fs::path& model, const std::string& what) {
  const std::string start = model.stem().string() + "_" + what + "_";
  for (const fs::directory_entry& entry : fs::directory_iterator(model.parent_path()))
    if (entry.path().filename().string().rfind(start, 0) == 0) return entry.path();
  return model.parent_path() / (start + "TYPE.csv");
}

Bytes sample_of(const Graph& graph, const fs::path& model) {
  const Stream& stream = graph.streams.at(0);
  Bytes sample(size_t(sample_bytes(graph, stream)));
  size_t i = 0;
  for (const SamplePart& part : sample_parts(graph, stream)) {
    const std::vector<int64_t> numbers =
        read_numbers(file_of(model, "input" + std::to_string(i++)));
    const Value& value = graph.value(part.value);
    EXPECT_EQ(int64_t(numbers.size()), value.elements()) << value.name;
    uint8_t* to = sample.data() + part.offset;
    for (size_t k = 0; k < std::min(numbers.size(), size_t(value.elements())); ++k)
      with_element_type(value.type, [&](auto element) {
        element = decltype(element)(numbers[k]);
        std::memcpy(to + k * sizeof element, &element, sizeof element);
        return 0;
      });
  }
  return sample;
}

std::vector<int64_t> answer(const Graph& graph, const Bytes& sample) {
  Evaluator evaluator(graph);
  evaluator.push(0, sample.data());
  const Value& value = graph.value(graph.outputs.at(0));
  const Bytes bytes = evaluator.outputs();
  std::vector<int64_t> numbers(size_t(value.elements()));
  with_element_type(value.type, [&](auto element) {
    for (size_t k = 0; k < numbers.size(); ++k) {
      std::memcpy(&element, bytes.data() + k * sizeof element, sizeof element);
      numbers[k] = int64_t(element);
    }
    return 0;
  });
  return numbers;
}

class RecordedAnswers : public testing::TestWithParam<const char*> {};

TEST_P(RecordedAnswers, AreOurs) {
  const char* data = std::getenv("MOTE_DATA");
  if (!data)
    GTEST_SKIP() << "MOTE_DATA is not set to the data folder: recorded answers not compared";
  const fs::path folder = fs::path(data) / "models/tflm_seanet_int16_kernels" / GetParam();
  if (!fs::exists(folder)) GTEST_SKIP() << folder << " is missing: recorded answers not compared";
  int models = 0;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder)) {
    if (entry.path().extension() != ".tflite") continue;
    SCOPED_TRACE(entry.path().filename().string());
    Diagnostics diagnostics;
    const Graph graph = import_model(entry.path(), diagnostics);
    EXPECT_EQ(answer(graph, sample_of(graph, entry.path())),
              read_numbers(file_of(entry.path(), "golden")));
    ++models;
  }
  EXPECT_GE(models, 2);
}

INSTANTIATE_TEST_SUITE_P(Int16, RecordedAnswers, testing::Values("conv", "transpose_conv"));

}  // namespace
}  // namespace mote
