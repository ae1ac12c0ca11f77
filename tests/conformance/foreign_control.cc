// SPDX-License-Identifier: Apache-2.0
// Foreign models of several subgraphs: branches, loops, variables. See foreign.h.
#include "tests/conformance/foreign.h"
#include "tests/conformance/random_parts.h"

namespace mote::conformance {
namespace {

using tflite::ModelBuilder;
using tflite::OperatorSpec;
using tflite::OptionsTable;
using tflite::TensorSpec;
namespace format = tflite::format;
using Op = format::BuiltinOperator;
using Type = format::TensorType;

// Tensors and operators of one subgraph, by short calls.
struct Subgraph {
  ModelBuilder& builder;
  int32_t tensor(const std::string& name, Type type, const Shape& shape) {
    return builder.add_tensor({name, type, shape, {}});
  }
  template <class T>
  int32_t constant(const std::string& name, Type type, const Shape& shape,
                   const std::vector<T>& data) {
    const auto* bytes = reinterpret_cast<const uint8_t*>(data.data());
    const Bytes copy(bytes, bytes + data.size() * sizeof(T));
    return builder.add_tensor({name, type, shape, {}, &copy});
  }
  void add(Op code, const std::vector<int32_t>& inputs, const std::vector<int32_t>& outputs,
           OptionsTable options = {}) {
    OperatorSpec op;
    op.code = code;
    op.inputs = inputs;
    op.outputs = outputs;
    op.options = options;
    builder.add_operator(op);
  }
};

OptionsTable add_options(ModelBuilder& builder) {
  return {format::BuiltinOptions::AddOptions,
          format::CreateAddOptions(builder.flat(), format::ActivationFunctionType::NONE).Union()};
}
OptionsTable mul_options(ModelBuilder& builder) {
  return {format::BuiltinOptions::MulOptions,
          format::CreateMulOptions(builder.flat(), format::ActivationFunctionType::NONE).Union()};
}

std::vector<float> random_floats(Random& random, int32_t n) {
  std::vector<float> list(static_cast<size_t>(n));
  for (float& v : list) v = random.scale(0.1f, 3.0f) * (random.one_in(2) ? 1.0f : -1.0f);
  return list;
}

// x and c in, x + a or x * b out.
ForeignCase make_if(Random& random) {
  ModelBuilder builder;
  const int32_t n = random.integer(1, 20);
  Subgraph main{builder};
  const int32_t c = main.tensor("c", Type::BOOL, {1}), x = main.tensor("x", Type::FLOAT32, {1, n});
  const int32_t y = main.tensor("y", Type::FLOAT32, {1, n});
  const auto options = format::CreateIfOptions(builder.flat(), 1, 2);
  main.add(Op::IF, {c, x}, {y}, {format::BuiltinOptions::IfOptions, options.Union()});
  builder.end_subgraph("main", {c, x}, {y});
  for (const Op branch : {Op::ADD, Op::MUL}) {
    Subgraph inner{builder};
    const int32_t in = inner.tensor("in", Type::FLOAT32, {1, n});
    const int32_t k = inner.constant("k", Type::FLOAT32, {1, n}, random_floats(random, n));
    const int32_t out = inner.tensor("out", Type::FLOAT32, {1, n});
    inner.add(branch, {in, k}, {out},
              branch == Op::ADD ? add_options(builder) : mul_options(builder));
    builder.end_subgraph(branch == Op::ADD ? "then" : "else", {in}, {out});
  }
  return {builder.finish(), "if of " + std::to_string(n), {}, Against::micro};
}

// for (i = 0; i < trips; ++i) x = x * k: the number of trips follows from constants.
ForeignCase make_while(Random& random) {
  ModelBuilder builder;
  const int32_t n = random.integer(1, 10), trips = random.integer(0, 6);
  Subgraph main{builder};
  const int32_t x = main.tensor("x", Type::FLOAT32, {1, n});
  const int32_t i = main.constant("i", Type::INT32, {1}, std::vector<int32_t>{0});
  const int32_t last = main.tensor("last", Type::INT32, {1});
  const int32_t y = main.tensor("y", Type::FLOAT32, {1, n});
  const int32_t shift = main.constant("shift", Type::FLOAT32, {1, n}, random_floats(random, n));
  const int32_t z = main.tensor("z", Type::FLOAT32, {1, n});
  const auto options = format::CreateWhileOptions(builder.flat(), 1, 2);
  main.add(Op::WHILE, {i, x}, {last, y}, {format::BuiltinOptions::WhileOptions, options.Union()});
  main.add(Op::ADD, {y, shift}, {z}, add_options(builder));
  builder.end_subgraph("main", {x}, {z});

  Subgraph condition{builder};
  const int32_t ci = condition.tensor("i", Type::INT32, {1});
  const int32_t cx = condition.tensor("x", Type::FLOAT32, {1, n});
  const int32_t limit = condition.constant("limit", Type::INT32, {1}, std::vector<int32_t>{trips});
  const int32_t less = condition.tensor("less", Type::BOOL, {1});
  condition.add(Op::LESS, {ci, limit}, {less});
  builder.end_subgraph("condition", {ci, cx}, {less});

  Subgraph body{builder};
  const int32_t bi = body.tensor("i", Type::INT32, {1});
  const int32_t bx = body.tensor("x", Type::FLOAT32, {1, n});
  const int32_t one = body.constant("one", Type::INT32, {1}, std::vector<int32_t>{1});
  const int32_t k = body.constant("k", Type::FLOAT32, {1, n}, random_floats(random, n));
  const int32_t next = body.tensor("next", Type::INT32, {1});
  const int32_t by = body.tensor("y", Type::FLOAT32, {1, n});
  body.add(Op::ADD, {bi, one}, {next}, add_options(builder));
  body.add(Op::MUL, {bx, k}, {by}, mul_options(builder));
  builder.end_subgraph("body", {bi, bx}, {next, by});
  return {builder.finish(), std::to_string(trips) + " trips", {}, Against::micro};
}

OptionsTable handle_options(ModelBuilder& builder, const char* name) {
  return {format::BuiltinOptions::VarHandleOptions,
          format::CreateVarHandleOptionsDirect(builder.flat(), "", name).Union()};
}

// sum += x, from a start that the model's initialisation gives.
ForeignCase make_variable(Random& random) {
  ModelBuilder builder;
  const int32_t n = random.integer(1, 12);
  Subgraph main{builder};
  const auto once = format::CreateCallOnceOptions(builder.flat(), 1);
  main.add(Op::CALL_ONCE, {}, {}, {format::BuiltinOptions::CallOnceOptions, once.Union()});
  const int32_t handle = main.tensor("handle", Type::RESOURCE, {1});
  const int32_t x = main.tensor("x", Type::FLOAT32, {1, n});
  const int32_t old = main.tensor("old", Type::FLOAT32, {1, n});
  const int32_t sum = main.tensor("sum", Type::FLOAT32, {1, n});
  main.add(Op::VAR_HANDLE, {}, {handle}, handle_options(builder, "sum"));
  main.add(Op::READ_VARIABLE, {handle}, {old});
  main.add(Op::ADD, {old, x}, {sum}, add_options(builder));
  main.add(Op::ASSIGN_VARIABLE, {handle, sum}, {});
  builder.end_subgraph("main", {x}, {sum});

  Subgraph init{builder};
  const int32_t inner = init.tensor("handle", Type::RESOURCE, {1});
  const int32_t start = init.constant("start", Type::FLOAT32, {1, n}, random_floats(random, n));
  init.add(Op::VAR_HANDLE, {}, {inner}, handle_options(builder, "sum"));
  init.add(Op::ASSIGN_VARIABLE, {inner, start}, {});
  builder.end_subgraph("init", {}, {});
  return {builder.finish(), "variable of " + std::to_string(n), {}, Against::micro_alone};
}

constexpr ForeignFamily kFamilies[] = {
    {"if", make_if},
    {"variable", make_variable},
    {"while", make_while},
};

}  // namespace

std::span<const ForeignFamily> foreign_control() { return kFamilies; }

}  // namespace mote::conformance
