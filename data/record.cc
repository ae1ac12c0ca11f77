// SPDX-License-Identifier: Apache-2.0
// Lines of numbers from a descriptor to a CSV. See record.h.
#include "data/record.h"

#include <fcntl.h>
#include <poll.h>
#include <termios.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cmath>
#include <cstring>
#include <fstream>
#include <limits>
#include <optional>

#include "data/readers/delimited.h"
#include "data/readers/sample_rows.h"

namespace mote {
namespace {

constexpr double kRateRounding = 0.01;   // arrival times are no better than this
constexpr double kRateTolerance = 0.05;  // between the rate said and the rate measured
constexpr size_t kLongestLine = 4096;
constexpr float kMissing = std::numeric_limits<float>::quiet_NaN();

double now_s() {
  const auto now = std::chrono::steady_clock::now().time_since_epoch();
  return std::chrono::duration<double>(now).count();
}

std::optional<std::vector<float>> parse_line(std::string_view line) {
  std::vector<float> row;
  while (!trim(line).empty()) {
    line = trim(line);
    const size_t end = std::min(line.find_first_of(",;\t "), line.size());
    const auto value = parse_number(line.substr(0, end));
    if (!value) return std::nullopt;
    row.push_back(float(*value));
    line = trim(line.substr(end));
    if (!line.empty() && (line[0] == ',' || line[0] == ';')) line.remove_prefix(1);
  }
  return row.empty() ? std::nullopt : std::optional(row);
}

// Cuts bytes into lines and lines into rows; keeps when each row came.
class LineCollector {
 public:
  explicit LineCollector(size_t n_axes) : n_axes_(n_axes) {}

  void add(std::string_view bytes, double time_s) {
    n_bytes_ += int64_t(bytes.size());
    for (char c : bytes) {
      if (c != '\n' && c != '\r') {
        if (line_.size() < kLongestLine) line_ += c;
        continue;
      }
      // The first line was cut by the moment at which the port was opened.
      if (n_lines_++ > 0) add_line(time_s);
      line_.clear();
    }
  }

  size_t n_axes() const { return n_axes_; }
  int64_t n_rows() const { return int64_t(times_s_.size()); }
  int64_t n_bad() const { return n_bad_; }
  int64_t n_bytes() const { return n_bytes_; }
  const std::vector<float>& values() const { return values_; }
  const std::vector<double>& times_s() const { return times_s_; }

 private:
  void add_line(double time_s) {
    if (trim(line_).empty()) return;
    const auto row = parse_line(line_);
    if (n_axes_ == 0 && row) n_axes_ = row->size();
    const bool good = row && row->size() == n_axes_;
    if (!good && times_s_.empty()) return;  // a banner before the first sample
    n_bad_ += !good;
    times_s_.push_back(time_s);
    if (good) {
      values_.insert(values_.end(), row->begin(), row->end());
    } else {
      values_.insert(values_.end(), n_axes_, kMissing);
    }
  }

  size_t n_axes_;
  std::string line_;
  std::vector<float> values_;
  std::vector<double> times_s_;
  int64_t n_lines_ = 0, n_bad_ = 0, n_bytes_ = 0;
};

bool finished(const RecordOptions& options, const LineCollector& lines, double begin_s) {
  if (options.stop && options.stop->load()) return true;
  if (options.n_samples > 0 && lines.n_rows() >= options.n_samples) return true;
  return options.duration_s > 0 && now_s() - begin_s >= options.duration_s;
}

enum class Heard { all, silence, end };

// Reads until finished, silent, or the other side hangs up.
Heard collect(int descriptor, const RecordOptions& options, LineCollector& lines) {
  const double begin_s = now_s();
  double heard_s = begin_s;
  char bytes[1024];
  while (!finished(options, lines, begin_s) && now_s() - heard_s < options.silence_s) {
    pollfd wait = {descriptor, POLLIN, 0};
    const int ready = poll(&wait, 1, 100);
    if (ready == 0 || (ready < 0 && errno == EINTR)) continue;
    const ssize_t n = ready < 0 ? -1 : read(descriptor, bytes, sizeof bytes);
    if (n < 0 && (errno == EAGAIN || errno == EINTR)) continue;
    if (n <= 0) return Heard::end;  // end of file, or EIO: the port is gone
    heard_s = now_s();
    lines.add({bytes, size_t(n)}, heard_s);
  }
  return finished(options, lines, begin_s) ? Heard::all : Heard::silence;
}

[[noreturn]] void fail_without_samples(const RecordOptions& options, const LineCollector& lines,
                                       Heard heard) {
  if (heard == Heard::end)
    fail("no-samples", options.name, "the port was closed before two samples had arrived",
         "was the board unplugged?");
  if (lines.n_bytes() == 0)
    fail("no-samples", options.name, "nothing arrived",
         "is the board on, is this its port, and does it print one sample a line: 0.12,-9.81,0.03");
  const std::string count = options.axes.empty() ? "" : std::to_string(options.axes.size()) + " ";
  fail("no-samples", options.name,
       std::to_string(lines.n_bytes()) + " bytes arrived, but no two lines of " + count + "numbers",
       "check the baud rate, and that the board prints one sample a line: 0.12,-9.81,0.03");
}

// A recording that ended by itself is whole, but perhaps shorter than was meant.
void warn_of_the_end(const RecordOptions& options, const LineCollector& lines, Heard heard,
                     Diagnostics& diagnostics) {
  if (heard == Heard::all) return;
  const std::string why = heard == Heard::end ? "the port was closed" : "the board fell silent";
  diagnostics.warn(
      "ended-early", options.name,
      why + " after " + std::to_string(lines.n_rows()) + " samples; what had arrived is written");
}

// The slope of a straight line through (index, arrival time): bursts at the ends weigh little.
double measure_rate_hz(const std::vector<double>& times_s) {
  const double n = double(times_s.size());
  if (n < 2) return 0;
  const double middle = (n - 1) / 2;
  double covariance = 0, variance = 0;
  for (size_t i = 0; i < times_s.size(); ++i) {
    covariance += (double(i) - middle) * (times_s[i] - times_s[0]);
    variance += (double(i) - middle) * (double(i) - middle);
  }
  return covariance > 0 ? variance / covariance : 0;
}

// The file under its temporary name: opened before recording begins, so that a folder that cannot
// be written is known then, and not after an hour; removed unless it was finished.
class CsvFile {
 public:
  explicit CsvFile(const std::filesystem::path& out) : out_(out), part_(out) {
    part_ += ".part";
    file_.open(part_, std::ios::binary);
    if (!file_) fail("unwritable-file", out.string(), "cannot be written", "choose another folder");
  }
  ~CsvFile() {
    std::error_code ignored;
    std::filesystem::remove(part_, ignored);
  }
  CsvFile(const CsvFile&) = delete;
  CsvFile& operator=(const CsvFile&) = delete;

  void add(std::string_view text) { file_ << text; }

  void finish() {
    file_.close();
    std::error_code error;
    if (file_) std::filesystem::rename(part_, out_, error);
    if (!file_ || error)
      fail("unwritable-file", out_.string(), "cannot be written", "is the disk full?");
  }

 private:
  std::filesystem::path out_, part_;
  std::ofstream file_;
};

// Returns how many samples it wrote.
int64_t write_csv(const LineCollector& lines, const RecordOptions& options, double rate_hz,
                  CsvFile& file) {
  file.add("time_s");
  for (size_t a = 0; a < lines.n_axes(); ++a) {
    file.add("," + (options.axes.empty() ? "axis_" + std::to_string(a + 1) : options.axes[a]));
  }
  const int64_t n =
      options.n_samples > 0 ? std::min(options.n_samples, lines.n_rows()) : lines.n_rows();
  char text[40];
  for (int64_t row = 0; row < n; ++row) {
    std::snprintf(text, sizeof text, "\n%.9f", double(row) / rate_hz);
    file.add(text);
    for (size_t a = 0; a < lines.n_axes(); ++a) {
      const float value = lines.values()[size_t(row) * lines.n_axes() + a];
      std::snprintf(text, sizeof text, ",%.9g", double(value));
      file.add(std::isfinite(value) ? text : ",");
    }
  }
  file.add("\n");
  file.finish();
  return n;
}

std::optional<speed_t> baud_constant(int baud) {
  switch (baud) {
    case 9600:
      return B9600;
    case 19200:
      return B19200;
    case 38400:
      return B38400;
    case 57600:
      return B57600;
    case 115200:
      return B115200;
    case 230400:
      return B230400;
    case 460800:
      return B460800;
    case 921600:
      return B921600;
    case 1000000:
      return B1000000;
    default:
      return std::nullopt;
  }
}

double choose_rate_hz(double measured_hz, const RecordOptions& options, Diagnostics& diagnostics) {
  if (options.rate_hz <= 0) {
    if (measured_hz > 0) return round_rate(measured_hz, kRateRounding);
    fail("no-rate", options.name, "all lines arrived at once, so their rate is unknown",
         "give it with --rate");
  }
  if (std::abs(measured_hz / options.rate_hz - 1) > kRateTolerance) {
    diagnostics.warn("wrong-rate", options.name,
                     "lines arrive at " + std::to_string(measured_hz) + " Hz, the rate given is " +
                         std::to_string(options.rate_hz) + " Hz");
  }
  return options.rate_hz;
}

bool set_raw(int descriptor, speed_t speed) {
  termios settings = {};
  if (tcgetattr(descriptor, &settings) != 0) return false;
  cfmakeraw(&settings);
  settings.c_cflag |= CLOCAL | CREAD;
  return cfsetspeed(&settings, speed) == 0 && tcsetattr(descriptor, TCSANOW, &settings) == 0;
}

}  // namespace

RecordReport record_stream(int descriptor, const RecordOptions& options, Diagnostics& diagnostics) {
  CsvFile file(options.out);
  LineCollector lines(options.axes.size());
  const Heard heard = collect(descriptor, options, lines);
  if (lines.n_rows() < 2) fail_without_samples(options, lines, heard);
  warn_of_the_end(options, lines, heard, diagnostics);
  RecordReport report;
  report.n_bad_lines = lines.n_bad();
  report.measured_hz = measure_rate_hz(lines.times_s());
  report.rate_hz = choose_rate_hz(report.measured_hz, options, diagnostics);
  if (report.n_bad_lines) {
    diagnostics.warn("bad-lines", options.name,
                     std::to_string(report.n_bad_lines) + " lines were no " +
                         std::to_string(lines.n_axes()) + " numbers; written as missing samples");
  }
  report.n_samples = write_csv(lines, options, report.rate_hz, file);
  return report;
}

RecordReport record_serial(const std::filesystem::path& port, const RecordOptions& options,
                           Diagnostics& diagnostics) {
  const auto speed = baud_constant(options.baud);
  if (!speed)
    fail("bad-baud", port.string(), std::to_string(options.baud) + " baud is no usual rate",
         "try 115200");
  const int descriptor = open(port.c_str(), O_RDONLY | O_NOCTTY | O_NONBLOCK);
  if (descriptor < 0) {
    fail("no-port", port.string(), std::string("cannot be opened: ") + std::strerror(errno),
         "is the board connected, and may you read the port (group dialout)?");
  }
  struct Closer {
    int descriptor;
    ~Closer() { close(descriptor); }
  } const closer = {descriptor};
  if (!set_raw(descriptor, *speed))
    fail("no-port", port.string(), "is no serial port", "name the board's: /dev/ttyACM0");
  RecordOptions named = options;
  named.name = port.string();
  return record_stream(descriptor, named, diagnostics);
}

}  // namespace mote
