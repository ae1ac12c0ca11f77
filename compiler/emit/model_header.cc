// SPDX-License-Identifier: Apache-2.0
// model.h: what the user of an emitted library reads. Inputs with rate, scale and unit, outputs and
// labels as comments; the struct that holds all its memory; the C functions; a small C++ class over
// them. See texts.h.
#include <fmt/format.h>

#include "compiler/emit/cpp.h"
#include "compiler/emit/texts.h"

namespace mote {
namespace {

std::string opening(const ModelNames& names, const std::string& model_id) {
  return fmt::format(
      R"(// {0}: the emitted model. All the static RAM it needs is sizeof({0}_model) = {1} bytes{3}.
// Model id {2}.
#pragma once
#include <stdint.h>

#ifdef __cplusplus
extern "C" {{
#endif

)",
      names.prefix, names.plan.model_bytes, model_id,
      names.has_far() ? fmt::format(" and {} of a second memory", names.plan.far_bytes()) : "");
}

// ", real = 0.5 * (q - -3)", where the numbers do not mean themselves.
std::string scale_text(const Value& value) {
  if (value.quantization.empty()) return "";
  return fmt::format(", real = {} * (q - {})", value.quantization.scale(),
                     value.quantization.zero_point());
}

std::string tensor_comment(const char* what, const Value& value) {
  return fmt::format("// {} \"{}\": {}{}{}", what, commented(value.name), c_type(value.type),
                     shape_text(value), scale_text(value));
}

std::string inputs_comment(const ModelNames& names) {
  std::string text;
  for (const Stream& stream : names.graph().streams) {
    text += tensor_comment("Input", names.value(stream.value));
    for (ValueId id : stream.more) text += "\n" + tensor_comment("Input", names.value(id));
    text += stream.rate_hz > 0
                ? fmt::format(" at {} Hz, physical value = counts * scale:\n", stream.rate_hz)
                : std::string("\n");
    for (const StreamAxis& axis : stream.axes)
      text += fmt::format("//   {:16} scale {:<12} unit {}\n", commented(axis.name), axis.scale,
                          axis.unit.empty() ? "unknown" : commented(axis.unit));
  }
  return text;
}

std::string outputs_comment(const ModelNames& names) {
  std::string text;
  for (ValueId id : names.graph().outputs) text += tensor_comment("Output", names.value(id)) + "\n";
  const std::vector<std::string>& classes = names.graph().classes;
  for (size_t i = 0; i < classes.size(); ++i)
    text += fmt::format("//   label {:3} = {}\n", i, commented(classes[i]));
  return text;
}

// With the output that may lie where it begins.
std::string arena_text(const ModelNames& names) {
  const int64_t bytes = names.plan.near_arena_bytes;
  const std::string arena = fmt::format(
      "uint64_t arena[{}];  // transient: {} bytes within one push\n", bytes / 8, bytes);
  const ValueId output = names.plan.arena_output;
  if (output < 0) return "  " + arena;
  return fmt::format("  union {{\n    {}    {} {}[{}];  // output, until the next {}\n  }};\n",
                     arena, c_type(names.value(output).type), names.field(output),
                     names.value(output).elements(), names.plan.has_input() ? "sample" : "push");
}

// What is accessed least, and how the struct finds it; the pointer has the same room on all cores.
std::string far_struct(const ModelNames& names) {
  return fmt::format(R"(// The part that is accessed least, for a slower memory than the model's.
typedef struct {0}_far_memory {{
  uint64_t arena[{1}];  // transient: {2} bytes within one push
}} {0}_far_memory;

)",
                     names.prefix, names.plan.far_bytes() / 8, names.plan.far_bytes());
}

std::string far_pointer(const ModelNames& names) {
  return fmt::format(R"(  union {{
    {}_far_memory* far_memory;  // set by use_far
    uint64_t room_of_pointer;
  }};
)",
                     names.prefix);
}

std::string model_struct(const ModelNames& names) {
  const Plan& plan = names.plan;
  std::string text = names.has_far() ? far_struct(names) : "";
  text += fmt::format("typedef struct {0}_model {{\n", names.prefix);
  if (plan.near_arena_bytes > 0) text += arena_text(names);
  int64_t end = plan.near_arena_bytes;
  if (names.has_far()) text += far_pointer(names), end += kFarPointerBytes;
  for (ValueId id : plan.resident) {
    const Value& value = names.value(id);
    text += fmt::format("  {} {}[{}];  // {}\n", c_type(value.type), names.field(id),
                        value.elements(), value.kind == ValueKind::state ? "state" : "output");
    end += value.bytes();
  }
  if (plan.model_bytes > end)
    text += fmt::format("  uint8_t alignment[{}];\n", plan.model_bytes - end);
  return text + fmt::format("}} {0}_model;\n\n", names.prefix);
}

const char* missing_words(MissingPolicy policy) {
  switch (policy) {
    case MissingPolicy::hold:
      return "the last sample is repeated";
    case MissingPolicy::interpolate:
      return "they are interpolated when the next sample comes";
    case MissingPolicy::drop:
      return "the state is reset";
  }
  return "";
}

// "490 values", or the struct that holds several tensors.
std::string sample_words(const ModelNames& names, const Stream& stream) {
  if (stream.more.empty()) return fmt::format("{} values", names.value(stream.value).elements());
  return fmt::format("{} tensors", 1 + stream.more.size());
}

std::string sample_struct(const ModelNames& names, const Stream& stream) {
  if (stream.more.empty()) return "";
  std::string members;
  for (const SamplePart& part : sample_parts(names.graph(), stream))
    members += fmt::format("  {} {}[{}];\n", c_type(names.value(part.value).type),
                           names.field(part.value), names.value(part.value).elements());
  return fmt::format("typedef struct {0} {{\n{1}}} {0};\n\n", names.sample_type(stream), members);
}

std::string input_declaration(const ModelNames& names) {
  if (!names.plan.has_input()) return "";
  return fmt::format(
      R"(// Room for a sample: one that is written here is not copied by push({0}(model)). It is the model's transient
// memory: a push destroys the sample, and outputs last until the next one is written or pushed.
{1}* {0}({2}_model* model);
)",
      names.input(), names.sample_type(names.graph().streams[0]), names.prefix);
}

std::string row_declaration(const ModelNames& names) {
  if (!names.comes_by_rows()) return "";
  const Value& sample = names.value(names.graph().streams[0].value);
  return fmt::format(
      R"(// The same row by row, 0 to {1} in order, {2} values each, as a camera gives them: only some
// of them are in the model's memory. Returns 1 behind the last row, else 0.
int32_t {0}_push_row({0}_model* model, int32_t row, const {3}* values);
)",
      names.prefix, sample.shape[1] - 1, sample.elements() / sample.shape[1], c_type(sample.type));
}

std::string push_declarations(const ModelNames& names, const Stream& stream) {
  std::string text =
      sample_struct(names, stream) + input_declaration(names) +
      fmt::format(
          R"(// One sample of "{1}": {2}. Returns 1 when a decision is ready (read the outputs), else 0.
int32_t {0}_push{3}({0}_model* model, const {4}* sample);
)",
          names.prefix, commented(stream.name), sample_words(names, stream), names.suffix(stream),
          names.sample_type(stream));
  text += row_declaration(names);
  if (!stream.axes.empty())
    text +=
        fmt::format(R"(// The same from physical values; not finite ones count as missing samples.
int32_t {0}_push_f32{1}({0}_model* model, const float* sample);
// n samples are missing: {2}.
int32_t {0}_push_missing{1}({0}_model* model, uint32_t n);
)",
                    names.prefix, names.suffix(stream), missing_words(stream.missing));
  return text + "\n";
}

std::string functions(const ModelNames& names) {
  std::string text =
      names.has_far()
          ? fmt::format(
                R"(// Where the far part lies; call once before anything else. It stays there as long as the model.
void {0}_use_far({0}_model* model, {0}_far_memory* far_memory);

)",
                names.prefix)
          : "";
  text += fmt::format(
      R"(// Back to the state at the start of a recording; call once before the first push.
void {0}_reset({0}_model* model);

)",
      names.prefix);
  for (const Stream& stream : names.graph().streams) text += push_declarations(names, stream);
  return text +
         fmt::format(
             R"(// The state in {1} bytes, padding-free and little-endian; loadable on every port. The last four are a
// check: load returns 1, or 0 for damaged bytes or another model's, and then the model stays as it was.
enum {{ {0}_saved_bytes = {1} }};
void {0}_save(const {0}_model* model, uint8_t* to);
int32_t {0}_load({0}_model* model, const uint8_t* from);

// Runs a fixed input and compares every layer with what the compiler computed: 0, or 1 + the number of the
// first layer that differs (a lost compiler flag, damaged flash). Resets the model.
int32_t {0}_self_test({0}_model* model);

#ifdef __cplusplus
}}  // extern "C"

)",
             names.prefix, names.plan.saved_bytes);
}

std::string labels(const ModelNames& names) {
  const std::vector<std::string>& classes = names.graph().classes;
  if (classes.empty()) return "";
  std::string text = fmt::format("constexpr const char* kLabels[{}] = {{", classes.size());
  for (size_t i = 0; i < classes.size(); ++i)
    text += fmt::format("{}\"{}\"", i ? ", " : "", escaped(classes[i]));
  return text + "};\n\n";
}

// An output may lie in the field of another value, as a view of it.
std::string getter(const ModelNames& names, ValueId id) {
  const Location& location = names.location(id);
  const char* type = c_type(names.value(id).type);
  const bool in_field = location.region == Region::state || location.region == Region::output;
  const bool as_declared = in_field && names.value(id).type == names.value(location.storage).type;
  return fmt::format("  const {0}* {1}() const {{ return {2}{3}; }}\n", type, names.field(id),
                     as_declared ? "" : fmt::format("(const {}*)", type),
                     names.address(id, "model_."));
}

std::string constructor(const ModelNames& names) {
  if (!names.has_far())
    return fmt::format(R"(// Everything inside: sizeof(Model) is all the static RAM it needs.
class Model {{
 public:
  Model() {{ {0}_reset(&model_); }}
)",
                       names.prefix);
  return fmt::format(R"(// sizeof(Model) and its far memory are all the static RAM it needs.
class Model {{
 public:
  explicit Model({0}_far_memory& far_memory) {{
    {0}_use_far(&model_, &far_memory);
    {0}_reset(&model_);
  }}
)",
                     names.prefix);
}

std::string cpp_class(const ModelNames& names) {
  std::string text = constructor(names);
  text += fmt::format("  void reset() {{ {0}_reset(&model_); }}\n", names.prefix);
  if (names.plan.has_input())
    text += fmt::format("  {}* input() {{ return {}(&model_); }}\n",
                        names.sample_type(names.graph().streams[0]), names.input());
  for (const Stream& stream : names.graph().streams)
    text += fmt::format(
        "  bool push{1}(const {2}* sample) {{ return {0}_push{1}(&model_, sample) != 0; }}\n",
        names.prefix, names.suffix(stream), names.sample_type(stream));
  if (names.comes_by_rows())
    text += fmt::format(
        "  bool push_row(int32_t row, const {1}* values) {{ return {0}_push_row(&model_, row, "
        "values) "
        "!= 0; }}\n",
        names.prefix, names.sample_type(names.graph().streams[0]));
  for (ValueId id : names.graph().outputs) text += getter(names, id);
  return text + fmt::format(R"(  void save(uint8_t* to) const {{ {0}_save(&model_, to); }}
  [[nodiscard]] bool load(const uint8_t* from) {{ return {0}_load(&model_, from) != 0; }}
  bool self_test() {{ return {0}_self_test(&model_) == 0; }}

 private:
  {0}_model model_;
}};

)",
                            names.prefix);
}

}  // namespace

std::string model_header(const ModelNames& names, const std::string& model_id) {
  return opening(names, model_id) + inputs_comment(names) + outputs_comment(names) +
         model_struct(names) + functions(names) + fmt::format("namespace {} {{\n\n", names.prefix) +
         labels(names) + cpp_class(names) +
         fmt::format("}}  // namespace {}\n#endif\n", names.prefix);
}

}  // namespace mote
