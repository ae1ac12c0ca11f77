// SPDX-License-Identifier: Apache-2.0
// See doctor.h. Remedies name Debian packages; other systems call them alike.
#include "project/doctor.h"

#include <algorithm>
#include <filesystem>
#include <sstream>

#include "project/firmware.h"
#include "runner/count_report.h"
#include "runner/subprocess.h"
#include "runner/tool_output.h"
#include "train/trainer.h"

namespace mote {
namespace {

namespace fs = std::filesystem;

// A program, what it is for, and the package that brings it.
struct Tool {
  const char* name;
  const char* purpose;
  const char* package;
  bool needed;
};

// Those that verify_firmware() runs come first: require_tools() asks for them.
constexpr Tool kTools[] = {
    {"arm-none-eabi-gcc", "compiles firmware", "gcc-arm-none-eabi libnewlib-arm-none-eabi", true},
    {"arm-none-eabi-nm", "measures images", "binutils-arm-none-eabi", true},
    {"arm-none-eabi-objdump", "bounds the stack", "binutils-arm-none-eabi", true},
    {"qemu-system-arm", "stands for the boards' cores", "qemu-system-arm", true},
    {"riscv64-unknown-elf-gcc", "compiles firmware for RISC-V boards",
     "gcc-riscv64-unknown-elf picolibc-riscv64-unknown-elf", false},
    {"qemu-system-riscv32", "stands for RISC-V cores", "qemu-system-misc", false},
    {"clang++-14", "compiles modules for WebAssembly", "clang-14 lld-14", false},
    {"g++", "runs emitted code on this machine under sanitizers", "g++", true},
    {"python3", "downloads public data sets (`mote data get`)", "python3 python3-pip", false},
};

std::string first_line(const std::string& text) { return text.substr(0, text.find('\n')); }

std::string version_of(const std::string& tool) {
  const Ending ending = run_program({{tool, "--version"}, {}, {}, {}, 20});
  return ending.good() ? first_line(ending.text) : "it does not answer --version";
}

Finding examine_tool(const Tool& tool) {
  Finding finding{tool.name, tool.purpose, tool.needed, tool_exists(tool.name), "", ""};
  if (finding.found)
    finding.detail = version_of(tool.name);
  else
    finding.remedy = std::string("apt-get install ") + tool.package;
  return finding;
}

// gcc prints the bare name of a library that it has not.
Finding examine_newlib() {
  Finding finding{"newlib-nano",
                  "the C library of images",
                  true,
                  false,
                  "",
                  "apt-get install libnewlib-arm-none-eabi"};
  if (!tool_exists("arm-none-eabi-gcc")) return finding;
  const Ending ending =
      run_program({{"arm-none-eabi-gcc", "-print-file-name=libc_nano.a"}, {}, {}, {}, 20});
  finding.found = ending.good() && ending.text.find('/') != std::string::npos;
  if (finding.found) finding.detail = first_line(ending.text), finding.remedy = "";
  return finding;
}

Finding examine_training() {
  Finding finding{"libmote_train.so",
                  "trains (libtorch stands behind it)",
                  true,
                  false,
                  training_unavailable(),
                  ""};
  finding.found = finding.detail.empty();
  if (finding.found)
    finding.detail = "opens";
  else
    finding.remedy = "apt-get install libtorch-dev, then build mote again";
  return finding;
}

Finding examine_plugin() {
  const fs::path plugin = count_plugin_path();
  Finding finding{"mote_count.so",
                  "counts instructions in the emulator",
                  true,
                  !plugin.empty(),
                  plugin.string(),
                  ""};
  if (!finding.found) finding.remedy = "build the target mote_count, or set MOTE_COUNT_PLUGIN";
  return finding;
}

Finding examine_sources() {
  Finding finding{
      "device sources", "kernels and headers that firmware is compiled from", true, false, "", ""};
  try {
    finding.detail = source_root().string();
    finding.found = true;
  } catch (const UserError& error) {
    finding.remedy = error.diagnostics().at(0).remedy;
  }
  return finding;
}

void examine_boards(std::vector<Finding>& findings) {
  const fs::path folder = source_root() / "boards";
  for (const std::string& name : board_names(folder)) {
    Finding finding{"board " + name, "", true, false, "", ""};
    try {
      Diagnostics diagnostics;
      const Board board = read_board(folder / (name + ".toml"), diagnostics);
      diagnostics.stop_if_any();
      finding.found = true;
      finding.purpose = board.title;
      finding.detail = board.core.name + (board.emulator.machine.empty()
                                              ? ", no emulator"
                                              : ", emulated by " + board.emulator.machine);
    } catch (const UserError& error) {
      finding.detail = to_string(error.diagnostics().at(0));
      finding.remedy = "mend the file";
    }
    findings.push_back(std::move(finding));
  }
}

}  // namespace

std::vector<Finding> examine() {
  std::vector<Finding> findings;
  for (const Tool& tool : kTools) findings.push_back(examine_tool(tool));
  findings.push_back(examine_newlib());
  findings.push_back(examine_training());
  findings.push_back(examine_plugin());
  findings.push_back(examine_sources());
  if (findings.back().found) examine_boards(findings);
  return findings;
}

bool healthy(const std::vector<Finding>& findings) {
  return std::all_of(findings.begin(), findings.end(),
                     [](const Finding& f) { return f.found || !f.needed; });
}

void require_tools() {
  Diagnostics diagnostics;
  for (const Tool& tool : kTools)
    if (tool.needed && !tool_exists(tool.name))
      diagnostics.error(
          "tool-missing", tool.name,
          std::string("this program is not installed; it ") + tool.purpose,
          std::string("apt-get install ") + tool.package + "; `mote doctor` checks everything");
  diagnostics.stop_if_any();
}

}  // namespace mote
