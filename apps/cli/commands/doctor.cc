// SPDX-License-Identifier: Apache-2.0
// mote doctor: what is here, what is missing, and the command that installs it.
#include "project/doctor.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "apps/cli/command.h"

namespace mote {
namespace {

using nlohmann::ordered_json;

ordered_json to_json(const std::vector<Finding>& findings) {
  ordered_json list = ordered_json::array();
  for (const Finding& f : findings)
    list.push_back({{"what", f.what},
                    {"purpose", f.purpose},
                    {"needed", f.needed},
                    {"found", f.found},
                    {"detail", f.detail},
                    {"remedy", f.remedy}});
  return {{"healthy", healthy(findings)}, {"findings", list}};
}

void run(Common& common) {
  const std::vector<Finding> findings = examine();
  common.status = healthy(findings) ? 0 : 1;
  if (common.json) return fmt::print("{}\n", to_json(findings).dump(1));
  for (const Finding& f : findings) {
    const char* state = f.found ? "ok" : f.needed ? "MISSING" : "absent";
    fmt::print("{:8} {:24} {}\n", state, f.what, f.purpose);
    if (!f.detail.empty()) fmt::print("{:33} {}\n", "", f.detail);
    if (!f.remedy.empty()) fmt::print("{:33} -> {}\n", "", f.remedy);
  }
  fmt::print("{}\n", common.status == 0 ? "Everything that is needed is here."
                                        : "Something needed is missing.");
}

}  // namespace

void add_doctor(CLI::App& app, Common& common) {
  add_verb(app, common, "doctor", "what mote works with: here, missing, and how to install it",
           "mote doctor")
      ->callback([&common] { run(common); });
}

}  // namespace mote
