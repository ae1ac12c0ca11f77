// SPDX-License-Identifier: Apache-2.0
// mote new: a commented mote.toml for a folder of recordings.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "apps/cli/command.h"
#include "project/new_project.h"

namespace mote {
namespace {

using nlohmann::ordered_json;

void run(const NewProject& wanted, Common& common) {
  const WrittenProject made = new_project(wanted, common.diagnostics);
  const Survey& seen = made.seen;
  if (common.json) {
    ordered_json axes = ordered_json::array();
    for (const Axis& axis : seen.axes) axes.push_back({{"name", axis.name}, {"unit", axis.unit}});
    return fmt::print("{}\n", ordered_json{{"file", made.file.string()},
                                           {"files", seen.files},
                                           {"formats", seen.formats},
                                           {"rate_hz", seen.rate_hz > 0 ? ordered_json(seen.rate_hz)
                                                                        : ordered_json(nullptr)},
                                           {"axes", axes},
                                           {"label_by", seen.data.label.by},
                                           {"group_by", seen.data.group.by},
                                           {"labels", seen.labels}}
                                  .dump(1));
  }
  fmt::print("{}\nwritten to {}; next: mote data show {}, then mote build {}\n", made.text,
             made.file.string(), wanted.folder.string(), wanted.folder.string());
}

}  // namespace

void add_new(CLI::App& app, Common& common) {
  CLI::App* verb = add_verb(app, common, "new", "a first mote.toml for a folder of recordings",
                            "mote new tractor --data recordings/ --board microbit");
  auto wanted = std::make_shared<NewProject>();
  wanted->board = "nucleo-l4r5zi";
  verb->add_option("name", wanted->folder, "the project's folder, made if it is not there")
      ->required();
  verb->add_option("--data", wanted->data, "folder (or file) of recordings")->required();
  verb->add_option("--board", wanted->board, "as in `mote doctor`")->capture_default_str();
  verb->add_option("--rate", wanted->rate_hz, "samples a second, where the files do not say")
      ->check(CLI::PositiveNumber);
  verb->callback([wanted, &common] { run(*wanted, common); });
}

}  // namespace mote
