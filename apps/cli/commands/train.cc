// SPDX-License-Identifier: Apache-2.0
// mote train: recordings in, the float and the integer graph out, without firmware.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "apps/cli/command.h"
#include "project/build.h"
#include "project/store.h"

namespace mote {
namespace {

using nlohmann::ordered_json;

// Rows printed of a head's history; a longer one is thinned evenly.
constexpr size_t kMostEpochs = 12;

ordered_json optional(double value) {
  return value == value ? ordered_json(value) : ordered_json(nullptr);
}

ordered_json head_json(const HeadResult& head) {
  ordered_json epochs = ordered_json::array();
  for (const EpochRecord& e : head.history)
    epochs.push_back({{"epoch", e.epoch},
                      {"learning_rate", e.learning_rate},
                      {"training_loss", e.training_loss},
                      {"training_accuracy", e.training_accuracy},
                      {"validation_loss", optional(e.validation_loss)},
                      {"validation_accuracy", optional(e.validation_accuracy)}});
  return {{"name", head.name},
          {"best_epoch", head.best_epoch},
          {"validation_float", head.validation_float},
          {"validation_int8", head.validation_int8},
          {"fine_tuned", head.fine_tuned},
          {"epochs", epochs}};
}

std::string row(const EpochRecord& e) {
  return fmt::format("  {:>5} {:>13.4f} {:>9.2f} % {:>15.4f} {:>9.2f} %\n", e.epoch,
                     e.training_loss, 100 * e.training_accuracy, e.validation_loss,
                     100 * e.validation_accuracy);
}

std::string head_text(const HeadResult& head) {
  std::string text =
      fmt::format("{}: {} epochs, best {}\n", head.name, head.history.size(), head.best_epoch);
  text += fmt::format("  {:>5} {:>13} {:>11} {:>15} {:>11}\n", "epoch", "training loss", "accuracy",
                      "validation loss", "accuracy");
  const size_t n = head.history.size(), step = (n + kMostEpochs - 1) / kMostEpochs;
  for (size_t i = 0; i < n; ++i)
    if (i % step == 0 || i + 1 == n) text += row(head.history[i]);
  return text + fmt::format("  validation: float {:.2f} %, int8 {:.2f} %{}\n",
                            100 * head.validation_float, 100 * head.validation_int8,
                            head.fine_tuned ? " after fine tuning with rounding" : "");
}

void run(const std::string& project, Common& common) {
  ProgressLine line(common.quiet || common.json);
  const Config config = read_config(project, common.diagnostics);
  const Data data = read_data(config, common.diagnostics);
  const Trained trained = train_project(
      config, data,
      [&](const std::string& step, double f, const std::string& detail) {
        line.show(step, f, detail);
      },
      common.diagnostics);
  line.end();
  const Store store = store_of(project);
  if (common.json) {
    ordered_json json{{"name", config.name},
                      {"split", data.sentence},
                      {"classes", data.dataset.classes},
                      {"training_windows", trained.training_windows},
                      {"saturated_samples", trained.saturated},
                      {"heads", ordered_json::array()}};
    for (const HeadResult& head : trained.model.heads) json["heads"].push_back(head_json(head));
    json["float_graph"] = store.float_graph().string();
    json["graph"] = store.graph().string();
    return fmt::print("{}\n", json.dump(1));
  }
  fmt::print("{}: {} training windows of {} classes\n{}\n\n", config.name, trained.training_windows,
             data.dataset.classes.size(), data.sentence);
  for (const HeadResult& head : trained.model.heads) fmt::print("{}", head_text(head));
  fmt::print("\n{}\n{}\n", store.float_graph().string(), store.graph().string());
}

}  // namespace

void add_train(CLI::App& app, Common& common) {
  CLI::App* verb = add_verb(app, common, "train", "features, training and int8, without firmware",
                            "mote train tractor/");
  auto project = std::make_shared<std::string>();
  verb->add_option("project", *project, "folder with mote.toml")->required();
  verb->callback([project, &common] { run(*project, common); });
}

}  // namespace mote
