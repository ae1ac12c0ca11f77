// SPDX-License-Identifier: Apache-2.0
// Starting players and explaining how they ended. See emulator.h.
#include "runner/emulator.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include <fstream>
#include <random>
#include <sstream>

#include "runner/count_report.h"
#include "runner/line.h"
#include "runner/subprocess.h"
#include "runner/tool_output.h"
#include "runner/toolchain.h"

namespace mote {
namespace {

namespace fs = std::filesystem;

constexpr const char* kInFile = "mote_in.bin";  // names that ports/semihosting opens
constexpr const char* kOutFile = "mote_out.bin";

// ---- what went wrong ----------------------------------------------------------------------------

// The function at an address, or "" when it is unknown.
std::string function_at(const RunRequest& request, uint32_t address) {
  char text[16];
  std::snprintf(text, sizeof text, "0x%x", address);
  Invocation invocation;
  invocation.args = {tool(request.architecture, "addr2line"), "-fC", "-e", request.elf.string(),
                     text};
  invocation.timeout_s = 10;
  const Ending ending = run_program(invocation);
  const std::string name = ending.text.substr(0, ending.text.find('\n'));
  return ending.good() && name != "??" ? name : "";
}

std::string place_of(const DeviceError& error, const std::vector<CommandFrame>& commands,
                     const RunRequest& request, const std::string& place) {
  const int64_t recording =
      error.command < commands.size() ? commands[error.command].recording : -1;
  if (recording < 0) return place;
  return place + ": recording \"" + request.playbacks[size_t(recording)].name + "\"";
}

void tell_device_error(const TraceReader& reader, const std::vector<CommandFrame>& commands,
                       const RunRequest& request, const std::string& place,
                       Diagnostics& diagnostics) {
  const DeviceError& error = *reader.device_error();
  std::string message = "the player " + to_string(error.code, error.a, error.b);
  std::string remedy;
  if (error.code == wire::ErrorCode::fault) {
    const std::string function = function_at(request, error.a);
    if (!function.empty()) message += " in " + function;
  }
  if (error.code == wire::ErrorCode::stack_overflow) remedy = "reserve more stack";
  diagnostics.error("device-error", place_of(error, commands, request, place), message, remedy);
}

// The trace, or what kept it from being complete. `ended` says how the program went.
std::optional<Trace> conclude(TraceReader& reader, const std::vector<CommandFrame>& commands,
                              const RunRequest& request, const std::string& place,
                              const std::string& ended, Diagnostics& diagnostics) {
  if (reader.complete() && !reader.failed()) {
    Trace trace = reader.trace();
    trace.place = place;
    return trace;
  }
  if (reader.device_error())
    tell_device_error(reader, commands, request, place, diagnostics);
  else if (!reader.fault().empty())
    diagnostics.error("damaged-reports", place,
                      "the player sent " + reader.fault() + (ended.empty() ? "" : "; " + ended));
  else
    diagnostics.error("no-answer", place,
                      "the player " + ended + " after " + std::to_string(reader.n_acknowledged()) +
                          " of " + std::to_string(commands.size()) + " commands");
  return std::nullopt;
}

// ---- conversations through files ----------------------------------------------------------------

std::string read_file(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream bytes;
  bytes << file.rdbuf();
  return bytes.str();
}

bool write_commands(const fs::path& folder, const std::vector<CommandFrame>& commands,
                    Diagnostics& diagnostics) {
  std::error_code error;
  fs::create_directories(folder, error);
  fs::remove(folder / kOutFile, error);
  std::ofstream file(folder / kInFile, std::ios::binary);
  for (const CommandFrame& command : commands) file << command.bytes;
  file.close();
  if (!file)
    diagnostics.error("cannot-write", (folder / kInFile).string(),
                      "the commands could not be written",
                      "check that there is space and that the folder may be written");
  return bool(file);
}

std::string explained(const Ending& ending) {
  if (ending.text.empty()) return to_string(ending);
  return to_string(ending) + " and said:\n" + ending.text.substr(0, 4000);
}

// Sanitizers report through the exit status, also after the last report.
bool ended_well(const Ending& ending, const std::string& place, Diagnostics& diagnostics) {
  if (ending.good()) return true;
  diagnostics.error("player-failed", place, "the player " + explained(ending));
  return false;
}

std::optional<Trace> run_through_files(const RunRequest& request, Invocation invocation,
                                       const std::string& place, Diagnostics& diagnostics) {
  const std::vector<CommandFrame> commands = conversation(request.playbacks, request.self_test, 1);
  if (!write_commands(request.work_folder, commands, diagnostics)) return std::nullopt;
  invocation.folder = request.work_folder;
  invocation.timeout_s = request.timeout_s;
  const Ending ending = run_program(invocation);
  TraceReader reader(commands, request.playbacks);
  reader.feed(read_file(request.work_folder / kOutFile));
  reader.end_of_link();
  std::optional<Trace> trace =
      conclude(reader, commands, request, place, explained(ending), diagnostics);
  if (trace && !ended_well(ending, place, diagnostics)) return std::nullopt;
  return trace;
}

// ---- the emulator -------------------------------------------------------------------------------

std::string place_name(const Board& board) {
  return "emulated " + board.emulator.machine + " (" + board.core.name + ")";
}

Invocation emulator_invocation(const RunRequest& request, const Board& board) {
  Invocation invocation;
  invocation.args = emulator_args(board);
  invocation.args.insert(invocation.args.end(), {"-kernel", fs::absolute(request.elf).string()});
  if (request.counting) {
    const auto path = [&](const fs::path& p) {
      return (p.is_absolute() ? p : fs::absolute(request.work_folder) / p).string();
    };
    const std::vector<std::string> args =
        count_arguments(path(request.counting->library), path(request.counting->ranges),
                        path(request.counting->out));
    invocation.args.insert(invocation.args.end(), args.begin(), args.end());
  }
  invocation.folder = request.work_folder;
  return invocation;
}

std::optional<Trace> run_over_uart(const RunRequest& request, const Board& board,
                                   Diagnostics& diagnostics) {
  const std::vector<CommandFrame> commands = conversation(request.playbacks, request.self_test, 1);
  Invocation invocation = emulator_invocation(request, board);
  invocation.args.insert(invocation.args.end(), {"-serial", "stdio"});
  std::error_code error;
  fs::create_directories(request.work_folder, error);
  Conversant emulator(invocation);
  TraceReader reader(commands, request.playbacks);
  const Talk how =
      talk({emulator.read_fd(), emulator.write_fd()}, commands, request.timeout_s, reader);
  const std::string said = emulator.error_text();
  const std::string ended = how == Talk::closed ? "ended" : "did not answer";
  return conclude(reader, commands, request, place_name(board),
                  said.empty() ? ended : ended + " and said:\n" + said, diagnostics);
}

// ---- the serial line ----------------------------------------------------------------------------

struct OpenFile {
  int fd;
  ~OpenFile() {
    if (fd >= 0) close(fd);
  }
};

std::string place_name(const std::string& device) { return "serial " + device; }

// Of errno.
void tell_cannot_open(const std::string& device, Diagnostics& diagnostics) {
  diagnostics.error("cannot-open", place_name(device),
                    std::string("it could not be opened: ") + strerror(errno),
                    "check the name, the cable and that you may use it (group dialout)");
}

// Why a line gave no trace: what a user can look at differs with how much was heard.
void tell_no_answer(const std::string& device, const TraceReader& reader, Talk how,
                    Diagnostics& diagnostics) {
  std::string what = "nothing answered";
  std::string remedy =
      "is the player image on the board, and does it use this port at 115200 baud, 8N1?";
  if (reader.n_bytes() > 0 && reader.n_frames() == 0) {
    what = std::to_string(reader.n_bytes()) +
           " bytes arrived, but no answer of a player is among them";
    remedy = "does another program run on the board, or is the line not at 115200 baud, 8N1?";
  }
  if (reader.n_acknowledged() > 0) {
    what = "the player fell silent after " + std::to_string(reader.n_acknowledged()) + " commands";
    remedy = "look at the cable, and whether the board was reset or stands still";
  }
  if (how == Talk::closed) {
    what = "the line was closed after " + std::to_string(reader.n_acknowledged()) + " commands";
    remedy = "was the board unplugged?";
  }
  diagnostics.error("no-answer", place_name(device), what, remedy);
}

}  // namespace

std::vector<std::string> emulator_args(const Board& board) {
  std::vector<std::string> args = {cross_tools(board.core.architecture).emulator, "-M",
                                   board.emulator.machine};
  args.insert(args.end(), board.emulator.args.begin(), board.emulator.args.end());
  args.insert(args.end(), {"-display", "none", "-monitor", "none"});
  return args;
}

std::optional<Trace> run_emulated(const RunRequest& request, const Board& board, ImageKind kind,
                                  Diagnostics& diagnostics) {
  MOTE_ASSERT(kind != ImageKind::own);
  const CrossTools& cross = cross_tools(board.core.architecture);
  if (!tool_exists(cross.emulator)) {
    diagnostics.error("tool-missing", cross.emulator, "this emulator is not installed",
                      cross.emulator_remedy);
    return std::nullopt;
  }
  if (kind == ImageKind::emulated_uart) return run_over_uart(request, board, diagnostics);
  Invocation invocation = emulator_invocation(request, board);
  invocation.args.insert(invocation.args.end(),
                         {"-serial", "none", "-semihosting-config", "enable=on,target=native"});
  return run_through_files(request, invocation, place_name(board), diagnostics);
}

std::optional<Trace> run_host(const RunRequest& request, Diagnostics& diagnostics) {
  Invocation invocation;
  invocation.args = {fs::absolute(request.elf).string()};
  invocation.input = request.work_folder / kInFile;
  invocation.output = request.work_folder / kOutFile;
  return run_through_files(request, invocation, "host", diagnostics);
}

bool serial_is_there(const std::string& device, Diagnostics& diagnostics) {
  if (access(device.c_str(), R_OK | W_OK) == 0) return true;
  tell_cannot_open(device, diagnostics);
  return false;
}

std::optional<Trace> run_serial(const RunRequest& request, const std::string& device,
                                Diagnostics& diagnostics) {
  const OpenFile file = {open_serial(device)};
  if (file.fd < 0) {
    tell_cannot_open(device, diagnostics);
    return std::nullopt;
  }
  const Line line = {file.fd, file.fd};
  std::random_device random;
  for (int attempt = 0;; ++attempt) {
    flush(line);
    const std::vector<CommandFrame> commands =
        conversation(request.playbacks, request.self_test, random());
    TraceReader reader(commands, request.playbacks);
    const Talk how = talk(line, commands, request.timeout_s, reader);
    // A damaged report, or a damaged command that the player waits for the rest of.
    const bool refused =
        reader.device_error() && reader.device_error()->code != wire::ErrorCode::damaged_frame;
    if (attempt < 2 && !refused && (how == Talk::failed || how == Talk::silent)) continue;
    if (how != Talk::silent && how != Talk::closed)
      return conclude(reader, commands, request, place_name(device), "", diagnostics);
    tell_no_answer(device, reader, how, diagnostics);
    return std::nullopt;
  }
}

}  // namespace mote
