// SPDX-License-Identifier: Apache-2.0
// mote's command line: one verb a room. Exit status 0, 1 (the user's fault, said in one sentence a
// problem), 2 (usage), 3 (our bug). The only place of the command line that catches.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <filesystem>

#include "apps/cli/command.h"

namespace {

int run(int argc, char** argv) {
  CLI::App app{
      "mote: from labelled recordings or a trained model to verified microcontroller firmware",
      "mote"};
  app.set_version_flag("--version", "mote " MOTE_VERSION);
  app.require_subcommand(1);
  mote::Common common;
#define MOTE_VERB(name) mote::add_##name(app, common);
#include "apps/cli/verbs.def"
#undef MOTE_VERB
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    const int status = app.exit(error);
    return status == 0 ? 0 : 2;
  } catch (const mote::UserError&) {
    mote::print_warnings(common);  // they often explain the error
    throw;
  }
  mote::print_warnings(common);
  return common.status;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return run(argc, argv);
  } catch (const mote::UserError& error) {
    for (const mote::Diagnostic& problem : error.diagnostics())
      fmt::print(stderr, "error: {}\n", to_string(problem));
    return 1;
  } catch (const std::filesystem::filesystem_error& error) {
    fmt::print(stderr,
               "error: {}: {}; check that the folder is there and may be written [file-system]\n",
               error.path1().string(), error.code().message());
    return 1;
  } catch (const std::exception& error) {
    fmt::print(stderr, "internal error: {}\n", error.what());
    return 3;
  }
}
