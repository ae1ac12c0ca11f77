// SPDX-License-Identifier: Apache-2.0
// See pt2_archive.h.
#include "compiler/import/pytorch/pt2_archive.h"

#include <zip.h>

namespace mote::pytorch {
namespace {

constexpr int64_t kMostEntries = 20000;
constexpr const char* kSaveAgain = "save it again with torch.export.save";

}  // namespace

Pt2Archive::Pt2Archive(const Bytes& bytes, std::string place)
    : place_(std::move(place)), bytes_left_(bytes.size()) {
  zip_error_t error;
  zip_error_init(&error);
  zip_source_t* source = zip_source_buffer_create(bytes.data(), bytes.size(), 0, &error);
  if (source) zip_ = zip_open_from_source(source, ZIP_RDONLY | ZIP_CHECKCONS, &error);
  const std::string why = zip_ ? "" : zip_error_strerror(&error);
  zip_error_fini(&error);
  if (!zip_) {
    if (source) zip_source_free(source);
    fail("damaged-file", place_, "this is no zip archive, or a damaged one: " + why, kSaveAgain);
  }
  const int64_t count = zip_get_num_entries(zip_, 0);
  for (int64_t i = 0; i < count && i < kMostEntries; ++i) {
    zip_stat_t stat;
    if (zip_stat_index(zip_, zip_uint64_t(i), 0, &stat) != 0 || !(stat.valid & ZIP_STAT_NAME))
      continue;
    const std::string name = stat.name;
    const size_t slash = name.find('/');  // behind the archive's own folder
    Entry entry{uint64_t(i), stat.size, false, false, {}};
    entry.stored = (stat.valid & ZIP_STAT_SIZE) && (stat.valid & ZIP_STAT_COMP_METHOD) &&
                   stat.comp_method == ZIP_CM_STORE && (stat.valid & ZIP_STAT_ENCRYPTION_METHOD) &&
                   stat.encryption_method == ZIP_EM_NONE;
    if (slash != std::string::npos) entries_.emplace(name.substr(slash + 1), std::move(entry));
  }
  if (count <= kMostEntries) return;
  zip_discard(zip_);
  fail("too-large", place_,
       "the archive has more than " + std::to_string(kMostEntries) + " entries",
       "mote is for microcontrollers; use a smaller model");
}

Pt2Archive::~Pt2Archive() { zip_discard(zip_); }

std::vector<std::string> Pt2Archive::names(const std::string& prefix) const {
  std::vector<std::string> found;
  for (auto at = entries_.lower_bound(prefix);
       at != entries_.end() && at->first.starts_with(prefix); ++at)
    found.push_back(at->first);
  return found;
}

const Bytes& Pt2Archive::read(const std::string& name) {
  const std::string where = place_ + ": entry \"" + name + "\"";
  const auto found = entries_.find(name);
  if (found == entries_.end()) fail("missing-entry", where, "the archive lacks it", kSaveAgain);
  Entry& entry = found->second;
  if (entry.was_read) return entry.data;
  if (!entry.stored) fail("compressed-entry", where, "it is compressed or encrypted", kSaveAgain);
  if (entry.size > bytes_left_)
    fail("too-large", where, "it is said to be larger than the file holds", kSaveAgain);
  bytes_left_ -= entry.size;
  Bytes data(static_cast<size_t>(entry.size));
  zip_file_t* file = zip_fopen_index(zip_, entry.index, 0);
  const int64_t got = file ? zip_fread(file, data.data(), entry.size) : -1;
  uint8_t more = 0;  // reading the end checks the checksum
  const bool ended = file && zip_fread(file, &more, 1) == 0;
  if (file) zip_fclose(file);
  if (got != int64_t(entry.size) || !ended)
    fail("damaged-file", where, "its bytes do not have their checksum", kSaveAgain);
  entry.data = std::move(data);
  entry.was_read = true;
  return entry.data;
}

}  // namespace mote::pytorch
