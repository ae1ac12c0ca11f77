// SPDX-License-Identifier: Apache-2.0
// See memory_use.h.
#include "runner/memory_use.h"

#include <algorithm>

namespace mote {
namespace {

int64_t weight_bytes(const ImageSize& size) {
  const auto weights = std::find_if(size.objects.begin(), size.objects.end(),
                                    [](const ObjectSize& o) { return o.name == "weights.o"; });
  return weights == size.objects.end() ? 0 : int64_t(weights->flash_bytes);
}

int64_t bytes_of(const ImageSize& size, const char* symbol) {
  const auto found = std::find_if(size.symbols.begin(), size.symbols.end(),
                                  [&](const ImageSymbol& s) { return s.symbol == symbol; });
  return found == size.symbols.end() ? 0 : int64_t(found->bytes);
}

}  // namespace

int64_t MemoryUse::used() const {
  int64_t sum = 0;
  for (const MemoryPart& part : parts) sum += part.bytes;
  return sum;
}

std::vector<MemoryUse> memory_use(const Board& board, const MeasuredImage& measured) {
  std::vector<MemoryUse> rows;
  for (const Memory& memory : board.memories)
    rows.push_back({memory.name, memory.kind, int64_t(memory.bytes), {}, {}});
  const auto put = [&](const std::string& name, const char* what, int64_t bytes) {
    for (MemoryUse& row : rows)
      if (row.name == name && bytes > 0) row.parts.push_back({what, bytes});
  };
  const std::string first_flash = first_memory(board, MemoryKind::flash)->name;
  const std::string first_ram = first_memory(board, MemoryKind::ram)->name;
  const int64_t weights = weight_bytes(measured.size);
  const int64_t model = bytes_of(measured.size, "mote_model_memory");
  const int64_t far = bytes_of(measured.size, "mote_far_memory");
  put(first_flash, "code", int64_t(measured.size.flash_bytes) - weights);
  int64_t far_weights = measured.image.far_tables.empty() ? weights : 0;
  for (const std::string& table : measured.image.far_tables)
    far_weights += bytes_of(measured.size, table.c_str());
  put(first_flash, "weights", weights - far_weights);
  put(measured.image.weights_memory, "weights", far_weights);
  put(first_ram, "data", int64_t(measured.size.static_ram_bytes()) - model - far);
  put(first_ram, "stack", measured.stack_bytes);
  put(measured.image.model_memory, "model", model);
  put(measured.image.far_memory, "far part", far);
  return rows;
}

std::vector<CountedRange> memory_ranges(const Board& board) {
  std::vector<CountedRange> ranges;
  for (const MemoryKind kind : {MemoryKind::flash, MemoryKind::ram})
    for (const Memory* memory : usable_memories(board, kind)) {
      const bool is_first = memory == first_memory(board, kind);
      const uint32_t first =
          kind == MemoryKind::flash ? board.emulator.flash_origin : board.emulator.ram_origin;
      const uint32_t origin = is_first ? first : memory->emulated_origin.value();
      ranges.push_back({origin, origin + memory->bytes, "data", memory->name});
    }
  return ranges;
}

double accesses_to(const std::string& memory, const CountReport& report) {
  const CountedData data = report.accesses_to(memory);
  if (report.decisions <= 1) return double(data.first.accesses());
  return double(data.later.accesses()) / double(report.decisions - 1);
}

void add_accesses(const CountReport& report, std::vector<MemoryUse>& memories) {
  for (MemoryUse& memory : memories) memory.accesses = accesses_to(memory.name, report);
}

std::string to_text(const MemoryUse& use) {
  std::string text =
      use.name + " " + std::to_string(use.used()) + " of " + std::to_string(use.bytes) + " bytes";
  for (size_t i = 0; i < use.parts.size(); ++i)
    text += (i == 0 ? ": " : ", ") + use.parts[i].what + " " + std::to_string(use.parts[i].bytes);
  if (use.accesses)
    text += "; " + std::to_string(int64_t(*use.accesses + 0.5)) + " accesses a decision";
  return text;
}

}  // namespace mote
