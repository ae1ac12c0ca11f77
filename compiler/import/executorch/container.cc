// SPDX-License-Identifier: Apache-2.0
// See container.h. The extended header follows the flatbuffer's 8 bytes: magic, length (u32),
// program size, segment base, segment data size (u64 each; the last where length is 32 or more).
#include "compiler/import/executorch/container.h"

#include <cstring>

namespace mote::executorch {
namespace {

constexpr size_t kHeaderAt = 8;
constexpr size_t kLeastHeaderBytes = 24;
constexpr const char* kRemedy = "the file is cut short or damaged; copy or export it again";

uint64_t little_endian(std::span<const uint8_t> bytes, size_t at, size_t size) {
  uint64_t value = 0;
  for (size_t i = 0; i < size; ++i) value |= uint64_t(bytes[at + i]) << (8 * i);
  return value;
}

[[noreturn]] void damaged(const std::string& place, const std::string& message) {
  fail("damaged-file", place, message, kRemedy);
}

struct Regions {
  uint64_t program_bytes;
  uint64_t segment_base;
};

Regions read_header(std::span<const uint8_t> bytes, const std::string& place) {
  const uint64_t size = bytes.size();
  const bool extended =
      size >= kHeaderAt + 4 && std::memcmp(bytes.data() + kHeaderAt, "eh", 2) == 0;
  if (!extended) return {size, size};
  if (size < kHeaderAt + kLeastHeaderBytes) damaged(place, "byte 8: the header is cut short");
  if (std::memcmp(bytes.data() + kHeaderAt, "eh00", 4) != 0)
    fail("wrong-version", place, "byte 8: the extended header is not of version eh00",
         "export the model with an ExecuTorch that writes it");
  if (little_endian(bytes, kHeaderAt + 4, 4) < kLeastHeaderBytes)
    damaged(place, "byte 12: the extended header is shorter than its fields");
  const Regions regions{little_endian(bytes, kHeaderAt + 8, 8),
                        little_endian(bytes, kHeaderAt + 16, 8)};
  if (regions.program_bytes > size)
    damaged(place, "byte 16: the program is said to take " + std::to_string(regions.program_bytes) +
                       " of the file's " + std::to_string(size) + " bytes");
  // 0: the file has no segments.
  const bool has_segments = regions.segment_base != 0;
  if (has_segments && (regions.segment_base < regions.program_bytes || regions.segment_base > size))
    damaged(place, "byte 24: the segments lie outside of the file");
  return {regions.program_bytes, has_segments ? regions.segment_base : size};
}

std::span<const uint8_t> constant_segment(std::span<const uint8_t> bytes, const Regions& regions,
                                          const format::Program& program,
                                          const std::string& place) {
  const auto* constants = program.constant_segment();
  if (!constants || !constants->offsets() || constants->offsets()->size() == 0) return {};
  if (program.constant_buffer() && program.constant_buffer()->size() > 0)
    damaged(place, "the file has constants inside the program and in a segment");
  const auto* segments = program.segments();
  if (!segments || constants->segment_index() >= segments->size())
    damaged(place, "segment " + std::to_string(constants->segment_index()) +
                       ", which holds the constants, does not exist");
  const auto* segment = segments->Get(constants->segment_index());
  const uint64_t space = bytes.size() - regions.segment_base;
  if (segment->offset() > space || segment->size() > space - segment->offset())
    damaged(place, "segment " + std::to_string(constants->segment_index()) +
                       ", which holds the constants, ends behind the file");
  return bytes.subspan(size_t(regions.segment_base + segment->offset()), size_t(segment->size()));
}

}  // namespace

bool Container::constant(uint32_t index, int64_t size, std::span<const uint8_t>& found) const {
  std::span<const uint8_t> rest;
  const auto* buffers = program->constant_buffer();
  if (buffers && buffers->size() > 0) {
    if (index >= buffers->size() || !buffers->Get(index)->storage()) return false;
    rest = {buffers->Get(index)->storage()->data(), buffers->Get(index)->storage()->size()};
  } else {
    const auto* segment = program->constant_segment();
    if (!segment || !segment->offsets() || index >= segment->offsets()->size()) return false;
    const uint64_t offset = element(*segment->offsets(), index);
    if (offset > constants.size()) return false;
    rest = constants.subspan(size_t(offset));
  }
  if (size < 0 || uint64_t(size) > rest.size()) return false;
  found = rest.first(size_t(size));
  return true;
}

Container open_container(std::span<const uint8_t> bytes, const std::string& place) {
  if (bytes.size() < kHeaderAt)
    damaged(place, "the file ends after " + std::to_string(bytes.size()) + " bytes");
  if (!flatbuffers::BufferHasIdentifier(bytes.data(), format::ProgramIdentifier()))
    fail("no-executorch", place, "byte 4: the identifier ET12 of an ExecuTorch program is missing",
         "name a .tflite or .pte file");
  const Regions regions = read_header(bytes, place);
  flatbuffers::Verifier verifier(bytes.data(), size_t(regions.program_bytes), /*max_depth=*/32,
                                 /*max_tables=*/200000);
  if (!format::VerifyProgramBuffer(verifier))
    damaged(place, "an offset, a table or a vector points outside of the program's " +
                       std::to_string(regions.program_bytes) + " bytes");
  Container container;
  container.program = format::GetProgram(bytes.data());
  container.constants = constant_segment(bytes, regions, *container.program, place);
  return container;
}

}  // namespace mote::executorch
