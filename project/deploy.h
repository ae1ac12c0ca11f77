// SPDX-License-Identifier: Apache-2.0
// A folder that a firmware engineer can drop into a project. In: a compiled model and the form
// wanted. Out: its files.
//   cmake    NAME/ (sources and headers), CMakeLists.txt with the target NAME, example/main.cc
//   arduino  library.properties, src/NAME/, src/NAME.h, examples/NAME/NAME.ino
//   zephyr   a module: zephyr/module.yml, Kconfig and CMakeLists.txt, NAME/, sample/
//   header   NAME.h and NAME.cc alone: everything in two files, and example/main.cc
//   wasm     NAME/, module.cc, build.sh and NAME.mjs: a module for browsers and Node
// Includes are rewritten to be relative, so two models and other people's "core/" cannot be
// mistaken for each other.
#pragma once
#include <map>
#include <string>
#include <vector>

#include "compiler/pipeline.h"

namespace mote {

using DeployedFiles = std::map<std::string, std::string>;  // name -> text

std::vector<std::string> deploy_forms();

// The kernels that a form is compiled with.
InstructionSet core_of_form(const std::string& form);

// `form` is one of deploy_forms().
DeployedFiles deploy(const Compiled& compiled, const std::string& form);

}  // namespace mote
