// SPDX-License-Identifier: Apache-2.0
// Verification and measurement of emitted code. See firmware.h.
#include "project/firmware.h"

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <set>
#include <sstream>

#include "compiler/budget.h"
#include "project/budget.h"
#include "project/host_trace.h"
#include "runner/image_size.h"
#include "runner/player_ranges.h"
#include "runner/stack_bound.h"

namespace mote {
namespace {

namespace fs = std::filesystem;

bool starts_with(const std::string& text, const std::string& prefix) {
  return text.rfind(prefix, 0) == 0;
}

// Decisions that instructions are counted over: enough for a steady mean, few enough to be quick.
constexpr int64_t kCountedDecisions = 20;

class Verifier {
 public:
  Verifier(const FirmwareRequest& request, Diagnostics& diagnostics)
      : request_(request), diagnostics_(diagnostics), plan_(request.compiled->plan) {}

  FirmwareResult run() {
    fill_from_plan();
    write_library(request_.compiled->library, request_.folder / "library");
    if (!request_.board) return run_on_host();
    build();
    if (result_.emulated.elf.empty()) return std::move(result_);  // why is in diagnostics
    reference_ = reference();
    compare_with_whole();
    if (request_.sanitized_host) run_sanitized();
    run_plain();
    run_observed();
    if (request_.measure) {
      count();
      bound();
      measure_sizes();
    }
    result_.reference = std::move(reference_);
    return std::move(result_);
  }

 private:
  void step(const std::string& what, double fraction) const {
    if (request_.progress) request_.progress(what, fraction);
  }

  FirmwareResult run_on_host() {
    reference_ = reference();
    compare_with_whole();
    if (const auto trace = host_trace_of_emitted()) {
      result_.ran = true;
      result_.self_test_passed = trace->self_test == 0u;
      compare_decisions(*trace);
      take_observed(*trace);
    }
    result_.reference = std::move(reference_);
    return std::move(result_);
  }

  void fill_from_plan() {
    result_.board = request_.board ? request_.board->name : "host";
    result_.model_bytes = plan_.ram_bytes();
    result_.far_bytes = plan_.far_bytes();
    if (plan_.loop && plan_.loop->comes_by_rows)
      result_.input_bytes = plan_.loop->source().window.row_bytes;
    else if (!plan_.has_input())
      for (const Stream& stream : plan_.graph.streams)
        result_.input_bytes += sample_bytes(plan_.graph, stream);
    result_.arena_bytes = plan_.arena_bytes;
    result_.arena_bound = plan_.arena_bound;
    result_.rows = words_of_rows(plan_);
    result_.state_bytes = plan_.state_bytes;
    result_.alignment = plan_.alignment;
    result_.blocks = plan_.blocks;
    for (size_t i = 0; i < plan_.layers.size(); ++i) {
      const Node& node = plan_.graph.nodes[i];
      const Location& out = plan_.locations[size_t(node.outputs[0])];
      const bool arena = out.region == Region::arena;
      const int64_t end = out.offset + plan_.bytes_at_location(node.outputs[0]);
      result_.layers.push_back({int32_t(i), node.name, node.op->name, plan_.layers[i].macs, 0, 0,
                                arena ? out.offset : 0, arena ? end : 0, 0});
    }
  }

  BuildRequest build_request(const std::string& folder) const {
    BuildRequest build;
    build.model_folder = request_.folder / "library";
    build.source_root = source_root();
    build.build_folder = request_.folder / folder;
    build.sizes = player_sizes(plan_);
    build.tables = table_reads(request_.compiled->library);
    return build;
  }

  void build() {
    step("compiling for " + request_.board->core.name, 0);
    std::vector<ImageKind> kinds{ImageKind::emulated};
    if (request_.own_image) kinds.push_back(ImageKind::own);
    std::vector<Image> images =
        build_images(build_request("image"), *request_.board, kinds, diagnostics_);
    const auto misfit = std::find_if(images.begin(), images.end(),
                                     [](const Image& i) { return !i.misfits.empty(); });
    if (misfit != images.end())
      explain_misfit(plan_, *request_.board, misfit->misfits, diagnostics_);
    result_.emulated = std::move(images.at(0));
    if (request_.own_image) result_.own = std::move(images.at(1));
  }

  // By this library's names: the evaluation of a graph serves the libraries of all cores.
  Trace reference() const {
    Trace trace = request_.reference ? *request_.reference : evaluate();
    trace.model_id = request_.compiled->library.model_id;
    trace.model = identifier(plan_.graph.name);
    for (size_t i = 0; i < plan_.layers.size(); ++i)
      trace.layers[i] = layer_title(plan_, int32_t(i));
    return trace;
  }

  // The layers that run have lost channels; every decision must be that of the model with them.
  void compare_with_whole() {
    if (!request_.compiled->whole || request_.reference) return;
    const Trace whole = host_trace(*request_.compiled->whole, observed(false),
                                   [this](double f) { step("host evaluation, whole", f); });
    for (size_t r = 0; r < whole.recordings.size(); ++r)
      if (whole.recordings[r].decisions != reference_.recordings[r].decisions)
        diagnostics_.error("channels-differ", whole.recordings[r].name,
                           "the model without its dead channels decides otherwise",
                           "this is a bug of mote, please report it");
  }

  Trace evaluate() const {
    return host_trace(plan_.graph, observed(true),
                      [this](double f) { step("host evaluation", f); });
  }

  std::vector<Playback> observed(bool observe) const {
    std::vector<Playback> playbacks = request_.playbacks;
    for (Playback& playback : playbacks) playback.observe = observe;
    return playbacks;
  }

  RunRequest run_request(const Image& image, const std::string& folder, bool observe) const {
    RunRequest run;
    run.architecture = image.architecture;
    run.elf = image.elf;
    run.work_folder = request_.folder / folder;
    run.playbacks = observed(observe);
    run.timeout_s = 3000;
    return run;
  }

  std::optional<Trace> host_trace_of_emitted() {
    step("emitted code on the host under sanitizers", 0);
    const Image image = build_host(build_request("host"), diagnostics_);
    if (image.elf.empty()) return std::nullopt;
    return run_host(run_request(image, "run_host", true), diagnostics_);
  }

  void run_sanitized() {
    const auto trace = host_trace_of_emitted();
    if (!trace) return;
    if (const auto difference = first_difference(reference_, *trace))
      diagnostics_.error("host-differs", difference->layer_name,
                         "the emitted code on the host differs: " + difference->what,
                         "this is a bug of mote, please report it");
  }

  // The run as in an application: decisions are compared, the stack and the touched memory
  // measured.
  void run_plain() {
    step("emulated core, every decision", 0);
    const auto trace = run_emulated(run_request(result_.emulated, "run_plain", false),
                                    *request_.board, ImageKind::emulated, diagnostics_);
    if (!trace) return;
    result_.ran = true;
    result_.self_test_passed = trace->self_test == 0u;
    result_.stack_bytes = trace->push_stack_bytes;
    result_.model_touched_bytes = trace->model_touched_bytes;
    compare_decisions(*trace);
  }

  // Recordings one after the other without a reset, until there are enough decisions: the mean is
  // of hops.
  Playback counted_playback() const {
    Playback counted{"count", {}, false};
    int64_t decisions = 0;
    for (size_t r = 0; r < request_.playbacks.size() && decisions < kCountedDecisions; ++r) {
      const auto& feeds = request_.playbacks[r].feeds;
      counted.feeds.insert(counted.feeds.end(), feeds.begin(), feeds.end());
      decisions += int64_t(reference_.recordings[r].decisions.size());
    }
    return counted;
  }

  ModelFunctions functions() const {
    const std::string project = identifier(plan_.graph.name);
    ModelFunctions all;
    for (const Stream& stream : plan_.graph.streams) {
      const std::string push = push_function(plan_, stream);
      all.pushes.push_back({push, push});
    }
    for (const LayerFigures& layer : result_.layers)
      if (plan_.layers[size_t(layer.index)].has_kernel) {
        const std::string function = project + "_" + layer_function(plan_, layer.index);
        all.layers.push_back({function, function});
      }
    return all;
  }

  void count() {
    const fs::path plugin = count_plugin_path();
    if (plugin.empty()) {
      diagnostics_.warn("no-plugin", "mote_count.so",
                        "the counting plugin is not beside mote; instructions are not counted",
                        "build the target mote_count, or set MOTE_COUNT_PLUGIN");
      return;
    }
    step("emulated core, counting instructions", 0);
    RunRequest run = run_request(result_.emulated, "run_count", false);
    run.playbacks = {counted_playback()};
    run.self_test = false;
    fs::create_directories(run.work_folder);
    std::ofstream(run.work_folder / "ranges.txt")
        << ranges_text(
               player_ranges(result_.emulated.elf, functions(), result_.emulated.architecture))
        << ranges_text(memory_ranges(*request_.board));
    run.counting = CountingPlugin{plugin, "ranges.txt", "count.json"};
    if (run_emulated(run, *request_.board, ImageKind::emulated, diagnostics_))
      take_counts(counted_.emplace(read_count_report(run.work_folder / "count.json")));
  }

  void compare_decisions(const Trace& trace) {
    for (size_t r = 0; r < reference_.recordings.size(); ++r) {
      const auto& host = reference_.recordings[r].decisions;
      const auto* device = r < trace.recordings.size() ? &trace.recordings[r].decisions : nullptr;
      for (size_t d = 0; d < host.size(); ++d) {
        const bool equal = device && d < device->size() && (*device)[d] == host[d];
        ++result_.windows_verified;
        result_.windows_differing += !equal;
        result_.last_outputs = host[d].outputs;
      }
    }
  }

  void take_counts(const CountReport& report) {
    result_.first_instructions = report.first_instructions;
    result_.instructions =
        report.decisions > 1 ? report.mean_instructions : double(report.first_instructions);
    result_.largest_push = report.largest_push;
    const double later = report.decisions > 1 ? double(report.decisions - 1) : 1;
    Workload work;
    work.counts = report.decisions > 1 ? report.later : report.first;
    work.decisions = later;
    work.flash_bytes = weight_bytes();
    const bool is_later = report.decisions > 1;
    for (const CountedRegion& region : report.regions)
      work.stall_cycles += stall_cycles(region, is_later);
    result_.cost = estimate_cost(*request_.board, work);
    result_.cost.basis += unknown_waits(report);
    const std::string project = identifier(plan_.graph.name) + "_";
    for (LayerFigures& layer : result_.layers)
      for (const CountedRegion& region : report.regions)
        if (region.name == project + layer_function(plan_, layer.index)) {
          work.counts = is_later ? region.later : region.first;
          work.stall_cycles = stall_cycles(region, is_later);
          work.flash_bytes = table_bytes(layer.index);
          const CostEstimate cost = estimate_cost(*request_.board, work);
          layer.instructions = cost.instructions;
          layer.cycles = cost.cycles.value_or(0);
        }
  }

  // Memories behind the first; the waits of the first are in the core's costs.
  std::vector<const Memory*> further_memories() const {
    std::vector<const Memory*> all;
    for (const MemoryKind kind : {MemoryKind::flash, MemoryKind::ram}) {
      const std::vector<const Memory*> usable = usable_memories(*request_.board, kind);
      all.insert(all.end(), usable.begin() + 1, usable.end());
    }
    return all;
  }

  // Of all counted decisions.
  double stall_cycles(const CountedRegion& region, bool is_later) const {
    double cycles = 0;
    for (const Memory* memory : further_memories())
      for (const CountedData& data : region.data)
        if (data.name == memory->name)
          cycles += memory->stall_cycles.value_or(0) *
                    double((is_later ? data.later : data.first).accesses());
    return cycles;
  }

  std::string unknown_waits(const CountReport& report) const {
    std::string text;
    for (const Memory* memory : further_memories()) {
      const double accesses = accesses_to(memory->name, report);
      if (accesses > 0 && !memory->stall_cycles)
        text += "; without what " + std::to_string(int64_t(accesses + 0.5)) + " accesses to " +
                memory->name + " wait";
    }
    return text;
  }

  double table_bytes(int32_t layer) const {
    double bytes = 0;
    for (const Bytes* table : tables_of(plan_, layer)) bytes += double(table->size());
    return bytes;
  }

  double weight_bytes() const {
    double bytes = 0;
    for (const LayerFigures& layer : result_.layers) bytes += table_bytes(layer.index);
    return bytes;
  }

  // The observed run: every layer and the state after every decision.
  void run_observed() {
    step("emulated core, comparing every layer", 0);
    const auto trace = run_emulated(run_request(result_.emulated, "run_observe", true),
                                    *request_.board, ImageKind::emulated, diagnostics_);
    if (trace) take_observed(*trace);
  }

  void take_observed(const Trace& trace) {
    const auto difference = first_difference(reference_, trace);
    result_.bit_exact = !difference && result_.windows_differing == 0;
    if (difference) result_.difference = difference->recording + ": " + difference->what;
    result_.trace = trace;
  }

  void measure_sizes() {
    const ImageSize size =
        measure_image({result_.emulated.elf, result_.emulated.map, result_.emulated.architecture});
    result_.flash_bytes = size.flash_bytes;
    result_.ram_bytes = int64_t(size.static_ram_bytes()) + result_.stack_bytes;
    result_.memories = memory_use(*request_.board, {result_.emulated, size, result_.stack_bytes});
    if (counted_) add_accesses(*counted_, result_.memories);
    for (const std::string& symbol : forbidden_symbols(size))
      diagnostics_.error("forbidden-symbol", result_.emulated.elf.filename().string(),
                         "the image holds " + symbol, "this is a bug of mote, please report it");
    const std::string project = identifier(plan_.graph.name);
    for (LayerFigures& layer : result_.layers) {
      for (const ImageSymbol& symbol : size.symbols)
        if (starts_with(symbol.name, project + "_" + layer_function(plan_, layer.index)))
          layer.flash_bytes += symbol.bytes;
      for (const Bytes* table : tables_of(plan_, layer.index))
        layer.flash_bytes += int64_t(table->size());
    }
  }

  void bound() {
    StackRequest stack = stack_request(result_.emulated);
    result_.stack_bytes -=
        std::min(result_.stack_bytes, player_call_bytes(plan_, result_.emulated));
    for (const Stream& stream : plan_.graph.streams) {
      stack.entry = push_function(plan_, stream);
      const StackBound found = bound_stack(stack);
      for (const std::string& problem : found.problems)
        diagnostics_.warn("no-stack-bound", stack.entry, "the stack cannot be bounded: " + problem);
      if (!found.is_bound() || int64_t(found.bytes) <= result_.stack_bound_bytes) continue;
      result_.stack_bound_bytes = found.bytes;
      result_.stack_path.clear();
      for (const StackFrame& frame : found.path) result_.stack_path.push_back(frame.name);
    }
  }

  const FirmwareRequest& request_;
  Diagnostics& diagnostics_;
  const Plan& plan_;
  FirmwareResult result_;
  Trace reference_;
  std::optional<CountReport> counted_;
};

// Copies `header` and what it includes of ours, once each.
void copy_header(const std::string& header, const fs::path& folder, std::set<std::string>& copied) {
  if (!copied.insert(header).second) return;
  std::ifstream in(source_root() / header, std::ios::binary);
  if (!in)
    fail("broken-installation", header, "a header of mote is missing",
         "install mote again, or set MOTE_HOME");
  std::ostringstream text;
  text << in.rdbuf();
  fs::create_directories((folder / header).parent_path());
  std::ofstream(folder / header, std::ios::binary) << text.str();
  std::istringstream lines(text.str());
  for (std::string line; std::getline(lines, line);)
    if (starts_with(line, "#include \""))
      copy_header(line.substr(10, line.find('"', 10) - 10), folder, copied);
}

}  // namespace

FirmwareResult verify_firmware(const FirmwareRequest& request, Diagnostics& diagnostics) {
  return Verifier(request, diagnostics).run();
}

CompileOptions options_for(const Board& board, int64_t ram_bytes) {
  return {.core = board.core.instruction_set,
          .ram_bytes = ram_bytes,
          .memories = room_for_model(board)};
}

std::vector<TableReads> table_reads(const EmittedLibrary& library) {
  std::vector<TableReads> tables;
  for (const WeightTable& table : library.tables)
    tables.push_back({table.name, table.bytes, table.reads});
  return tables;
}

PlayerSizes player_sizes(const Plan& plan) {
  PlayerSizes sizes;
  sizes.model_bytes = uint32_t(plan.model_bytes);
  sizes.far_bytes = uint32_t(plan.far_bytes());
  sizes.n_layers = uint32_t(plan.layers.size());
  for (const Stream& stream : plan.graph.streams)
    if (!plan.has_input())
      sizes.sample_values =
          std::max(sizes.sample_values, uint32_t(sample_bytes(plan.graph, stream) + 1) / 2);
  sizes.output_bytes = uint32_t(plan.output_bytes);
  sizes.saved_bytes = uint32_t(plan.saved_bytes);
  return sizes;
}

StackRequest stack_request(const Image& image) {
  StackRequest request;
  request.elf = image.elf;
  request.su_folder = image.stack_usage;
  request.architecture = image.architecture;
  return request;
}

// The entry in the player's table and the deepest push that it calls differ by its own frame alone.
int64_t player_call_bytes(const Plan& plan, const Image& image) {
  StackRequest request = stack_request(image);
  request.entry = "(anonymous namespace)::push(void*, unsigned long, short const*)";
  const int64_t from_player = bound_stack(request).bytes;
  int64_t deepest = 0;
  for (const Stream& stream : plan.graph.streams) {
    request.entry = push_function(plan, stream);
    deepest = std::max<int64_t>(deepest, bound_stack(request).bytes);
  }
  return from_player - deepest;
}

std::string push_function(const Plan& plan, const Stream& stream) {
  return identifier(plan.graph.name) + "_push" +
         (plan.graph.streams.size() == 1 ? "" : "_" + identifier(stream.name));
}

void write_library(const EmittedLibrary& library, const fs::path& folder) {
  fs::remove_all(folder);
  fs::create_directories(folder);
  for (const auto& [name, text] : library.files)
    std::ofstream(folder / name, std::ios::binary) << text;
  std::set<std::string> copied;
  for (const std::string& header : library.headers) copy_header(header, folder, copied);
  for (const char* header :
       {"core/crc32.h", "core/saved_state.h", "core/stream.h", "core/model_interface.h"})
    copy_header(header, folder, copied);
}

fs::path source_root() {
  if (const char* home = std::getenv("MOTE_HOME")) return home;
  const fs::path program = fs::read_symlink("/proc/self/exe").parent_path();
  for (const fs::path& candidate :
       {program.parent_path(), program.parent_path() / "share/mote", program})
    if (fs::exists(candidate / "core/model_interface.h")) return candidate;
  if (const char* source = std::getenv("MOTE_SOURCE_DIR")) return source;
  fail("broken-installation", program.string(), "mote's device sources are not found",
       "set MOTE_HOME to their folder");
}

}  // namespace mote
