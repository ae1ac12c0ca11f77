// SPDX-License-Identifier: Apache-2.0
// The Graph: what stands at every door of the compiler. A list of nodes in execution order over
// typed, shaped, clocked values. Sensor streams, signal blocks, the network and the decision rule
// are all nodes of one graph.
#pragma once
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "core/element_type.h"
#include "graph/diagnostics.h"

namespace mote {

struct OpDef;

using ValueId = int32_t;
using Shape = std::vector<int32_t>;
using Bytes = std::vector<uint8_t>;

const char* to_string(ElementType type);
// The type named `name`; fails with "unknown-type" at `place` otherwise.
ElementType parse_element_type(std::string_view name, const std::string& place);

// Product of the dimensions; 1 for a scalar.
int64_t element_count(const Shape& shape);

// real = scale * (q - zero_point); one scale for the whole tensor, or one for each index of `axis`.
// Fixed-point signal values use scale = 2^-fraction_bits and zero point 0. Empty: the numbers mean
// themselves.
struct Quantization {
  std::vector<float> scales;
  std::vector<int32_t> zero_points;
  int32_t axis = 0;

  bool empty() const { return scales.empty(); }
  float scale() const { return scales.empty() ? 1.0f : scales[0]; }
  int32_t zero_point() const { return zero_points.empty() ? 0 : zero_points[0]; }
  bool operator==(const Quantization&) const = default;
};

// One scale and zero point for a whole tensor.
Quantization per_tensor(float scale, int32_t zero_point);

// A positive rational in lowest terms.
struct Rational {
  int64_t num = 1;
  int64_t den = 1;
  bool operator==(const Rational&) const = default;
};
Rational make_rational(int64_t num, int64_t den);
Rational operator+(Rational a, Rational b);
Rational operator*(Rational a, Rational b);

// When a value is produced: the n-th time (n = 0, 1, ...) once floor(phase + n * period) samples of
// `stream` have been pushed. A sample is {stream, 1, 1}; constants have stream -1 and fit
// everywhere.
struct Clock {
  int32_t stream = -1;
  Rational period;
  Rational phase;
  bool operator==(const Clock&) const = default;
};

struct StreamAxis {
  std::string name;
  std::string unit;
  float scale = 1;  // physical = counts * scale
  bool operator==(const StreamAxis&) const = default;
};

// What push_missing(n) does: repeat the last sample, interpolate between it and the next, or reset
// the state.
enum class MissingPolicy : uint8_t { hold, interpolate, drop };

// One input stream: one push() function of the emitted library.
struct Stream {
  std::string name;
  std::vector<StreamAxis>
      axes;            // of a sensor; empty for a plain model, whose sample is a whole tensor
  double rate_hz = 0;  // 0: not a time series
  MissingPolicy missing = MissingPolicy::drop;
  ValueId value = -1;         // the graph value that a push fills
  std::vector<ValueId> more;  // further tensors of the same sample: a plain model's other inputs
  ValueId last = -1;          // hold, interpolate: the last sample, a state
  ValueId pending =
      -1;  // interpolate: s32, samples missing since the last one; -1 before the first sample
};

enum class ValueKind : uint8_t { intermediate, stream, constant, state };

struct Value {
  std::string name;
  ValueKind kind = ValueKind::intermediate;
  ElementType type = ElementType::f32;
  Shape shape;
  Quantization quantization;
  Clock clock;
  std::shared_ptr<const Bytes> data;  // constants; a state's initial value (null: zeros)

  int64_t elements() const { return element_count(shape); }
  int64_t bytes() const { return elements() * element_bytes(type); }
  template <class T>
  const T* as() const {
    return reinterpret_cast<const T*>(data->data());
  }
};

using Attribute =
    std::variant<int64_t, double, std::string, std::vector<int64_t>, std::vector<double>>;
using Attributes = std::map<std::string, Attribute>;

struct Node {
  const OpDef* op = nullptr;
  std::string name;
  Attributes attributes;
  std::vector<ValueId> inputs;  // -1: an optional input that is not given
  std::vector<ValueId> outputs;
  std::vector<ValueId> states;
};

struct Graph {
  std::string name;
  std::vector<Stream> streams;
  std::vector<Value> values;
  std::vector<ValueId> variables;    // states that several nodes read and write, by name
  std::vector<Node> nodes;           // in execution order
  std::vector<ValueId> outputs;      // the decision: first the one that scripts read
  std::vector<std::string> classes;  // names of the label indices; empty for a plain model

  const Value& value(ValueId id) const { return values.at(size_t(id)); }
  Value& value(ValueId id) { return values.at(size_t(id)); }

  // A stream of int16 counts, one value an axis, or of a whole tensor.
  ValueId add_stream(std::string stream_name, std::vector<StreamAxis> axes, double rate_hz,
                     MissingPolicy missing = MissingPolicy::hold);
  ValueId add_tensor_stream(std::string stream_name, ElementType type, Shape shape,
                            Quantization quantization);
  // One more tensor in the sample of a stream that add_tensor_stream() made.
  ValueId add_sample_tensor(int32_t stream, std::string tensor_name, ElementType type, Shape shape,
                            Quantization quantization);

  // A state that nodes share through OpDef::variable; `initial` empty: zeros.
  ValueId add_variable(std::string variable_name, ElementType type, Shape shape, Bytes initial,
                       Quantization quantization = {});

  ValueId add_constant(std::string constant_name, ElementType type, Shape shape, Bytes data,
                       Quantization quantization = {});
  template <class T>
  ValueId add_constant(std::string constant_name, ElementType type, Shape shape,
                       const std::vector<T>& data, Quantization quantization = {}) {
    const auto* bytes = reinterpret_cast<const uint8_t*>(data.data());
    return add_constant(std::move(constant_name), type, std::move(shape),
                        Bytes(bytes, bytes + data.size() * sizeof(T)), std::move(quantization));
  }

  // Every state value in saving order: the streams', the variables, then the nodes' own.
  std::vector<ValueId> states() const;

  // Appends a node: fills in default attributes, lets the operator infer its outputs and states,
  // and returns the first output. Fails (UserError) with the layer's place where the operator
  // refuses its inputs. `variable`: of an operator that reads or writes one.
  ValueId add_node(const OpDef& op, std::string node_name, std::vector<ValueId> inputs,
                   Attributes attributes = {}, ValueId variable = -1);
};

// The input whose arrival lets a node run: its first that is computed; -1: it has none.
ValueId trigger_of(const Graph& graph, const Node& node);

// A sample of `stream` in memory: its tensors one after the other, each aligned to its elements.
struct SamplePart {
  ValueId value = -1;
  int64_t offset = 0;
};
std::vector<SamplePart> sample_parts(const Graph& graph, const Stream& stream);
// With the padding behind the last tensor, as of a C struct.
int64_t sample_bytes(const Graph& graph, const Stream& stream);

// "layer 12 conv_2d \"features/3\"": where a diagnostic about a node points.
std::string place_of(const Graph& graph, const Node& node);

}  // namespace mote
