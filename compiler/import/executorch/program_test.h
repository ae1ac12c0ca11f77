// SPDX-License-Identifier: Apache-2.0
// For tests: ExecuTorch programs, put together value by value and call by call. In: values, calls.
// Out: the bytes of a file. It numbers and writes; it checks nothing.
#pragma once
#include <string>
#include <vector>

#include "compiler/formats/executorch/executorch_generated.h"
#include "graph/graph.h"

namespace mote::test {

class Program {
 public:
  template <class T>
  using Offset = flatbuffers::Offset<T>;
  using Kind = executorch_format::KernelTypes;
  using Type = executorch_format::ScalarType;

  // Public, so that a test can write what no exporter does.
  flatbuffers::FlatBufferBuilder flat;
  std::vector<Offset<executorch_format::EValue>> values;
  std::vector<Offset<executorch_format::Operator>> operators;
  std::vector<Offset<executorch_format::Instruction>> instructions;
  std::vector<Offset<executorch_format::Buffer>> buffers;
  std::vector<Offset<executorch_format::BackendDelegate>> delegates;

  // Constant 0 says "computed".
  Program() { buffers.push_back(executorch_format::CreateBufferDirect(flat)); }

  int32_t value(Kind kind, Offset<void> content) {
    values.push_back(executorch_format::CreateEValue(flat, kind, content));
    return int32_t(values.size()) - 1;
  }
  int32_t null() { return value(Kind::Null, executorch_format::CreateNull(flat).Union()); }
  int32_t integer(int64_t n) {
    return value(Kind::Int, executorch_format::CreateInt(flat, n).Union());
  }
  int32_t real(double x) {
    return value(Kind::Double, executorch_format::CreateDouble(flat, x).Union());
  }
  int32_t integers(const std::vector<int64_t>& numbers) {
    std::vector<int64_t> items;
    for (int64_t n : numbers) items.push_back(integer(n));
    return value(Kind::IntList, executorch_format::CreateIntListDirect(flat, &items).Union());
  }
  int32_t tensor(Type type, const Shape& sizes, uint32_t buffer = 0) {
    return value(Kind::Tensor, executorch_format::CreateTensorDirect(flat, type, 0, &sizes, nullptr,
                                                                     false, buffer)
                                   .Union());
  }
  uint32_t data(const Bytes& bytes) {
    buffers.push_back(executorch_format::CreateBufferDirect(flat, &bytes));
    return uint32_t(buffers.size()) - 1;
  }
  int32_t op(const char* name) {
    operators.push_back(executorch_format::CreateOperatorDirect(flat, name));
    return int32_t(operators.size()) - 1;
  }
  // The format names the output twice, last.
  Offset<executorch_format::Instruction> call(int32_t op, std::vector<int32_t> args, int32_t out) {
    args.insert(args.end(), {out, out});
    instructions.push_back(executorch_format::CreateInstruction(
        flat, executorch_format::InstructionArguments::KernelCall,
        executorch_format::CreateKernelCallDirect(flat, op, &args).Union()));
    return instructions.back();
  }
  Bytes finish(const std::vector<int32_t>& inputs, const std::vector<int32_t>& outputs) {
    const std::vector<Offset<executorch_format::Chain>> chains = {
        executorch_format::CreateChainDirect(flat, &inputs, &outputs, &instructions)};
    const std::vector<Offset<executorch_format::ExecutionPlan>> plans = {
        executorch_format::CreateExecutionPlanDirect(flat, "forward", 0, &values, &inputs, &outputs,
                                                     &chains, &operators, &delegates)};
    executorch_format::FinishProgramBuffer(
        flat, executorch_format::CreateProgramDirect(flat, 0, &plans, &buffers));
    return {flat.GetBufferPointer(), flat.GetBufferPointer() + flat.GetSize()};
  }
};

// y = dequantize(linear(quantize(x))), [1, 4] to [1, 3].
inline Bytes small_program() {
  Program p;
  const int32_t x = p.tensor(Program::Type::FLOAT, {1, 4});
  const int32_t q = p.tensor(Program::Type::CHAR, {1, 4});
  const int32_t z = p.tensor(Program::Type::CHAR, {1, 3});
  const int32_t y = p.tensor(Program::Type::FLOAT, {1, 3});
  const int32_t scale = p.real(0.5), zero = p.integer(0), type = p.integer(1);
  const int32_t least = p.integer(-128), most = p.integer(127);
  const int32_t weights = p.tensor(Program::Type::CHAR, {3, 4}, p.data(Bytes(12, 3)));
  const int32_t bias = p.tensor(Program::Type::INT, {3}, p.data(Bytes(12, 1)));
  const int32_t multiplier = p.integers({1 << 30}), shift = p.integers({-3});
  p.call(p.op("cortex_m::quantize_per_tensor"), {x, scale, zero, least, most, type}, q);
  p.call(p.op("cortex_m::quantized_linear"),
         {q, weights, bias, p.null(), zero, zero, zero, multiplier, shift, most, least}, z);
  p.call(p.op("cortex_m::dequantize_per_tensor"), {z, scale, zero, least, most, type}, y);
  return p.finish({x}, {y});
}

}  // namespace mote::test
