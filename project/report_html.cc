// SPDX-License-Identifier: Apache-2.0
// The report as one HTML page: no script, no network, figures as SVG.
#include <fmt/format.h>

#include <algorithm>

#include "project/report.h"

namespace mote {
namespace {

constexpr const char* kStyle =
    "body{font:15px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 "
    "1rem;color:#222}"
    "table{border-collapse:collapse;margin:1rem 0}td,th{padding:.2rem "
    ".7rem;text-align:right;border-bottom:1px solid #ddd}"
    "th:first-child,td:first-child{text-align:left}h2{margin-top:2.2rem}code{font-size:13px;word-"
    "break:break-all}pre{font-size:12px;overflow-x:auto}"
    ".bad{color:#b00020;font-weight:bold}.good{color:#1b7f3b;font-weight:bold}svg text{font:11px "
    "system-ui,sans-serif}";

std::string escaped(const std::string& text) {
  std::string out;
  for (char c : text) {
    if (c == '<')
      out += "&lt;";
    else if (c == '>')
      out += "&gt;";
    else if (c == '&')
      out += "&amp;";
    else if (c == '"')
      out += "&quot;";
    else
      out += c;
  }
  return out;
}

std::string row(const std::string& name, const std::string& value) {
  return fmt::format("<tr><td>{}</td><td>{}</td></tr>\n", escaped(name), value);
}

std::string scores_table(const BuildReport& r) {
  std::string text =
      "<table><tr><th>held-out windows</th><th>accuracy</th><th>macro-F1</th></tr>\n";
  const auto line = [&](const char* name, const Scores& s) {
    if (s.count > 0)
      text += fmt::format("<tr><td>{}</td><td>{:.2f} %</td><td>{:.4f}</td></tr>\n", name,
                          100 * s.accuracy, s.macro_f1);
  };
  line("float", r.by_float);
  line("int8", r.by_int8);
  line("firmware", r.by_firmware);
  for (const Fold& g : r.groups) line(escaped("int8, " + g.held_out).c_str(), g.by_int8);
  return text + "</table>\n";
}

// Shades each cell by its share of its row.
std::string confusion_table(const BuildReport& r) {
  std::string text = "<table><tr><th>true \\ said</th>";
  for (const std::string& name : r.classes) text += "<th>" + escaped(name) + "</th>";
  text += "</tr>\n";
  for (size_t c = 0; c < r.classes.size(); ++c) {
    int64_t total = 0;
    for (int64_t n : r.by_int8.confusion[c]) total += n;
    text += "<tr><td>" + escaped(r.classes[c]) + "</td>";
    for (size_t k = 0; k < r.classes.size(); ++k) {
      const int64_t n = r.by_int8.confusion[c][k];
      const double share = total > 0 ? double(n) / double(total) : 0;
      text += fmt::format("<td style=\"background:rgba({},{:.3f})\">{}</td>",
                          c == k ? "27,127,59" : "176,0,32", 0.6 * share, n);
    }
    text += "</tr>\n";
  }
  return text + "</table>\n";
}

// Horizontal bars of one figure a layer.
template <class Figure>
std::string bars(const FirmwareResult& r, const char* unit, Figure figure) {
  double most = 1;
  for (const LayerFigures& layer : r.layers) most = std::max(most, figure(layer));
  constexpr int kRow = 18, kLeft = 260, kWidth = 420;
  std::string text =
      fmt::format("<svg width=\"100%\" viewBox=\"0 0 800 {}\">\n", kRow * r.layers.size() + 4);
  for (size_t i = 0; i < r.layers.size(); ++i) {
    const double value = figure(r.layers[i]);
    text += fmt::format(
        "<text x=\"{}\" y=\"{}\" text-anchor=\"end\">{}</text><rect x=\"{}\" y=\"{}\" "
        "width=\"{:.1f}\" height=\"12\" "
        "fill=\"#2f6fb0\"/><text x=\"{:.1f}\" y=\"{}\">{:.0f} {}</text>\n",
        kLeft - 8, kRow * i + 13, escaped(r.layers[i].name), kLeft, kRow * i + 3,
        kWidth * value / most, kLeft + kWidth * value / most + 6, kRow * i + 13, value, unit);
  }
  return text + "</svg>\n";
}

// The arena over time, time downwards: a block is as wide as its bytes and as high as the layers it
// lives through.
std::string arena(const FirmwareResult& r) {
  if (r.arena_bytes == 0) return "<p>No value lives in the arena.</p>\n";
  constexpr int kRow = 18, kLeft = 260, kWidth = 500;
  std::string text =
      fmt::format("<svg width=\"100%\" viewBox=\"0 0 800 {}\">\n", kRow * r.layers.size() + 4);
  for (size_t i = 0; i < r.layers.size(); ++i)
    text += fmt::format("<text x=\"{}\" y=\"{}\" text-anchor=\"end\">{}</text>\n", kLeft - 8,
                        kRow * i + 13, escaped(r.layers[i].name));
  for (const ArenaBlock& block : r.blocks) {
    const double x = kLeft + double(kWidth) * double(block.begin) / double(r.arena_bytes);
    const double w = double(kWidth) * double(block.end - block.begin) / double(r.arena_bytes);
    text += fmt::format(
        "<rect x=\"{:.1f}\" y=\"{}\" width=\"{:.1f}\" height=\"{}\" fill=\"#d98e04\" "
        "fill-opacity=\".75\" "
        "stroke=\"#fff\"><title>{}: {}..{}</title></rect><text x=\"{:.1f}\" "
        "y=\"{}\">{}..{}</text>\n",
        x, kRow * block.first + 2, w, kRow * (block.last - block.first + 1) - 3,
        escaped(block.name), block.begin, block.end, x + 3, kRow * block.first + 13, block.begin,
        block.end);
  }
  return text + "</svg>\n";
}

std::string figures_table(const BuildReport& report) {
  const FirmwareResult& r = report.firmware;
  const std::string error = r.cost.error_percent
                                ? fmt::format("&plusmn;{:.0f} %", *r.cost.error_percent)
                                : "no error bar";
  std::string text = "<table>\n";
  text += row("equal to the host, every layer, decision and state",
              report.bit_exact ? "<span class=\"good\">yes</span>"
                               : "<span class=\"bad\">no: " + escaped(r.difference) + "</span>");
  text += row("windows verified / differing",
              fmt::format("{} / {}", report.windows_verified, report.windows_differing));
  text += row("instructions a decision", fmt::format("{:.0f}", r.instructions));
  text += row("largest push", fmt::format("{} instructions", r.largest_push));
  text += row("cycles (estimate)", r.cost.cycles ? fmt::format("{:.0f}, {}; {}", *r.cost.cycles,
                                                               error, escaped(r.cost.basis))
                                                 : "none: " + escaped(r.cost.basis));
  if (r.cost.time_us)
    text += row("time (estimate)", fmt::format("{:.1f} &micro;s", *r.cost.time_us));
  if (r.cost.energy_uj)
    text += row("energy (estimate)", fmt::format("{:.2f} &micro;J", *r.cost.energy_uj));
  text += row("RAM", fmt::format("{} bytes", r.ram_bytes));
  text += row("of it: arena, state, stack",
              fmt::format("{}, {}, {} (bound {})", r.arena_bytes, r.state_bytes, r.stack_bytes,
                          r.stack_bound_bytes));
  text += row("model", escaped(model_memory(r)));
  text += row("arena", arena_quality(r.arena_bytes, r.arena_bound));
  text += row("flash", fmt::format("{} bytes", r.flash_bytes));
  for (const MemoryUse& memory : r.memories) text += row("memory", escaped(to_text(memory)));
  return text + "</table>\n";
}

// Hours of a 230 mAh coin cell and a 2,400 mAh cell for the model alone, by decisions a minute.
std::string battery(const FirmwareResult& r) {
  if (!r.cost.energy_uj)
    return "<p>The board file gives no supply current, so no battery life is estimated.</p>\n";
  constexpr double kVolt = 3.0, kDay_s = 86400;
  std::string text =
      "<table><tr><th>decisions a minute</th><th>average power of the model</th><th>230 mAh "
      "cell</th>"
      "<th>2,400 mAh cell</th></tr>\n";
  for (double rate : {1.0, 6.0, 60.0, 600.0}) {
    const double microwatt = *r.cost.energy_uj * rate / 60;
    const auto days = [&](double mah) { return mah * 3.6 * kVolt * 1e6 / microwatt / kDay_s; };
    text += fmt::format(
        "<tr><td>{:.0f}</td><td>{:.3g} &micro;W</td><td>{:.0f} days</td><td>{:.0f} "
        "days</td></tr>\n",
        rate, microwatt, days(230), days(2400));
  }
  return text +
         "</table>\n<p>The model's arithmetic alone: sensor, sleep current and radio come on "
         "top.</p>\n";
}

std::string certificate(const BuildReport& report) {
  const FirmwareResult& r = report.firmware;
  std::string text = "<table>\n";
  const auto hash = [&](const char* name, const std::string& value) {
    text += row(name, "<code>" + escaped(value) + "</code>");
  };
  hash("data set", report.dataset_sha256);
  hash("mote.toml", report.config_sha256);
  hash("graph", report.graph_sha256);
  hash("emitted code", report.model_id);
  for (const ObjectFile& object : r.emulated.objects) hash(object.name.c_str(), object.sha256);
  hash("emulated image", r.emulated.sha256);
  hash("the board's image", r.own.sha256);
  return text +
         "</table>\n<p>The objects of model, weights and kernels are the same in both images. "
         "<b>Not verified:</b> the "
         "board's start-up, clocks and pins, its port and peripherals; cycles and energy are "
         "estimates.</p>\n";
}

}  // namespace

std::string to_html(const BuildReport& report) {
  const FirmwareResult& r = report.firmware;
  std::string page = fmt::format(
      "<!doctype html>\n<html lang=\"en\"><head><meta "
      "charset=\"utf-8\"><title>{0}</title><style>{1}</style></head><body>\n"
      "<h1>{0}</h1>\n<p>{2} recordings, {3} training windows, board {4}. {5}</p>\n",
      escaped(report.name), kStyle, report.recordings, report.training_windows,
      escaped(report.board), escaped(report.split));
  page += "<h2>How well</h2>\n" + scores_table(report) + confusion_table(report);
  if (r.ran) {
    page += "<h2>Firmware</h2>\n" + figures_table(report);
    page += "<h2>Arena over time</h2>\n" + arena(r);
    page += "<h2>Instructions by layer</h2>\n" +
            bars(r, "", [](const LayerFigures& l) { return l.instructions; });
    page += "<h2>Flash by layer</h2>\n" +
            bars(r, "bytes", [](const LayerFigures& l) { return double(l.flash_bytes); });
    if (report.tuning)
      page += "<h2>Kernels, measured</h2>\n<pre>" + escaped(to_text(*report.tuning)) + "</pre>\n";
    page += "<h2>Battery life</h2>\n" + battery(r);
    page += "<h2>Certificate</h2>\n" + certificate(report);
  }
  return page + "</body></html>\n";
}

}  // namespace mote
