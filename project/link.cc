// SPDX-License-Identifier: Apache-2.0
// See link.h.
#include "project/link.h"

#include "project/budget.h"
#include "project/firmware.h"
#include "project/store.h"
#include "runner/image_size.h"

namespace mote {

LinkedSize link_library(const Compiled& compiled, const Board& board,
                        const std::filesystem::path& library, Diagnostics& diagnostics) {
  const StagedFolder scratch(library.string() + ".objects");  // never committed
  BuildRequest request;
  request.model_folder = library;
  request.source_root = source_root();
  request.build_folder = scratch.path();
  request.sizes = player_sizes(compiled.plan);
  request.tables = table_reads(compiled.library);
  // The emulated image keeps what only the player needs out of the board's memories.
  const ImageKind kind = board.emulator.machine.empty() ? ImageKind::own : ImageKind::emulated;
  const Image image = build_images(request, board, {kind}, diagnostics).at(0);
  explain_misfit(compiled.plan, board, image.misfits, diagnostics);
  diagnostics.stop_if_any();
  const ImageSize size = measure_image({image.elf, image.map, image.architecture});
  return {board.name, int64_t(size.flash_bytes), int64_t(size.static_ram_bytes()),
          int64_t(memory_bytes(board, MemoryKind::flash)),
          int64_t(memory_bytes(board, MemoryKind::ram))};
}

}  // namespace mote
