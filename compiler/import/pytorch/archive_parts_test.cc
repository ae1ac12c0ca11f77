// SPDX-License-Identifier: Apache-2.0
// See archive_parts.h.
#include "compiler/import/pytorch/archive_parts.h"

#include <gtest/gtest.h>
#include <zip.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace mote::pytorch {
namespace {

zip_t* opened(zip_source_t* source, int flags) {
  zip_error_t error;
  zip_error_init(&error);
  zip_t* archive = zip_open_from_source(source, flags, &error);
  zip_error_fini(&error);
  MOTE_ASSERT(archive != nullptr);
  return archive;
}

zip_source_t* source_of(const void* data, size_t size) {
  zip_error_t error;
  zip_error_init(&error);
  zip_source_t* source = zip_source_buffer_create(data, size, 0, &error);
  zip_error_fini(&error);
  MOTE_ASSERT(source != nullptr);
  return source;
}

}  // namespace

ArchiveParts parts_of(const Bytes& bytes) {
  ArchiveParts parts;
  zip_t* archive = opened(source_of(bytes.data(), bytes.size()), ZIP_RDONLY);
  for (int64_t i = 0; i < zip_get_num_entries(archive, 0); ++i) {
    zip_stat_t stat;
    zip_stat_index(archive, zip_uint64_t(i), 0, &stat);
    std::string data(stat.size, ' ');
    zip_file_t* file = zip_fopen_index(archive, zip_uint64_t(i), 0);
    zip_fread(file, data.data(), stat.size);
    zip_fclose(file);
    parts[stat.name] = data;
  }
  zip_discard(archive);
  return parts;
}

Bytes read_test_file(const std::string& name) {
  static const ArchiveParts models = [] {
    const char* root = std::getenv("MOTE_SOURCE_DIR");
    const std::filesystem::path source(root ? root : ".");
    std::ifstream file(source / "tests/conformance/pytorch/models.zip", std::ios::binary);
    return parts_of({std::istreambuf_iterator<char>(file), {}});
  }();
  const std::string& data = models.at(name);
  return {data.begin(), data.end()};
}

Bytes archive_of(const ArchiveParts& parts, bool compressed) {
  zip_source_t* target = source_of(nullptr, 0);
  zip_source_keep(target);
  zip_t* archive = opened(target, ZIP_CREATE | ZIP_TRUNCATE);
  for (const auto& [name, data] : parts) {
    const int64_t index =
        zip_file_add(archive, name.c_str(), source_of(data.data(), data.size()), 0);
    zip_set_file_compression(archive, zip_uint64_t(index),
                             compressed ? ZIP_CM_DEFLATE : ZIP_CM_STORE, 0);
  }
  MOTE_ASSERT(zip_close(archive) == 0);
  zip_source_open(target);
  zip_source_seek(target, 0, SEEK_END);
  Bytes bytes(static_cast<size_t>(zip_source_tell(target)));
  zip_source_seek(target, 0, SEEK_SET);
  zip_source_read(target, bytes.data(), bytes.size());
  zip_source_close(target);
  zip_source_free(target);
  return bytes;
}

TEST(ArchiveParts, ComeBack) {
  const ArchiveParts parts{{"a/one", "1"}, {"a/two/three", std::string(1000, 'x')}};
  EXPECT_EQ(parts_of(archive_of(parts)), parts);
  EXPECT_EQ(parts_of(archive_of(parts, true)), parts);
}

}  // namespace mote::pytorch
