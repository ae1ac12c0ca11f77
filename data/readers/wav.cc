// SPDX-License-Identifier: Apache-2.0
// WAV through libsndfile, after a walk over the chunks: libsndfile takes a file that was cut off
// without a word.
#include "data/readers/wav.h"

#include <sndfile.h>

#include <cstring>
#include <memory>

#include "data/readers/npy.h"
#include "data/readers/sample_rows.h"

namespace mote {
namespace {

constexpr int kMostChannels = 64;

uint32_t load_u32(std::string_view bytes, size_t at) {
  uint32_t value = 0;
  std::memcpy(&value, bytes.data() + at, sizeof value);
  return value;
}

// Walks RIFF's chunks up to "data"; false and an error when one reaches past the end of the file.
bool chunks_are_whole(std::string_view bytes, const std::string& path, Diagnostics& diagnostics) {
  const bool wave = bytes.size() >= 12 && bytes.starts_with("RIFF") && bytes.substr(8, 4) == "WAVE";
  if (!wave) {
    diagnostics.error("not-wav", path, "does not begin as a RIFF WAVE file",
                      "convert it to 16-bit PCM WAV");
    return false;
  }
  // The walk meets a missing end of "data"; RIFF's own size also finds one in the chunks after it.
  bool whole = uint64_t{load_u32(bytes, 4)} + 8 <= bytes.size(), data = false;
  uint64_t at = 12;
  while (whole && !data && at + 8 <= bytes.size()) {
    const uint64_t size = load_u32(bytes, size_t(at) + 4);
    data = bytes.substr(size_t(at), 4) == "data";
    whole = at + 8 + size <= bytes.size();
    at += 8 + size + size % 2;
  }
  if (whole && data) return true;
  diagnostics.error("truncated-wav",
                    path + " byte " + std::to_string(std::min<uint64_t>(at, bytes.size())),
                    "the header promises more sound than the file's " +
                        std::to_string(bytes.size()) + " bytes hold",
                    "the file was cut off while it was copied or recorded; copy it again");
  return false;
}

bool is_supported(const SF_INFO& info, const std::string& path, Diagnostics& diagnostics) {
  const int encoding = info.format & SF_FORMAT_SUBMASK;
  const bool pcm = encoding == SF_FORMAT_PCM_U8 || encoding == SF_FORMAT_PCM_16 ||
                   encoding == SF_FORMAT_PCM_24 || encoding == SF_FORMAT_PCM_32;
  const bool real = encoding == SF_FORMAT_FLOAT || encoding == SF_FORMAT_DOUBLE;
  if ((pcm || real) && info.channels <= kMostChannels) return true;
  diagnostics.error("wav-encoding", path, "its samples are neither PCM nor float",
                    "convert it to 16-bit PCM");
  return false;
}

std::vector<Axis> channel_axes(int channels, const ReadOptions& options) {
  std::vector<Axis> axes = name_axes(size_t(channels), options);
  for (size_t a = 0; a < axes.size(); ++a) {
    axes[a].unit = "FS";
    if (options.axes.size() == axes.size()) continue;
    axes[a].name = channels == 1 ? "audio" : "audio_" + std::to_string(a + 1);
  }
  return axes;
}

bool rate_fits(int rate_hz, const std::string& path, const ReadOptions& options,
               Diagnostics& diagnostics) {
  if (options.rate_hz <= 0 || options.rate_hz == rate_hz) return true;
  diagnostics.error("wrong-rate", path,
                    "its header says " + std::to_string(rate_hz) + " Hz, rate_hz says " +
                        std::to_string(options.rate_hz) + " Hz",
                    "leave out data.rate_hz, or resample the file");
  return false;
}

}  // namespace

std::vector<Recording> read_wav(const std::filesystem::path& path, const ReadOptions& options,
                                Diagnostics& diagnostics) {
  const auto bytes = read_bytes(path, diagnostics);
  if (!bytes || !chunks_are_whole(*bytes, path.string(), diagnostics)) return {};
  SF_INFO info = {};
  const std::unique_ptr<SNDFILE, int (*)(SNDFILE*)> file(sf_open(path.c_str(), SFM_READ, &info),
                                                         sf_close);
  if (!file || info.channels < 1 || info.samplerate < 1) {
    diagnostics.error("not-wav", path.string(), sf_strerror(file.get()),
                      "convert it to 16-bit PCM WAV");
    return {};
  }
  const bool good = is_supported(info, path.string(), diagnostics) &&
                    rate_fits(info.samplerate, path.string(), options, diagnostics);
  if (!good) return {};
  SampleRows rows;
  rows.path = path.string();
  rows.axes = channel_axes(info.channels, options);
  // libsndfile's frame count comes from the header, which was compared with the bytes that are
  // there.
  rows.values.resize(size_t(info.frames) * size_t(info.channels));
  const sf_count_t n_read = sf_readf_float(file.get(), rows.values.data(), info.frames);
  rows.values.resize(size_t(std::max<sf_count_t>(n_read, 0)) * size_t(info.channels));
  number_rows(rows);
  ReadOptions with_rate = options;
  with_rate.rate_hz = info.samplerate;
  if (!choose_axes(rows, options, diagnostics)) return {};
  auto recording = to_recording(rows, with_rate, diagnostics);
  if (!recording) return {};
  return {std::move(*recording)};
}

}  // namespace mote
