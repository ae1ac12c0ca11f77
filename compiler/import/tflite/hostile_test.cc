// SPDX-License-Identifier: Apache-2.0
// .tflite files of a megabyte that were made to be expensive. A table of the format may be pointed
// at many times, for four bytes each.
#include "compiler/import/hostile_test.h"

#include <functional>

#include "compiler/formats/tflite/model_builder.h"

namespace mote::test {
namespace {

namespace format = tflite::format;
using format::BuiltinOperator;
using tflite::ModelBuilder;
using tflite::OperatorSpec;
template <class T>
using Offset = flatbuffers::Offset<T>;

constexpr size_t kPointers = kHostileBytes / 4 - 10000;

void expect_cheap_tflite(const Bytes& bytes, const std::string& expected) {
  expect_cheap(import_tflite, bytes, expected);
}

// One subgraph whose tensors and operators are given as tables.
class Tables {
 public:
  flatbuffers::FlatBufferBuilder flat;
  std::vector<Offset<format::Tensor>> tensors;
  std::vector<Offset<format::Operator>> operators;
  std::vector<Offset<format::OperatorCode>> codes;
  std::vector<Offset<format::Buffer>> buffers;

  // `bytes` that nothing uses: a reader takes no more from a file than it holds.
  explicit Tables(size_t bytes = 0) {
    buffers.push_back(format::CreateBuffer(flat));
    if (bytes > 0) data(Bytes(bytes, 0));
  }
  Offset<format::Tensor> tensor(const Shape& shape, const std::string& name, uint32_t buffer = 0,
                                format::TensorType type = format::TensorType::FLOAT32) {
    return format::CreateTensorDirect(flat, &shape, type, buffer, name.c_str());
  }
  uint32_t data(const Bytes& bytes) {
    buffers.push_back(format::CreateBufferDirect(flat, &bytes));
    return uint32_t(buffers.size()) - 1;
  }
  void code(BuiltinOperator op, const char* custom = nullptr) {
    codes.push_back(format::CreateOperatorCodeDirect(flat, int8_t(op), custom, 1, op));
  }
  Offset<format::Operator> op(uint32_t code, std::vector<int32_t> inputs,
                              std::vector<int32_t> outputs) {
    return format::CreateOperatorDirect(flat, code, &inputs, &outputs);
  }
  Bytes finish(const std::vector<int32_t>& inputs, const std::vector<int32_t>& outputs) {
    const std::vector<Offset<format::SubGraph>> subgraphs = {
        format::CreateSubGraphDirect(flat, &tensors, &inputs, &outputs, &operators, "main")};
    format::FinishModelBuffer(
        flat, format::CreateModelDirect(flat, 3, &codes, &subgraphs, "hostile", &buffers));
    return {flat.GetBufferPointer(), flat.GetBufferPointer() + flat.GetSize()};
  }
};

TEST(HostileTflite, OneTableThatEverythingPointsAt) {
  Tables tables;
  tables.code(BuiltinOperator::RELU);
  tables.tensors.assign(kPointers, tables.tensor({1}, "x"));
  tables.operators.assign(10, tables.op(0, {0}, {1}));
  expect_cheap_tflite(tables.finish({0}, {1}), "damaged-file");
}

TEST(HostileTflite, ManyPointersAtALongName) {
  Tables tables;
  tables.tensors.assign(100000, tables.tensor({1}, std::string(500000, 'x')));
  expect_cheap_tflite(tables.finish({0}, {1}), "damaged-file");
}

TEST(HostileTflite, AnUnknownOperatorManyTimes) {
  Tables tables(700000);
  tables.code(BuiltinOperator::CUSTOM, "Unknown");
  tables.tensors = {tables.tensor({1}, "x"), tables.tensor({1}, "y")};
  tables.operators.assign(60000, tables.op(0, {0}, {}));
  expect_cheap_tflite(tables.finish({0}, {0}), "unsupported-operator");
}

// Operators without outputs may stand any number of times.
TEST(HostileTflite, AnAssignmentManyTimes) {
  Tables tables(700000);
  tables.code(BuiltinOperator::ASSIGN_VARIABLE);
  tables.code(BuiltinOperator::VAR_HANDLE);
  tables.code(BuiltinOperator::RELU);
  tables.tensors = {tables.tensor({1}, "x"),
                    tables.tensor({1}, "handle", 0, format::TensorType::RESOURCE),
                    tables.tensor({1}, "y")};
  const std::vector<int32_t> none, handle = {1};
  tables.operators.push_back(format::CreateOperatorDirect(
      tables.flat, 1, &none, &handle, format::BuiltinOptions::VarHandleOptions,
      format::CreateVarHandleOptionsDirect(tables.flat, "a", "b").Union()));
  tables.operators.resize(60000, tables.op(0, {1, 0}, {}));
  tables.operators.push_back(tables.op(2, {0}, {2}));
  expect_cheap_tflite(tables.finish({0}, {2}), "too-large");
}

// Tensors of one name: their layers get numbers.
TEST(HostileTflite, ManyLayersOfOneName) {
  Tables tables;
  tables.code(BuiltinOperator::RELU);
  const auto tensor = tables.tensor({1}, "same");
  for (int32_t i = 0; i < 20000; ++i) {
    tables.tensors.push_back(tensor);
    if (i > 0) tables.operators.push_back(tables.op(0, {i - 1}, {i}));
  }
  expect_cheap_tflite(tables.finish({0}, {19999}), "taken");
}

TEST(HostileTflite, ManyInputsAndOutputs) {
  Tables tables;
  tables.code(BuiltinOperator::RELU);
  const auto tensor = tables.tensor({1}, "x");
  std::vector<int32_t> inputs;
  for (int32_t i = 0; i < 50000; ++i) {
    inputs.push_back(i);
    tables.tensors.push_back(tensor);
  }
  tables.tensors.push_back(tensor);
  tables.operators.push_back(tables.op(0, {0}, {50000}));
  expect_cheap_tflite(tables.finish(inputs, std::vector<int32_t>(50000, 50000)), "taken");
}

// ---- subgraphs that call each other

int32_t add_tensor(ModelBuilder& builder, const std::string& name,
                   format::TensorType type = format::TensorType::FLOAT32) {
  return builder.add_tensor({name, type, {1}, {}, nullptr, false});
}

// y = x, by `operators`, each of which takes (c, x) and gives y.
void end_subgraph(ModelBuilder& builder, int n, const std::function<OperatorSpec()>& make) {
  const int32_t c = add_tensor(builder, "c", format::TensorType::BOOL);
  const int32_t x = add_tensor(builder, "x");
  int32_t last = x;
  for (int i = 0; i < n; ++i) {
    OperatorSpec op = make();
    const int32_t y = add_tensor(builder, "y");
    op.inputs = op.code == BuiltinOperator::RELU ? std::vector<int32_t>{last}
                                                 : std::vector<int32_t>{c, c, last};
    if (op.code == BuiltinOperator::WHILE) op.inputs = {c, last};
    op.outputs = {y};
    builder.add_operator(op);
    last = y;
  }
  builder.end_subgraph("part", {c, x}, {last});
}

OperatorSpec relu() {
  OperatorSpec op;
  op.code = BuiltinOperator::RELU;
  return op;
}
OperatorSpec branch(ModelBuilder& builder, int32_t to) {
  OperatorSpec op;
  op.code = BuiltinOperator::IF;
  op.options = {format::BuiltinOptions::IfOptions,
                format::CreateIfOptions(builder.flat(), to, to).Union()};
  return op;
}

// Each of eight levels calls the next twenty times in both branches.
TEST(HostileTflite, BranchesWithinBranches) {
  ModelBuilder builder;
  for (int32_t level = 0; level < 7; ++level)
    end_subgraph(builder, 20, [&] { return branch(builder, level + 1); });
  end_subgraph(builder, 20, relu);
  expect_cheap_tflite(builder.finish(), "too-large");
}

// The callees have no operator that could be counted, but many tensors.
TEST(HostileTflite, CallsOfLargeEmptySubgraphs) {
  ModelBuilder builder;
  for (int32_t level = 0; level < 3; ++level)
    end_subgraph(builder, 200, [&] { return branch(builder, level + 1); });
  const int32_t c = add_tensor(builder, "c", format::TensorType::BOOL);
  const int32_t x = add_tensor(builder, "x");
  for (int i = 0; i < 8000; ++i) add_tensor(builder, "");
  builder.end_subgraph("last", {c, x}, {x});
  expect_cheap_tflite(builder.finish(), "too-large");
}

// ---- constants that are computed

Bytes numbers(const std::vector<int32_t>& list) {
  const auto* bytes = reinterpret_cast<const uint8_t*>(list.data());
  return {bytes, bytes + 4 * list.size()};
}

// A number made into a tensor of `shape`, `n` times, each time reduced to one number again.
TEST(HostileTflite, HugeFilledConstants) {
  ModelBuilder builder;
  const Bytes dims = numbers({1 << 11, 1 << 11}), one = numbers({1}), axes = numbers({0, 1});
  using T = format::TensorType;
  const int32_t shape = builder.add_tensor({"shape", T::INT32, {2}, {}, &dims, false});
  const int32_t value = builder.add_tensor({"value", T::INT32, {}, {}, &one, false});
  const int32_t axis = builder.add_tensor({"axes", T::INT32, {2}, {}, &axes, false});
  int32_t y = 0;
  for (int i = 0; i < 2000; ++i) {
    const int32_t filled =
        builder.add_tensor({"f", T::INT32, {1 << 11, 1 << 11}, {}, nullptr, false});
    y = builder.add_tensor({"y", T::INT32, {}, {}, nullptr, false});
    OperatorSpec fill;
    fill.code = BuiltinOperator::FILL;
    fill.inputs = {shape, value};
    fill.outputs = {filled};
    builder.add_operator(fill);
    OperatorSpec reduce;
    reduce.code = BuiltinOperator::REDUCE_MAX;
    reduce.inputs = {filled, axis};
    reduce.outputs = {y};
    reduce.options = {format::BuiltinOptions::ReducerOptions,
                      format::CreateReducerOptions(builder.flat(), false).Union()};
    builder.add_operator(reduce);
  }
  const int32_t x = add_tensor(builder, "x");
  builder.end_subgraph("main", {x}, {y});
  expect_cheap_tflite(builder.finish(), "too-large");
}

// Products of two constant matrices, again and again.
TEST(HostileTflite, ProductsOfConstants) {
  ModelBuilder builder;
  const int32_t n = 300;
  const Bytes matrix(n * n * 4, 0);
  using T = format::TensorType;
  const int32_t a = builder.add_tensor({"a", T::FLOAT32, {n, n}, {}, &matrix, false});
  const int32_t b = builder.add_tensor({"b", T::FLOAT32, {n, n}, {}, &matrix, false});
  int32_t y = a;
  for (int i = 0; i < 1500; ++i) {
    OperatorSpec op;
    op.code = BuiltinOperator::BATCH_MATMUL;
    op.inputs = {y, b};
    y = builder.add_tensor({"y", T::FLOAT32, {n, n}, {}, nullptr, false});
    op.outputs = {y};
    op.options = {format::BuiltinOptions::BatchMatMulOptions,
                  format::CreateBatchMatMulOptions(builder.flat(), false, false).Union()};
    builder.add_operator(op);
  }
  const int32_t x = add_tensor(builder, "x");
  builder.end_subgraph("main", {x}, {y});
  expect_cheap_tflite(builder.finish(), "too-large");
}

// A pool whose every output looks at the whole of a large constant.
TEST(HostileTflite, LargeWindowsOverAConstant) {
  ModelBuilder builder;
  const int32_t n = 400;
  const Bytes image(n * n * 4, 0);
  using T = format::TensorType;
  const int32_t a = builder.add_tensor({"a", T::FLOAT32, {1, n, n, 1}, {}, &image, false});
  OperatorSpec op;
  op.code = BuiltinOperator::MAX_POOL_2D;
  op.inputs = {a};
  op.outputs = {builder.add_tensor({"y", T::FLOAT32, {1, n, n, 1}, {}, nullptr, false})};
  op.options = {
      format::BuiltinOptions::Pool2DOptions,
      format::CreatePool2DOptions(builder.flat(), format::Padding::SAME, 1, 1, n, n).Union()};
  builder.add_operator(op);
  const int32_t x = add_tensor(builder, "x");
  builder.end_subgraph("main", {x}, {op.outputs[0]});
  expect_cheap_tflite(builder.finish(), "too-large");
}

// One buffer is the data of many constants.
TEST(HostileTflite, ManyConstantsOfOneBuffer) {
  Tables tables;
  tables.code(BuiltinOperator::ADD);
  const uint32_t buffer = tables.data(Bytes(800000, 0));
  const auto constant = tables.tensor({200000}, "c", buffer);
  tables.tensors = {tables.tensor({200000}, "x")};
  const std::vector<int32_t> none;
  const auto options = format::CreateAddOptions(tables.flat).Union();
  int32_t last = 0;
  for (int32_t i = 1; i < 2000; i += 2) {
    tables.tensors.push_back(constant);
    tables.tensors.push_back(tables.tensor({200000}, ""));
    const std::vector<int32_t> inputs = {last, i}, outputs = {i + 1};
    tables.operators.push_back(format::CreateOperatorDirect(
        tables.flat, 0, &inputs, &outputs, format::BuiltinOptions::AddOptions, options));
    last = i + 1;
  }
  expect_cheap_tflite(tables.finish({0}, {last}), "too-large");
}

}  // namespace
}  // namespace mote::test
