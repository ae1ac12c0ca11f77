// SPDX-License-Identifier: Apache-2.0
// The report of a build in three forms: JSON (docs/formats/cli.md), a table for a terminal, one
// self-contained HTML page. All from one value.
#pragma once
#include "project/build.h"

namespace mote {

std::string to_json(const BuildReport& report);
std::string to_text(const BuildReport& report);
std::string to_html(const BuildReport& report);

// The plain mean of a figure of int8 over the held-out groups, each counting once; 0 without
// groups.
double mean_over_groups(const BuildReport& report, double Scores::*figure);

// "24 bytes predicted, 20 touched, 4 of alignment (behind window/window)".
std::string model_memory(const FirmwareResult& result);

// What `mote run` prints, and its object.
std::string to_text(const FirmwareResult& result, const Graph& graph);
std::string to_json(const FirmwareResult& result, const Graph& graph);
// The same where no board was named.
std::string to_text_of_host(const FirmwareResult& result, const Graph& graph);

}  // namespace mote
