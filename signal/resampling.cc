// SPDX-License-Identifier: Apache-2.0
// resample_hz: the first links of a block that works at a lower rate than its stream. In: samples
// at the stream's rate. Out: samples and a window at resample_hz; or an error that says which rates
// and windows there are. A low-pass, then `decimate` where the rates are whole multiples, else
// `resample`, whose lines take up to (pi f / stream rate)^2 / 2 off the amplitude of a tone of f
// Hz. Both are timed so that windows, whole numbers of samples at both rates, end with the same
// sample of the stream as without: blocks at different rates go together.
#include <cmath>
#include <sstream>

#include "signal/blocks.h"

namespace mote {
namespace {

constexpr int64_t kLargestNumerator = 16384;  // ops/dsp/resample
constexpr double kLowestShare = 1.0 / 800;    // so that the low-pass can be built (ops/dsp/iir)
constexpr double kTolerance = 1e-6;           // a sensor's clock is off by more

// Input samples (num) for so many outputs (den).
struct Ratio {
  int64_t num = 1, den = 1;
  double value() const { return double(num) / double(den); }
};

// The simplest ratio within the tolerance; without one, the nearest.
Ratio nearest_ratio(double wanted) {
  Ratio best{std::llround(wanted), 1};
  const auto error = [wanted](const Ratio& r) { return std::fabs(r.value() - wanted); };
  for (int64_t den = 1; std::llround(wanted * double(den)) <= kLargestNumerator; ++den) {
    const Ratio ratio{std::llround(wanted * double(den)), den};
    if (error(ratio) < error(best)) best = ratio;
    if (error(best) <= kTolerance * wanted) break;
  }
  return best;
}

std::string brief(double number) {
  std::ostringstream text;
  text.precision(10);
  text << number;
  return text.str();
}

bool refuse(const BlockRequest& request, const std::string& code, const std::string& message,
            const std::string& remedy) {
  request.parameters.error(code, "resample_hz", message, remedy);
  return false;
}

bool rates_fit(const BlockRequest& request, double wanted_hz) {
  const double rate_hz = request.window.rate_hz;
  if (wanted_hz > rate_hz)
    return refuse(request, "rate-too-high",
                  "a stream of " + brief(rate_hz) + " Hz cannot be resampled to " +
                      brief(wanted_hz) + " Hz: resampling goes to lower rates only",
                  "choose a lower resample_hz, or 0 for the rate of the stream");
  if (wanted_hz < rate_hz * kLowestShare)
    return refuse(
        request, "rate-too-low",
        brief(wanted_hz) + " Hz is less than 1/800 of the stream's " + brief(rate_hz) + " Hz",
        "choose a resample_hz of at least " + brief(rate_hz * kLowestShare));
  return true;
}

bool ratio_fits(const BlockRequest& request, double wanted_hz, const Ratio& ratio) {
  const double rate_hz = request.window.rate_hz, wanted = rate_hz / wanted_hz;
  if (std::fabs(ratio.value() - wanted) <= kTolerance * wanted) return true;
  return refuse(request, "no-such-ratio",
                brief(rate_hz) + " Hz to " + brief(wanted_hz) +
                    " Hz is no ratio of whole numbers up to " + std::to_string(kLargestNumerator),
                "the nearest is resample_hz = " + brief(rate_hz / ratio.value()));
}

bool window_fits(const BlockRequest& request, const Ratio& ratio) {
  const WindowSpec& window = request.window;
  if (window.length % ratio.num == 0 && window.stride % ratio.num == 0) return true;
  return refuse(request, "window-not-divisible",
                "the window of " + std::to_string(window.length) + " samples and its stride of " +
                    std::to_string(window.stride) + " are no whole numbers of samples at " +
                    brief(window.rate_hz / ratio.value()) + " Hz",
                "choose multiples of " + std::to_string(ratio.num) + " samples, " +
                    brief(1000 * double(ratio.num) / window.rate_hz) + " ms");
}

// At 0.8 of half the new rate.
ValueId add_low_pass(const BlockRequest& request, double new_rate_hz) {
  return request.graph.add_node(iir_op, node_name(request, "resample_lowpass"), {request.samples},
                                {{"filter_type", std::string("low")},
                                 {"filter_cutoff", 0.4 * new_rate_hz},
                                 {"filter_order", int64_t(6)},
                                 {"rate_hz", request.window.rate_hz}});
}

ValueId add_gate(const BlockRequest& request, const Ratio& ratio) {
  const std::string name = node_name(request, "resample");
  if (ratio.den == 1)
    return request.graph.add_node(decimate_op, name, {request.samples}, {{"ratio", ratio.num}});
  return request.graph.add_node(resample_op, name, {request.samples},
                                {{"num", ratio.num}, {"den", ratio.den}, {"aligned", int64_t(1)}});
}

}  // namespace

bool add_resampling(BlockRequest& request) {
  if (!request.parameters.has("resample_hz")) return true;
  const double wanted_hz = request.parameters.number("resample_hz");
  WindowSpec& window = request.window;
  if (wanted_hz == 0 || wanted_hz == window.rate_hz) return true;
  if (!rates_fit(request, wanted_hz)) return false;
  const Ratio ratio = nearest_ratio(window.rate_hz / wanted_hz);
  if (!ratio_fits(request, wanted_hz, ratio) || !window_fits(request, ratio)) return false;
  if (ratio.num == ratio.den) return true;
  const double new_rate_hz = window.rate_hz / ratio.value();
  request.samples = add_low_pass(request, new_rate_hz);
  request.samples = add_gate(request, ratio);
  window = {window.length / ratio.num * ratio.den, window.stride / ratio.num * ratio.den,
            new_rate_hz};
  return true;
}

}  // namespace mote
