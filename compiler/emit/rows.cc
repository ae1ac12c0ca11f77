// SPDX-License-Identifier: Apache-2.0
// Layers that run by rows (compiler/plan/row_loop.h) in model.cc: the table of their windows, and
// the loop: windows move down, the source's rows are copied, each layer makes its rows, and rows
// outside the image become zeros. See texts.h.
#include <fmt/format.h>

#include "compiler/emit/texts.h"

namespace mote {
namespace {

std::string at_offset(int64_t offset) { return fmt::format("(uint8_t*)m->arena + {}", offset); }

// Where a step's rows of value `v` lie.
std::string fresh_rows(const ModelNames& names, size_t v) {
  const RowLoop& loop = *names.plan.loop;
  if (v + 1 < loop.values.size()) return at_offset(loop.values[v].fresh_offset());
  return fmt::format("(uint8_t*)({}) + step * {}", names.address(loop.result().value),
                     loop.result().window.fresh_bytes());
}

// The layer that makes value `v`, which is observed as far as it lies in the image.
std::string layer_text(const ModelNames& names, size_t v) {
  const auto layer = names.plan.loop->first + int32_t(v) - 1;
  return fmt::format(
      "if (kRows[{0}].has_rows(step)) {{ {1}; observe({2}, {3} + kRows[{0}].above(step) * {4}, "
      "uint32_t((kRows[{0}].inside_end(step) - kRows[{0}].above(step)) * {4})); }}",
      v, layer_call(names, layer), layer, fresh_rows(names, v),
      names.plan.loop->values[v].window.row_bytes);
}

}  // namespace

std::string row_windows(const ModelNames& names) {
  if (!names.plan.loop) return "";
  std::string text = R"(}  // extern "C"

namespace {

// Layers that run by rows: of what they read and make, bytes of a row, rows of the image, rows a step, rows after step
// 0, rows kept from the step before, bytes above and below the image.
constexpr mote::RowWindow kRows[] = {
)";
  for (const RowValue& v : names.plan.loop->values)
    text += fmt::format("    {{{}, {}, {}, {}, {}, {}}},  // {}\n", v.window.row_bytes,
                        v.window.rows, v.window.fresh, v.window.end, v.window.kept, v.window.zero,
                        commented(names.value(v.value).name));
  return text + "};\n\n}  // namespace\n\nextern \"C\" {\n\n";
}

std::string row_loop(const ModelNames& names, const std::string& indent) {
  const RowLoop& loop = *names.plan.loop;
  std::string body;
  const auto line = [&](const std::string& text) { body += indent + "  " + text + "\n"; };
  for (size_t v = 0; v < loop.values.size(); ++v)
    if (loop.values[v].window.kept > 0)
      line(fmt::format("mote::keep_rows(kRows[{}], {});", v, at_offset(loop.values[v].offset)));
  line(fmt::format("mote::copy_rows(kRows[0], {}, {}, step);", names.address(loop.source().value),
                   fresh_rows(names, 0)));
  for (size_t v = 1; v < loop.values.size(); ++v) {
    line(layer_text(names, v));
    if (loop.values[v].is_padded)
      line(fmt::format("mote::zero_rows(kRows[{}], {}, step);", v, fresh_rows(names, v)));
  }
  return fmt::format("{0}for (int32_t step = {1}; step < {2}; ++step) {{\n{3}{0}}}\n", indent,
                     loop.begin, loop.end, body);
}

}  // namespace mote
