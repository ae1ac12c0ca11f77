// SPDX-License-Identifier: Apache-2.0
// Calls of gcc. See toolchain.h.
#include "runner/toolchain.h"

#include "runner/tool_output.h"

namespace mote {
namespace {

namespace fs = std::filesystem;

void append(std::vector<std::string>& to, const std::vector<std::string>& from) {
  to.insert(to.end(), from.begin(), from.end());
}

Invocation compile_invocation(const Source& source, const Toolchain& tools, const CompileJob& job) {
  Invocation invocation;
  invocation.folder = source.folder;
  invocation.args = {tools.compiler};
  append(invocation.args, tools.flags);
  // Before the source tree: an emitted library brings its headers with it, and includes those
  // alone.
  invocation.args.push_back("-I.");
  for (const fs::path& folder : job.include_folders) {
    const std::string path = fs::absolute(folder).lexically_normal().string();
    append(invocation.args, {"-I" + path, "-ffile-prefix-map=" + path + "=."});
  }
  append(invocation.args, {"-frandom-seed=" + source.file, "-c", source.file, "-o",
                           (fs::absolute(job.build_folder) / source.object).string()});
  return invocation;
}

}  // namespace

std::vector<std::string> device_flags() {
  return {"-std=c++17",
          "-O2",
          "-ffunction-sections",
          "-fdata-sections",
          "-ffp-contract=off",
          "-fno-tree-vectorize",
          "-fno-exceptions",
          "-fno-rtti",
          "-fno-threadsafe-statics",
          "-fno-unwind-tables",
          "-fno-asynchronous-unwind-tables",
          "-fno-common",
          "-fstack-usage",
          "-Wall",
          "-Wextra"};
}

const CrossTools& cross_tools(Architecture architecture) {
  static constexpr CrossTools kArm = {
      "arm-none-eabi-", "--specs=nano.specs",
      "install it (Debian: apt-get install gcc-arm-none-eabi libnewlib-arm-none-eabi)",
      "qemu-system-arm", "install it (Debian: apt-get install qemu-system-arm)"};
  static constexpr CrossTools kRiscv = {"riscv64-unknown-elf-", "--specs=picolibc.specs",
                                        "install it (Debian: apt-get install "
                                        "gcc-riscv64-unknown-elf picolibc-riscv64-unknown-elf)",
                                        "qemu-system-riscv32",
                                        "install it (Debian: apt-get install qemu-system-misc)"};
  return architecture == Architecture::riscv ? kRiscv : kArm;
}

std::string tool(Architecture architecture, const char* name) {
  return std::string(cross_tools(architecture).prefix) + name;
}

Toolchain cross_toolchain(const Core& core) {
  const CrossTools& cross = cross_tools(core.architecture);
  Toolchain tools = {tool(core.architecture, "gcc"), core.flags, cross.remedy};
  tools.flags.push_back(cross.specs);
  append(tools.flags, device_flags());
  return tools;
}

Toolchain host_toolchain() {
  return {"g++",
          {"-std=c++17", "-O1", "-ffp-contract=off", "-fno-tree-vectorize", "-fno-exceptions",
           "-fno-rtti", "-Wall", "-Wextra", "-fsanitize=address,undefined",
           "-fno-sanitize-recover=all"},
          "install it (Debian: apt-get install g++)"};
}

bool compiler_is_there(const Toolchain& tools, Diagnostics& diagnostics) {
  if (tool_exists(tools.compiler)) return true;
  diagnostics.error("tool-missing", tools.compiler, "this compiler is not installed", tools.remedy);
  return false;
}

bool compile(const CompileJob& job, const Toolchain& tools, Diagnostics& diagnostics) {
  std::vector<Invocation> invocations;
  for (const Source& source : job.sources) {
    std::error_code error;
    fs::create_directories((job.build_folder / source.object).parent_path(), error);
    invocations.push_back(compile_invocation(source, tools, job));
  }
  const std::vector<Ending> endings = run_programs(invocations, job.n_jobs);
  bool good = true;
  for (size_t i = 0; i < endings.size(); ++i) {
    if (endings[i].good()) continue;
    good = false;
    diagnostics.error("compile-failed", (job.sources[i].folder / job.sources[i].file).string(),
                      tools.compiler + " " + to_string(endings[i]) + ":\n" + endings[i].text,
                      "this is emitted or shipped code: please report it");
  }
  return good;
}

Ending link_program(const fs::path& build_folder, const std::string& program,
                    const std::vector<std::string>& objects_and_flags, const Toolchain& tools) {
  Invocation invocation;
  invocation.folder = fs::absolute(build_folder);
  invocation.args = {tools.compiler};
  append(invocation.args, tools.flags);
  append(invocation.args, objects_and_flags);
  const std::string map = fs::path(program).replace_extension(".map").string();
  append(invocation.args, {"-Wl,-Map=" + map, "-o", program});
  return run_program(invocation);
}

}  // namespace mote
