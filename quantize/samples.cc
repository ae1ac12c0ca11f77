// SPDX-License-Identifier: Apache-2.0
// Samples for the integer form of a graph. See samples.h.
#include "quantize/samples.h"

#include <cstring>

#include "graph/quantizer.h"

namespace mote {
namespace {

template <class T>
void convert(const uint8_t* from, const Value& value, uint8_t* to) {
  for (int64_t i = 0; i < value.elements(); ++i) {
    float real;
    std::memcpy(&real, from + size_t(i) * sizeof real, sizeof real);
    const auto number = T(to_integer(double(real), value.quantization, value.type));
    std::memcpy(to + size_t(i) * sizeof number, &number, sizeof number);
  }
}

}  // namespace

Bytes sample_of(const Graph& float_graph, const Graph& integer_graph, int32_t stream,
                const void* sample) {
  const Stream& real = float_graph.streams.at(size_t(stream));
  const Stream& integer = integer_graph.streams.at(size_t(stream));
  if (!real.axes.empty()) return {};
  const std::vector<SamplePart> from = sample_parts(float_graph, real);
  const std::vector<SamplePart> to = sample_parts(integer_graph, integer);
  MOTE_ASSERT(from.size() == to.size());
  Bytes converted(size_t(sample_bytes(integer_graph, integer)));
  bool same = true;
  for (size_t i = 0; i < from.size(); ++i) {
    const Value& value = integer_graph.value(to[i].value);
    const auto* source = static_cast<const uint8_t*>(sample) + from[i].offset;
    uint8_t* target = converted.data() + to[i].offset;
    const bool equal = value.type == float_graph.value(from[i].value).type;
    same = same && equal;
    if (equal)
      std::memcpy(target, source, size_t(value.bytes()));
    else if (value.type == ElementType::s8)
      convert<int8_t>(source, value, target);
    else
      convert<int16_t>(source, value, target);
  }
  return same ? Bytes{} : converted;
}

}  // namespace mote
