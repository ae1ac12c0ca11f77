// SPDX-License-Identifier: Apache-2.0
// model.cc as a whole: the plan as a table, what it includes, the few types that its functions
// share, and then the parts of texts.h.
#include <fmt/format.h>

#include "compiler/emit/texts.h"

namespace mote {
namespace {

std::string table_row(const ModelNames& names, int32_t i) {
  const Node& node = names.node(i);
  const ValueId out = node.outputs[0];
  const Location& location = names.location(out);
  static const char* kRegions[] = {"arena", "state", "output", "flash", "sample"};
  const int64_t near = names.plan.near_arena_bytes;
  const bool is_far = location.region == Region::arena && location.offset >= near;
  return fmt::format("//  {:2} {:18} {:4}{:18} {:8}  {} {}  \"{}\"\n", i, node.op->name,
                     to_string(names.value(out).type), shape_text(names.value(out)),
                     names.plan.layers[size_t(i)].macs,
                     is_far ? "far" : kRegions[int(location.region)],
                     location.offset - (is_far ? near : 0), commented(node.name));
}

std::string table(const ModelNames& names) {
  std::string text =
      fmt::format(R"(// {}: emitted by mote. One function a layer; the table below is the plan.
//
//  nr operator           output                 macs     where
)",
                  names.prefix);
  for (size_t i = 0; i < names.plan.layers.size(); ++i) text += table_row(names, int32_t(i));
  return text + "\n";
}

std::string includes(const ModelNames& names) {
  std::string text = R"(#include "model.h"

#include <string.h>

#include "core/crc32.h"
#include "core/saved_state.h"
#include "core/stream.h"
#include "core/target.h"
)";
  for (const std::string& header : kernel_headers(names.plan))
    text += fmt::format("#include \"{}\"\n", header);
  return text + "#include \"weights.h\"\n\n";
}

constexpr const char* kSharedTypes = R"(namespace {

// A place in memory that becomes the pointer a kernel asks for.
struct Place {
  void* address;
  template <class T> operator T*() const { return static_cast<T*>(address); }
};
MOTE_INLINE Place at(const void* address) { return {const_cast<void*>(address)}; }

// Told after each layer; the plain push has none.
struct NoObserver {
  void operator()(uint32_t, const void*, uint32_t) const {}
};
using Observer = void (*)(void* context, uint32_t layer, const void* data, uint32_t bytes);
inline void observe_nothing(void*, uint32_t, const void*, uint32_t) {}
struct CallObserver {
  Observer call;
  void* context;
  CallObserver(Observer observer, void* its_context)
      : call(observer ? observer : observe_nothing), context(its_context) {}
  void operator()(uint32_t layer, const void* data, uint32_t bytes) const {
    call(context, layer, data, bytes);
  }
};

}  // namespace

extern "C" {

)";

}  // namespace

std::string model_source(const ModelNames& names) {
  std::string text = table(names) + includes(names);
  text += fmt::format(
      "static_assert(sizeof({0}_model) == {1}, \"the plan and the compiler disagree\");\n\n",
      names.prefix, names.plan.model_bytes);
  if (names.has_far())
    text += fmt::format(
        "static_assert(sizeof({0}_far_memory) == {1}, \"the plan and the compiler disagree\");\n\n",
        names.prefix, names.plan.far_bytes());
  text += kSharedTypes + row_windows(names);
  text += layer_functions(names);
  for (size_t s = 0; s < names.graph().streams.size(); ++s)
    text += push_functions(names, int32_t(s));
  return text + state_functions(names) + self_test_function(names);
}

}  // namespace mote
