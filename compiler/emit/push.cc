// SPDX-License-Identifier: Apache-2.0
// The push functions of one stream in model.cc: a tick (the list of layers that one sample runs, by
// the gate that lets them run), what comes of missing samples, and the doors over them: counts,
// counts with an observer, physical values. See texts.h.
#include <fmt/format.h>

#include <algorithm>

#include "compiler/emit/cpp.h"
#include "compiler/emit/texts.h"

namespace mote {
namespace {

using namespace fmt::literals;

// ---- a sample that came

bool decides(const ModelNames& names, int32_t i) {
  const std::vector<ValueId>& decision = names.graph().outputs;
  for (ValueId out : names.node(i).outputs)
    if (std::find(decision.begin(), decision.end(), out) != decision.end()) return true;
  return false;
}

std::string observe_text(const ModelNames& names, int32_t i) {
  std::string text;
  for (ValueId out : names.node(i).outputs)
    text += fmt::format("observe({}, {}, {});", i, names.address(out), names.value(out).bytes());
  return text;
}

// One layer in the tick.
std::string step_text(const ModelNames& names, int32_t i, const std::string& indent) {
  const Layer& layer = names.plan.layers[size_t(i)];
  const bool last = decides(names, i);
  if (!layer.has_kernel) return last ? indent + "decided = 1;\n" : "";
  const std::string call = layer_call(names, i);
  const std::string after = observe_text(names, i) + (last ? " decided = 1;" : "");
  if (!layer.call.kernel.gates) return fmt::format("{0}{1};\n{0}{2}\n", indent, call, after);
  return fmt::format("{0}fired_{1} = {2};\n{0}if (fired_{1}) {{ {3} }}\n", indent, i, call, after);
}

std::vector<int32_t> layers_of(const ModelNames& names, int32_t stream) {
  std::vector<int32_t> layers;
  for (int32_t i = 0; i < int32_t(names.plan.layers.size()); ++i)
    if (names.value(names.node(i).outputs[0]).clock.stream == stream) layers.push_back(i);
  return layers;
}

std::string gates_text(const ModelNames& names, const std::vector<int32_t>& layers) {
  std::string text;
  for (int32_t i : layers) {
    const Layer& layer = names.plan.layers[size_t(i)];
    if (layer.has_kernel && layer.call.kernel.gates)
      text += fmt::format("  bool fired_{} = false;\n", i);
  }
  return text;
}

// The list of layers in order, grouped by the gate that lets them run.
std::string steps_text(const ModelNames& names, const std::vector<int32_t>& layers) {
  std::string text;
  int32_t open = -1;
  for (int32_t i : layers) {
    const int32_t gate = names.plan.layers[size_t(i)].gate;
    if (gate != open) {
      if (open >= 0) text += "  }\n";
      if (gate >= 0) text += fmt::format("  if (fired_{}) {{\n", gate);
      open = gate;
    }
    const std::string indent = open >= 0 ? "    " : "  ";
    if (!names.plan.is_by_rows(i)) text += step_text(names, i, indent);
    if (names.plan.loop && names.plan.loop->last == i) {
      text += row_loop(names, indent);
      if (decides(names, i)) text += indent + "decided = 1;\n";
    }
  }
  return text + (open >= 0 ? "  }\n" : "");
}

std::string tick_text(const ModelNames& names, int32_t s) {
  const Stream& stream = names.graph().streams[size_t(s)];
  const std::vector<int32_t> layers = layers_of(names, s);
  const std::string row = names.comes_by_rows() ? ", int32_t row" : "";
  const std::string sample =
      names.input().empty() ? fmt::format("{}, const {}* sample", row, names.sample_type(stream))
                            : "";
  return fmt::format(R"(// What one {piece} of "{title}" runs, in order.
template <class Observe>
MOTE_INLINE int32_t tick{stream}({model}_model* m{sample}, Observe observe) {{
  int32_t decided = 0;
{gates}{steps}  (void)observe;
  return decided;
}}
)",
                     "piece"_a = names.comes_by_rows() ? "row" : "sample",
                     "title"_a = commented(stream.name), "stream"_a = names.suffix(stream),
                     "model"_a = names.prefix, "sample"_a = sample,
                     "gates"_a = gates_text(names, layers), "steps"_a = steps_text(names, layers));
}

// A plain model's: its sample has a place in the model.
std::string plain_push_text(const ModelNames& names) {
  if (names.input().empty()) return "";
  const Stream& stream = names.graph().streams[0];
  return fmt::format(
      R"({type}* {input}({model}_model* m) {{ return at({place}); }}

}}  // extern "C"

namespace {{

{tick}
template <class Observe>
MOTE_INLINE int32_t push({model}_model* m, const {type}* sample, Observe observe) {{
  if (sample != {input}(m))
    mote::move_bytes((uint8_t*){input}(m), (const uint8_t*)sample, {bytes});
  return tick(m, observe);
}}
}}  // namespace

extern "C" {{

)",
      "type"_a = names.sample_type(stream), "input"_a = names.input(), "model"_a = names.prefix,
      "place"_a = names.arena(names.plan.input_offset), "tick"_a = tick_text(names, 0),
      "bytes"_a = sample_bytes(names.graph(), stream));
}

// A sample that comes by rows: one of them, and all of one that is there as a whole.
std::string push_rows_text(const ModelNames& names) {
  const Value& sample = names.value(names.graph().streams[0].value);
  return fmt::format(R"(}}  // extern "C"

namespace {{

{tick}
}}  // namespace

extern "C" {{

int32_t {model}_push_row({model}_model* m, int32_t row, const {type}* values) {{
  return tick(m, row, values, NoObserver{{}});
}}

int32_t {model}_push({model}_model* m, const {type}* sample) {{
  int32_t decided = 0;
  for (int32_t row = 0; row < {rows}; ++row) decided = {model}_push_row(m, row, sample + row * {of_row});
  return decided;
}}

MOTE_COLD int32_t {model}_push_row_observed({model}_model* m, int32_t row, const {type}* values, Observer observer,
                                            void* context) {{
  return tick(m, row, values, CallObserver{{observer, context}});
}}

MOTE_COLD int32_t {model}_push_observed({model}_model* m, const {type}* sample, Observer observer,
                                        void* context) {{
  int32_t decided = 0;
  for (int32_t row = 0; row < {rows}; ++row)
    decided = {model}_push_row_observed(m, row, sample + row * {of_row}, observer, context);
  return decided;
}}

)",
                     "tick"_a = tick_text(names, 0), "model"_a = names.prefix,
                     "type"_a = c_type(sample.type), "rows"_a = sample.shape[1],
                     "of_row"_a = sample.elements() / sample.shape[1]);
}

std::string sample_text(const ModelNames& names, const Stream& stream) {
  const std::string name = names.suffix(stream);
  const bool fills = stream.pending >= 0;
  std::string body;
  if (fills) body += fmt::format("  const int32_t gap = fill_gap{}(m, sample, observe);\n", name);
  if (stream.last >= 0)
    body += fmt::format("  memcpy(m->{0}, sample, sizeof m->{0});\n", names.field(stream.last));
  return fmt::format(R"(template <class Observe>
MOTE_INLINE int32_t push{0}({1}_model* m, const {2}* sample, Observe observe) {{
{3}  return {4}tick{0}(m, sample, observe);
}}
)",
                     name, names.prefix, names.sample_type(stream), body, fills ? "gap | " : "");
}

std::string doors_text(const ModelNames& names, const Stream& stream) {
  return fmt::format(
      R"(int32_t {0}_push{1}({0}_model* m, const {2}* sample) {{ return push{1}(m, sample, NoObserver{{}}); }}

MOTE_COLD int32_t {0}_push_observed{1}({0}_model* m, const {2}* sample, Observer observer, void* context) {{
  return push{1}(m, sample, CallObserver{{observer, context}});
}}

)",
      names.prefix, names.suffix(stream), names.sample_type(stream));
}

// ---- samples that did not

// MissingPolicy::interpolate: the gap is known when it ends.
std::string fill_text(const ModelNames& names, const Stream& stream) {
  if (stream.pending < 0) return "";
  return fmt::format(R"(
// The samples between the last one and this, if any are missing.
template <class Observe>
MOTE_INLINE int32_t fill_gap{stream}({model}_model* m, const int16_t* sample, Observe observe) {{
  int32_t decided = 0;
  const int32_t n = m->{pending}[0];
  for (int32_t i = 1; i <= n; ++i) {{
    int16_t between[{axes}];
    mote::interpolate_s16(m->{last}, sample, {axes}, i, n, between);
    decided |= tick{stream}(m, between, observe);
  }}
  m->{pending}[0] = 0;
  return decided;
}}

)",
                     "stream"_a = names.suffix(stream), "model"_a = names.prefix,
                     "pending"_a = names.field(stream.pending), "axes"_a = stream.axes.size(),
                     "last"_a = names.field(stream.last));
}

std::string missing_body(const ModelNames& names, const Stream& stream) {
  switch (stream.missing) {
    case MissingPolicy::drop:
      return fmt::format(R"(  (void)n, (void)observer, (void)context;
  {}_reset(m);
  return 0;
)",
                         names.prefix);
    case MissingPolicy::interpolate:
      return fmt::format(R"(  (void)observer, (void)context;
  if (m->{0}[0] >= 0) m->{0}[0] += (int32_t)n;
  return 0;
)",
                         names.field(stream.pending));
    case MissingPolicy::hold:
      return fmt::format(R"(  int32_t decided = 0;
  for (uint32_t i = 0; i < n; ++i)
    decided |= tick{}(m, m->{}, CallObserver{{observer, context}});
  return decided;
)",
                         names.suffix(stream), names.field(stream.last));
  }
  return "";
}

std::string missing_text(const ModelNames& names, const Stream& stream) {
  return fmt::format(
      R"(int32_t {0}_push_missing_observed{1}({0}_model* m, uint32_t n, Observer observer, void* context) {{
{2}}}

int32_t {0}_push_missing{1}({0}_model* m, uint32_t n) {{
  return {0}_push_missing_observed{1}(m, n, nullptr, nullptr);
}}

)",
      names.prefix, names.suffix(stream), missing_body(names, stream));
}

// ---- physical values

std::string float_text(const ModelNames& names, const Stream& stream) {
  std::string scales;
  for (const StreamAxis& axis : stream.axes)
    scales += (scales.empty() ? "" : ", ") + kernel_detail::literal(1.0f / axis.scale);
  return fmt::format(R"(int32_t {0}_push_f32{1}({0}_model* m, const float* sample) {{
  constexpr float kCountsPerUnit[{2}] = {{{3}}};
  int16_t counts[{2}];
  if (!mote::to_counts(sample, kCountsPerUnit, {2}, counts)) return {0}_push_missing{1}(m, 1);
  return {0}_push{1}(m, counts);
}}

)",
                     names.prefix, names.suffix(stream), stream.axes.size(), scales);
}

}  // namespace

std::string push_functions(const ModelNames& names, int32_t stream) {
  const Stream& s = names.graph().streams[size_t(stream)];
  if (names.plan.has_input()) return plain_push_text(names) + doors_text(names, s);
  if (names.comes_by_rows()) return push_rows_text(names);
  std::string text = "}  // extern \"C\"\n\nnamespace {\n\n";
  text += tick_text(names, stream) + fill_text(names, s) + sample_text(names, s);
  text += "}  // namespace\n\nextern \"C\" {\n\n";
  text += doors_text(names, s);
  return s.axes.empty() ? text : text + missing_text(names, s) + float_text(names, s);
}

}  // namespace mote
