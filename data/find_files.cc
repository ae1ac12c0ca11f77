// SPDX-License-Identifier: Apache-2.0
// Walking folders, and reading labels and groups off paths. See find_files.h.
#include "data/find_files.h"

#include <algorithm>
#include <regex>

#include "data/readers/reader.h"
#include "graph/sha256.h"

namespace mote {
namespace {

namespace fs = std::filesystem;

// One rule of mote.toml that takes a word from a path, compiled.
class PathRule {
 public:
  PathRule(const std::string& key, const std::string& pattern, Diagnostics& diagnostics) {
    if (pattern.empty()) return;
    try {
      regex_ = std::regex(pattern);
    } catch (const std::regex_error& error) {
      diagnostics.error("bad-pattern", key,
                        "\"" + pattern + "\" is no regular expression: " + error.what());
      return;
    }
    given_ = true;
    if (regex_.mark_count() >= 1) return;
    diagnostics.error("bad-pattern", key, "\"" + pattern + "\" has no group in parentheses",
                      "put the part that is wanted in ( )");
    given_ = false;
  }

  bool given() const { return given_; }

  std::string find(const std::string& text) const {
    std::smatch match;
    return std::regex_search(text, match, regex_) ? match[1].str() : "";
  }

 private:
  std::regex regex_;
  bool given_ = false;
};

struct PathRules {
  PathRule label, group, merge;
};

std::string topmost(const std::string& folder) { return folder.substr(0, folder.find('/')); }
std::string lowest(const std::string& folder) { return folder.substr(folder.rfind('/') + 1); }

std::string label_of(const std::string& folder, const std::string& file, const DataOptions& options,
                     const PathRules& rules) {
  const std::string& by = options.label.by;
  if (by == "file")
    return rules.label.given() ? rules.label.find(file) : file.substr(0, file.find_first_of("_."));
  if (by != "folder" && !by.empty()) return "";
  return rules.label.given() ? rules.label.find(folder) : topmost(folder);
}

std::string group_of(const std::string& folder, const std::string& file, const DataOptions& options,
                     const PathRules& rules) {
  if (options.group.by == "file") {
    return rules.group.given() ? rules.group.find(file) : file.substr(0, file.find_first_of("_."));
  }
  if (options.group.by != "folder") return "";
  return rules.group.given() ? rules.group.find(folder) : lowest(folder);
}

bool is_inside(const fs::path& path, const fs::path& folder) {
  if (folder.empty()) return false;
  const fs::path relative = path.lexically_normal().lexically_relative(folder.lexically_normal());
  return !relative.empty() && *relative.begin() != "..";
}

// Regular files below `root` (or `root` itself), hidden ones left out.
std::vector<fs::path> walk(const fs::path& root, const std::string& key, Diagnostics& diagnostics) {
  std::error_code error;
  if (fs::is_regular_file(root, error)) return {root};
  std::vector<fs::path> files;
  fs::recursive_directory_iterator at(root, error);
  for (; !error && at != fs::recursive_directory_iterator(); at.increment(error)) {
    const bool hidden = at->path().filename().string().starts_with('.');
    if (hidden && at->is_directory()) at.disable_recursion_pending();
    if (!hidden && at->is_regular_file(error)) files.push_back(at->path());
  }
  if (error) {
    diagnostics.error("unreadable-folder", root.string(), "cannot be read: " + error.message(),
                      "check " + key + " in mote.toml");
  }
  return files;
}

class Finder {
 public:
  Finder(const DataOptions& options, Diagnostics& diagnostics)
      : options_(options),
        diagnostics_(diagnostics),
        rules_{PathRule("data.label.pattern", options.label.pattern, diagnostics),
               PathRule("data.group.pattern", options.group.pattern, diagnostics),
               PathRule("data.merge", options.merge, diagnostics)} {}

  std::vector<SourceFile> find() {
    add_folder(options_.recordings, false);
    std::sort(files_.begin(), files_.end(), by_name);
    const auto n_train = std::ptrdiff_t(files_.size());
    if (!options_.test.empty()) add_folder(options_.test, true);
    std::sort(files_.begin() + n_train, files_.end(), by_name);
    report();
    return std::move(files_);
  }

 private:
  static bool by_name(const SourceFile& a, const SourceFile& b) { return a.name < b.name; }

  void add_folder(const fs::path& root, bool is_test) {
    std::error_code error;
    const fs::path base = fs::is_directory(root, error) ? root : root.parent_path();
    const bool elsewhere = is_test && fs::is_directory(root, error);
    for (const fs::path& path :
         walk(root, is_test ? "data.test" : "data.recordings", diagnostics_)) {
      if (!is_test && is_inside(path, options_.test)) continue;
      if (path == ranges_file()) continue;
      const std::string relative = path.lexically_relative(base).generic_string();
      add_file(path, relative, {elsewhere ? last_name(root) + "/" : "", is_test});
    }
  }

  fs::path ranges_file() const {
    return options_.label.by == "ranges" ? options_.recordings / options_.label.file : fs::path();
  }

  // What a file's folder says of it.
  struct Side {
    std::string prefix;  // of its name
    bool is_test = false;
  };

  void add_file(const fs::path& path, const std::string& relative, const Side& side) {
    const Reader* reader = find_reader(path, "");
    const bool wanted = reader && (options_.format.empty() || reader->format == options_.format);
    if (!wanted && ++n_unknown_ == 1) first_unknown_ = path.string();
    if (!wanted) return;
    const size_t slash = relative.rfind('/');
    const std::string folder = slash == std::string::npos ? "" : relative.substr(0, slash);
    const std::string file = relative.substr(slash + 1);
    SourceFile source;
    source.path = path;
    source.name = side.prefix + relative;
    source.label = label_of(folder, file, options_, rules_);
    source.group = group_of(folder, file, options_, rules_);
    source.is_test = side.is_test;
    if (rules_.merge.given())
      source.merged = (folder.empty() ? "" : folder + "/") + rules_.merge.find(file);
    set_split_group(*reader, source);
    const bool by_path = options_.label.by == "folder" || options_.label.by == "file";
    if (by_path && !source.left_out && !source.label.empty() && !options_.classes.empty() &&
        !options_.classes.count(source.label)) {
      ++n_other_classes_[source.label];
      source.other_class = true;
    }
    files_.push_back(std::move(source));
  }

  // A .ts file holds many recordings: without a rule only reading tells their groups.
  void set_split_group(const Reader& reader, SourceFile& source) const {
    const bool own = options_.group.by == "none";
    if (!own || reader.format != "ts") source.split_group = own ? source.recording() : source.group;
    const std::vector<std::string>& without = options_.without;
    source.left_out = !source.split_group.empty() && reader.format != "ts" &&
                      std::count(without.begin(), without.end(), source.split_group) > 0;
  }

  void report() {
    if (n_unknown_) {
      diagnostics_.warn(
          "files-ignored", first_unknown_,
          std::to_string(n_unknown_) + " files are of a kind that is not read, this is the first");
    }
    report_other_classes();
    if (files_.empty() && diagnostics_.errors().empty()) {
      diagnostics_.error("no-recordings", options_.recordings.string(), "holds no recordings",
                         "check data.recordings and data.format in mote.toml");
    }
  }

  void report_other_classes() {
    std::string labels;
    int64_t n_files = 0;
    for (const auto& [label, n] : n_other_classes_) {
      labels += (labels.empty() ? "" : ", ") + label;
      n_files += n;
    }
    if (n_files > 0)
      diagnostics_.warn("class-left-out", options_.recordings.string(),
                        std::to_string(n_files) +
                            " files are left out, their labels are not in classes: " + labels);
  }

  const DataOptions& options_;
  Diagnostics& diagnostics_;
  PathRules rules_;
  std::vector<SourceFile> files_;
  std::map<std::string, int64_t> n_other_classes_;
  int64_t n_unknown_ = 0;
  std::string first_unknown_;
};

}  // namespace

std::string last_name(const fs::path& path) {
  const fs::path normal = path.lexically_normal();
  return (normal.has_filename() ? normal : normal.parent_path()).filename().string();
}

std::vector<SourceFile> find_source_files(const DataOptions& options, Diagnostics& diagnostics) {
  return Finder(options, diagnostics).find();
}

std::string hash_source_files(const std::vector<SourceFile>& files) {
  Sha256 hash;
  for (const SourceFile& file : files) {
    hash.update(sha256_file(file.path).value_or("unreadable") + "  " + file.name + "\n");
  }
  return hash.hex();
}

}  // namespace mote
