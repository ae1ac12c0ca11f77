// SPDX-License-Identifier: Apache-2.0
// What an image is made of, per kind, and what to say when it does not fit. See image.h. Objects
// lie in <build>/<core>/model, <build>/<core>/harness; the linker script tells them apart by the
// folder.
#include "runner/image.h"

#include <algorithm>
#include <fstream>
#include <sstream>

#include "graph/sha256.h"
#include "runner/link_script.h"
#include "runner/toolchain.h"

namespace mote {
namespace {

namespace fs = std::filesystem;

// ---- what is compiled ---------------------------------------------------------------------------

uint32_t whole_words(uint32_t bytes) { return (bytes + 15) / 16 * 16; }

// The model's memory is a multiple of 16 bytes; painting by words needs it.
std::string memory_source(const PlayerSizes& sizes) {
  const uint32_t model = whole_words(std::max(1u, sizes.model_bytes));
  const uint32_t far = whole_words(sizes.far_bytes);
  const uint32_t scratch = std::max({1u, sizes.output_bytes, sizes.saved_bytes});
  std::ostringstream text;
  text << "// Made by mote: the memory that this player image reserves.\n"
       << "#include \"device/player.h\"\n\n"
       << "extern \"C\" {\n"
       << "alignas(16) uint8_t mote_model_memory[" << model << "];\n"
       << "alignas(8) int16_t mote_harness_sample[" << std::max(1u, sizes.sample_values) << "];\n"
       << "alignas(4) uint8_t mote_harness_scratch[" << scratch << "];\n"
       << "uint32_t mote_harness_layer_crc[" << std::max(1u, sizes.n_layers) << "];\n"
       << "alignas(4) uint8_t mote_harness_frame[mote::wire::kMaxFrame];\n";
  if (far > 0) text << "alignas(16) uint8_t mote_far_memory[" << far << "];\n";
  text << "}\n\n"
       << "extern const mote::PlayerMemory mote_player_memory;\n"
       << "const mote::PlayerMemory mote_player_memory = {\n"
       << "    mote_model_memory,      " << model << ",\n"
       << "    mote_harness_sample,    " << sizes.sample_values << ",\n"
       << "    mote_harness_scratch,   " << scratch << ",\n"
       << "    mote_harness_layer_crc, " << sizes.n_layers << ",\n"
       << "    mote_harness_frame,\n"
       << "    " << (far > 0 ? "mote_far_memory" : "nullptr") << ", " << far << "};\n";
  return text.str();
}

// What a folder holds of a model; the table for players is none of it (compiler/emit/interface.cc).
std::vector<Source> model_sources(const BuildRequest& request, const std::string& objects) {
  std::vector<Source> sources;
  std::error_code error;
  const fs::path folder = fs::absolute(request.model_folder);
  for (const fs::directory_entry& entry : fs::directory_iterator(folder, error))
    if (const fs::path file = entry.path().filename(); file.extension() == ".cc")
      sources.push_back({folder, file.string(),
                         objects + (file == "interface.cc" ? "/harness/" : "/model/") +
                             file.stem().string() + ".o"});
  std::sort(sources.begin(), sources.end(),
            [](const Source& a, const Source& b) { return a.file < b.file; });
  return sources;
}

Source port_source(const BuildRequest& request, const std::string& objects,
                   const std::string& file) {
  return {fs::absolute(request.source_root), "ports/" + file,
          objects + "/harness/" + fs::path(file).stem().string() + ".o"};
}

// Player and model: what every image of one core shares.
std::vector<Source> common_sources(const BuildRequest& request, const std::string& objects) {
  const fs::path root = fs::absolute(request.source_root);
  std::vector<Source> sources = {
      {root, "device/player.cc", objects + "/harness/player.o"},
      {root, "ports/main.cc", objects + "/harness/main.o"},
      {fs::absolute(request.build_folder), "player_memory.cc", objects + "/harness/memory.o"}};
  const std::vector<Source> model = model_sources(request, objects);
  sources.insert(sources.end(), model.begin(), model.end());
  return sources;
}

// What a core must switch on before the first compiled instruction replaces the reset of vectors.S.
std::vector<std::string> start_files(const Core& core) {
  if (core.architecture == Architecture::riscv)
    return {"riscv/start.S", "startup.cc", "riscv/trap.cc"};
  std::vector<std::string> files = {"cortex_m/vectors.S", "startup.cc", "cortex_m/fault.cc"};
  if (core.name == "cortex-m33" || core.has_mve)
    files.push_back("cortex_m/start_limit.S");
  else if (core.has_fpu || core.has_mve)
    files.push_back("cortex_m/start_fpu.S");
  return files;
}

CompileJob compile_job(const BuildRequest& request, std::vector<Source> sources) {
  CompileJob job;
  job.build_folder = request.build_folder;
  for (const std::string& folder : request.include_folders)
    job.include_folders.push_back(request.source_root / folder);
  job.include_folders.push_back(request.source_root);
  job.sources = std::move(sources);
  job.n_jobs = request.n_jobs;
  return job;
}

bool write_text(const fs::path& path, const std::string& text, Diagnostics& diagnostics) {
  std::error_code error;
  fs::create_directories(path.parent_path(), error);
  std::ofstream file(path, std::ios::binary);
  file << text;
  file.close();
  if (!file)
    diagnostics.error("cannot-write", path.string(), "the file could not be written",
                      "check that there is space and that the folder may be written");
  return bool(file);
}

bool prepare(const BuildRequest& request, const Toolchain& tools, Diagnostics& diagnostics) {
  return compiler_is_there(tools, diagnostics) &&
         write_text(request.build_folder / "player_memory.cc", memory_source(request.sizes),
                    diagnostics);
}

// ---- what is linked -----------------------------------------------------------------------------

struct LinkJob {
  std::string name;  // of the ELF file, without its ending
  Placement placement = Placement::emulated;
  std::string port_file;
  std::vector<std::string> flags;
};

std::string hex(uint32_t value) {
  std::ostringstream text;
  text << "0x" << std::hex << value;
  return text.str();
}

LinkJob link_job(const Board& board, ImageKind kind) {
  const bool nrf = board.emulator.uart == UartKind::nrf;
  switch (kind) {
    case ImageKind::emulated:
      return {board.name + "-emulated", Placement::emulated, "semihosting/semihosting.cc", {}};
    case ImageKind::emulated_uart:
      return {board.name + "-emulated-uart",
              Placement::emulated,
              nrf ? "uart_nrf/uart_nrf.cc" : "uart_cmsdk/uart_cmsdk.cc",
              {"-Wl,--defsym=mote_uart_base=" + hex(board.emulator.uart_address)}};
    case ImageKind::own:
      break;
  }
  return {board.name + "-own", Placement::own, "own_board/own_board.cc", {}};
}

bool board_can(const Board& board, ImageKind kind, Diagnostics& diagnostics) {
  if (!first_memory(board, MemoryKind::flash) || !first_memory(board, MemoryKind::ram)) {
    diagnostics.error("no-memory", board.name, "the board has no flash or no RAM",
                      "add [[memory]] to its file");
    return false;
  }
  const bool has_emulator = kind == ImageKind::own || !board.emulator.machine.empty();
  const bool has_link = kind != ImageKind::emulated_uart || board.emulator.uart != UartKind::none;
  if (has_emulator && has_link) return true;
  diagnostics.error(
      "no-emulator", board.name,
      has_emulator ? "the emulated machine has no UART" : "no emulator stands for this board",
      "add it to [emulator] in the board's file, or use the board itself");
  return false;
}

// ld says "region `ram' overflowed by 120 bytes", once a region.
std::vector<Misfit> misfits_in(const std::string& text, const Board& board,
                               const LinkOptions& options) {
  std::vector<Misfit> misfits;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    const size_t name = line.find("region `");
    const size_t over = line.find("' overflowed by ");
    if (name == std::string::npos || over == std::string::npos) continue;
    const std::string region = line.substr(name + 8, over - name - 8);
    misfits.push_back(
        {memory_of_region(board, options, region), std::stoull(line.substr(over + 16))});
  }
  return misfits;
}

// Frames of the player and data of libraries; an application's own data is about as much.
constexpr int64_t kPlayerRamBytes = 0x1800;

// The name of the memory that comes behind `memory` and has room; "" where there is none.
std::string next_memory(const Board& board, MemoryKind kind, const std::string& memory,
                        uint32_t bytes) {
  bool behind = memory.empty();
  const std::vector<const Memory*> usable = usable_memories(board, kind);
  for (size_t i = 1; i < usable.size(); ++i) {
    if (behind && usable[i]->bytes >= bytes) return usable[i]->name;
    behind = behind || usable[i]->name == memory;
  }
  return "";
}

// Tables of least reads a byte leave the first flash until there is room. False: none is left.
bool move_tables(const std::vector<TableReads>& tables, int64_t bytes_over, LinkOptions& options) {
  std::vector<const TableReads*> order;
  for (const TableReads& table : tables)
    if (std::find(options.far_tables.begin(), options.far_tables.end(), table.symbol) ==
        options.far_tables.end())
      order.push_back(&table);
  std::stable_sort(order.begin(), order.end(), [](const TableReads* a, const TableReads* b) {
    return a->reads * b->bytes < b->reads * a->bytes;
  });
  for (size_t i = 0; i < order.size() && bytes_over > 0; ++i) {
    options.far_tables.push_back(order[i]->symbol);
    bytes_over -= order[i]->bytes;
  }
  return !order.empty();
}

// What is used least, byte for byte, makes room: stack and data stay in the first RAM and code in
// the first flash; the model's struct goes to the next, of the weights as many tables as have to. A
// far part and these weights go on to the next, too. False: nothing is left to try.
bool make_room(const Board& board, const BuildRequest& request, const std::vector<Misfit>& misfits,
               LinkOptions& options) {
  const PlayerSizes& sizes = request.sizes;
  for (const Misfit& misfit : misfits) {
    const bool is_flash = std::any_of(
        board.memories.begin(), board.memories.end(),
        [&](const Memory& m) { return m.name == misfit.memory && m.kind == MemoryKind::flash; });
    const bool is_far = misfit.memory == options.far_memory;
    std::string& home = is_flash ? options.weights_memory
                        : is_far ? options.far_memory
                                 : options.model_memory;
    const bool has_tables = is_flash && !request.tables.empty() && misfit.memory != home;
    if (has_tables && !move_tables(request.tables, int64_t(misfit.bytes_over), options))
      return false;
    if (has_tables && !home.empty()) continue;
    const uint32_t bytes = is_flash ? 0 : is_far ? sizes.far_bytes : sizes.model_bytes;
    const std::string next =
        next_memory(board, is_flash ? MemoryKind::flash : MemoryKind::ram, home, bytes);
    if (next.empty()) return false;
    home = next;
  }
  return !misfits.empty();
}

Image failed_image(const Ending& ending, const std::string& name, const Board& board,
                   std::vector<Misfit> misfits, Diagnostics& diagnostics) {
  Image image;
  image.misfits = std::move(misfits);
  for (const Misfit& misfit : image.misfits)
    diagnostics.error("does-not-fit", board.name + ": " + misfit.memory,
                      name + " is " + std::to_string(misfit.bytes_over) + " bytes too large",
                      "choose a smaller model or a board with more of this memory");
  if (image.misfits.empty())
    diagnostics.error("link-failed", name, "the linker " + to_string(ending) + ":\n" + ending.text,
                      "this is emitted or shipped code: please report it");
  return image;
}

Image finished_image(const BuildRequest& request, const std::string& name,
                     const std::vector<Source>& sources) {
  Image image;
  image.elf = request.build_folder / (name + ".elf");
  image.map = request.build_folder / (name + ".map");
  image.stack_usage = (request.build_folder / sources.back().object).parent_path();
  image.sha256 = sha256_file(image.elf).value_or("");
  for (const Source& source : sources) {
    const fs::path path(source.object);
    image.objects.push_back({(path.parent_path().filename() / path.filename()).string(),
                             sha256_file(request.build_folder / path).value_or("")});
  }
  return image;
}

std::vector<std::string> object_names(const std::vector<Source>& sources) {
  std::vector<std::string> names;
  for (const Source& source : sources) names.push_back(source.object);
  return names;
}

// The first behind the first RAM that is large enough, else the last, which then lacks least.
std::string memory_for_far(const Board& board, const PlayerSizes& sizes) {
  const std::string found = next_memory(board, MemoryKind::ram, "", sizes.far_bytes);
  return found.empty() ? usable_memories(board, MemoryKind::ram).back()->name : found;
}

Image link_image(const BuildRequest& request, const Board& board, const LinkJob& job,
                 std::vector<Source> sources, Diagnostics& diagnostics) {
  const std::string elf = job.name + ".elf";
  std::error_code error;
  fs::remove(request.build_folder / elf, error);
  sources.insert(sources.begin(), port_source(request, board.core.name, job.port_file));
  std::vector<std::string> inputs = object_names(sources);
  inputs.insert(inputs.end(), {"-nostartfiles", "-T" + job.name + ".ld", "-Wl,--gc-sections",
                               "-Wl,--build-id=none", "-Wl,--strip-debug"});
  inputs.insert(inputs.end(), job.flags.begin(), job.flags.end());
  LinkOptions options{job.placement, request.stack_bytes, "", "", "", {}};
  if (request.sizes.far_bytes > 0) options.far_memory = memory_for_far(board, request.sizes);
  while (write_text(request.build_folder / (job.name + ".ld"), link_script(board, options),
                    diagnostics)) {
    const Ending ending =
        link_program(request.build_folder, elf, inputs, cross_toolchain(board.core));
    if (ending.good()) {
      Image image = finished_image(request, job.name, sources);
      image.architecture = board.core.architecture;
      const bool model = !options.model_memory.empty(), weights = !options.weights_memory.empty();
      image.model_memory = memory_of_region(board, options, model ? "model" : "ram");
      image.far_memory = options.far_memory;
      image.far_tables = options.far_tables;
      image.weights_memory = memory_of_region(board, options, weights ? "weights" : "flash");
      return image;
    }
    std::vector<Misfit> misfits = misfits_in(ending.text, board, options);
    if (!make_room(board, request, misfits, options))
      return failed_image(ending, job.name, board, std::move(misfits), diagnostics);
  }
  return {};
}

}  // namespace

std::vector<int64_t> room_for_model(const Board& board, uint32_t stack_bytes) {
  std::vector<int64_t> room;
  for (const Memory* memory : usable_memories(board, MemoryKind::ram))
    room.push_back(int64_t(memory->bytes) -
                   (room.empty() ? int64_t(stack_bytes) + kPlayerRamBytes : 0));
  return room;
}

std::vector<Image> build_images(const BuildRequest& request, const Board& board,
                                const std::vector<ImageKind>& kinds, Diagnostics& diagnostics) {
  std::vector<Image> images(kinds.size());
  for (const ImageKind kind : kinds)
    if (!board_can(board, kind, diagnostics)) return images;
  const Toolchain tools = cross_toolchain(board.core);
  if (!prepare(request, tools, diagnostics)) return images;
  const std::string& core = board.core.name;
  std::vector<Source> shared;
  for (const std::string& file : start_files(board.core))
    shared.push_back(port_source(request, core, file));
  const std::vector<Source> common = common_sources(request, core);
  shared.insert(shared.end(), common.begin(), common.end());
  std::vector<Source> all = shared;
  for (const ImageKind kind : kinds)
    all.push_back(port_source(request, core, link_job(board, kind).port_file));
  if (!compile(compile_job(request, all), tools, diagnostics)) return images;
  for (size_t i = 0; i < kinds.size(); ++i)
    images[i] = link_image(request, board, link_job(board, kinds[i]), shared, diagnostics);
  return images;
}

Image build_host(const BuildRequest& request, Diagnostics& diagnostics) {
  const Toolchain tools = host_toolchain();
  if (!prepare(request, tools, diagnostics)) return {};
  std::vector<Source> sources = {port_source(request, "host", "host/host.cc")};
  const std::vector<Source> common = common_sources(request, "host");
  sources.insert(sources.end(), common.begin(), common.end());
  if (!compile(compile_job(request, sources), tools, diagnostics)) return {};
  const Ending ending =
      link_program(request.build_folder, "host.elf", object_names(sources), tools);
  if (ending.good()) return finished_image(request, "host", sources);
  return failed_image(ending, "host.elf", {}, {}, diagnostics);
}

}  // namespace mote
