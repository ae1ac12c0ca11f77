// SPDX-License-Identifier: Apache-2.0
// What the forms of `mote deploy` are put together from. In: a compiled model. Out: texts.
#pragma once
#include "project/deploy.h"

namespace mote {

// Compiler flags of the numeric contract: without them float layers may differ by a rounding.
constexpr const char* kContractFlags = "-ffp-contract=off -fno-tree-vectorize";

// The library without what only players need: model.h, model.cc, weights.h, weights.cc, model.json
// and every header of mote that they include; includes relative.
DeployedFiles library_sources(const EmittedLibrary& library);
// With interface.cc, which players need.
DeployedFiles player_sources(const EmittedLibrary& library);

// The same in two files: NAME.h (the API) and NAME.cc (headers, weights and model one after the
// other).
DeployedFiles amalgamated(const EmittedLibrary& library, const std::string& name);

// What an example says about the model: how samples are declared and pushed, and where the decision
// lies.
struct ExampleCode {
  std::string buffers;  // "int16_t sample[6] = {};"
  std::string push;     // the first stream's: "model.push(sample)"
  std::string decide;   // statements that set label (and score), or read the first output
};
ExampleCode example_code(const Plan& plan);

// A main() for any toolchain; `header` is what it includes.
std::string example_main(const Plan& plan, const std::string& header);
std::string arduino_sketch(const Plan& plan);

// The README: what it is, what it needs, how to call it, how to check it. `how`: the form's own
// paragraph.
std::string deploy_readme(const Compiled& compiled, const std::string& how);

}  // namespace mote
