// SPDX-License-Identifier: Apache-2.0
// Edge Impulse JSON and CBOR to rows of samples. See edge_impulse.h.
#include "data/readers/edge_impulse.h"

#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>

#include "data/readers/sample_rows.h"
#include "graph/sha256.h"

namespace mote {
namespace {

using nlohmann::json;

constexpr int kDeepest = 16;  // the format needs four levels; the CBOR parser recurses once a level

// Reads without building anything, to refuse documents nested so deeply that building them would
// overflow the stack.
class DepthCheck : public nlohmann::json_sax<json> {
 public:
  bool null() override { return true; }
  bool boolean(bool) override { return true; }
  bool number_integer(number_integer_t) override { return true; }
  bool number_unsigned(number_unsigned_t) override { return true; }
  bool number_float(number_float_t, const string_t&) override { return true; }
  bool string(string_t&) override { return true; }
  bool binary(binary_t&) override { return true; }
  bool key(string_t&) override { return true; }
  bool start_object(size_t) override { return ++depth_ <= kDeepest; }
  bool start_array(size_t) override { return ++depth_ <= kDeepest; }
  bool end_object() override { return --depth_ >= 0; }
  bool end_array() override { return --depth_ >= 0; }
  bool parse_error(size_t position, const std::string&,
                   const nlohmann::detail::exception&) override {
    error_byte_ = position;
    return false;
  }
  size_t error_byte() const { return error_byte_; }

 private:
  int depth_ = 0;
  size_t error_byte_ = 0;
};

class AcquisitionReader {
 public:
  AcquisitionReader(std::string path, const ReadOptions& options, Diagnostics& diagnostics)
      : path_(std::move(path)), options_(options), diagnostics_(diagnostics) {}

  std::vector<Recording> read(const std::string& bytes, json::input_format_t format) {
    DepthCheck check;
    const auto tags = nlohmann::detail::cbor_tag_handler_t::error;
    if (!json::sax_parse(bytes, &check, format)) {
      error("byte " + std::to_string(check.error_byte()),
            "the document is damaged, cut off or nested too deeply");
      return {};
    }
    const json document = format == json::input_format_t::cbor
                              ? json::from_cbor(bytes, true, false, tags)
                              : json::parse(bytes, nullptr, false);
    if (!header_is_good(document, bytes)) return {};
    return read_payload(document["payload"]);
  }

 private:
  void error(const std::string& where, const std::string& message, const std::string& remedy = "") {
    diagnostics_.error("edge-impulse", where.empty() ? path_ : path_ + " " + where, message,
                       remedy);
  }

  bool header_is_good(const json& document, const std::string& bytes) {
    const bool object = document.is_object() && document.contains("payload") &&
                        document["payload"].is_object() && document.contains("protected") &&
                        document["protected"].is_object();
    if (!object) {
      error("", "has no \"protected\" and \"payload\"; it is no Edge Impulse acquisition file");
      return false;
    }
    const json& header = document["protected"];
    const std::string algorithm =
        header.contains("alg") && header["alg"].is_string() ? header["alg"].get<std::string>() : "";
    if (algorithm != "none" && algorithm != "HS256") {
      error("protected.alg", "\"" + algorithm + "\" is neither \"none\" nor \"HS256\"");
      return false;
    }
    return options_.hmac_key.empty() || signature_is_good(document, algorithm, bytes);
  }

  // The signature covers the file with its own digits as zeros.
  bool signature_is_good(const json& document, const std::string& algorithm, std::string bytes) {
    const bool text = document.contains("signature") && document["signature"].is_string();
    const std::string signature = text ? document["signature"].get<std::string>() : "";
    const size_t at = signature.size() == 64 ? bytes.find(signature) : std::string::npos;
    if (algorithm == "HS256" && at != std::string::npos) {
      bytes.replace(at, 64, 64, '0');
      if (hmac_sha256_hex(options_.hmac_key, bytes) == signature) return true;
    }
    error("signature", "does not fit the key", "the file was changed, or signed with another key");
    return false;
  }

  std::vector<Recording> read_payload(const json& payload) {
    SampleRows rows;
    rows.path = path_;
    ReadOptions options = options_;
    const auto rate_hz = read_rate(payload);
    if (!rate_hz || !read_sensors(payload, rows) || !read_values(payload, rows)) return {};
    options.rate_hz = *rate_hz;
    number_rows(rows);
    if (!choose_axes(rows, options, diagnostics_)) return {};
    auto recording = to_recording(rows, options, diagnostics_);
    if (!recording) return {};
    return {std::move(*recording)};
  }

  std::optional<double> read_rate(const json& payload) {
    const json interval = payload.value("interval_ms", json());
    const double interval_ms = interval.is_number() ? interval.get<double>() : 0;
    if (!(interval_ms > 0) || !std::isfinite(1000 / interval_ms)) {
      error("payload.interval_ms", "is no positive number");
      return std::nullopt;
    }
    const double rate_hz = round_rate(1000 / interval_ms);
    if (options_.rate_hz <= 0) return rate_hz;
    if (std::abs(rate_hz / options_.rate_hz - 1) < 0.01) return options_.rate_hz;
    diagnostics_.error("wrong-rate", path_,
                       "its interval_ms says " + std::to_string(rate_hz) + " Hz, rate_hz says " +
                           std::to_string(options_.rate_hz) + " Hz",
                       "leave out data.rate_hz");
    return std::nullopt;
  }

  bool read_sensors(const json& payload, SampleRows& rows) {
    const json sensors = payload.value("sensors", json());
    for (const json& sensor : sensors.is_array() ? sensors : json::array()) {
      const bool named =
          sensor.is_object() && sensor.contains("name") && sensor["name"].is_string();
      if (!named) break;
      const json units = sensor.value("units", json());
      rows.axes.push_back(
          {sensor["name"].get<std::string>(), units.is_string() ? units.get<std::string>() : ""});
    }
    if (!rows.axes.empty() && rows.axes.size() == sensors.size()) return true;
    error("payload.sensors", "is no list of sensors with names");
    return false;
  }

  // A row is a list of numbers, or a bare number when there is one sensor; null is a missing value.
  bool read_values(const json& payload, SampleRows& rows) {
    const auto values = payload.find("values");
    if (values == payload.end() || !values->is_array()) {
      error("payload.values", "is no list");
      return false;
    }
    for (size_t i = 0; i < values->size(); ++i) {
      const json& row = (*values)[i];
      const bool bare = rows.axes.size() == 1 && !row.is_array();
      if (bare ? add_value(row, rows) : add_row(row, rows)) continue;
      error("payload.values[" + std::to_string(i) + "]",
            "is no list of " + std::to_string(rows.axes.size()) + " numbers");
      return false;
    }
    return true;
  }

  static bool add_row(const json& row, SampleRows& rows) {
    if (!row.is_array() || row.size() != rows.axes.size()) return false;
    for (const json& value : row) {
      if (!add_value(value, rows)) return false;
    }
    return true;
  }

  static bool add_value(const json& value, SampleRows& rows) {
    if (!value.is_number() && !value.is_null()) return false;
    rows.values.push_back(value.is_null() ? std::numeric_limits<float>::quiet_NaN()
                                          : value.get<float>());
    return true;
  }

  std::string path_;
  const ReadOptions& options_;
  Diagnostics& diagnostics_;
};

std::vector<Recording> read_as(json::input_format_t format, const std::filesystem::path& path,
                               const ReadOptions& options, Diagnostics& diagnostics) {
  const auto bytes = read_bytes(path, diagnostics);
  if (!bytes) return {};
  return AcquisitionReader(path.string(), options, diagnostics).read(*bytes, format);
}

}  // namespace

std::vector<Recording> read_edge_impulse_json(const std::filesystem::path& path,
                                              const ReadOptions& options,
                                              Diagnostics& diagnostics) {
  return read_as(json::input_format_t::json, path, options, diagnostics);
}

std::vector<Recording> read_edge_impulse_cbor(const std::filesystem::path& path,
                                              const ReadOptions& options,
                                              Diagnostics& diagnostics) {
  return read_as(json::input_format_t::cbor, path, options, diagnostics);
}

std::string hmac_sha256_hex(std::string_view key, std::string_view bytes) {
  std::string block(64, '\0');
  const auto hashed = Sha256().update(key).digest();
  if (key.size() <= 64) {
    std::copy(key.begin(), key.end(), block.begin());
  } else {
    std::copy(hashed.begin(), hashed.end(), block.begin());
  }
  std::string inner = block, outer = block;
  for (char& c : inner) c = char(c ^ 0x36);
  for (char& c : outer) c = char(c ^ 0x5c);
  const auto inside = Sha256().update(inner).update(bytes).digest();
  return Sha256()
      .update(outer)
      .update({reinterpret_cast<const char*>(inside.data()), inside.size()})
      .hex();
}

}  // namespace mote
