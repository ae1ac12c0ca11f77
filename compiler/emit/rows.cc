// SPDX-License-Identifier: Apache-2.0
// Layers that run by rows (compiler/plan/row_loop.h) in model.cc: the table of their windows, and
// the loop: windows move down, the source's rows are copied, each layer makes its rows, and rows
// outside the image become zeros. Where the image comes by rows, the loop goes on as far as a row
// lets it. See texts.h.
#include <fmt/format.h>

#include "compiler/emit/texts.h"

namespace mote {
namespace {

// Where a step's rows of value `v` lie.
std::string fresh_rows(const ModelNames& names, size_t v) {
  const RowLoop& loop = *names.plan.loop;
  if (v + 1 < loop.values.size()) return names.arena(loop.values[v].fresh_offset());
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

using Lines = std::vector<std::string>;

Lines keep_lines(const ModelNames& names) {
  const std::vector<RowValue>& values = names.plan.loop->values;
  Lines lines;
  for (size_t v = 0; v < values.size(); ++v)
    if (values[v].window.kept > 0)
      lines.push_back(
          fmt::format("mote::keep_rows(kRows[{}], {});", v, names.arena(values[v].offset)));
  return lines;
}

Lines layer_lines(const ModelNames& names) {
  Lines lines;
  for (size_t v = 1; v < names.plan.loop->values.size(); ++v) {
    lines.push_back(layer_text(names, v));
    if (names.plan.loop->values[v].is_padded)
      lines.push_back(
          fmt::format("mote::zero_rows(kRows[{}], {}, step);", v, fresh_rows(names, v)));
  }
  return lines;
}

std::string text_of(const Lines& lines, const std::string& indent) {
  std::string text;
  for (const std::string& line : lines) text += indent + line + "\n";
  return text;
}

// The steps that one row lets run: its own, if it is the last of it, before the first row those
// above the image, behind the last one those below.
std::string loop_of_row(const ModelNames& names, const std::string& indent) {
  const RowLoop& loop = *names.plan.loop;
  const std::string inner = indent + "    ";
  using namespace fmt::literals;
  return fmt::format(R"({i}const int32_t of_row = kRows[0].step_of(row);
{i}const int32_t steps_end = row + 1 < {rows} ? of_row + 1 : {end};
{i}for (int32_t step = row == 0 ? {begin} : of_row; step < steps_end; ++step) {{
{i}  const int32_t at = row - kRows[0].first_row(step);
{i}  if (step != of_row || at == kRows[0].above(step)) {{
{keeps}{i}  }}
{i}  if (step == of_row) {{
{i}    memcpy({fresh} + at * {row_bytes}, sample, {row_bytes});
{i}    if (at + 1 < kRows[0].inside_end(step)) return 0;
{i}  }}
{i}  mote::zero_rows(kRows[0], {fresh}, step);
{layers}{i}}}
{i}if (row + 1 < {rows}) return 0;
)",
                     "i"_a = indent, "rows"_a = loop.source().window.rows, "end"_a = loop.end,
                     "begin"_a = loop.begin, "keeps"_a = text_of(keep_lines(names), inner),
                     "fresh"_a = fresh_rows(names, 0),
                     "row_bytes"_a = loop.source().window.row_bytes,
                     "layers"_a = text_of(layer_lines(names), indent + "  "));
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
  if (loop.comes_by_rows) return loop_of_row(names, indent);
  const std::string body = text_of(keep_lines(names), indent + "  ") +
                           fmt::format("{}  mote::copy_rows(kRows[0], {}, {}, step);\n", indent,
                                       names.address(loop.source().value), fresh_rows(names, 0)) +
                           text_of(layer_lines(names), indent + "  ");
  return fmt::format("{0}for (int32_t step = {1}; step < {2}; ++step) {{\n{3}{0}}}\n", indent,
                     loop.begin, loop.end, body);
}

}  // namespace mote
