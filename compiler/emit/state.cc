// SPDX-License-Identifier: Apache-2.0
// The state in model.cc: use_far says where the far part is, reset writes every initial value, save
// and load pass the states through padding-free bytes, sealed with the graph's state id. See
// texts.h.
#include <fmt/format.h>

#include <vector>

#include "compiler/emit/texts.h"
#include "graph/state_id.h"

namespace mote {
namespace {

std::string reset_text(const ModelNames& names) {
  std::string text = fmt::format("MOTE_COLD void {0}_reset({0}_model* m) {{\n", names.prefix);
  std::vector<ValueId> kept = names.plan.resident;
  if (names.plan.arena_output >= 0) kept.push_back(names.plan.arena_output);
  for (ValueId id : kept) {
    const std::string field = names.field(id);
    text += names.value(id).data ? fmt::format("  memcpy(m->{0}, {1}, sizeof m->{0});\n", field,
                                               names.weights.values.at(id))
                                 : fmt::format("  memset(m->{0}, 0, sizeof m->{0});\n", field);
  }
  if (kept.empty()) text += "  (void)m;\n";
  return text + "}\n\n";
}

// The whole room of the pointer is written, so that the struct is the same on every core.
std::string far_text(const ModelNames& names) {
  if (!names.has_far()) return "";
  return fmt::format(R"(MOTE_COLD void {0}_use_far({0}_model* m, {0}_far_memory* far_memory) {{
  m->room_of_pointer = 0;
  m->far_memory = far_memory;
}}

)",
                     names.prefix);
}

std::string save_and_load_text(const ModelNames& names) {
  std::string save, load;
  int64_t at = 0;
  for (ValueId id : names.graph().states()) {
    const std::string field = names.field(id);
    save += fmt::format("  mote::move_down(to + {1}, (const uint8_t*)m->{0}, sizeof m->{0});\n",
                        field, at);
    load +=
        fmt::format("  mote::move_down((uint8_t*)m->{0}, from + {1}, sizeof m->{0});\n", field, at);
    at += names.value(id).bytes();
  }
  if (at == 0) save = load = "  (void)m;\n";
  using namespace fmt::literals;
  return fmt::format(R"(MOTE_COLD void {model}_save(const {model}_model* m, uint8_t* to) {{
{save}  mote::seal_state(to, {bytes}, 0x{id:08x}u);
}}

MOTE_COLD int32_t {model}_load({model}_model* m, const uint8_t* from) {{
  if (!mote::is_sealed_state(from, {bytes}, 0x{id:08x}u)) return 0;
{load}  return 1;
}}

)",
                     "model"_a = names.prefix, "bytes"_a = at, "id"_a = state_id(names.graph()),
                     "save"_a = save, "load"_a = load);
}

}  // namespace

std::string state_functions(const ModelNames& names) {
  return far_text(names) + reset_text(names) + save_and_load_text(names);
}

}  // namespace mote
