// SPDX-License-Identifier: Apache-2.0
// Members of a .npz archive to axes. See npz.h.
#include "data/readers/npz.h"

#include <zip.h>

#include <algorithm>
#include <memory>

#include "data/readers/npy.h"
#include "data/readers/sample_rows.h"

namespace mote {
namespace {

constexpr uint64_t kLargestMember = uint64_t{1} << 30;
constexpr int64_t kMostMembers = 1000;

struct CloseArchive {
  void operator()(zip_t* archive) const { zip_discard(archive); }
};
struct CloseMember {
  void operator()(zip_file_t* member) const { zip_fclose(member); }
};
using Archive = std::unique_ptr<zip_t, CloseArchive>;

struct Member {
  std::string name;  // without ".npy"
  NpyArray array;
};

std::optional<std::string> read_member(zip_t* archive, zip_uint64_t index, zip_stat_t& entry) {
  zip_stat_init(&entry);
  if (zip_stat_index(archive, index, 0, &entry) != 0) return std::nullopt;
  const zip_uint64_t needed = ZIP_STAT_NAME | ZIP_STAT_SIZE;
  if ((entry.valid & needed) != needed || entry.size > kLargestMember) return std::nullopt;
  const std::unique_ptr<zip_file_t, CloseMember> file(zip_fopen_index(archive, index, 0));
  if (!file) return std::nullopt;
  // Grows as bytes arrive: a size in a damaged directory must not decide what is allocated.
  std::string bytes;
  char block[65536];
  zip_int64_t n = 0;
  while ((n = zip_fread(file.get(), block, sizeof block)) > 0) {
    bytes.append(block, size_t(n));
    if (bytes.size() > entry.size) return std::nullopt;
  }
  // The read that meets the end is the one that checks the CRC.
  return n == 0 && bytes.size() == entry.size ? std::optional(std::move(bytes)) : std::nullopt;
}

Archive open_archive(const std::filesystem::path& path, Diagnostics& diagnostics) {
  int code = 0;
  Archive archive(zip_open(path.c_str(), ZIP_RDONLY | ZIP_CHECKCONS, &code));
  if (archive && zip_get_num_entries(archive.get(), 0) <= kMostMembers) return archive;
  diagnostics.error("bad-zip", path.string(), "is no zip archive, or it was cut off or damaged",
                    "write it with np.savez, or copy it again");
  return nullptr;
}

bool wanted(const std::string& name, const ReadOptions& options, bool by_member) {
  return !by_member || std::count(options.axes.begin(), options.axes.end(), name);
}

std::string member_name(const char* name) {
  const std::string text = name;
  return text.ends_with(".npy") ? text.substr(0, text.size() - 4) : text;
}

// data.axes names members when each of its names is one.
bool axes_are_members(zip_t* archive, const ReadOptions& options) {
  for (const std::string& axis : options.axes) {
    if (zip_name_locate(archive, (axis + ".npy").c_str(), 0) < 0) return false;
  }
  return !options.axes.empty();
}

std::optional<std::vector<Member>> read_members(zip_t* archive, const std::string& path,
                                                const ReadOptions& options,
                                                Diagnostics& diagnostics) {
  const bool by_member = axes_are_members(archive, options);
  std::vector<Member> members;
  for (zip_int64_t i = 0; i < zip_get_num_entries(archive, 0); ++i) {
    const char* raw_name = zip_get_name(archive, zip_uint64_t(i), 0);
    const std::string name = member_name(raw_name ? raw_name : "");
    if (!wanted(name, options, by_member)) continue;
    const std::string place = path + " member " + name;
    zip_stat_t entry;
    const auto bytes = read_member(archive, zip_uint64_t(i), entry);
    if (!bytes) {
      diagnostics.error("bad-zip", place, "cannot be unpacked: damaged, encrypted or above 1 GiB");
      return std::nullopt;
    }
    auto array = parse_npy(*bytes, place, diagnostics);
    if (!array) return std::nullopt;
    members.push_back({name, std::move(*array)});
  }
  return members;
}

// Several 1-D members side by side, in the order of data.axes, else of the archive.
bool join_members(std::vector<Member>& members, const ReadOptions& options, SampleRows& rows,
                  Diagnostics& diagnostics) {
  const auto order = [&](const Member& m) {
    return std::find(options.axes.begin(), options.axes.end(), m.name) - options.axes.begin();
  };
  std::stable_sort(members.begin(), members.end(),
                   [&](const Member& a, const Member& b) { return order(a) < order(b); });
  for (const Member& member : members) {
    if (!member.array.is_vector || member.array.n_rows != members[0].array.n_rows) {
      diagnostics.error(
          "npz-shapes", rows.path,
          "member " + member.name + " is no vector as long as member " + members[0].name,
          "name the members to use in data.axes");
      return false;
    }
    rows.axes.push_back({member.name, ""});
  }
  for (int64_t row = 0; row < members[0].array.n_rows; ++row) {
    for (const Member& member : members) rows.values.push_back(member.array.values[size_t(row)]);
  }
  return true;
}

bool to_rows(std::vector<Member>& members, const ReadOptions& options, SampleRows& rows,
             Diagnostics& diagnostics) {
  if (members.empty()) {
    diagnostics.error("no-samples", rows.path, "holds no arrays");
    return false;
  }
  if (members.size() > 1) return join_members(members, options, rows, diagnostics);
  NpyArray& only = members[0].array;
  rows.axes = name_axes(size_t(only.n_columns), options);
  if (only.is_vector && options.axes.empty()) rows.axes[0].name = members[0].name;
  rows.values = std::move(only.values);
  return true;
}

}  // namespace

std::vector<Recording> read_npz(const std::filesystem::path& path, const ReadOptions& options,
                                Diagnostics& diagnostics) {
  const Archive archive = open_archive(path, diagnostics);
  if (!archive) return {};
  auto members = read_members(archive.get(), path.string(), options, diagnostics);
  if (!members) return {};
  SampleRows rows;
  rows.path = path.string();
  if (!to_rows(*members, options, rows, diagnostics)) return {};
  number_rows(rows);
  if (!choose_axes(rows, options, diagnostics)) return {};
  auto recording = to_recording(rows, options, diagnostics);
  if (!recording) return {};
  return {std::move(*recording)};
}

}  // namespace mote
