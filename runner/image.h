// SPDX-License-Identifier: Apache-2.0
// From emitted files to images that run: the model is compiled once for the board's core, and the
// same object files are linked with the addresses of the emulated machine and with the board's own.
// In: the emitted folder, the source tree (core/, device/, ports/, kernels), a board. Out: ELF and
// map files, the hash of every object, and what did not fit. Equal input gives equal bytes.
#pragma once
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "graph/diagnostics.h"
#include "runner/board.h"

namespace mote {

// The sizes that mote_model (core/model_interface.h) will report; the image reserves as much.
struct PlayerSizes {
  uint32_t model_bytes = 0;
  uint32_t n_layers = 0;
  uint32_t sample_values = 0;  // int16 values of one sample of the widest stream
  uint32_t output_bytes = 0;
  uint32_t saved_bytes = 0;
  uint32_t far_bytes = 0;  // of the model's far part
};

// A table in weights.cc, and how many of its bytes a decision reads.
struct TableReads {
  std::string symbol;
  int64_t bytes = 0;
  int64_t reads = 0;
};

struct BuildRequest {
  std::filesystem::path model_folder;  // every *.cc in it is compiled, interface.cc among them
  std::filesystem::path source_root;
  std::filesystem::path build_folder;        // made when it is missing
  std::vector<std::string> include_folders;  // before the source tree, relative to it
  PlayerSizes sizes;
  // Those with least reads a byte make room in the first flash; not known: all weights together.
  std::vector<TableReads> tables;
  uint32_t stack_bytes = 4096;  // a multiple of 8
  int n_jobs = 2;
};

enum class ImageKind {
  emulated,       // for the machine that stands for the board, over semihosting: fast
  emulated_uart,  // the same over the machine's UART
  own,            // for the board itself, port own_board: linked, not verified
};

struct ObjectFile {
  std::string name;  // "model/weights.o", "harness/player.o"
  std::string sha256;
  bool operator==(const ObjectFile&) const = default;
};

// What does not fit, and by how much: the budget loop asks again with a smaller model.
struct Misfit {
  std::string memory;  // the board's name of it
  uint64_t bytes_over = 0;
};

struct Image {
  std::filesystem::path elf;  // "" when it could not be made
  std::filesystem::path map;
  std::filesystem::path stack_usage;  // folder of the model's .su files
  std::vector<ObjectFile> objects;    // the same for all images of one call, but for the port's
  std::string sha256;                 // of the ELF file
  // The board's names of where these lie; far: "" where the model has no far part.
  std::string model_memory, far_memory, weights_memory;
  std::vector<std::string> far_tables;  // of the weights, those in weights_memory; empty: all
  Architecture architecture = Architecture::arm;
  std::vector<Misfit> misfits;
};

// What a model may take of each RAM, the fastest first: of the first, what stack and player leave.
std::vector<int64_t> room_for_model(const Board& board, uint32_t stack_bytes = 4096);

// One image a kind. What goes wrong is added to `diagnostics` (does-not-fit, compile-failed,
// tool-missing, no-emulator, ...), and the image has no `elf`.
std::vector<Image> build_images(const BuildRequest& request, const Board& board,
                                const std::vector<ImageKind>& kinds, Diagnostics& diagnostics);

// The player as a program of this host, under sanitizers.
Image build_host(const BuildRequest& request, Diagnostics& diagnostics);

}  // namespace mote
