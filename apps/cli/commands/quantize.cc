// SPDX-License-Identifier: Apache-2.0
// mote quantize: a float model file and samples become an integer model file.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <map>

#include "apps/cli/command.h"
#include "project/quantize_model.h"

namespace mote {
namespace {

void run(const QuantizeOptions& options, Common& common) {
  ProgressLine line(common.quiet || common.json);
  const QuantizedModel model = quantize_model(
      options,
      [&](const std::string& step, double fraction, const std::string& detail) {
        line.show(step, fraction, detail);
      },
      common.diagnostics);
  line.end();
  fmt::print("{}", common.json ? to_json(model) : to_text(model));
}

}  // namespace

void add_quantize(CLI::App& app, Common& common) {
  CLI::App* verb =
      add_verb(app, common, "quantize",
               "a float model in integers: ranges and precisions chosen by measuring on samples",
               "mote quantize kws.onnx --data samples/ --out kws.int8.tflite");
  auto options = std::make_shared<QuantizeOptions>();
  verb->add_option("model", options->model, "a float model file")->required();
  verb->add_option("--data", options->data,
                   "folder of .npy files (one sample or a stack each; labels.npy if there are "
                   "labels), or a trained project whose features the model takes")
      ->required();
  verb->add_option("--out", options->out,
                   "file to write: .tflite, or mote's own text form under any other name")
      ->required();
  static const std::map<std::string, Precision> precisions{
      {to_string(Precision::w8a8), Precision::w8a8},
      {to_string(Precision::w8a16), Precision::w8a16},
      {to_string(Precision::w4a8), Precision::w4a8}};
  auto bits = std::make_shared<std::string>(to_string(Precision::w8a8));
  verb->add_option("--bits", *bits,
                   "8 (the default), 16x8 (16-bit activations, 8-bit weights) or 4 (4-bit weights)")
      ->check(CLI::IsMember(precisions));
  verb->add_option(
          "--max-loss", options->max_loss,
          "points that may be lost (0.5): samples turned wrong with labels, else decided unlike "
          "by the float model, in percent; layers are moved to 16x8 until it holds")
      ->check(CLI::NonNegativeNumber);
  add_import_options(verb, options->import);
  verb->callback([options, bits, &common] {
    options->precision = precisions.at(*bits);
    run(*options, common);
  });
}

}  // namespace mote
