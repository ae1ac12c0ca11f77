// SPDX-License-Identifier: Apache-2.0
// A Plan as C++ text. See cpp.h. The layout of the text is what a reader of a firmware project
// sees: keep it plain.
#include "compiler/emit/cpp.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <set>

#include "compiler/emit/weights.h"
#include "graph/sha256.h"

namespace mote {
namespace {

std::string shape_text(const Value& value) {
  return fmt::format("[{}]", fmt::join(value.shape, ", "));
}

// `text` inside a string literal.
std::string escaped(const std::string& text) {
  std::string out;
  for (char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += uint8_t(c) < 32 ? '?' : c;
  }
  return out;
}

// `text` inside a comment of one line: names may come from a file, and must not end the comment or
// go on with "\\".
std::string commented(std::string text) {
  for (char& c : text)
    if (uint8_t(c) < 32 || c == '\\') c = '?';
  return text;
}

class Emitter {
 public:
  explicit Emitter(const Plan& plan)
      : plan_(plan),
        graph_(plan.graph),
        p_(identifier(plan.graph.name)),
        golden_(golden_run(plan)) {}

  EmittedLibrary run() {
    EmittedLibrary library;
    const WeightFiles weights = emit_weights(plan_, p_);
    weight_names_ = weights.names;
    library.files["weights.h"] = weights.header;
    library.files["weights.cc"] = weights.source;
    library.files["model.cc"] = source();
    library.model_id = sha256_hex(library.files["model.cc"] + weights.source);
    library.files["model.h"] = header(library.model_id);
    library.files["interface.cc"] = interface(library.model_id);
    library.files["model.json"] = emit_json(plan_, library.model_id);
    library.headers.assign(headers_.begin(), headers_.end());
    return library;
  }

 private:
  const Value& value(ValueId id) const { return graph_.value(id); }
  const Node& node(int32_t index) const { return graph_.nodes[size_t(index)]; }
  std::string field(ValueId id) const { return identifier(value(id).name); }
  std::string function(int32_t index) const { return p_ + "_" + layer_function(plan_, index); }
  const char* sample_type(const Stream& stream) const { return c_type(value(stream.value).type); }
  std::string suffix(const Stream& stream) const {
    return graph_.streams.size() == 1 ? "" : "_" + identifier(stream.name);
  }

  // ---- model.h

  std::string header(const std::string& model_id) const {
    std::string h = fmt::format(
        "// {0}: the emitted model. All the static RAM it needs is sizeof({0}_model) = {1} bytes.\n"
        "// Model id {2}.\n#pragma once\n#include <stdint.h>\n\n",
        p_, plan_.model_bytes, model_id);
    h += "#ifdef __cplusplus\nextern \"C\" {\n#endif\n\n";
    h += inputs_comment() + outputs_comment() + struct_text();
    h += fmt::format(
        "// Back to the state at the start of a recording; call once before the first push.\n"
        "void {0}_reset({0}_model* model);\n\n",
        p_);
    for (const Stream& stream : graph_.streams) h += push_declarations(stream);
    h += fmt::format(
        "// The state in {1} bytes, padding-free and little-endian; loadable on every port.\n"
        "enum {{ {0}_state_bytes = {1} }};\n"
        "void {0}_save(const {0}_model* model, uint8_t* to);\n"
        "void {0}_load({0}_model* model, const uint8_t* from);\n\n"
        "// Runs a fixed input and compares every layer with what the compiler computed: 0, or 1 + "
        "the number of the\n"
        "// first layer that differs (a lost compiler flag, damaged flash). Resets the model.\n"
        "int32_t {0}_self_test({0}_model* model);\n\n"
        "#ifdef __cplusplus\n}}  // extern \"C\"\n\n",
        p_, plan_.state_bytes);
    return h + cpp_class() + "#endif\n";
  }

  std::string inputs_comment() const {
    std::string text;
    for (const Stream& stream : graph_.streams) {
      text += fmt::format("// Input \"{}\": {}{}", commented(stream.name),
                          c_type(value(stream.value).type), shape_text(value(stream.value)));
      text += stream.rate_hz > 0
                  ? fmt::format(" at {} Hz, physical value = counts * scale:\n", stream.rate_hz)
                  : std::string("\n");
      for (const StreamAxis& axis : stream.axes)
        text += fmt::format("//   {:16} scale {:<12} unit {}\n", commented(axis.name), axis.scale,
                            axis.unit.empty() ? "unknown" : commented(axis.unit));
    }
    return text;
  }

  std::string outputs_comment() const {
    std::string text;
    for (ValueId id : graph_.outputs) {
      const Value& out = value(id);
      text += fmt::format("// Output \"{}\": {}{}", commented(out.name), c_type(out.type),
                          shape_text(out));
      if (!out.quantization.empty())
        text += fmt::format(", real = {} * (q - {})", out.quantization.scale(),
                            out.quantization.zero_point());
      text += "\n";
    }
    for (size_t i = 0; i < graph_.classes.size(); ++i)
      text += fmt::format("//   label {:3} = {}\n", i, commented(graph_.classes[i]));
    return text;
  }

  std::string struct_text() const {
    std::string text = fmt::format("typedef struct {0}_model {{\n", p_);
    if (plan_.arena_bytes > 0)
      text += fmt::format("  uint64_t arena[{}];  // transient: {} bytes within one push\n",
                          plan_.arena_bytes / 8, plan_.arena_bytes);
    int64_t end = plan_.arena_bytes;
    for (ValueId id : plan_.resident) {
      text += fmt::format("  {} {}[{}];  // {}\n", c_type(value(id).type), field(id),
                          value(id).elements(),
                          value(id).kind == ValueKind::state ? "state" : "output");
      end += value(id).bytes();
    }
    if (plan_.model_bytes > end)
      text += fmt::format("  uint8_t alignment[{}];\n", plan_.model_bytes - end);
    return text + fmt::format("}} {0}_model;\n\n", p_);
  }

  std::string push_declarations(const Stream& stream) const {
    std::string text = fmt::format(
        "// One sample of \"{1}\": {2} values. Returns 1 when a decision is ready (read the "
        "outputs), else 0.\n"
        "int32_t {0}_push{3}({0}_model* model, const {4}* sample);\n",
        p_, commented(stream.name), value(stream.value).elements(), suffix(stream),
        sample_type(stream));
    if (!stream.axes.empty())
      text += fmt::format(
          "// The same from physical values; not finite ones count as missing samples.\n"
          "int32_t {0}_push_f32{1}({0}_model* model, const float* sample);\n"
          "// n samples are missing: {2}.\n"
          "int32_t {0}_push_missing{1}({0}_model* model, uint32_t n);\n",
          p_, suffix(stream), missing_words(stream.missing));
    return text + "\n";
  }

  static const char* missing_words(MissingPolicy policy) {
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

  std::string cpp_class() const {
    std::string text = fmt::format("namespace {0} {{\n\n", p_);
    if (!graph_.classes.empty()) {
      text += fmt::format("constexpr const char* kLabels[{}] = {{", graph_.classes.size());
      for (size_t i = 0; i < graph_.classes.size(); ++i)
        text += fmt::format("{}\"{}\"", i ? ", " : "", escaped(graph_.classes[i]));
      text += "};\n\n";
    }
    text += fmt::format(
        "// Everything inside: sizeof(Model) is all the static RAM it needs.\n"
        "class Model {{\n public:\n  Model() {{ {0}_reset(&model_); }}\n  void reset() {{ "
        "{0}_reset(&model_); }}\n",
        p_);
    for (const Stream& stream : graph_.streams)
      text += fmt::format(
          "  bool push{1}(const {2}* sample) {{ return {0}_push{1}(&model_, sample) != 0; }}\n", p_,
          suffix(stream), sample_type(stream));
    for (ValueId id : graph_.outputs)
      text += fmt::format("  const {0}* {1}() const {{ return {2}; }}\n", c_type(value(id).type),
                          field(id), pointer(id, "model_.", true));
    text += fmt::format("  bool self_test() {{ return {0}_self_test(&model_) == 0; }}\n\n", p_);
    return text + fmt::format(" private:\n  {0}_model model_;\n}};\n\n}}  // namespace {0}\n", p_);
  }

  // Where a value's bytes are, as an expression; `m` is how the struct is reached ("m->" or
  // "model_.").
  std::string pointer(ValueId id, const std::string& m, bool typed) const {
    const Location& location = plan_.locations[size_t(id)];
    switch (location.region) {
      case Region::arena:
        return fmt::format("(uint8_t*){}arena + {}", m, location.offset);
      case Region::state:
      case Region::output: {
        const std::string name = m + field(location.storage);
        return typed && value(id).type != value(location.storage).type
                   ? fmt::format("(const {}*){}", c_type(value(id).type), name)
                   : name;
      }
      case Region::sample:
        return "sample";
      case Region::flash:
        return weight_names_.values.at(id);
    }
    return "";
  }

  // ---- model.cc

  std::string source() {
    std::string body;
    for (size_t i = 0; i < plan_.layers.size(); ++i)
      if (plan_.layers[i].has_kernel) body += layer_text(int32_t(i));
    for (size_t s = 0; s < graph_.streams.size(); ++s) body += push_text(int32_t(s));
    body += state_text() + self_test_text();
    return preamble() + body;
  }

  std::string preamble() const {
    std::string text = fmt::format(
        "// {}: emitted by mote. One function a layer; the table below is the plan.\n//\n", p_);
    text += "//  nr operator           output                 macs     where\n";
    for (size_t i = 0; i < plan_.layers.size(); ++i) text += table_row(int32_t(i));
    text +=
        "\n#include \"model.h\"\n\n#include <string.h>\n\n#include \"core/crc32.h\"\n#include "
        "\"core/stream.h\"\n#include \"core/target.h\"\n";
    for (const std::string& header : headers_) text += fmt::format("#include \"{}\"\n", header);
    text += "#include \"weights.h\"\n\n";
    text += fmt::format(
        "static_assert(sizeof({0}_model) == {1}, \"the plan and the compiler disagree\");\n\n", p_,
        plan_.model_bytes);
    return text +
           "namespace {\n\n"
           "// A place in memory that becomes the pointer a kernel asks for.\n"
           "struct Place {\n  void* address;\n"
           "  template <class T> operator T*() const { return static_cast<T*>(address); }\n};\n"
           "MOTE_INLINE Place at(const void* address) { return {const_cast<void*>(address)}; }\n\n"
           "// Told after each layer; the plain push has none.\n"
           "struct NoObserver {\n  void operator()(uint32_t, const void*, uint32_t) const {}\n};\n"
           "using Observer = void (*)(void* context, uint32_t layer, const void* data, uint32_t "
           "bytes);\n"
           "struct CallObserver {\n  Observer call;\n  void* context;\n"
           "  void operator()(uint32_t layer, const void* data, uint32_t bytes) const {\n"
           "    if (call) call(context, layer, data, bytes);\n  }\n};\n\n}  // namespace\n\n"
           "extern \"C\" {\n\n";
  }

  std::string table_row(int32_t i) const {
    const Layer& layer = plan_.layers[size_t(i)];
    const ValueId out = node(i).outputs[0];
    const Location& location = plan_.locations[size_t(out)];
    static const char* kRegions[] = {"arena", "state", "output", "flash", "sample"};
    return fmt::format("//  {:2} {:18} {:4}{:18} {:8}  {} {}  \"{}\"\n", i, node(i).op->name,
                       to_string(value(out).type), shape_text(value(out)), layer.macs,
                       kRegions[int(location.region)], location.offset, commented(node(i).name));
  }

  std::string layer_text(int32_t i) {
    const Layer& layer = plan_.layers[size_t(i)];
    const KernelCall& call = layer.call;
    headers_.insert(call.header);
    std::string text =
        fmt::format("// Layer {}: \"{}\".\nMOTE_LAYER {} {}({}) {{\n", i, commented(node(i).name),
                    call.kernel.gates ? "bool" : "void", function(i), parameters(i));
    text += fmt::format("  constexpr mote::{} kParams{{", call.params_type);
    for (size_t f = 0; f < call.fields.size(); ++f)
      text += fmt::format("{}\n      /*{}=*/{}", f ? "," : "", call.fields[f].name,
                          call.fields[f].literal);
    text += fmt::format("}};\n  {}mote::{}(kParams", call.kernel.gates ? "return " : "",
                        call.kernel.function);
    for (const KernelArgument& argument : call.arguments)
      text += ",\n      " + argument_text(i, argument);
    return text + ");\n}\n\n";
  }

  bool uses_sample(int32_t i) const {
    for (ValueId in : node(i).inputs)
      if (in >= 0 && plan_.locations[size_t(in)].region == Region::sample) return true;
    return false;
  }
  bool uses_model(int32_t i) const {
    for (const KernelArgument& a : plan_.layers[size_t(i)].call.arguments) {
      if (a.kind == KernelArgument::Kind::state || a.kind == KernelArgument::Kind::scratch)
        return true;
      if (a.kind == KernelArgument::Kind::output) return true;
      if (a.kind == KernelArgument::Kind::input) {
        const Region region = plan_.locations[size_t(node(i).inputs[size_t(a.index)])].region;
        if (region != Region::sample && region != Region::flash) return true;
      }
    }
    return false;
  }
  std::string parameters(int32_t i) const {
    const Stream& stream = graph_.streams[size_t(value(node(i).outputs[0]).clock.stream)];
    std::string text = fmt::format("{}_model*{}", p_, uses_model(i) ? " m" : "");
    if (uses_sample(i)) text += fmt::format(", const {}* sample", sample_type(stream));
    return text;
  }

  std::string argument_text(int32_t i, const KernelArgument& argument) const {
    const auto k = size_t(argument.index);
    switch (argument.kind) {
      using Kind = KernelArgument::Kind;
      case Kind::input:
        return place(node(i).inputs.at(k));
      case Kind::output:
        return place(node(i).outputs.at(k));
      case Kind::state:
        return place(node(i).states.at(k));
      case Kind::constant:
        return weight_names_.constants.at({i, argument.index});
      case Kind::scratch:
        return fmt::format("at((uint8_t*)m->arena + {})", plan_.layers[size_t(i)].scratch_offset);
      case Kind::null:
        return "nullptr";
    }
    return "";
  }
  std::string place(ValueId id) const {
    const std::string expression = pointer(id, "m->", false);
    return plan_.locations[size_t(id)].region == Region::flash ? expression
                                                               : fmt::format("at({})", expression);
  }

  // ---- push

  std::string push_text(int32_t s) const {
    const Stream& stream = graph_.streams[size_t(s)];
    const std::string name = suffix(stream);
    std::string text = tick_text(s);
    text += fill_text(stream);
    const std::string before = stream.pending >= 0
                                   ? fmt::format("fill_gap{}(m, sample, observe) | ", name)
                                   : std::string();
    const std::string keep = stream.last >= 0
                                 ? fmt::format("  memcpy(m->{}, sample, sizeof m->{});\n",
                                               field(stream.last), field(stream.last))
                                 : std::string();
    text += fmt::format(
        "template <class Observe>\nMOTE_INLINE int32_t push{0}({1}_model* m, const {2}* sample, "
        "Observe observe) {{\n",
        name, p_, sample_type(stream));
    text += before.empty()
                ? ""
                : fmt::format("  const int32_t gap = fill_gap{}(m, sample, observe);\n", name);
    text += keep + fmt::format("  return {}tick{}(m, sample, observe);\n}}\n",
                               before.empty() ? "" : "gap | ", name);
    text += "}  // namespace\n\nextern \"C\" {\n\n";
    text += fmt::format(
        "int32_t {0}_push{1}({0}_model* m, const {2}* sample) {{ return push{1}(m, sample, "
        "NoObserver{{}}); }}\n\n"
        "int32_t {0}_push_observed{1}({0}_model* m, const {2}* sample, Observer observer, void* "
        "context) {{\n"
        "  return push{1}(m, sample, CallObserver{{observer, context}});\n}}\n\n",
        p_, name, sample_type(stream));
    return text + (stream.axes.empty() ? std::string() : missing_text(stream) + float_text(stream));
  }

  int32_t stream_of(int32_t i) const { return value(node(i).outputs[0]).clock.stream; }

  // The list of layers in order: what one sample runs, grouped by the gate that lets them run.
  std::string tick_text(int32_t s) const {
    const Stream& stream = graph_.streams[size_t(s)];
    std::string text = fmt::format(
        "}}  // extern \"C\"\n\nnamespace {{\n\n// What one sample of \"{}\" runs, in order.\n"
        "template <class Observe>\nMOTE_INLINE int32_t tick{}({}_model* m, const {}* sample, "
        "Observe observe) {{\n"
        "  int32_t decided = 0;\n",
        stream.name, suffix(stream), p_, sample_type(stream));
    for (size_t i = 0; i < plan_.layers.size(); ++i)
      if (plan_.layers[i].has_kernel && plan_.layers[i].call.kernel.gates &&
          stream_of(int32_t(i)) == s)
        text += fmt::format("  bool fired_{} = false;\n", i);
    int32_t open = -1;
    for (size_t i = 0; i < plan_.layers.size(); ++i) {
      const Layer& layer = plan_.layers[i];
      if (stream_of(int32_t(i)) != s) continue;
      if (layer.gate != open) {
        if (open >= 0) text += "  }\n";
        if (layer.gate >= 0) text += fmt::format("  if (fired_{}) {{\n", layer.gate);
        open = layer.gate;
      }
      text += step_text(int32_t(i), open >= 0 ? "    " : "  ");
    }
    if (open >= 0) text += "  }\n";
    return text + "  (void)observe;\n  return decided;\n}\n";
  }

  std::string step_text(int32_t i, const std::string& indent) const {
    const Layer& layer = plan_.layers[size_t(i)];
    const std::string call = fmt::format("{}(m{})", function(i), uses_sample(i) ? ", sample" : "");
    std::string text;
    std::string observe;
    for (ValueId out : node(i).outputs)
      observe +=
          fmt::format("observe({}, {}, {});", i, pointer(out, "m->", false), value(out).bytes());
    std::string decided;
    for (ValueId out : node(i).outputs)
      if (std::find(graph_.outputs.begin(), graph_.outputs.end(), out) != graph_.outputs.end())
        decided = " decided = 1;";
    if (!layer.has_kernel) return decided.empty() ? "" : indent + decided.substr(1) + "\n";
    if (!layer.call.kernel.gates)
      return fmt::format("{0}{1};\n{0}{2}{3}\n", indent, call, observe, decided);
    return fmt::format("{0}fired_{1} = {2};\n{0}if (fired_{1}) {{ {3}{4} }}\n", indent, i, call,
                       observe, decided);
  }

  std::string fill_text(const Stream& stream) const {
    if (stream.pending < 0) return "";
    return fmt::format(
        "\n// The samples between the last one and this, if any are missing.\n"
        "template <class Observe>\nMOTE_INLINE int32_t fill_gap{0}({1}_model* m, const int16_t* "
        "sample, Observe observe) {{\n"
        "  int32_t decided = 0;\n  const int32_t n = m->{2}[0];\n  for (int32_t i = 1; i <= n; "
        "++i) {{\n"
        "    int16_t between[{3}];\n    mote::interpolate_s16(m->{4}, sample, {3}, i, n, "
        "between);\n"
        "    decided |= tick{0}(m, between, observe);\n  }}\n  m->{2}[0] = 0;\n  return "
        "decided;\n}}\n\n",
        suffix(stream), p_, field(stream.pending), stream.axes.size(), field(stream.last));
  }

  std::string missing_text(const Stream& stream) const {
    const std::string name = suffix(stream);
    std::string body;
    switch (stream.missing) {
      case MissingPolicy::drop:
        body = fmt::format(
            "  (void)n, (void)observer, (void)context;\n  {}_reset(m);\n  return 0;\n", p_);
        break;
      case MissingPolicy::interpolate:
        body = fmt::format(
            "  (void)observer, (void)context;\n  if (m->{0}[0] >= 0) m->{0}[0] += (int32_t)n;\n  "
            "return 0;\n",
            field(stream.pending));
        break;
      case MissingPolicy::hold:
        body = fmt::format(
            "  int32_t decided = 0;\n  for (uint32_t i = 0; i < n; ++i)\n"
            "    decided |= tick{}(m, m->{}, CallObserver{{observer, context}});\n  return "
            "decided;\n",
            name, field(stream.last));
    }
    return fmt::format(
        "int32_t {0}_push_missing_observed{1}({0}_model* m, uint32_t n, Observer observer, void* "
        "context) {{\n{2}}}\n\n"
        "int32_t {0}_push_missing{1}({0}_model* m, uint32_t n) {{\n"
        "  return {0}_push_missing_observed{1}(m, n, nullptr, nullptr);\n}}\n\n",
        p_, name, body);
  }

  std::string float_text(const Stream& stream) const {
    std::string scales;
    for (const StreamAxis& axis : stream.axes)
      scales += fmt::format("{}{}", scales.empty() ? "" : ", ",
                            kernel_detail::literal(1.0f / axis.scale));
    return fmt::format(
        "int32_t {0}_push_f32{1}({0}_model* m, const float* sample) {{\n"
        "  constexpr float kCountsPerUnit[{2}] = {{{3}}};\n  int16_t counts[{2}];\n"
        "  if (!mote::to_counts(sample, kCountsPerUnit, {2}, counts)) return "
        "{0}_push_missing{1}(m, 1);\n"
        "  return {0}_push{1}(m, counts);\n}}\n\n",
        p_, suffix(stream), stream.axes.size(), scales);
  }

  // ---- state

  std::string state_text() const {
    std::string reset = fmt::format("void {0}_reset({0}_model* m) {{\n", p_);
    std::string save = fmt::format("void {0}_save(const {0}_model* m, uint8_t* to) {{\n", p_);
    std::string load = fmt::format("void {0}_load({0}_model* m, const uint8_t* from) {{\n", p_);
    for (ValueId id : plan_.resident)
      reset += value(id).data ? fmt::format("  memcpy(m->{0}, {1}, sizeof m->{0});\n", field(id),
                                            weight_names_.values.at(id))
                              : fmt::format("  memset(m->{0}, 0, sizeof m->{0});\n", field(id));
    int64_t at = 0;
    for (ValueId id : graph_.states()) {
      save += fmt::format("  memcpy(to + {1}, m->{0}, sizeof m->{0});\n", field(id), at);
      load += fmt::format("  memcpy(m->{0}, from + {1}, sizeof m->{0});\n", field(id), at);
      at += value(id).bytes();
    }
    if (plan_.resident.empty()) reset += "  (void)m;\n";
    if (at == 0) save += "  (void)m, (void)to;\n", load += "  (void)m, (void)from;\n";
    return reset + "}\n\n" + save + "}\n\n" + load + "}\n\n" + outputs_text();
  }

  std::string outputs_text() const {
    std::string text = fmt::format("void {0}_outputs(const {0}_model* m, uint8_t* to) {{\n", p_);
    int64_t at = 0;
    for (ValueId id : graph_.outputs) {
      text += fmt::format("  memcpy(to + {}, {}, {});\n", at, pointer(id, "m->", false),
                          value(id).bytes());
      at += value(id).bytes();
    }
    return text + "}\n\n";
  }

  std::string self_test_text() const {
    const size_t n = golden_.layer_crcs.size();
    std::string crcs;
    for (size_t i = 0; i < n; ++i)
      crcs += fmt::format("{}0x{:08x}u",
                          i == 0       ? "\n    "
                          : i % 6 == 0 ? ",\n    "
                                       : ", ",
                          golden_.layer_crcs[i]);
    std::string tables;
    for (size_t i = 0; i < n; ++i)
      for (const std::string& name : table_names(int32_t(i)))
        tables += fmt::format("  crcs[{0}] = mote::crc32(crcs[{0}], {1}, sizeof {1});\n", i, name);
    std::string pushes;
    for (const Stream& stream : graph_.streams) pushes += self_test_push(stream);
    return fmt::format(
        "}}  // extern \"C\"\n\nnamespace {{\n\n"
        "void take_crc(void* context, uint32_t layer, const void* data, uint32_t bytes) {{\n"
        "  uint32_t* crcs = static_cast<uint32_t*>(context);\n"
        "  crcs[layer] = mote::crc32(crcs[layer], data, bytes);\n}}\n\n}}  // namespace\n\nextern "
        "\"C\" {{\n\n"
        "int32_t {0}_self_test({0}_model* m) {{\n"
        "  static constexpr uint32_t kGolden[{1}] = {{{2}}};\n"
        "  uint32_t crcs[{1}] = {{}};\n  uint32_t x = 12345;\n  {0}_reset(m);\n{5}"
        "  for (uint32_t step = 0; step < {3}; ++step) {{\n{4}  }}\n  {0}_reset(m);\n"
        "  for (int32_t i = 0; i < {1}; ++i)\n    if (crcs[i] != kGolden[i]) return 1 + i;\n  "
        "return 0;\n}}\n\n"
        "}}  // extern \"C\"\n",
        p_, n, crcs, golden_.steps, pushes, tables);
  }

  // The names of tables_of(plan, i), in the same order.
  std::vector<std::string> table_names(int32_t i) const {
    std::vector<std::string> names;
    for (const KernelArgument& argument : plan_.layers[size_t(i)].call.arguments) {
      if (argument.kind == KernelArgument::Kind::constant)
        names.push_back(weight_names_.constants.at({i, argument.index}));
      if (argument.kind != KernelArgument::Kind::input) continue;
      const ValueId in = node(i).inputs.at(size_t(argument.index));
      if (value(in).kind == ValueKind::constant) names.push_back(weight_names_.values.at(in));
    }
    return names;
  }

  std::string self_test_push(const Stream& stream) const {
    const Value& sample = value(stream.value);
    const int shift = sample.type == ElementType::s16 ? 16 : 24;
    return fmt::format(
        "    {{\n      {0} sample[{1}];\n      for ({0}& value : sample) {{\n"
        "        x = x * 1664525u + 1013904223u;\n        value = ({0})(x >> {2});\n      }}\n"
        "      {3}_push_observed{4}(m, sample, take_crc, crcs);\n    }}\n",
        c_type(sample.type), sample.elements(), shift, p_, suffix(stream));
  }

  // ---- interface.cc

  std::string interface(const std::string& model_id) const {
    std::string names, axes, push, observed, missing, declared;
    for (size_t i = 0; i < plan_.layers.size(); ++i)
      names += fmt::format("    \"{}\",\n", escaped(layer_title(plan_, int32_t(i))));
    for (size_t s = 0; s < graph_.streams.size(); ++s) {
      const Stream& stream = graph_.streams[s];
      const std::string name = suffix(stream);
      const char* type = sample_type(stream);
      axes += fmt::format("{}{}", s ? ", " : "", value(stream.value).bytes() / 2);
      declared += fmt::format(
          "int32_t {0}_push_observed{1}({0}_model*, const {2}*, mote_observer, void*);\n", p_, name,
          type);
      push += fmt::format("  if (stream == {0}) return {1}_push{2}((M*)m, (const {3}*)sample);\n",
                          s, p_, name, type);
      observed += fmt::format(
          "  if (stream == {0}) return {1}_push_observed{2}((M*)m, (const {3}*)sample, observer, "
          "context);\n",
          s, p_, name, type);
      if (stream.axes.empty()) continue;
      declared += fmt::format(
          "int32_t {0}_push_missing_observed{1}({0}_model*, uint32_t, mote_observer, void*);\n", p_,
          name);
      missing += fmt::format(
          "  if (stream == {0}) return {1}_push_missing_observed{2}((M*)m, n, observer, "
          "context);\n",
          s, p_, name);
    }
    return fmt::format(
        "// {0}: the table that a player reads (core/model_interface.h). Linked only into player "
        "images.\n"
        "#include \"core/model_interface.h\"\n\n#include \"model.h\"\n\nextern \"C\" {{\n{1}"
        "void {0}_outputs(const {0}_model*, uint8_t*);\n}}\n\nnamespace {{\n\nusing M = "
        "{0}_model;\n\n"
        "const char* const kLayerNames[] = {{\n{2}}};\nconst uint16_t kStreamAxes[] = {{{3}}};\n\n"
        "void reset(void* m) {{ {0}_reset((M*)m); }}\n"
        "int32_t push(void* m, uint32_t stream, const int16_t* sample) {{\n{4}  return 0;\n}}\n"
        "int32_t push_observed(void* m, uint32_t stream, const int16_t* sample, mote_observer "
        "observer, void* context) "
        "{{\n{5}  return 0;\n}}\n"
        "int32_t push_missing(void* m, uint32_t stream, uint32_t n, mote_observer observer, void* "
        "context) {{\n"
        "  (void)m, (void)stream, (void)n, (void)observer, (void)context;\n{6}  return 0;\n}}\n"
        "void outputs(const void* m, uint8_t* to) {{ {0}_outputs((const M*)m, to); }}\n"
        "void save(const void* m, uint8_t* to) {{ {0}_save((const M*)m, to); }}\n"
        "void load(void* m, const uint8_t* from) {{ {0}_load((M*)m, from); }}\n"
        "int32_t self_test(void* m) {{ return {0}_self_test((M*)m); }}\n\n}}  // namespace\n\n"
        "extern \"C\" const mote_model_interface mote_model = {{\n"
        "    /*name=*/\"{0}\",\n    /*model_id=*/\"{7}\",\n    /*model_bytes=*/sizeof(M),\n"
        "    /*n_layers=*/{8},\n    kLayerNames,\n    /*n_streams=*/{9},\n    kStreamAxes,\n"
        "    /*output_bytes=*/{10},\n    /*state_bytes=*/{11},\n"
        "    reset,\n    push,\n    push_observed,\n    push_missing,\n    outputs,\n    save,\n   "
        " load,\n    self_test}};\n",
        p_, declared, names, axes, push, observed, missing, model_id, plan_.layers.size(),
        graph_.streams.size(), plan_.output_bytes, plan_.state_bytes);
  }

  const Plan& plan_;
  const Graph& graph_;
  const std::string p_;  // the project's name: prefix of every symbol
  const GoldenRun golden_;
  WeightNames weight_names_;
  std::set<std::string> headers_;
};

}  // namespace

const char* c_type(ElementType type) {
  static const char* kNames[] = {"float", "int8_t", "uint8_t", "int16_t", "int32_t", "int64_t"};
  static_assert(std::size(kNames) == kElementTypeCount);
  return kNames[int(type)];
}

std::string identifier(const std::string& name) {
  std::string text;
  for (char c : name) text += std::isalnum(uint8_t(c)) ? c : '_';
  if (text.empty() || std::isdigit(uint8_t(text[0]))) text = "m" + text;
  return text;
}

std::string layer_function(const Plan& plan, int32_t index) {
  return fmt::format("layer_{:02}_{}", index, plan.graph.nodes[size_t(index)].op->name);
}

std::string layer_title(const Plan& plan, int32_t index) {
  const Node& node = plan.graph.nodes[size_t(index)];
  return node.op->name + " " + node.name;
}

EmittedLibrary emit_cpp(const Plan& plan) { return Emitter(plan).run(); }

}  // namespace mote
