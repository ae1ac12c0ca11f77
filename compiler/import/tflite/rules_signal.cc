// SPDX-License-Identifier: Apache-2.0
// Custom operators, by name: TFLM's signal library (signal/micro/kernels), its circular buffer and
// the detection post-processing. Their options are FlexBuffers maps. See rules.h.
#include <flatbuffers/flexbuffers.h>

#include <algorithm>

#include "compiler/import/tflite/rules.h"

namespace mote::tflite {
namespace {

// The options of a custom operator by key. The buffer is copied, because its numbers are read at
// their alignment, and verified before anything is read.
class CustomOptions {
 public:
  explicit CustomOptions(OperatorView& view) : view_(view) {
    const auto* given = view.op().table->custom_options();
    if (given) bytes_.assign(given->begin(), given->end());
    if (bytes_.size() < 3 || !flexbuffers::VerifyBuffer(bytes_.data(), bytes_.size()) ||
        !root().IsMap())
      view.refuse("missing-options", "its options are missing or damaged",
                  "convert the model again");
  }
  bool has(const char* key) const { return !root().AsMap()[key].IsNull(); }
  int64_t integer(const char* key) const { return checked(key).AsInt64(); }
  int64_t flag(const char* key) const { return checked(key).AsBool() ? 1 : 0; }
  double number(const char* key) const { return checked(key).AsDouble(); }

 private:
  flexbuffers::Reference root() const { return flexbuffers::GetRoot(bytes_.data(), bytes_.size()); }
  flexbuffers::Reference checked(const char* key) const {
    const flexbuffers::Reference value = root().AsMap()[key];
    if (!value.IsNumeric() && !value.IsBool())
      view_.refuse("missing-options", std::string("its option '") + key + "' is missing");
    return value;
  }

  OperatorView& view_;
  std::vector<uint8_t> bytes_;
};

void import_delay(OperatorView& view) {
  const int64_t length = CustomOptions(view).integer("delay_length");
  view.set(length == 0 ? view.input(0) : view.add(delay_op, {view.input(0)}, {{"length", length}}));
}

void import_energy(OperatorView& view) {
  const CustomOptions options(view);
  view.set(
      view.add(energy_op, {view.input(0)},
               {{"start", options.integer("start_index")}, {"end", options.integer("end_index")}}));
}

void set_all(OperatorView& view, const std::vector<ValueId>& outputs) {
  for (size_t i = 0; i < outputs.size(); ++i)
    if (i < view.output_count()) view.set(i, outputs[i]);
}

void import_auto_scale(OperatorView& view) {
  set_all(view, view.add_all(auto_scale_op, {view.input(0)}));
}

void import_filter_bank(OperatorView& view) {
  view.set(view.add(filter_bank_op, view.inputs(),
                    {{"channels", CustomOptions(view).integer("num_channels")}}));
}

void import_filter_bank_log(OperatorView& view) {
  const CustomOptions options(view);
  view.set(view.add(filter_bank_log_op, {view.input(0)},
                    {{"output_scale", options.integer("output_scale")},
                     {"correction_bits", options.integer("input_correction_bits")}}));
}

void import_filter_bank_sqrt(OperatorView& view) {
  view.set(view.add(filter_bank_sqrt_op, {view.input(0), view.input(1)}));
}

void import_spectral_subtraction(OperatorView& view) {
  const CustomOptions options(view);
  Attributes attributes{{"bits", options.integer("spectral_subtraction_bits")},
                        {"clamping", options.flag("clamping")}};
  for (const char* name :
       {"smoothing", "one_minus_smoothing", "alternate_smoothing", "alternate_one_minus_smoothing",
        "min_signal_remaining", "smoothing_bits"})
    attributes[name] = options.integer(name);
  set_all(view, view.add_all(spectral_subtraction_op, {view.input(0)}, attributes));
}

void import_overlap_frames(OperatorView& view) {
  const CustomOptions options(view);
  set_all(view, view.add_all(overlap_frames_op, {view.input(0)},
                             {{"frame_size", options.integer("frame_size")},
                              {"frame_step", options.integer("frame_step")},
                              {"prefill", options.flag("prefill")}}));
}

void import_overlap_add(OperatorView& view) {
  view.set(view.add(overlap_add_op, {view.input(0)},
                    {{"frame_step", CustomOptions(view).integer("frame_step")}}));
}

void import_pcan(OperatorView& view) {
  view.set(view.add(pcan_op, {view.input(0), view.input(1), view.input(2)},
                    {{"snr_shift", CustomOptions(view).integer("snr_shift")}}));
}

void import_rfft(OperatorView& view) {
  view.set(
      view.add(rfft_op, {view.input(0)}, {{"length", CustomOptions(view).integer("fft_length")}}));
}

void import_irfft(OperatorView& view) { view.set(view.add(irfft_op, {view.input(0)})); }

void import_stacker(OperatorView& view) {
  const CustomOptions options(view);
  set_all(view, view.add_all(stacker_op, {view.input(0)},
                             {{"left", options.integer("stacker_left_context")},
                              {"right", options.integer("stacker_right_context")},
                              {"step", options.integer("stacker_step")}}));
}

void import_window(OperatorView& view) {
  view.set(view.add(window_op, {view.input(0), view.input(1)},
                    {{"shift", CustomOptions(view).integer("shift")}}));
}

// Without the option, TFLM guesses the period from the shapes of its two streaming models: 1 for
// the last buffer, 2 for the others. That one is known by its number of slots, or as the fifth
// buffer with rows of [2, 96].
int64_t guessed_cycles(OperatorView& view, const Shape& rows) {
  if (rows[1] == 5 || rows[1] == 13 || rows[1] == 25) return 1;
  int32_t before = 0;
  for (const Operator& op : view.import().subgraph.operators)
    if (op.custom_code == "CIRCULAR_BUFFER" && op.index < view.op().index) ++before;
  return before == 4 && rows[2] == 2 && rows[3] == 96 ? 1 : 2;
}

void import_circular_buffer(OperatorView& view) {
  const Shape& rows = view.out().shape;
  if (rows.size() != 4) view.refuse("wrong-shape", "the output must have four dimensions");
  const auto* options = view.op().table->custom_options();
  int64_t cycles = options && options->size() > 0 ? CustomOptions(view).integer("cycles_max") : 0;
  if (cycles <= 0) cycles = guessed_cycles(view, rows);
  view.set(view.add(circular_buffer_op, {view.input(0)},
                    {{"slots", int64_t(rows[1])}, {"cycles", cycles}}));
}

void import_detection(OperatorView& view) {
  const CustomOptions options(view);
  Attributes attributes{{"classes", options.integer("num_classes")},
                        {"max_detections", options.integer("max_detections")},
                        {"score_threshold", options.number("nms_score_threshold")},
                        {"overlap_threshold", options.number("nms_iou_threshold")}};
  for (const char* scale : {"y_scale", "x_scale", "h_scale", "w_scale"})
    attributes[scale] = options.number(scale);
  const bool regular = options.has("use_regular_nms") && options.flag("use_regular_nms") != 0;
  attributes["regular"] = int64_t(regular);
  if (options.has("detections_per_class"))
    attributes["detections_per_class"] = options.integer("detections_per_class");
  if (!regular && options.integer("max_classes_per_detection") != 1)
    view.refuse("unsupported-option", "several classes a detection are not taken",
                "use max_classes_per_detection = 1 or use_regular_nms");
  set_all(view, view.add_all(detection_postprocess_op,
                             {view.input(0), view.input(1), view.input(2)}, attributes));
}

constexpr CustomImportRule kRules[] = {
    {"CIRCULAR_BUFFER", import_circular_buffer},
    {"SignalDelay", import_delay},
    {"SignalEnergy", import_energy},
    {"SignalFftAutoScale", import_auto_scale},
    {"SignalFilterBank", import_filter_bank},
    {"SignalFilterBankLog", import_filter_bank_log},
    {"SignalFilterBankSpectralSubtraction", import_spectral_subtraction},
    {"SignalFilterBankSquareRoot", import_filter_bank_sqrt},
    {"SignalFramer", import_overlap_frames},
    {"SignalIrfft", import_irfft},
    {"SignalOverlapAdd", import_overlap_add},
    {"SignalPCAN", import_pcan},
    {"SignalRfft", import_rfft},
    {"SignalStacker", import_stacker},
    {"SignalWindow", import_window},
    {"TFLite_Detection_PostProcess", import_detection},
};

}  // namespace

std::span<const CustomImportRule> signal_rules() { return kRules; }

}  // namespace mote::tflite
