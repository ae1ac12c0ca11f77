// SPDX-License-Identifier: Apache-2.0
// See delivery.h.
#include "project/delivery.h"

#include <nlohmann/json.hpp>

#include "graph/sha256.h"

namespace mote {
namespace {

namespace fs = std::filesystem;
using nlohmann::ordered_json;

constexpr const char* kManifest = "mote.json";
constexpr const char* kRemedy = "name another folder, or empty this one";

// Hashes by name of every file below `folder`, mote.json left out.
std::map<std::string, std::string> hashes_in(const fs::path& folder) {
  std::map<std::string, std::string> hashes;
  for (const fs::directory_entry& entry : fs::recursive_directory_iterator(folder)) {
    if (entry.is_directory()) continue;
    const std::string name = entry.path().lexically_relative(folder).generic_string();
    if (name != kManifest) hashes[name] = sha256_file(entry.path()).value_or("unreadable");
  }
  return hashes;
}

std::map<std::string, std::string> manifest_of(const fs::path& folder) {
  std::error_code error;
  if (!fs::is_regular_file(folder / kManifest, error)) return {};
  const auto json = ordered_json::parse(read_file(folder / kManifest, ""), nullptr, false);
  std::map<std::string, std::string> files;
  if (!json.is_object() || !json.contains("files") || !json["files"].is_object()) return files;
  for (const auto& [name, hash] : json["files"].items())
    if (hash.is_string()) files[name] = hash.get<std::string>();
  return files;
}

// Stops at the first file that mote did not write. Called before anything is written.
const fs::path& replaceable(const fs::path& out) {
  std::error_code error;
  if (!fs::exists(out, error)) return out;
  if (!fs::is_directory(out, error))
    fail("not-a-folder", out.string(), "this is a file, not a folder", kRemedy);
  const auto written = manifest_of(out);
  fs::recursive_directory_iterator at(out, error);
  for (; !error && at != fs::recursive_directory_iterator(); at.increment(error)) {
    if (at->is_directory(error)) continue;
    const std::string name = at->path().lexically_relative(out).generic_string();
    if (name == kManifest) continue;
    const auto found = written.find(name);
    if (found == written.end())
      fail("folder-in-use", at->path().string(), "the folder holds a file that mote did not write",
           kRemedy);
    if (found->second != sha256_file(at->path()).value_or(""))
      fail("folder-in-use", at->path().string(), "this file was changed since mote wrote it",
           kRemedy);
  }
  if (error)
    fail("cannot-read", out.string(), "the folder cannot be read: " + error.message(), kRemedy);
  return out;
}

}  // namespace

Delivery::Delivery(const fs::path& out) : staged_(replaceable(out)) {}

void Delivery::commit(const std::map<std::string, std::string>& facts) {
  ordered_json json(facts);
  json["files"] = hashes_in(staged_.path());
  write_file(staged_.path() / kManifest, json.dump(1) + "\n");
  staged_.commit();
}

}  // namespace mote
