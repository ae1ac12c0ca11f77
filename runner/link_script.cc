// SPDX-License-Identifier: Apache-2.0
// The linker script of a player image. See link_script.h.
#include "runner/link_script.h"

#include <cstdio>
#include <cstdlib>

namespace mote {
namespace {

struct Region {
  std::string name;
  std::string access;
  uint32_t origin = 0;
  uint32_t bytes = 0;
};

// What the machines of QEMU 7.2 have behind the origins that boards/*.toml use; 0: not known.
struct MachineMemory {
  const char* machine;
  uint32_t flash_bytes;
  uint32_t ram_bytes;
};
constexpr MachineMemory kMachines[] = {
    {"mps2-an385", 0x400000, 0x400000}, {"mps2-an386", 0x400000, 0x400000},
    {"mps2-an500", 0x400000, 0x400000}, {"mps2-an505", 0x400000, 0x400000},
    {"mps3-an547", 0x80000, 0x80000},   {"virt", 0x4000000, 0x4000000},  // halves of its 128 MB
};

// The value of "-global nrf51-soc.<key>=N"; 0 when it is not there.
uint32_t global_value(const EmulatedMachine& machine, const std::string& key) {
  const std::string prefix = "nrf51-soc." + key + "=";
  for (const std::string& arg : machine.args)
    if (arg.rfind(prefix, 0) == 0)
      return uint32_t(std::strtoul(arg.c_str() + prefix.size(), nullptr, 0));
  return 0;
}

MachineMemory machine_memory(const EmulatedMachine& machine) {
  for (const MachineMemory& known : kMachines)
    if (machine.machine == known.machine) return known;
  return {"", global_value(machine, "flash-size"), global_value(machine, "sram-size")};
}

// Smaller spare memory would only move the failure; then the harness shares the board's memories.
constexpr uint32_t kHarnessFlashBytes = 0x4000;
constexpr uint32_t kHarnessRamBytes = 0x1000;

Region spare(const char* name, const Region& used, uint32_t machine_bytes, uint32_t least) {
  const uint32_t left = machine_bytes > used.bytes ? machine_bytes - used.bytes : 0;
  if (left < least) return {};
  return {name, used.access, used.origin + used.bytes, left};
}

struct Regions {
  Region flash, ram, harness_flash, harness_ram, model, far, weights;
};

// A memory behind the first of its kind; none where nothing is put there.
Region further(const char* name, const Board& board, const std::string& memory,
               Placement placement) {
  for (const Memory& m : board.memories)
    if (m.name == memory)
      return {name, m.kind == MemoryKind::flash ? "rx" : "rw",
              placement == Placement::own ? m.origin : m.emulated_origin.value(), m.bytes};
  MOTE_ASSERT(memory.empty());
  return {};
}

Regions regions(const Board& board, const LinkOptions& options) {
  const Placement placement = options.placement;
  const Memory* flash = first_memory(board, MemoryKind::flash);
  const Memory* ram = first_memory(board, MemoryKind::ram);
  MOTE_ASSERT(flash != nullptr && ram != nullptr);
  Regions r;
  r.flash = {"flash", "rx", flash->origin, flash->bytes};
  r.ram = {"ram", "rw", ram->origin, ram->bytes};
  r.model = further("model", board, options.model_memory, placement);
  if (options.far_memory != options.model_memory && options.far_memory != ram->name)
    r.far = further("far", board, options.far_memory, placement);
  r.weights = further("weights", board, options.weights_memory, placement);
  if (placement == Placement::own) return r;
  r.flash.origin = board.emulator.flash_origin;
  r.ram.origin = board.emulator.ram_origin;
  const MachineMemory machine = machine_memory(board.emulator);
  r.harness_flash = spare("harness_flash", r.flash, machine.flash_bytes, kHarnessFlashBytes);
  r.harness_ram = spare("harness_ram", r.ram, machine.ram_bytes, kHarnessRamBytes);
  return r;
}

std::string hex(uint32_t value) {
  char text[16];
  std::snprintf(text, sizeof text, "0x%08x", value);
  return text;
}

std::string memory_block(const Regions& r) {
  std::string text = "MEMORY {\n";
  for (const Region* region :
       {&r.flash, &r.ram, &r.harness_flash, &r.harness_ram, &r.model, &r.far, &r.weights})
    if (region->bytes > 0)
      text += "  " + region->name + " (" + region->access + ") : ORIGIN = " + hex(region->origin) +
              ", LENGTH = " + hex(region->bytes) + "\n";
  return text + "}\n";
}

constexpr const char* kSections = R"(
SECTIONS {
  .vectors : { KEEP(*(.vectors)) } > flash
  .harness_text : {
    mote_harness_begin = .;
    *harness/*(.text .text.* .rodata .rodata.*)
    mote_harness_end = .;
  } > @harness_flash@
@weights@  .text : {
    *(.mote_mark .text .text.* .rodata .rodata.*)
    . = ALIGN(4);
  } > flash
  .data : {
    mote_data_begin = .;
    *(.data .data.*)
    . = ALIGN(4);
    mote_data_end = .;
  } > ram AT > flash
  mote_data_load = LOADADDR(.data);
  .harness_bss (NOLOAD) : {
    *(.bss.mote_harness_*)
  } > @harness_ram@
@model@@far@  .bss (NOLOAD) : {
    . = ALIGN(4);
    mote_bss_begin = .;
    *(.bss .bss.* COMMON)
    . = ALIGN(4);
    mote_bss_end = .;
  } > ram
  .stack (NOLOAD) : {
    . = ALIGN(8);
    . += @stack_bytes@;
  } > ram
  mote_stack_top = (ORIGIN(ram) + LENGTH(ram)) & ~7;
  mote_stack_low = mote_stack_top - @stack_bytes@;
  mote_stack_bytes = @stack_bytes@;
  ASSERT(mote_stack_low >= mote_bss_end, "the stack reaches into the data")
  ASSERT(ADDR(.vectors) == ORIGIN(flash), "the vector table is not at the start of the flash")
  /DISCARD/ : { *(.ARM.exidx .ARM.exidx.* .ARM.extab .ARM.extab.* .eh_frame .comment .init .fini) }
}
)";

// What does not lie beside the rest.
constexpr const char* kWeights = R"(  .weights : {
@tables@  } > weights
)";
constexpr const char* kFar = R"(  .far (NOLOAD) : {
    *(.bss.mote_far_memory)
  } > @far_region@
)";
constexpr const char* kModel = R"(  .model (NOLOAD) : {
    *(.bss.mote_model_memory)
  } > model
)";

void fill(std::string& text, const std::string& hole, const std::string& value) {
  for (size_t at = 0; (at = text.find(hole, at)) != std::string::npos; at += value.size())
    text.replace(at, hole.size(), value);
}

std::string tables_text(const std::vector<std::string>& symbols) {
  std::string text;
  for (const std::string& symbol : symbols)
    text += "    *model/weights.o(.rodata." + symbol + ")\n";
  return symbols.empty() ? "    *model/weights.o(.rodata .rodata.*)\n" : text;
}

}  // namespace

std::string link_script(const Board& board, const LinkOptions& options) {
  MOTE_ASSERT(options.stack_bytes % 8 == 0);
  const Regions r = regions(board, options);
  const char* where = options.placement == Placement::own ? "its own addresses"
                                                          : "the addresses of the emulated machine";
  std::string sections = kSections;
  fill(sections, "@harness_flash@", r.harness_flash.bytes ? "harness_flash" : "flash");
  fill(sections, "@harness_ram@", r.harness_ram.bytes ? "harness_ram" : "ram");
  fill(sections, "@weights@", r.weights.bytes ? kWeights : "");
  fill(sections, "@tables@", tables_text(options.far_tables));
  fill(sections, "@model@", r.model.bytes ? kModel : "");
  const bool is_beside_model =
      !options.far_memory.empty() && options.far_memory == options.model_memory;
  fill(sections, "@far@", r.far.bytes || is_beside_model ? kFar : "");
  fill(sections, "@far_region@", is_beside_model ? "model" : "far");
  fill(sections, "@stack_bytes@", std::to_string(options.stack_bytes));
  return "/* " + board.name + ": the board's sizes at " + where +
         ". Made by mote. */\nENTRY(mote_reset)\n" + memory_block(r) + sections;
}

std::string memory_of_region(const Board& board, const LinkOptions& options,
                             const std::string& region) {
  if (region == "model") return options.model_memory;
  if (region == "far") return options.far_memory;
  if (region == "weights") return options.weights_memory;
  const Memory* memory = nullptr;
  if (region == "flash") memory = first_memory(board, MemoryKind::flash);
  if (region == "ram") memory = first_memory(board, MemoryKind::ram);
  return memory ? memory->name : region;
}

}  // namespace mote
