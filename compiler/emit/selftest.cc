// SPDX-License-Identifier: Apache-2.0
// The self test in model.cc: the pseudo-random input of self_test_sample() through push_observed, a
// CRC a layer, and the comparison with what golden_run() found. See texts.h.
#include <fmt/format.h>

#include "compiler/emit/cpp.h"
#include "compiler/emit/texts.h"

namespace mote {
namespace {

std::string golden_text(const std::vector<uint32_t>& crcs) {
  std::string text;
  for (size_t i = 0; i < crcs.size(); ++i) {
    const char* between = i == 0 ? "\n    " : i % 6 == 0 ? ",\n    " : ", ";
    text += fmt::format("{}0x{:08x}u", between, crcs[i]);
  }
  return text;
}

// The names of tables_of(plan, i), in the same order.
std::vector<std::string> table_names(const ModelNames& names, int32_t i) {
  std::vector<std::string> tables;
  for (const KernelArgument& argument : names.plan.layers[size_t(i)].call.arguments) {
    if (argument.kind == KernelArgument::Kind::constant)
      tables.push_back(names.weights.constants.at({i, argument.index}));
    if (argument.kind != KernelArgument::Kind::input) continue;
    const ValueId in = names.node(i).inputs.at(size_t(argument.index));
    if (names.value(in).kind == ValueKind::constant) tables.push_back(names.weights.values.at(in));
  }
  return tables;
}

// What the CRCs begin with.
std::string tables_text(const ModelNames& names) {
  std::string rows;
  for (size_t i = 0; i < names.plan.layers.size(); ++i)
    for (const std::string& name : table_names(names, int32_t(i)))
      rows += fmt::format("      {{{1}, sizeof {1}, {0}}},\n", i, name);
  if (rows.empty()) return "";
  return fmt::format(R"(  static constexpr struct {{
    const void* data;
    uint32_t bytes;
    uint32_t layer;
  }} kTables[] = {{
{}  }};
  for (const auto& table : kTables) take_crc(crcs, table.layer, table.data, table.bytes);
)",
                     rows);
}

std::string fill_text(const Value& value, int64_t elements, const std::string& array) {
  return fmt::format(R"(    for (int32_t i = 0; i < {0}; ++i) {{
      x = x * 1664525u + 1013904223u;
      {1}[i] = {2};
    }}
)",
                     elements, array, self_test_value(value.type));
}

// The declaration of a sample: of one tensor, or a struct of several.
std::string sample_text(const ModelNames& names, const Stream& stream) {
  const std::string type = names.sample_type(stream);
  if (names.plan.has_input()) return fmt::format("    {}* sample = {}(m);\n", type, names.input());
  return stream.more.empty()
             ? fmt::format("    {} sample{}[{}];\n", type, names.suffix(stream),
                           names.value(stream.value).elements())
             : fmt::format("    {0} sample{1}_;\n    {0}* sample{1} = &sample{1}_;\n", type,
                           names.suffix(stream));
}

// Of an image that comes by rows one is there.
std::string push_rows_text(const ModelNames& names) {
  const Value& value = names.value(names.graph().streams[0].value);
  const int64_t of_row = value.elements() / value.shape[1];
  return fmt::format(R"(    for (int32_t row = 0; row < {}; ++row) {{
    {} values[{}];
{}    {}_push_row_observed(m, row, values, take_crc, crcs);
    }}
)",
                     value.shape[1], c_type(value.type), of_row, fill_text(value, of_row, "values"),
                     names.prefix);
}

std::string push_text(const ModelNames& names, const Stream& stream) {
  if (names.comes_by_rows()) return push_rows_text(names);
  const std::string sample = "sample" + names.suffix(stream);
  std::string text = sample_text(names, stream);
  for (const SamplePart& part : sample_parts(names.graph(), stream))
    text += fill_text(names.value(part.value), names.value(part.value).elements(),
                      stream.more.empty() ? sample : sample + "->" + names.field(part.value));
  return text + fmt::format("    {}_push_observed{}(m, {}, take_crc, crcs);\n", names.prefix,
                            names.suffix(stream), sample);
}

}  // namespace

std::string self_test_function(const ModelNames& names) {
  const GoldenRun golden = golden_run(names.plan);
  std::string pushes;
  for (const Stream& stream : names.graph().streams) pushes += push_text(names, stream);
  using namespace fmt::literals;
  return fmt::format(R"(}}  // extern "C"

namespace {{

MOTE_COLD void take_crc(void* context, uint32_t layer, const void* data, uint32_t bytes) {{
  uint32_t* crcs = static_cast<uint32_t*>(context);
  crcs[layer] = mote::crc32(crcs[layer], data, bytes);
}}

}}  // namespace

extern "C" {{

MOTE_COLD int32_t {model}_self_test({model}_model* m) {{
  static constexpr uint32_t kGolden[{n}] = {{{golden}}};
  uint32_t crcs[{n}] = {{}};
  uint32_t x = 12345;
  {model}_reset(m);
{tables}  for (uint32_t step = 0; step < {steps}; ++step) {{
{pushes}  }}
  {model}_reset(m);
  for (int32_t i = 0; i < {n}; ++i)
    if (crcs[i] != kGolden[i]) return 1 + i;
  return 0;
}}

}}  // extern "C"
)",
                     "model"_a = names.prefix, "n"_a = golden.layer_crcs.size(),
                     "golden"_a = golden_text(golden.layer_crcs), "tables"_a = tables_text(names),
                     "steps"_a = golden.steps, "pushes"_a = pushes);
}

}  // namespace mote
