// SPDX-License-Identifier: Apache-2.0
// One operator call of an ExecuTorch program as a rule sees it. In: a verified method (reader.h).
// Out: nodes in an Assembly. A tensor is a value in the order in which it lies in memory: an image
// whose dim_order is [0, 2, 3, 1] is NHWC. Private to this folder.
#pragma once
#include "compiler/import/assembly.h"
#include "compiler/import/executorch/reader.h"
#include "ops/registry.h"

namespace mote::executorch {

struct Import {
  Assembly& assembly;
  const Method& method;
  std::vector<ValueId> values;         // of each argument; -1: not made yet
  std::vector<int32_t> sources;        // of each argument: the one whose bytes it is; its own index
  std::vector<Quantization> expected;  // of each argument, by what reads it; empty: nothing is said
  int64_t numbers_left = 1 << 20;      // biases and multipliers: calls may share one tensor
  int64_t bytes_left = 1 << 20;        // weights: the same
};

// The shape as it lies in memory; the model's own where only dimensions of 1 move.
Shape memory_shape(const Tensor& tensor);
// Whether the tensor's numbers lie in memory in this order of its dimensions.
bool lies_in_order(const Tensor& tensor, const std::vector<int32_t>& order);

class CallView {
 public:
  using List = std::vector<int64_t>;
  CallView(Import& import, const Call& call) : import_(import), call_(call) {}

  void expect_arguments(size_t count) const;  // with the output, which the format names twice

  bool is_null(size_t i) const;
  int64_t integer(size_t i) const;
  double real(size_t i) const;
  // Exactly `count` integers in 0 .. 65535.
  List extents(size_t i, size_t count) const;
  const List& integers(size_t i) const;
  const Tensor& tensor(size_t i) const;
  const Tensor& output() const { return tensor(call_.args.size() - 1); }
  // The numbers of a constant s32 tensor.
  std::vector<int32_t> constants_s32(size_t i) const;
  // Fail where all calls together ask for too many.
  void spend(int64_t numbers) const;
  void spend_bytes(int64_t bytes) const;

  ValueId input(size_t i);  // in the shape of its memory
  // The same; a constant of its own that has these scales where the tensor is constant.
  ValueId operand(size_t i, const Quantization& quantization);
  // A list of tensors, each with its dimensions in this order; fails where one lies in another.
  std::vector<ValueId> inputs(size_t i, const std::vector<int32_t>& order);
  ValueId image(size_t i);  // as [n, h, w, c]
  Shape image_shape(const Tensor& tensor) const;
  const Value& value(ValueId id) const { return import_.assembly.graph().value(id); }
  // A constant s8 tensor with these scales, its dimensions in the model's order.
  ValueId weights(size_t i, const Quantization& quantization);
  // What is known of the output's scale, at this zero point; scale 1 where the file does not say.
  Quantization output_quantization(int64_t zero_point) const;

  // Of an output whose zero point the call does not say: what its readers expect, else 1 and 0.
  Quantization expected_quantization() const;

  ValueId add(const OpDef& op, const std::vector<ValueId>& inputs, const Attributes& attributes);
  Assembly& assembly() { return import_.assembly; }
  std::string name() const;  // of nodes

  // The output is `id`, its numbers in the order of the output's memory. Fails where the file says
  // another type or size.
  void set(ValueId id);

  [[noreturn]] void refuse(std::string code, std::string message, std::string remedy = "") const;

 private:
  ValueId value_of(int32_t argument);
  const Argument& argument(size_t i, format::KernelTypes kind, const char* wanted) const;

  Import& import_;
  const Call& call_;
};

// Where a call says the zero point (as it is, or negated) and perhaps the scale of a tensor that it
// reads; numbers of arguments, -1: nowhere.
struct SaidZeroPoint {
  int8_t tensor = -1;
  int8_t number = -1;
  bool negated = false;
  int8_t scale = -1;
};
enum class KeepsScale : uint8_t { no, of_first, of_all };

struct ImportRule {
  std::string_view name;
  void (*import)(CallView&);
  KeepsScale keeps_scale = KeepsScale::no;  // the output has the scale and zero point of its inputs
  std::array<SaidZeroPoint, 2> zero_points{};
};
// Null where mote does not take it.
const ImportRule* find_rule(const std::string& name);

}  // namespace mote::executorch
