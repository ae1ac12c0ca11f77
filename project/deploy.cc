// SPDX-License-Identifier: Apache-2.0
// The forms of `mote deploy`, one function each. See deploy.h.
#include "project/deploy.h"

#include <fmt/format.h>

#include <cctype>

#include "project/deploy_parts.h"
#include "project/deploy_wasm.h"

namespace mote {
namespace {

std::string upper(std::string text) {
  for (char& c : text) c = char(std::toupper(static_cast<unsigned char>(c)));
  return text;
}

// The library's files below `folder`.
DeployedFiles library_below(const Compiled& compiled, const std::string& folder) {
  DeployedFiles files;
  for (const auto& [name, text] : library_sources(compiled.library))
    files[folder + "/" + name] = text;
  return files;
}

DeployedFiles as_cmake(const Compiled& compiled, const std::string& name) {
  DeployedFiles files = library_below(compiled, name);
  files["CMakeLists.txt"] = fmt::format(
      R"(# The model "{0}" as the target {0}: add_subdirectory() this folder, link {0},
# include "{0}/model.h".
cmake_minimum_required(VERSION 3.13)
project({0} LANGUAGES CXX)

add_library({0} STATIC {0}/model.cc {0}/weights.cc)
target_include_directories({0} PUBLIC ${{CMAKE_CURRENT_SOURCE_DIR}})
set_target_properties({0} PROPERTIES CXX_STANDARD 17 CXX_STANDARD_REQUIRED ON)
# The first two are part of the model's arithmetic; the rest keep it small.
target_compile_options({0} PRIVATE {1}
  -O2 -fno-exceptions -fno-rtti -fno-threadsafe-statics -ffunction-sections -fdata-sections)

# The example runs on this machine when the folder is built alone.
if(CMAKE_SOURCE_DIR STREQUAL CMAKE_CURRENT_SOURCE_DIR AND NOT CMAKE_CROSSCOMPILING)
  add_executable({0}_example example/main.cc)
  target_link_libraries({0}_example PRIVATE {0})
endif()
)",
      name, kContractFlags);
  files["example/main.cc"] = example_main(compiled.plan, name + "/model.h");
  files["README.md"] = deploy_readme(
      compiled,
      fmt::format("## Use it\n\n```cmake\nadd_subdirectory({0})\ntarget_link_libraries(firmware "
                  "PRIVATE {0})\n"
                  "```\n\n`example/main.cc` shows the calls; this folder alone builds it: `cmake "
                  "-B build && "
                  "cmake --build build && build/{0}_example`.",
                  name));
  return files;
}

// Arduino gives a library no say in compiler flags, so model.cc asks for them itself.
std::string with_pragmas(const std::string& text) {
  return "// Arduino cannot pass flags to one library; these two are part of the model's "
         "arithmetic.\n"
         "#pragma GCC optimize(\"fp-contract=off\", \"no-tree-vectorize\")\n" +
         text;
}

DeployedFiles as_arduino(const Compiled& compiled, const std::string& name) {
  DeployedFiles files = library_below(compiled, "src/" + name);
  std::string& model = files.at("src/" + name + "/model.cc");
  model = with_pragmas(model);
  files["src/" + name + ".h"] =
      fmt::format("// The model \"{0}\".\n#pragma once\n#include \"{0}/model.h\"\n", name);
  files["library.properties"] = fmt::format(
      "name={0}\nversion=1.0.0\nauthor=made by mote\nmaintainer=made by mote\nsentence=The model "
      "{0}.\n"
      "paragraph=Sensor samples in, decisions out; {1} bytes of RAM.\ncategory=Data "
      "Processing\nurl=\n"
      "architectures=*\nincludes={0}.h\n",
      name, compiled.plan.model_bytes);
  files[fmt::format("examples/{0}/{0}.ino", name)] = arduino_sketch(compiled.plan);
  files["README.md"] = deploy_readme(
      compiled,
      fmt::format("## Use it\n\nPut this folder into the `libraries` folder of the sketchbook "
                  "under the name "
                  "`{0}`, then open File > Examples > {0}.\nThe core must compile C++17 or newer.",
                  name));
  return files;
}

DeployedFiles as_zephyr(const Compiled& compiled, const std::string& name) {
  DeployedFiles files = library_below(compiled, name);
  const std::string option = upper(name);
  files["zephyr/module.yml"] =
      fmt::format("name: {}\nbuild:\n  cmake: zephyr\n  kconfig: zephyr/Kconfig\n", name);
  files["zephyr/Kconfig"] = fmt::format(
      "config {1}\n\tbool \"The model {0}\"\n\tdepends on CPP\n\thelp\n\t  Sensor samples in, "
      "decisions out; {2} bytes of "
      "RAM, no heap.\n",
      name, option, compiled.plan.model_bytes);
  files["zephyr/CMakeLists.txt"] =
      fmt::format(R"(# The model "{0}"; the first two flags are part of its arithmetic.
if(CONFIG_{1})
  zephyr_library_named({0})
  zephyr_library_sources(../{0}/model.cc ../{0}/weights.cc)
  zephyr_library_compile_options({2} -O2)
  zephyr_include_directories(..)
endif()
)",
                  name, option, kContractFlags);
  files["sample/CMakeLists.txt"] = fmt::format(
      "cmake_minimum_required(VERSION 3.20)\nlist(APPEND ZEPHYR_EXTRA_MODULES "
      "${{CMAKE_CURRENT_SOURCE_DIR}}/..)\n"
      "find_package(Zephyr REQUIRED HINTS $ENV{{ZEPHYR_BASE}})\nproject({}_sample)\n"
      "target_sources(app PRIVATE src/main.cc)\n",
      name);
  files["sample/prj.conf"] = fmt::format("CONFIG_CPP=y\nCONFIG_STD_CPP17=y\nCONFIG_{}=y\n", option);
  files["sample/src/main.cc"] = example_main(compiled.plan, name + "/model.h");
  files["README.md"] = deploy_readme(
      compiled,
      fmt::format(
          "## Use it\n\nA Zephyr module: name this folder in `ZEPHYR_EXTRA_MODULES` (or in "
          "`west.yml`) and set "
          "`CONFIG_CPP=y`, `CONFIG_STD_CPP17=y`, `CONFIG_{}=y`.\n`sample/` is an application: "
          "`west build -b BOARD sample`.",
          option));
  return files;
}

DeployedFiles as_header(const Compiled& compiled, const std::string& name) {
  DeployedFiles files = amalgamated(compiled.library, name);
  files["example/main.cc"] = example_main(compiled.plan, name + ".h");
  files["README.md"] = deploy_readme(
      compiled,
      fmt::format("## Use it\n\nAdd `{0}.h` and `{0}.cc` to the project; nothing else is needed. "
                  "For example:\n\n"
                  "```sh\nc++ -std=c++17 -O2 {1} -I. {0}.cc example/main.cc -o example.out\n```",
                  name, kContractFlags));
  return files;
}

}  // namespace

std::vector<std::string> deploy_forms() { return {"cmake", "arduino", "zephyr", "header", "wasm"}; }

InstructionSet core_of_form(const std::string& form) {
  return form == "wasm" ? InstructionSet::simd128 : InstructionSet::portable;
}

DeployedFiles deploy(const Compiled& compiled, const std::string& form) {
  const std::string name = identifier(compiled.plan.graph.name);
  if (form == "cmake") return as_cmake(compiled, name);
  if (form == "arduino") return as_arduino(compiled, name);
  if (form == "zephyr") return as_zephyr(compiled, name);
  if (form == "wasm") return as_wasm(compiled, name);
  MOTE_ASSERT(form == "header");
  return as_header(compiled, name);
}

}  // namespace mote
