// SPDX-License-Identifier: Apache-2.0
// A model that somebody trained, as a Graph: the door of compiler/import. In: a file. Out: a plain
// model, one stream whose samples are the model's inputs. What the file's format is follows from
// its first bytes. Everything is checked before it is used; what mote cannot take is said layer by
// layer.
#pragma once
#include <filesystem>

#include "graph/graph.h"

namespace mote {

// Fails (UserError) with all that cannot be taken. Warnings say what an import changed.
Graph import_model(const std::filesystem::path& path, Diagnostics& diagnostics);

// The same from memory; `name` is the model's, `place` names the file in messages.
Graph import_tflite(const Bytes& bytes, const std::string& name, const std::string& place,
                    Diagnostics& diagnostics);

}  // namespace mote
