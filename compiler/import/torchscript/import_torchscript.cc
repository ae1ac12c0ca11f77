// SPDX-License-Identifier: Apache-2.0
// A TorchScript file (.pt, .ptl) as a Graph: libmote_torchscript.so makes a Program of it
// (plugin/), the rules of PyTorch's operators a graph (compiler/import/pytorch). Without the
// library one sentence says what to install. The file is read by libtorch, so what this door says
// of hostile files is no more than libtorch does; no Python runs (plugin/door.cc).
#include <dlfcn.h>

#include <algorithm>

#include "compiler/import/torchscript/plugin/door.h"
#include "graph/plugin.h"

namespace mote {
namespace {

using namespace torchscript;

struct Library {
  decltype(&mote_torchscript_read) read = nullptr;
  std::string problem;  // why `read` is null
  std::string remedy;
};

Library open_library() {
  const Plugin plugin = open_plugin("libmote_torchscript.so", "MOTE_TORCHSCRIPT_LIBRARY");
  if (!plugin.handle)
    return {nullptr, plugin.problem,
            "install libtorch (Debian: apt install libtorch-dev) and build mote again, set "
            "MOTE_TORCHSCRIPT_LIBRARY, or export the model with torch.export as .pt2"};
  const auto layout = reinterpret_cast<decltype(&mote_torchscript_layout)>(
      dlsym(plugin.handle, "mote_torchscript_layout"));
  const auto read = reinterpret_cast<decltype(&mote_torchscript_read)>(
      dlsym(plugin.handle, "mote_torchscript_read"));
  if (!layout || !read || layout() != door_layout())
    return {nullptr, plugin.path + " belongs to another build of mote",
            "build mote again, both parts together"};
  return {read, "", ""};
}

const Library& library() {
  static const Library opened = open_library();
  return opened;
}

bool contains(const Bytes& bytes, const std::string& text) {
  return std::search(bytes.begin(), bytes.end(), text.begin(), text.end()) != bytes.end();
}

// Files of torch.save have the same endings.
void check_kind(const ModelFile& file) {
  const std::string zip = "PK\3\4";
  const bool is_zip =
      file.bytes.size() >= 4 && std::equal(zip.begin(), zip.end(), file.bytes.begin());
  if (is_zip && contains(file.bytes, "constants.pkl")) return;
  fail("no-torchscript", file.place,
       "it is no TorchScript file; a file of torch.save holds weights, or Python code by name, and "
       "no program",
       "save the model with torch.jit.script(model).save(), or with torch.export as .pt2");
}

}  // namespace

Graph import_torchscript(const ModelFile& file, const ImportOptions& options,
                         Diagnostics& diagnostics) {
  check_kind(file);
  if (!library().read)
    fail("torchscript-missing", file.place,
         "TorchScript is read by libtorch, which cannot be opened: " + library().problem,
         library().remedy);
  ReadAnswer answer;
  const ReadRequest request{&file.bytes, file.name, &options.inputs};
  library().read(&request, &answer);
  for (const Refusal& refusal : answer.refusals)
    diagnostics.error(refusal.code,
                      refusal.place.empty() ? file.place : file.place + ": " + refusal.place,
                      refusal.message, refusal.remedy);
  diagnostics.stop_if_any();
  return pytorch::import_program(answer.program, file.place, options, diagnostics);
}

}  // namespace mote
