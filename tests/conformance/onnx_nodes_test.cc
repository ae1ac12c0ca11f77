// SPDX-License-Identifier: Apache-2.0
// The ONNX project's own tests of single operators: each model is imported, evaluated on the host
// and compared with its expected outputs (integers exactly, floats by the ONNX tests' tolerances).
// A refusal is an answer, a wrong number is not. Prints a table by operator. Environment: MOTE_DATA
// (skips without it), MOTE_ONNX_CASE (only the cases whose name contains it, told in full). Whole
// models of scikit-learn and recurrent layers are compared with onnxruntime's answers likewise.
#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <map>

#include "compiler/import/import.h"
#include "compiler/import/onnx/reader.h"
#include "compiler/passes/layout.h"
#include "data/npy.h"
#include "graph/evaluator.h"
#include "graph/scratch_folder.h"
#include "quantize/pairs.h"

namespace mote::conformance {
namespace {

namespace fs = std::filesystem;
using onnx::Tensor;

std::string environment(const char* name) {
  const char* value = std::getenv(name);
  return value ? value : "";
}

Bytes bytes_of(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

// Throws UserError for types that mote has not.
Tensor tensor_of(const fs::path& path, std::string& name) {
  const Bytes bytes = bytes_of(path);
  onnx::format::TensorProto proto;
  if (!proto.ParseFromArray(bytes.data(), int(bytes.size())))
    fail("no-tensor", path.filename().string(), "the test's data are no tensor");
  name = proto.name();
  if (proto.data_type() == 10) fail("wrong-type", path.filename().string(), "float16 data");
  return onnx::read_tensor(proto, path.filename().string());
}

enum class Outcome { passed, inexact, refused, wrong };
struct Result {
  Outcome outcome = Outcome::refused;
  std::string what;  // the code of a refusal, or what is wrong
  bool bound = false;
};

// rtol 1e-3, atol 1e-7: the ONNX backend test's own.
constexpr float kLeast = 1e-7f;
std::string difference(const Tensor& expected, ElementType type, const Shape& shape,
                       std::span<const uint8_t> got, float least) {
  if (type != expected.type) return "type";
  if (shape != expected.shape) return "shape";
  if (got.size() != expected.data.size()) return "size";
  if (type != ElementType::f32)
    return std::memcmp(got.data(), expected.data.data(), got.size()) == 0 ? "" : "integers differ";
  for (size_t i = 0; i + 4 <= got.size(); i += 4) {
    float a, b;
    std::memcpy(&a, got.data() + i, 4);
    std::memcpy(&b, expected.data.data() + i, 4);
    if (a == b || (std::isnan(a) && std::isnan(b))) continue;
    if (!(std::fabs(a - b) <= least + 1e-3f * std::fabs(b)))
      return "element " + std::to_string(i / 4) + " is " + std::to_string(a) + ", expected " +
             std::to_string(b);
  }
  return "";
}

// What the evaluator and the constants of the graph say for the outputs.
std::string compare(Graph& graph, const std::vector<Tensor>& inputs,
                    const std::vector<Tensor>& expected, float least) {
  const std::vector<ValueId> outputs = graph.outputs;
  if (outputs.size() != expected.size()) return "number of outputs";
  std::erase_if(graph.outputs,
                [&](ValueId id) { return graph.value(id).kind == ValueKind::constant; });
  std::unique_ptr<Evaluator> evaluator;
  if (!graph.outputs.empty()) {
    evaluator = std::make_unique<Evaluator>(graph);
    Bytes sample(size_t(sample_bytes(graph, graph.streams[0])));
    const auto parts = sample_parts(graph, graph.streams[0]);
    if (parts.size() != inputs.size()) return "number of inputs";
    for (size_t i = 0; i < parts.size(); ++i) {
      if (graph.value(parts[i].value).shape != inputs[i].shape ||
          graph.value(parts[i].value).type != inputs[i].type)
        return "shape of an input";
      std::copy(inputs[i].data.begin(), inputs[i].data.end(), sample.begin() + parts[i].offset);
    }
    evaluator->push(0, sample.data());
  }
  for (size_t i = 0; i < outputs.size(); ++i) {
    const Value& value = graph.value(outputs[i]);
    const std::span<const uint8_t> got = value.kind == ValueKind::constant
                                             ? std::span<const uint8_t>(*value.data)
                                             : evaluator->bytes(outputs[i]);
    const std::string differs = difference(expected[i], value.type, value.shape, got, least);
    if (!differs.empty()) return "output " + std::to_string(i) + ": " + differs;
  }
  return "";
}

std::vector<Tensor> tensors(const fs::path& folder, const std::string& prefix,
                            std::vector<std::string>& names) {
  std::vector<Tensor> all;
  for (size_t i = 0;; ++i) {
    const fs::path path = folder / (prefix + std::to_string(i) + ".pb");
    if (!fs::exists(path)) return all;
    names.emplace_back();
    all.push_back(tensor_of(path, names.back()));
  }
}

// Their expected numbers come from a transform in float32: zeros are up to 1.5e-6, where the exact
// ones (and ours) are 0. Compared at 2e-6, counted apart, passed by no count.
bool has_inexact_numbers(const fs::path& folder) {
  const std::string name = folder.parent_path().filename().string();
  return name == "test_dft_inverse" || name == "test_dft_inverse_opset19";
}

// The plain import; where it refuses because an input decides shapes, again with the test's
// numbers for it as a constant.
Result run_data_set(const Bytes& model, const fs::path& folder) {
  Result result;
  std::vector<std::string> names, ignored;
  std::vector<Tensor> inputs = tensors(folder, "input_", names);
  const std::vector<Tensor> expected = tensors(folder, "output_", ignored);
  ImportOptions options;
  options.constant_outputs = true;
  for (int attempt = 0;; ++attempt) {
    try {
      Diagnostics diagnostics;
      Graph graph = arrange_layout(fold_pairs(
          import_onnx({model, "test", "model.onnx"}, options, diagnostics), diagnostics));
      std::vector<Tensor> fed;
      for (size_t i = 0; i < inputs.size(); ++i)
        if (!options.constants.count(names[i]) && !inputs[i].data.empty()) fed.push_back(inputs[i]);
      Graph again = graph;
      result.what = compare(graph, fed, expected, kLeast);
      result.outcome = result.what.empty() ? Outcome::passed : Outcome::wrong;
      if (result.outcome == Outcome::wrong && has_inexact_numbers(folder) &&
          compare(again, fed, expected, 2e-6f).empty())
        result.outcome = Outcome::inexact;
      return result;
    } catch (const UserError& refusal) {
      bool more = false;
      for (const Diagnostic& d : refusal.diagnostics())
        for (size_t i = 0; d.code == "dynamic-shape" && i < names.size(); ++i)
          if (d.message.find("\"" + names[i] + "\"") != std::string::npos)
            more |=
                options.constants
                    .try_emplace(names[i], ImportOptions::Constant{inputs[i].type, inputs[i].shape,
                                                                   inputs[i].data})
                    .second;
      result.bound = !options.constants.empty();
      result.what = refusal.what();
      if (!more || attempt > 8) throw;
    }
  }
}

// Whether all inputs and outputs are of the types that mote promises to take.
bool has_our_types(const fs::path& folder) {
  const Bytes bytes = bytes_of(folder / "model.onnx");
  onnx::format::ModelProto proto;
  if (!proto.ParseFromArray(bytes.data(), int(bytes.size()))) return false;
  const auto ours = [](const onnx::format::ValueInfoProto& info) {
    const int32_t type = info.type().tensor_type().elem_type();
    return (type >= 1 && type <= 3) || (type >= 5 && type <= 7) || type == 9;
  };
  const auto& graph = proto.graph();
  return std::all_of(graph.input().begin(), graph.input().end(), ours) &&
         std::all_of(graph.output().begin(), graph.output().end(), ours);
}

Result run_case(const fs::path& folder) {
  Result result;
  const Bytes model = bytes_of(folder / "model.onnx");
  try {
    for (int set = 0; fs::exists(folder / ("test_data_set_" + std::to_string(set))); ++set) {
      result = run_data_set(model, folder / ("test_data_set_" + std::to_string(set)));
      if (result.outcome != Outcome::passed) break;
    }
  } catch (const UserError& refusal) {
    result = {Outcome::refused, refusal.diagnostics()[0].code, false};
    if (!environment("MOTE_ONNX_CASE").empty())
      std::cout << folder.filename().string() << (has_our_types(folder) ? "" : " (other types)")
                << ": " << refusal.what() << "\n";
  } catch (const std::exception& fault) {
    result = {Outcome::wrong, std::string("exception ") + fault.what(), false};
  }
  return result;
}

std::string operator_of(const fs::path& folder) {
  const Bytes bytes = bytes_of(folder / "model.onnx");
  onnx::format::ModelProto proto;
  if (!proto.ParseFromArray(bytes.data(), int(bytes.size())) || proto.graph().node_size() == 0)
    return "?";
  const bool expanded = folder.filename().string().find("_expanded") != std::string::npos;
  return (expanded ? "(expanded) " : "") + proto.graph().node(0).op_type();
}

struct Row {
  int passed = 0, inexact = 0, refused = 0, wrong = 0;
  int ours_refused = 0;  // of the types that we take
  int whole = 0;         // operators that pass every case of these
  std::map<std::string, int> codes;
};

std::vector<fs::path> cases_in(const fs::path& root) {
  std::vector<fs::path> cases;
  const std::string only = environment("MOTE_ONNX_CASE");
  for (const auto& entry : fs::recursive_directory_iterator(root))
    if (entry.path().filename() == "model.onnx" &&
        entry.path().parent_path().filename().string().find(only) != std::string::npos)
      cases.push_back(entry.path().parent_path());
  std::sort(cases.begin(), cases.end());
  return cases;
}

void print(const std::map<std::string, Row>& rows, Row& all, int bound) {
  for (const auto& [op, row] : rows) {
    std::cout << op << ": " << row.passed << " passed, " << row.refused << " refused, " << row.wrong
              << " wrong";
    for (const auto& [code, count] : row.codes) std::cout << " " << code << "=" << count;
    std::cout << "\n";
    all.whole +=
        row.passed > 0 && row.wrong + row.inexact == 0 && op[0] != '(' && row.ours_refused == 0;
  }
  std::cout << "cases: " << all.passed << " passed (" << bound << " with inputs as constants), "
            << all.inexact << " against inexact numbers, " << all.refused << " refused, "
            << all.wrong << " wrong; operators with every case of "
            << "types we take: " << all.whole
            << "; refused cases of those types: " << all.ours_refused << "\n";
}

// Every case below `root`; prints the table and gives its sum.
Row run_cases(const fs::path& root) {
  std::map<std::string, Row> rows;
  Row all;
  int bound = 0;
  for (const fs::path& folder : cases_in(root)) {
    const Result result = run_case(folder);
    Row& row = rows[operator_of(folder)];
    for (Row* r : {&row, &all}) {
      r->passed += result.outcome == Outcome::passed;
      r->inexact += result.outcome == Outcome::inexact;
      r->refused += result.outcome == Outcome::refused;
      r->wrong += result.outcome == Outcome::wrong;
      if (result.outcome != Outcome::refused) continue;
      ++r->codes[result.what];
      r->ours_refused += has_our_types(folder);
    }
    bound += result.outcome == Outcome::passed && result.bound;
    EXPECT_NE(result.outcome, Outcome::wrong) << folder.filename() << ": " << result.what;
  }
  print(rows, all, bound);
  return all;
}

TEST(OnnxNodes, NoneWrong) {
  const std::string data = environment("MOTE_DATA");
  if (data.empty()) GTEST_SKIP() << "MOTE_DATA is not set: the ONNX tests are not at hand";
  const ScratchFolder folder;
  const fs::path& root = folder.path();
  const std::string tar =
      "tar xzf '" + data + "/models/onnx_node_tests_v1.22.0.tar.gz' -C '" + root.string() + "'";
  ASSERT_EQ(std::system(tar.c_str()), 0);
  const Row all = run_cases(root);
  if (environment("MOTE_ONNX_CASE").empty()) {
    EXPECT_GE(all.passed, 1006);
    EXPECT_GE(all.whole, 151);
  }
}

// Models that tests/conformance/onnxruntime_cases.py made, with onnxruntime's answers; or those of
// the folder MOTE_ONNX_CASES.
TEST(OnnxruntimeCases, AllAnswered) {
  std::string root = environment("MOTE_ONNX_CASES");
  const std::string source = environment("MOTE_SOURCE_DIR");
  if (root.empty() && !source.empty()) root = source + "/tests/conformance/testdata/onnx";
  if (root.empty()) GTEST_SKIP() << "MOTE_SOURCE_DIR is not set: the cases are not found";
  const Row all = run_cases(root);
  EXPECT_GT(all.passed, 0);
  EXPECT_EQ(all.refused, 0);
}

std::optional<NpyTensor> npy(const fs::path& path) {
  const Bytes bytes = bytes_of(path);
  Diagnostics diagnostics;
  return parse_npy_tensor(std::string(bytes.begin(), bytes.end()), path.string(), diagnostics);
}

// Whole models against onnxruntime's vectors: |a - b| <= 1e-5 max|b| + 1e-6.
TEST(OnnxModels, AnswerAsOnnxruntime) {
  const std::string data = environment("MOTE_DATA");
  if (data.empty()) GTEST_SKIP() << "MOTE_DATA is not set: the models of others are not at hand";
  int compared = 0;
  for (const auto& entry : fs::directory_iterator(fs::path(data) / "models/onnx")) {
    SCOPED_TRACE(entry.path().filename().string());
    const fs::path golden = fs::path(data) / "models/golden" / entry.path().stem();
    try {
      Diagnostics diagnostics;
      const Graph graph = arrange_layout(
          compute_pairs_in_float(import_model(entry.path(), {}, diagnostics).graph, diagnostics));
      const auto input = npy(golden / "s0_in0.npy"), expected = npy(golden / "s0_out0.npy");
      ASSERT_TRUE(input && expected);
      ASSERT_EQ(int64_t(input->data.size()), sample_bytes(graph, graph.streams[0]));
      Evaluator evaluator(graph);
      evaluator.push(0, input->data.data());
      const auto got = evaluator.bytes(graph.outputs[0]);
      ASSERT_EQ(got.size(), expected->data.size());
      std::vector<float> a(got.size() / 4), b(got.size() / 4);
      std::memcpy(a.data(), got.data(), got.size());
      std::memcpy(b.data(), expected->data.data(), got.size());
      float most = 0, worst = 0;
      for (float v : b) most = std::max(most, std::fabs(v));
      for (size_t i = 0; i < a.size(); ++i) worst = std::max(worst, std::fabs(a[i] - b[i]));
      std::cout << entry.path().stem().string() << ": differs by " << worst << " of " << most
                << "\n";
      EXPECT_LE(worst, 1e-5f * most + 1e-6f);
      ++compared;
    } catch (const UserError& refusal) {
      ADD_FAILURE() << refusal.what();
    }
  }
  EXPECT_GT(compared, 0);
}

}  // namespace
}  // namespace mote::conformance
