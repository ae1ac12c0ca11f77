// SPDX-License-Identifier: Apache-2.0
// interface.cc: the table that a player reads (core/model_interface.h), so that one player drives
// any model. In: names, streams, sizes. Out: wrappers of the C functions and the table. See
// texts.h.
#include <fmt/format.h>

#include "compiler/emit/cpp.h"
#include "compiler/emit/texts.h"

namespace mote {
namespace {

using namespace fmt::literals;

// What model.h leaves out: the functions that only a player needs.
std::string declarations(const ModelNames& names) {
  std::string text;
  for (const Stream& stream : names.graph().streams) {
    text +=
        fmt::format("int32_t {0}_push_observed{1}({0}_model*, const {2}*, mote_observer, void*);\n",
                    names.prefix, names.suffix(stream), names.sample_type(stream));
    if (!stream.axes.empty())
      text += fmt::format(
          "int32_t {0}_push_missing_observed{1}({0}_model*, uint32_t, mote_observer, void*);\n",
          names.prefix, names.suffix(stream));
  }
  return text;
}

std::string tables(const ModelNames& names) {
  std::string layers, axes;
  for (size_t i = 0; i < names.plan.layers.size(); ++i)
    layers += fmt::format("    \"{}\",\n", escaped(layer_title(names.plan, int32_t(i))));
  for (const Stream& stream : names.graph().streams)
    axes += fmt::format("{}{}", axes.empty() ? "" : ", ",
                        (sample_bytes(names.graph(), stream) + 1) / 2);
  return fmt::format(R"(const char* const kLayerNames[] = {{
{}}};
const uint32_t kStreamAxes[] = {{{}}};

)",
                     layers, axes);
}

// A player names a stream by its number; the emitted functions have one name each.
struct ByStream {
  std::string push, observed, missing;
};

ByStream by_stream(const ModelNames& names) {
  ByStream lines;
  for (size_t s = 0; s < names.graph().streams.size(); ++s) {
    const Stream& stream = names.graph().streams[s];
    const std::string name = names.suffix(stream);
    const std::string type = names.sample_type(stream);
    const std::string call = fmt::format("  if (stream == {}) return {}_push", s, names.prefix);
    lines.push += fmt::format("{}{}((M*)m, (const {}*)sample);\n", call, name, type);
    lines.observed += fmt::format("{}_observed{}((M*)m, (const {}*)sample, observer, context);\n",
                                  call, name, type);
    if (!stream.axes.empty())
      lines.missing +=
          fmt::format("{}_missing_observed{}((M*)m, n, observer, context);\n", call, name);
  }
  return lines;
}

// The last decision, one output behind the other; by its own loop, as a player brings none of a
// library (device/bytes.h).
std::string outputs_text(const ModelNames& names) {
  std::string text = R"(void append(uint8_t*& to, const void* from, uint32_t bytes) {
  for (uint32_t i = 0; i < bytes; ++i) *(volatile uint8_t*)to++ = ((const uint8_t*)from)[i];
}
void outputs(const void* model, uint8_t* to) {
  const M* m = (const M*)model;
)";
  for (ValueId id : names.graph().outputs)
    text += fmt::format("  append(to, {}, {});\n", names.address(id), names.value(id).bytes());
  return text + "}\n";
}

std::string wrappers(const ModelNames& names) {
  const ByStream lines = by_stream(names);
  return fmt::format(
      R"(void reset(void* m) {{ {model}_reset((M*)m); }}
int32_t push(void* m, uint32_t stream, const int16_t* sample) {{
{push}  return 0;
}}
int32_t push_observed(void* m, uint32_t stream, const int16_t* sample, mote_observer observer, void* context) {{
{observed}  return 0;
}}
int32_t push_missing(void* m, uint32_t stream, uint32_t n, mote_observer observer, void* context) {{
  (void)m, (void)stream, (void)n, (void)observer, (void)context;
{missing}  return 0;
}}
{outputs}void save(const void* m, uint8_t* to) {{ {model}_save((const M*)m, to); }}
int32_t load(void* m, const uint8_t* from) {{ return {model}_load((M*)m, from); }}
int32_t self_test(void* m) {{ return {model}_self_test((M*)m); }}
int16_t* input(void* m) {{
  (void)m;
  return {input};
}}
{far}
)",
      "model"_a = names.prefix, "push"_a = lines.push, "observed"_a = lines.observed,
      "missing"_a = lines.missing, "outputs"_a = outputs_text(names),
      "input"_a =
          names.plan.has_input() ? fmt::format("(int16_t*){}((M*)m)", names.input()) : "nullptr",
      "far"_a = names.has_far()
                    ? fmt::format("void use_far(void* m, void* far_memory) {{\n"
                                  "  {0}_use_far((M*)m, ({0}_far_memory*)far_memory);\n}}\n",
                                  names.prefix)
                    : "");
}

std::string interface_table(const ModelNames& names, const std::string& model_id) {
  return fmt::format(R"(extern "C" const mote_model_interface mote_model = {{
    /*name=*/"{0}",
    /*model_id=*/"{1}",
    /*model_bytes=*/sizeof(M),
    /*n_layers=*/{2},
    kLayerNames,
    /*n_streams=*/{3},
    kStreamAxes,
    /*output_bytes=*/{4},
    /*saved_bytes=*/{5},
    reset,
    push,
    push_observed,
    push_missing,
    outputs,
    save,
    load,
    self_test,
    input,
    /*far_bytes=*/{6},
    {7}}};
)",
                     names.prefix, model_id, names.plan.layers.size(), names.graph().streams.size(),
                     names.plan.output_bytes, names.plan.saved_bytes, names.plan.far_bytes(),
                     names.has_far() ? "use_far" : "nullptr");
}

}  // namespace

std::string interface_source(const ModelNames& names, const std::string& model_id) {
  std::string text = fmt::format(
      R"(// {}: the table that a player reads (core/model_interface.h). Linked only into player images.
#include "core/model_interface.h"

#include "model.h"
#include "weights.h"

extern "C" {{
)",
      names.prefix);
  text += declarations(names) + "}\n\nnamespace {\n\n";
  text += fmt::format("using M = {}_model;\n\n", names.prefix);
  text += tables(names) + wrappers(names) + "}  // namespace\n\n";
  return text + interface_table(names, model_id);
}

}  // namespace mote
