// SPDX-License-Identifier: Apache-2.0
// An ExecuTorch program (.pte) as a Graph: it is read, becomes a PyTorch program, and the rules of
// PyTorch's operators make the graph (compiler/import/pytorch). See compiler/import/import.h.
#include "compiler/import/executorch/translate.h"
#include "compiler/import/import.h"

namespace mote {

Graph import_executorch(const ModelFile& file, const ImportOptions& options,
                        Diagnostics& diagnostics) {
  const executorch::Method method = executorch::read_method(file.bytes, file.place, diagnostics);
  const int64_t constant_bytes = 4 * int64_t(file.bytes.size()) + (1 << 20);
  pytorch::Program program = executorch::translate(method, constant_bytes, file.place, diagnostics);
  program.name = file.name;
  return pytorch::import_program(program, file.place, options, diagnostics);
}

}  // namespace mote
