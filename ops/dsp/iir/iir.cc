// SPDX-License-Identifier: Apache-2.0
// Host half of iir: [axes] -> [axes] at the same clock. Designs the filter and rounds its
// coefficients. See iir.h.
#include "ops/dsp/iir/iir.h"

#include <cmath>

#include "ops/dsp/iir/butterworth.h"
#include "ops/dsp/signal_types.h"
#include "ops/element_order.h"
#include "ops/registry.h"

namespace mote {
namespace {

void require_cutoff(const NodeView& node, double cutoff_hz, double rate_hz) {
  if (cutoff_hz < rate_hz / 2000 || cutoff_hz > rate_hz * 0.49)
    node.refuse("wrong-cutoff",
                "a cutoff of " + std::to_string(cutoff_hz) + " Hz cannot be built at " +
                    std::to_string(rate_hz) +
                    " Hz: it must lie between 1/2000 and 0.49 of the rate",
                "change the cutoff, or decimate first");
}

std::vector<Section> sections(const NodeView& node) {
  const std::string& kind = node.text("filter_type");
  const double rate_hz = node.number("rate_hz"), cutoff_hz = node.number("filter_cutoff");
  const int64_t order = node.integer("filter_order");
  if (order < 1 || order > 8) node.refuse("wrong-order", "filter_order must be 1 .. 8");
  require_cutoff(node, cutoff_hz, rate_hz);
  if (kind == "low") return butterworth(FilterKind::low, int(order), cutoff_hz, rate_hz);
  if (kind != "high" && kind != "band")
    node.refuse("wrong-filter", "filter_type '" + kind + "' is unknown", "use low, high or band");
  std::vector<Section> all = butterworth(FilterKind::high, int(order), cutoff_hz, rate_hz);
  if (kind == "high") return all;
  const double upper_hz = node.number("filter_upper_cutoff");
  require_cutoff(node, upper_hz, rate_hz);
  if (upper_hz <= cutoff_hz)
    node.refuse("wrong-cutoff", "filter_upper_cutoff must lie above filter_cutoff");
  for (const Section& section : butterworth(FilterKind::low, int(order), upper_hz, rate_hz))
    all.push_back(section);
  return all;
}

int32_t q28(double x) { return int32_t(std::llround(x * (1 << 28))); }

// Rounded to Q28; b1 takes up the rounding so that the gain at 0 Hz stays what it was, exactly (0
// or 1).
std::vector<int32_t> fixed_coefficients(const std::vector<Section>& cascade) {
  std::vector<int32_t> out;
  for (const Section& s : cascade) {
    const int32_t a1 = q28(s.a1), a2 = q28(s.a2), b0 = q28(s.b0), b2 = q28(s.b2);
    const int32_t gain = s.b1 < 0 ? 0 : (1 << 28) + a1 + a2;
    MOTE_ASSERT(std::abs(s.b0) + std::abs(s.b1) + std::abs(s.b2) + std::abs(s.a1) + std::abs(s.a2) <
                7.9);
    out.insert(out.end(), {b0, gain - b0 - b2, b2, a1, a2});
  }
  return out;
}

std::vector<float> float_coefficients(const std::vector<Section>& cascade) {
  std::vector<float> out;
  for (const Section& s : cascade)
    for (double c : {s.b0, s.b1, s.b2, s.a1, s.a2}) out.push_back(float(c));
  return out;
}

Inference infer(const NodeView& node) {
  require_samples(node);
  const Value& input = node.input(0);
  if (input.shape.size() != 1) node.refuse("wrong-shape", "iir filters a stream of samples [axes]");
  const auto count = int32_t(sections(node).size());
  const bool is_float = input.type == ElementType::f32;
  const Shape history =
      is_float ? Shape{input.shape[0], count, 2} : Shape{input.shape[0], iir_state_words(count)};
  return {{{input.type, input.shape, input.quantization, input.clock}},
          {{"history", is_float ? ElementType::f32 : ElementType::s32, history, {}}}};
}

KernelCall lower(const NodeView& node) {
  const std::vector<Section> cascade = sections(node);
  const IirParams params{node.input(0).shape[0], int32_t(cascade.size())};
  const char* header = "ops/dsp/iir/iir.h";
  if (node.input(0).type == ElementType::f32)
    return make_kernel_call(header, MOTE_KERNEL(iir_f32), "IirParams", params)
        .input(0)
        .constant("coefficients", ElementType::f32, float_coefficients(cascade))
        .state()
        .output();
  return make_kernel_call(header, MOTE_KERNEL(iir_s16), "IirParams", params)
      .input(0)
      .constant("coefficients", ElementType::s32, fixed_coefficients(cascade))
      .state()
      .output();
}

int64_t macs(const NodeView& node) {
  return int64_t(sections(node).size()) * 5 * node.input(0).elements();
}

}  // namespace

const OpDef iir_op{
    .name = "iir",
    .room = "dsp",
    .summary = "Butterworth low-pass, high-pass or band-pass on each axis of a stream",
    .attributes = {{"filter_type", {}, "low, high or band"},
                   {"filter_cutoff", {}, "-3 dB frequency in Hz"},
                   {"filter_upper_cutoff", 0.0, "upper -3 dB frequency of a band-pass in Hz"},
                   {"filter_order", 6, "1 .. 8"},
                   {"rate_hz", {}, "samples a second at the input"}},
    .infer = infer,
    .lower = lower,
    .order = in_turn,
    .macs = macs,
};

}  // namespace mote
