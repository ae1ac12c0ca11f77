// SPDX-License-Identifier: Apache-2.0
// A Plan as C++ text: the corridor, one line a file. See cpp.h; the texts themselves are in
// texts.h. Their layout is what a reader of a firmware project sees: keep it plain.
#include "compiler/emit/cpp.h"

#include "compiler/emit/texts.h"
#include "compiler/emit/weights.h"
#include "graph/sha256.h"

namespace mote {

EmittedLibrary emit_cpp(const Plan& plan) {
  const std::string prefix = identifier(plan.graph.name);
  const WeightFiles weights = emit_weights(plan, prefix);
  const ModelNames names{plan, prefix, weights.names};
  EmittedLibrary library;
  library.headers = kernel_headers(plan);
  library.tables = weights.tables;
  library.files["weights.h"] = weights.header;
  library.files["weights.cc"] = weights.source;
  library.files["model.cc"] = model_source(names);
  library.model_id = sha256_hex(library.files["model.cc"] + weights.source);
  library.files["model.h"] = model_header(names, library.model_id);
  library.files["interface.cc"] = interface_source(names, library.model_id);
  library.files["model.json"] = emit_json(plan, library.model_id);
  return library;
}

}  // namespace mote
