// SPDX-License-Identifier: Apache-2.0
// Tensors of ExecuTorch programs as places in memory: who reads whose numbers, what is state, what
// is refused and how it is said.
#include <gtest/gtest.h>

#include <cstring>

#include "compiler/import/damage_test.h"
#include "compiler/import/executorch/program_test.h"
#include "graph/evaluator.h"

namespace mote::test {
namespace {

using Type = Program::Type;
using Numbers = std::vector<float>;

std::string refused(const Bytes& bytes) { return refusal(import_executorch, bytes); }

Numbers answer(const Bytes& bytes, const Numbers& x) {
  Diagnostics diagnostics;
  const Graph graph = import_executorch({bytes, "model", "x.pte"}, {}, diagnostics);
  Evaluator evaluator(graph);
  evaluator.push(0, x.data());
  const auto result = evaluator.bytes(graph.outputs.at(0));
  Numbers y(result.size() / sizeof(float));
  std::memcpy(y.data(), result.data(), result.size());
  return y;
}

// A real tensor from this byte of memory 1 on.
int32_t tensor_at(Program& p, const Shape& sizes, uint32_t offset, const char* name = nullptr,
                  const std::vector<uint8_t>& order = {}) {
  const auto place = executorch_format::CreateAllocationDetails(p.flat, 1, offset, 0);
  const auto extra = executorch_format::CreateExtraTensorInfoDirect(p.flat, 0, name);
  return p.value(Program::Kind::Tensor,
                 executorch_format::CreateTensorDirect(
                     p.flat, Type::FLOAT, 0, &sizes, order.empty() ? nullptr : &order, false, 0,
                     place, 0, executorch_format::TensorShapeDynamism::STATIC, extra)
                     .Union());
}

TEST(ExecutorchMemory, MayBeUsedAgain) {
  Program p;
  const int32_t x = tensor_at(p, {4}, 0), a = tensor_at(p, {4}, 16), b = tensor_at(p, {4}, 0);
  p.call(p.op("aten::neg"), {x}, a);
  p.call(p.op("aten::relu"), {a}, b);  // over x
  p.call(p.op("aten::abs"), {b}, a);   // over a
  EXPECT_EQ(answer(p.finish({x}, {a}), {1, -2, 3, -4}), (Numbers{0, 2, 0, 4}));
}

TEST(ExecutorchMemory, ACallMayWriteOverWhatItReads) {
  Program p;
  const int32_t x = tensor_at(p, {2}, 0);
  p.call(p.op("aten::neg"), {x}, x);
  p.call(p.op("aten::neg"), {x}, x);
  p.call(p.op("aten::relu"), {x}, x);
  EXPECT_EQ(answer(p.finish({x}, {x}), {1, -2}), (Numbers{1, 0}));
}

// The last writer counts, whatever the tensor is called.
TEST(ExecutorchMemory, IsReadAsItIs) {
  Program p;
  const int32_t x = tensor_at(p, {2}, 0), a = tensor_at(p, {2}, 16), b = tensor_at(p, {2}, 16),
                y = tensor_at(p, {2}, 32);
  p.call(p.op("aten::neg"), {x}, a);
  p.call(p.op("aten::relu"), {x}, b);
  p.call(p.op("aten::neg"), {a}, y);
  EXPECT_EQ(answer(p.finish({x}, {y}), {1, -2}), (Numbers{-1, 0}));
}

TEST(ExecutorchMemory, ViewsMayBeLeftOut) {
  Program p;
  const int32_t x = tensor_at(p, {2, 3}, 0), a = tensor_at(p, {2, 3}, 32),
                view = tensor_at(p, {3, 2}, 32), y = tensor_at(p, {2, 3}, 64);
  p.call(p.op("aten::neg"), {x}, a);
  p.call(p.op("aten::permute_copy"), {view, p.integers({1, 0})}, y);
  EXPECT_EQ(answer(p.finish({x}, {y}), {1, 2, 3, 4, 5, 6}), (Numbers{-1, -3, -5, -2, -4, -6}));
}

// [1, 2, 2, 1] channels last, read as four numbers.
TEST(ExecutorchMemory, ViewsTakeTheOrderOfMemory) {
  Program p;
  const int32_t x = tensor_at(p, {1, 2, 2, 1}, 0, nullptr, {0, 2, 3, 1});
  const int32_t view = tensor_at(p, {4}, 0), y = tensor_at(p, {4}, 64);
  p.call(p.op("aten::neg"), {view}, y);
  EXPECT_EQ(answer(p.finish({x}, {y}), {1, 2, 3, 4}), (Numbers{-1, -2, -3, -4}));
}

TEST(ExecutorchMemory, WhatIsWrittenOverInPartIsNotRead) {
  Program p;
  const int32_t x = tensor_at(p, {4}, 0), a = tensor_at(p, {4}, 16), b = tensor_at(p, {4}, 24),
                y = tensor_at(p, {4}, 64);
  p.call(p.op("aten::neg"), {x}, a);
  p.call(p.op("aten::relu"), {x}, b);
  p.call(p.op("aten::neg"), {a}, y);
  const std::string text = refused(p.finish({x}, {y}));
  EXPECT_NE(text.find("instruction 2 aten::neg: it reads tensor 1, which is written over before"),
            std::string::npos)
      << text;
}

TEST(ExecutorchMemory, StateIsNamed) {
  Program p;
  const int32_t x = tensor_at(p, {4}, 0), memory = tensor_at(p, {4}, 16, "cell.memory"),
                y = tensor_at(p, {4}, 32);
  p.call(p.op("aten::add"), {x, memory, p.integer(1)}, y);
  const std::string text = refused(p.finish({x}, {y}));
  EXPECT_NE(text.find("instruction 0 aten::add: it reads tensor 1 \"cell.memory\", which nothing "
                      "writes before; where the model keeps it"),
            std::string::npos)
      << text;
}

TEST(ExecutorchMemory, CallsThatWriteIntoTheirInputAreRefused) {
  Program p;
  const int32_t x = tensor_at(p, {4}, 0), b = tensor_at(p, {4}, 16);
  p.call(p.op("aten::relu"), {x}, b);
  p.call(p.op("aten::relu_"), {b}, b);
  const std::string text = refused(p.finish({x}, {b}));
  EXPECT_NE(text.find("instruction 1 aten::relu_: it writes into its input"), std::string::npos)
      << text;
}

TEST(ExecutorchMemory, ConstantsAreNotWritten) {
  Program p;
  const int32_t x = p.tensor(Type::FLOAT, {1}), c = p.tensor(Type::FLOAT, {1}, p.data(Bytes(4)));
  p.call(p.op("aten::neg"), {x}, c);
  EXPECT_NE(refused(p.finish({x}, {c})).find("stateful-model"), std::string::npos);
}

// Which of the two orders such numbers have depends on the exporter.
TEST(ExecutorchMemory, ConstantsChannelsLastAreReadSoWithAWarning) {
  Program p;
  const Shape sizes{1, 2, 2, 1};
  const std::vector<uint8_t> order{0, 2, 3, 1};
  const Numbers numbers{10, 20, 30, 40};  // channels of the first pixel, then of the second
  Bytes data(16);
  std::memcpy(data.data(), numbers.data(), 16);
  const int32_t x = p.tensor(Type::FLOAT, sizes), y = p.tensor(Type::FLOAT, sizes);
  const int32_t c = p.value(Program::Kind::Tensor,
                            executorch_format::CreateTensorDirect(p.flat, Type::FLOAT, 0, &sizes,
                                                                  &order, false, p.data(data))
                                .Union());
  p.call(p.op("aten::add"), {x, c, p.integer(1)}, y);
  const Bytes file = p.finish({x}, {y});
  EXPECT_EQ(answer(file, {1, 2, 3, 4}), (Numbers{11, 32, 23, 44}));
  Diagnostics diagnostics;
  import_executorch({file, "model", "x.pte"}, {}, diagnostics);
  ASSERT_EQ(diagnostics.warnings().size(), 1u);
  EXPECT_EQ(diagnostics.warnings()[0].code, "channels-last-constant");
}

// ---- calls

TEST(ExecutorchCalls, WhatIsReturnedMustBeWhatIsWritten) {
  Program p;
  const int32_t x = p.tensor(Type::FLOAT, {1}), y = p.tensor(Type::FLOAT, {1});
  const std::vector<int32_t> args = {x, y, x};
  p.call(p.op("aten::neg"), {x}, y);
  p.instructions[0] = executorch_format::CreateInstruction(
      p.flat, executorch_format::InstructionArguments::KernelCall,
      executorch_format::CreateKernelCallDirect(p.flat, 0, &args).Union());
  const std::string text = refused(p.finish({x}, {y}));
  EXPECT_NE(text.find("instruction 0 aten::neg: what it returns is not what it writes"),
            std::string::npos)
      << text;
}

TEST(ExecutorchCalls, TooManyArgumentsAreRefused) {
  Program p;
  const int32_t x = p.tensor(Type::FLOAT, {1}), y = p.tensor(Type::FLOAT, {1});
  p.call(p.op("aten::neg"), {x, p.integer(1)}, y);
  EXPECT_NE(refused(p.finish({x}, {y})).find("mote knows the form with 1"), std::string::npos);
}

TEST(ExecutorchCalls, AllUnknownOnesAreNamedAtOnce) {
  Program p;
  const int32_t x = p.tensor(Type::FLOAT, {1}), y = p.tensor(Type::FLOAT, {1});
  p.call(p.op("aten::bessel_j0"), {x}, y);
  p.call(p.op("mine::own"), {y}, y);
  Diagnostics diagnostics;
  EXPECT_THROW(import_executorch({p.finish({x}, {y}), "model", "x.pte"}, {}, diagnostics),
               UserError);
  ASSERT_EQ(diagnostics.errors().size(), 2u);
  EXPECT_EQ(diagnostics.errors()[0].place, "x.pte: instruction 0 aten::bessel_j0");
  EXPECT_EQ(diagnostics.errors()[1].place, "x.pte: instruction 1 mine::own");
}

TEST(ExecutorchCalls, BranchesAreRefusedByNumber) {
  Program p;
  const int32_t x = p.tensor(Type::FLOAT, {1}), y = p.tensor(Type::FLOAT, {1});
  p.call(p.op("aten::neg"), {x}, y);
  p.instructions.push_back(executorch_format::CreateInstruction(
      p.flat, executorch_format::InstructionArguments::JumpFalseCall,
      executorch_format::CreateJumpFalseCall(p.flat, x, 0).Union()));
  const std::string text = refused(p.finish({x}, {y}));
  EXPECT_NE(text.find("instruction 1: it is JumpFalseCall (control flow)"), std::string::npos)
      << text;
}

TEST(ExecutorchCalls, DelegatesAreRefusedByName) {
  Program p;
  const int32_t x = p.tensor(Type::FLOAT, {1}), y = p.tensor(Type::FLOAT, {1});
  p.delegates = {executorch_format::CreateBackendDelegateDirect(p.flat, "XnnpackBackend")};
  const std::vector<int32_t> args = {x, y};
  p.instructions.push_back(executorch_format::CreateInstruction(
      p.flat, executorch_format::InstructionArguments::DelegateCall,
      executorch_format::CreateDelegateCallDirect(p.flat, 0, &args).Union()));
  const std::string text = refused(p.finish({x}, {y}));
  EXPECT_NE(text.find("instruction 0: it runs a blob of delegate \"XnnpackBackend\""),
            std::string::npos)
      << text;
  EXPECT_NE(text.find("export the model without that backend"), std::string::npos) << text;
}

// Of a quantised program everything but the layers' integers is the same as in .pt2.
TEST(ExecutorchCalls, QuantizedDecomposed) {
  Program p;
  const int32_t x = p.tensor(Type::FLOAT, {4}), q = p.tensor(Type::CHAR, {4}),
                y = p.tensor(Type::FLOAT, {4});
  const int32_t scale = p.real(0.5), zero = p.integer(3), least = p.integer(-128),
                most = p.integer(127), type = p.integer(1), none = p.null();
  p.call(p.op("quantized_decomposed::quantize_per_tensor"), {x, scale, zero, least, most, type}, q);
  p.call(p.op("quantized_decomposed::dequantize_per_tensor"),
         {q, scale, zero, least, most, type, none}, y);
  EXPECT_EQ(answer(p.finish({x}, {y}), {1, 0.25f, -100, 60.9f}), (Numbers{1, 0, -65.5f, 61}));
}

}  // namespace
}  // namespace mote::test
