// SPDX-License-Identifier: Apache-2.0
// The report of a build in three forms: JSON (docs/formats/cli.md), a table for a terminal, one self-contained HTML
// page. All from one value.
#pragma once
#include "project/build.h"

namespace mote {

std::string to_json(const BuildReport& report);
std::string to_text(const BuildReport& report);
std::string to_html(const BuildReport& report);

// What `mote run` prints.
std::string to_json(const FirmwareResult& result, const Graph& graph);
std::string to_text(const FirmwareResult& result, const Graph& graph);

}  // namespace mote
