// SPDX-License-Identifier: Apache-2.0
// Every int8 operator against what TensorFlow Lite Micro answered (tflm_vectors.txt, written by
// tflm_vectors.py): equal byte for byte.
#include <gtest/gtest.h>

#include <fstream>
#include <map>
#include <sstream>

#include "ops/run_one_node.h"

namespace mote {
namespace {

std::vector<std::string> split(const std::string& text, char separator) {
  std::vector<std::string> parts;
  std::istringstream stream(text);
  for (std::string part; std::getline(stream, part, separator);) parts.push_back(part);
  return parts;
}

// The generator of tflm_vectors.py.
Bytes draw(ElementType type, uint32_t seed, int64_t count, int64_t low, int64_t high) {
  Bytes bytes;
  for (int64_t i = 0; i < count; ++i) {
    seed = seed * 1664525u + 1013904223u;
    const auto number = int32_t(low + int64_t(seed >> 8) % (high - low + 1));
    const float real = float(number) / 1024;
    const auto narrow = int8_t(number);
    const void* source = type == ElementType::f32   ? static_cast<const void*>(&real)
                         : type == ElementType::s32 ? static_cast<const void*>(&number)
                                                    : static_cast<const void*>(&narrow);
    const auto* from = static_cast<const uint8_t*>(source);
    bytes.insert(bytes.end(), from, from + element_bytes(type));
  }
  return bytes;
}

// One block of the file as a graph of one node.
struct Case {
  std::string op;
  Graph graph;
  std::vector<ValueId> inputs;
  Attributes attributes;
  Bytes x;

  void add_attribute(std::istringstream& line) {
    std::string name, kind, value;
    line >> name >> kind >> value;
    if (kind == "i")
      attributes[name] = int64_t(std::stoll(value));
    else if (kind == "d")
      attributes[name] = std::strtod(value.c_str(), nullptr);
    else
      attributes[name] = value;
  }

  void add_tensor(const std::string& role, std::istringstream& line) {
    std::string type_name, dims, scales;
    int32_t zero_point = 0;
    int64_t low = 0, high = 0;
    uint32_t seed = 0;
    Quantization q;
    line >> type_name >> dims >> scales >> zero_point >> q.axis >> seed >> low >> high;
    const ElementType type = parse_element_type(type_name, "tflm_vectors.txt");
    Shape shape;
    for (const std::string& d : split(dims, ',')) shape.push_back(std::stoi(d));
    if (scales != "-")
      for (const std::string& s : split(scales, ','))
        q.scales.push_back(float(std::strtod(s.c_str(), nullptr)));
    q.zero_points.assign(q.scales.size(), zero_point);
    Bytes data = draw(type, seed, element_count(shape), low, high);
    if (role == "constant") {
      inputs.push_back(graph.add_constant("c", type, shape, std::move(data), q));
    } else {
      inputs.push_back(graph.add_tensor_stream("x", type, shape, q));
      x = std::move(data);
    }
  }

  std::string run() {
    const OpDef* def = find_op(op);
    if (!def) return "no operator " + op;
    graph.outputs = {graph.add_node(*def, op, inputs, attributes)};
    Evaluator evaluator(graph);
    evaluator.push(0, x.data());
    std::string hex;
    for (uint8_t byte : evaluator.outputs()) {
      const char* digits = "0123456789abcdef";
      hex += {digits[byte >> 4], digits[byte & 15]};
    }
    return hex;
  }
};

TEST(TflmVectors, EveryOperatorEqualsTensorFlowLiteMicro) {
  const char* source = std::getenv("MOTE_SOURCE_DIR");
  if (!source)
    GTEST_SKIP()
        << "MOTE_SOURCE_DIR is not set to the source tree: stored TFLM answers not compared";
  std::ifstream file(std::string(source) + "/ops/nn/tflm_vectors.txt");
  ASSERT_TRUE(file) << "ops/nn/tflm_vectors.txt is missing";
  std::map<std::string, int> compared;
  Case now;
  int number = 0;
  for (std::string text; std::getline(file, text);) {
    ++number;
    std::istringstream line(text);
    std::string word;
    line >> word;
    if (word == "case") now = {}, line >> now.op;
    if (word == "attribute") now.add_attribute(line);
    if (word == "input" || word == "constant") now.add_tensor(word, line);
    if (word != "output") continue;
    std::string dims, hex;
    line >> dims >> hex;
    EXPECT_EQ(now.run(), hex) << now.op << ", tflm_vectors.txt:" << number;
    ++compared[now.op];
  }
  for (const char* op : {"activation", "add", "average_pool_2d", "concatenate", "conv_2d",
                         "depthwise_conv_2d", "dequantize", "fully_connected", "logistic",
                         "max_pool_2d", "mean", "quantize", "softmax", "tanh"})
    EXPECT_GE(compared[op], 3) << op;
}

}  // namespace
}  // namespace mote
