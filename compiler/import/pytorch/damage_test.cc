// SPDX-License-Identifier: Apache-2.0
// Damaged and hostile .pt2 files: refused, or read, but never a crash or a fault of ours; the
// classes of malformed input by their codes.
#include <gtest/gtest.h>

#include <chrono>

#include "compiler/import/import.h"
#include "compiler/import/pytorch/archive_parts.h"

namespace mote::pytorch {
namespace {

// The code of the first refusal, or "taken".
std::string answer(const Bytes& bytes) {
  try {
    Diagnostics diagnostics;
    import_pt2({bytes, "model", "model.pt2"}, {}, diagnostics);
    return "taken";
  } catch (const UserError& refusal) {
    return refusal.diagnostics().at(0).code;
  }
}

constexpr const char* kGraph = "mlp/models/model.json";
constexpr const char* kWeights = "mlp/data/weights/model_weights_config.json";

class Pt2Damage : public testing::Test {
 protected:
  void SetUp() override {
    whole_ = read_test_file("mlp.pt2");
    ASSERT_FALSE(whole_.empty());
    parts_ = parts_of(whole_);
    ASSERT_TRUE(parts_.count(kGraph) && parts_.count(kWeights));
  }
  // The answer with the first `from` of an entry replaced, and nothing else.
  std::string with(const std::string& entry, const std::string& from, const std::string& to) const {
    ArchiveParts parts = parts_;
    const size_t at = parts[entry].find(from);
    EXPECT_NE(at, std::string::npos) << from;
    if (at == std::string::npos) return "";
    parts[entry].replace(at, from.size(), to);
    return answer(archive_of(parts));
  }
  std::string graph_with(const std::string& from, const std::string& to) const {
    return with(kGraph, from, to);
  }
  Bytes whole_;
  ArchiveParts parts_;
};

TEST_F(Pt2Damage, TheWholeFileIsTaken) {
  EXPECT_EQ(answer(whole_), "taken");
  EXPECT_EQ(answer(archive_of(parts_)), "taken");
}

TEST_F(Pt2Damage, Truncations) {
  for (size_t n = 0; n < whole_.size(); n += 7)
    EXPECT_NE(answer(Bytes(whole_.begin(), whole_.begin() + int64_t(n))), "taken") << n;
}

TEST_F(Pt2Damage, BytesOfTheFile) {
  for (size_t at = 0; at < whole_.size(); at += 11)
    for (const int flipped : {0x01, 0x80, 0xff}) {
      Bytes damaged = whole_;
      damaged[at] ^= uint8_t(flipped);
      EXPECT_NO_THROW(answer(damaged)) << "byte " << at;
    }
}

// With checksums that fit.
TEST_F(Pt2Damage, BytesOfTheTexts) {
  for (const char* entry : {kGraph, kWeights})
    for (size_t at = 0; at < parts_[entry].size(); at += 5)
      for (const char byte : {'9', '"', '-'}) {
        ArchiveParts parts = parts_;
        parts[entry][at] = byte;
        EXPECT_NO_THROW(answer(archive_of(parts))) << entry << " " << at;
      }
}

TEST_F(Pt2Damage, ClassesOfTheGraph) {
  EXPECT_EQ(graph_with("aten.linear.default", "aten.no_such.default"), "unsupported-operator");
  EXPECT_EQ(graph_with("\"major\": 8", "\"major\": 3"), "wrong-version");
  EXPECT_EQ(graph_with("{\"as_int\": 12}", "{\"as_expr\": {\"expr_str\": \"s0\"}}"),
            "dynamic-shape");
  EXPECT_EQ(graph_with("\"arg\": {\"as_tensor\": {\"name\": \"linear\"}}",
                       "\"arg\": {\"as_tensor\": {\"name\": \"nobody\"}}"),
            "undefined-name");
  EXPECT_EQ(graph_with("\"arg\": {\"as_tensor\": {\"name\": \"linear\"}}",  // a cycle
                       "\"arg\": {\"as_tensor\": {\"name\": \"softmax\"}}"),
            "undefined-name");
  EXPECT_EQ(graph_with("\"outputs\": [{\"as_tensor\": {\"name\": \"relu\"}}]",
                       "\"outputs\": [{\"as_tensor\": {\"name\": \"linear\"}}]"),
            "duplicate-name");
  EXPECT_EQ(graph_with("\"arg\": {\"as_tensor\": {\"name\": \"linear\"}}",
                       "\"arg\": {\"as_graph\": {\"name\": \"g\", \"graph\": {}}}"),
            "control-flow");
  EXPECT_EQ(graph_with("\"arg\": {\"as_tensor\": {\"name\": \"linear\"}}",
                       "\"arg\": {\"as_sym_int\": {\"as_name\": \"s0\"}}"),
            "dynamic-shape");
  EXPECT_EQ(graph_with("\"name\": \"bias\"", "\"name\": \"slope\""), "unknown-argument");
  EXPECT_EQ(graph_with("{\"user_output\"", "{\"buffer_mutation\""), "stateful-model");
  EXPECT_EQ(graph_with("\"graph_module\"", "\"graph_nodule\""), "damaged-file");
  EXPECT_EQ(graph_with("{", "{{"), "damaged-file");
  EXPECT_EQ(graph_with("{", std::string(100, '[')), "too-large");
}

TEST_F(Pt2Damage, ClassesOfTheWeights) {
  EXPECT_EQ(with(kWeights, "\"use_pickle\": false", "\"use_pickle\": true"), "pickled-weights");
  EXPECT_EQ(with(kWeights, "weight_0", "weight_9"), "missing-entry");
  EXPECT_EQ(with(kWeights, "layers.0.weight", "layers.x.weight"), "undefined-name");
  EXPECT_EQ(with(kWeights, "\"dtype\": 7", "\"dtype\": 8"), "wrong-type");
  EXPECT_EQ(
      with(kWeights, "{\"as_int\": 16}, {\"as_int\": 12}", "{\"as_int\": 16}, {\"as_int\": 13}"),
      "wrong-data");
  EXPECT_EQ(
      with(kWeights, "\"storage_offset\": {\"as_int\": 0}", "\"storage_offset\": {\"as_int\": -1}"),
      "wrong-data");
  EXPECT_EQ(with(kWeights, "\"strides\": [{\"as_int\": 12}",
                 "\"strides\": [{\"as_int\": 9223372036854775807}"),
            "wrong-data");
  EXPECT_EQ(with(kWeights, "\"layout\": 7", "\"layout\": 2"), "damaged-file");
  EXPECT_EQ(with("mlp/data/weights/weight_0", parts_["mlp/data/weights/weight_0"], "short"),
            "wrong-data");
}

TEST_F(Pt2Damage, ClassesOfTheArchive) {
  EXPECT_EQ(answer(archive_of(parts_, true)), "compressed-entry");
  EXPECT_EQ(with("mlp/archive_format", "pt2", "pt3"), "unknown-format");
  EXPECT_EQ(with("mlp/byteorder", "little", "big"), "wrong-byte-order");
  EXPECT_EQ(answer(archive_of({{"a/b", "c"}})), "unknown-format");
  EXPECT_EQ(answer(archive_of({{"a/serialized_exported_program.json", "{}"},
                               {"a/serialized_state_dict.pt", "PK"}})),
            "pickled-weights");
  ArchiveParts older = parts_;
  older.erase(kWeights);
  older["mlp/data/weights/model.pt"] = "PK";
  EXPECT_EQ(answer(archive_of(older)), "pickled-weights");
  EXPECT_EQ(answer(archive_of({{"a/archive_format", "pt2"}, {"a/data/aotinductor/m/m.so", "x"}})),
            "compiled-model");
}

// A long program whose calls follow each other, each in new memory or in that of the one before.
TEST_F(Pt2Damage, LongChainsAreReadInTime) {
  const std::string& graph = parts_[kGraph];
  const std::string begin = "\"nodes\": [";
  const size_t at = graph.find(begin) + begin.size();
  const auto start = std::chrono::steady_clock::now();
  for (const std::string target : {"aten.relu.default", "aten.relu_.default"}) {
    std::string calls;
    for (int i = 0; i < 3000; ++i) {
      const std::string from = i == 0 ? "x" : "y" + std::to_string(i - 1);
      calls += R"({"target": "torch.ops.)" + target + R"(", "inputs": [{"name": "self", "arg": )" +
               R"({"as_tensor": {"name": ")" + from + R"("}}}], "outputs": [{"as_tensor": )" +
               R"({"name": "y)" + std::to_string(i) + R"("}}]}, )";
    }
    ArchiveParts parts = parts_;
    parts[kGraph] = graph.substr(0, at) + calls + graph.substr(at);
    const bool in_place = target.find("relu_") != std::string::npos;  // the model reads x behind it
    EXPECT_EQ(answer(archive_of(parts)), in_place ? "shared-memory" : "taken");
  }
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(5));
}

// Products of constants alone are work without an end.
TEST_F(Pt2Damage, WorkOnConstantsIsBounded) {
  const std::string& graph = parts_[kGraph];
  const std::string begin = "\"nodes\": [";
  const size_t at = graph.find(begin) + begin.size();
  const std::string calls =
      R"({"target": "torch.ops.aten.ones.default", "inputs": [{"name": "size", "arg": )"
      R"({"as_ints": [2000, 2000]}}], "outputs": [{"as_tensor": {"name": "a"}}]}, )"
      R"({"target": "torch.ops.aten.mm.default", "inputs": [{"name": "self", "arg": )"
      R"({"as_tensor": {"name": "a"}}}, {"name": "mat2", "arg": {"as_tensor": {"name": "a"}}}], )"
      R"("outputs": [{"as_tensor": {"name": "b"}}]}, )";
  ArchiveParts parts = parts_;
  parts[kGraph] = graph.substr(0, at) + calls + graph.substr(at);
  EXPECT_EQ(answer(archive_of(parts)), "too-large");
}

// Each of these layers takes a constant as large as its image.
TEST_F(Pt2Damage, PlacesOfMaximaOfLargeImages) {
  const std::string& graph = parts_[kGraph];
  const std::string begin = "\"nodes\": [";
  const size_t at = graph.find(begin) + begin.size();
  std::string calls =
      R"({"target": "torch.ops.aten.expand.default", "inputs": [{"name": "self", "arg": )"
      R"({"as_tensor": {"name": "x"}}}, {"name": "size", "arg": {"as_ints": [512, 512, 1, 12]}}], )"
      R"("outputs": [{"as_tensor": {"name": "a"}}]}, )";
  for (int i = 0; i < 1000; ++i) {
    const std::string n = std::to_string(i);
    calls +=
        R"({"target": "torch.ops.aten.max_pool2d_with_indices.default", "inputs": [{"name": )"
        R"("self", "arg": {"as_tensor": {"name": "a"}}}, {"name": "kernel_size", "arg": )"
        R"({"as_ints": [1, 2]}}], "outputs": [{"as_tensor": {"name": "b)" +
        n + R"("}}, {"as_tensor": {"name": "c)" + n +
        R"("}}]}, {"target": "torch.ops.aten.relu.default", "inputs": [{"name": "self", "arg": )"
        R"({"as_tensor": {"name": "c)" +
        n + R"("}}}], "outputs": [{"as_tensor": {"name": "d)" + n + R"("}}]}, )";
  }
  ArchiveParts parts = parts_;
  parts[kGraph] = graph.substr(0, at) + calls + graph.substr(at);
  const auto start = std::chrono::steady_clock::now();
  EXPECT_EQ(answer(archive_of(parts)), "too-large");
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(5));
}

// A megabyte that asks for much more: a tensor of 2^31 numbers, one number a thousand times, deep
// and long lists.
TEST_F(Pt2Damage, HostileMegabytes) {
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_EQ(with(kWeights, "{\"as_int\": 16}, {\"as_int\": 12}",
                 "{\"as_int\": 2147483647}, {\"as_int\": 1}"),
            "too-large");
  ArchiveParts parts = parts_;
  parts[kGraph] = std::string(1 << 20, '[');
  EXPECT_EQ(answer(archive_of(parts)), "too-large");
  std::string list = "[[]";
  while (list.size() < 1 << 20) list += ",[]";
  parts[kGraph] = list + "]";
  EXPECT_EQ(answer(archive_of(parts)), "damaged-file");
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(3));
}

}  // namespace
}  // namespace mote::pytorch
