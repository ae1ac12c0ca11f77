// SPDX-License-Identifier: MIT
// mote_count.so: a QEMU plugin that counts the instructions a Cortex-M or RISC-V guest executes, by
// class and by region. In: -plugin mote_count.so,ranges=FILE,out=FILE. FILE holds lines "begin_hex
// end_hex kind name" (end exclusive):
//   none   the harness: nothing is counted while the guest is in it
//   push   entry of an inference or a hop; counted under its name
//   layer  one layer; counted under its name
//   mark   its first instruction ends a decision; it is not counted
//   data   no code: bytes whose loads and stores are counted, under its name, for each region
// Code in no range (libgcc, memcpy) is charged to the region that called it. Out, when the guest
// ends: JSON, described in docs/formats/count.md. Executed instructions are counted exactly,
// without -icount (which counts some twice); instructions that an `it` block skips count as
// executed. The declarations below are our own, of QEMU's plugin interface version 1; nothing of
// mote but thumb.h and riscv.h is in here.
#include <algorithm>
#include <cinttypes>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

#include "riscv.h"

extern "C" {
typedef uint64_t qemu_plugin_id_t;
struct qemu_plugin_tb;
struct qemu_plugin_insn;
// As far as it is read here.
typedef struct qemu_info_t {
  const char* target_name;
} qemu_info_t;
enum qemu_plugin_cb_flags { QEMU_PLUGIN_CB_NO_REGS, QEMU_PLUGIN_CB_R_REGS, QEMU_PLUGIN_CB_RW_REGS };
void qemu_plugin_register_vcpu_tb_trans_cb(qemu_plugin_id_t,
                                           void (*)(qemu_plugin_id_t, qemu_plugin_tb*));
void qemu_plugin_register_vcpu_tb_exec_cb(qemu_plugin_tb*, void (*)(unsigned, void*),
                                          qemu_plugin_cb_flags, void*);
enum qemu_plugin_mem_rw { QEMU_PLUGIN_MEM_R = 1, QEMU_PLUGIN_MEM_W, QEMU_PLUGIN_MEM_RW };
typedef uint32_t qemu_plugin_meminfo_t;
void qemu_plugin_register_vcpu_mem_cb(qemu_plugin_insn*,
                                      void (*)(unsigned, qemu_plugin_meminfo_t, uint64_t, void*),
                                      qemu_plugin_cb_flags, qemu_plugin_mem_rw, void*);
unsigned qemu_plugin_mem_size_shift(qemu_plugin_meminfo_t);
bool qemu_plugin_mem_is_store(qemu_plugin_meminfo_t);
void qemu_plugin_register_atexit_cb(qemu_plugin_id_t, void (*)(qemu_plugin_id_t, void*), void*);
size_t qemu_plugin_tb_n_insns(const qemu_plugin_tb*);
qemu_plugin_insn* qemu_plugin_tb_get_insn(const qemu_plugin_tb*, size_t);
const void* qemu_plugin_insn_data(const qemu_plugin_insn*);
uint64_t qemu_plugin_insn_vaddr(const qemu_plugin_insn*);
__attribute__((visibility("default"))) extern int qemu_plugin_version;
int qemu_plugin_version = 1;
}

namespace {
using namespace mote_count;

// Instructions by class, then words moved by multiple loads and stores, then jumps by ldr pc, pop
// {pc}, tbb.
constexpr int kLoadWords = kClasses, kStoreWords = kClasses + 1, kPcLoads = kClasses + 2,
              kLoopsTaken = kClasses + 3;
constexpr int kCounters = kClasses + 4;

struct Counts {
  uint64_t of[kCounters] = {};
  void add(const Counts& other, uint64_t times = 1) {
    for (int i = 0; i < kCounters; ++i) of[i] += other.of[i] * times;
  }
  uint64_t instructions() const {
    uint64_t sum = 0;
    for (int i = 0; i < kClasses; ++i) sum += of[i];
    return sum;
  }
};

// Of the bytes of one data range.
struct Accesses {
  uint64_t loads = 0, stores = 0, load_bytes = 0, store_bytes = 0;
  void add(const Accesses& other) {
    loads += other.loads, stores += other.stores;
    load_bytes += other.load_bytes, store_bytes += other.store_bytes;
  }
};

enum class Kind { none, push, layer, mark, data };
const char* const kKindNames[] = {"none", "push", "layer", "mark", "data"};

// `first` until the first mark, `later` from there to the last.
template <class Count>
struct Periods {
  Count since_mark, first, later;
  void end(bool is_first) {
    (is_first ? first : later).add(since_mark);
    since_mark = Count();
  }
};

struct Region {
  uint64_t begin = 0, end = 0;
  Kind kind = Kind::none;
  std::string name;
  Periods<Counts> counts;
  std::vector<Periods<Accesses>> accesses;  // of each data range
};

// One translated block: straight-line code that ends in a branch, or where the translator stopped.
struct Block {
  uint64_t start = 0, fall_through = 0;
  Region* region = nullptr;  // null: in no range
  uint32_t instructions = 0;
  Counts counts;              // of one execution, the last branch not taken
  Class last = kOther;        // class of the branch that may fall through, else kOther
  Region* charged = nullptr;  // region of the executions that are not yet in its counts
  uint64_t executed = 0, taken = 0;
  bool touched = false;
};

// All state lives as long as the process: static destructors run before QEMU calls at_exit.
struct State {
  bool riscv = false;
  std::string out;
  std::vector<Region*> regions;  // of code
  std::vector<Region*> data;
  std::vector<Block*> touched;  // blocks with executions that are not yet in a region's counts
  Region* current = nullptr;    // null: nothing is counted
  Block* previous = nullptr;    // the counted block that ran last
  bool in_push = false;
  uint64_t total = 0, total_at_mark = 0, total_at_push = 0;
  uint64_t decisions = 0, pushes = 0;
  uint64_t first = 0, least = UINT64_MAX, most = 0, later = 0;
  uint64_t largest_push = 0, largest_push_decision = 0;
};
State* state = nullptr;

Region* region_at(const std::vector<Region*>& all, uint64_t address) {
  auto after = std::upper_bound(all.begin(), all.end(), address,
                                [](uint64_t a, const Region* r) { return a < r->begin; });
  if (after == all.begin()) return nullptr;
  Region* found = *std::prev(after);
  return address < found->end ? found : nullptr;
}

// Moves the executions of a block into the counts of the region they belong to.
void settle(Block& block) {
  if (!block.executed) return;
  Counts& into = block.charged->counts.since_mark;
  into.add(block.counts, block.executed);
  if (block.last == kBranchTaken) {
    into.of[kBranchNotTaken] -= block.taken;
    into.of[kBranchTaken] += block.taken;
  } else if (block.last == kLoop) {
    into.of[kLoopsTaken] += block.taken;
  }
  block.executed = block.taken = 0;
}

void settle_all() {
  for (Block* block : state->touched) {
    settle(*block);
    block->touched = false;
  }
  state->touched.clear();
}

void end_push() {
  if (!state->in_push) return;
  state->in_push = false;
  const uint64_t size = state->total - state->total_at_push;
  if (size <= state->largest_push) return;
  state->largest_push = size;
  state->largest_push_decision = state->decisions;
}

void end_decision() {
  State& s = *state;
  end_push();
  settle_all();
  for (Region* region : s.regions) {
    region->counts.end(s.decisions == 0);
    for (Periods<Accesses>& accesses : region->accesses) accesses.end(s.decisions == 0);
  }
  const uint64_t size = s.total - s.total_at_mark;
  s.total_at_mark = s.total;
  if (s.decisions++ == 0) {
    s.first = size;
    return;
  }
  s.later += size;
  s.least = std::min(s.least, size);
  s.most = std::max(s.most, size);
}

void enter_region(Block& block) {
  State& s = *state;
  if (block.region->kind == Kind::mark) {
    if (block.start == block.region->begin) end_decision();
    s.current = nullptr;
    s.previous = nullptr;
    return;
  }
  if (block.region->kind == Kind::none) {
    end_push();
    s.current = nullptr;
    s.previous = nullptr;
    return;
  }
  if (!s.in_push && block.region->kind == Kind::push) {
    s.in_push = true;
    s.total_at_push = s.total;
    ++s.pushes;
  }
  s.current = block.region;
}

void count_block(Block& block) {
  State& s = *state;
  if (block.charged != s.current) {  // the same library code, called by another layer
    settle(block);
    block.charged = s.current;
  }
  if (!block.touched) s.touched.push_back(&block);
  block.touched = true;
  ++block.executed;
  s.total += block.instructions;
  s.previous = &block;
}

void on_block(unsigned, void* data) {
  Block& block = *static_cast<Block*>(data);
  State& s = *state;
  if (&block == s.previous) {  // a loop of one block: most of what kernels run
    ++block.taken;
    ++block.executed;
    s.total += block.instructions;
    return;
  }
  if (s.previous && s.previous->fall_through != block.start) ++s.previous->taken;
  if (block.region && block.region != s.current) enter_region(block);
  if (s.current && !(block.region && block.region->kind == Kind::mark)) count_block(block);
}

// A vector's elements come one by one, rising; those in one word are one access. `vector_address`:
// of the last element, null for other instructions.
void on_access(unsigned, qemu_plugin_meminfo_t info, uint64_t address, void* vector_address) {
  const State& s = *state;
  if (!s.current) return;
  uint64_t accesses = 1;
  if (vector_address) {
    uint64_t& last = *static_cast<uint64_t*>(vector_address);
    accesses = address <= last || address / 4 != last / 4;
    last = address;
  }
  const auto& all = s.data;
  auto after = std::upper_bound(all.begin(), all.end(), address,
                                [](uint64_t a, const Region* r) { return a < r->begin; });
  if (after == all.begin() || address >= (*std::prev(after))->end) return;
  Accesses& into = s.current->accesses[size_t(after - all.begin()) - 1].since_mark;
  const uint64_t bytes = uint64_t{1} << qemu_plugin_mem_size_shift(info);
  if (qemu_plugin_mem_is_store(info))
    into.stores += accesses, into.store_bytes += bytes;
  else
    into.loads += accesses, into.load_bytes += bytes;
}

void add_instruction(Block& block, const Instruction& in, bool conditional) {
  Counts& c = block.counts;
  const bool branches = in.may_skip || in.jumps;
  const bool counted_when_taken = in.kind == kBranchTaken || (conditional && in.kind == kBranch);
  ++c.of[counted_when_taken ? kBranchNotTaken : in.kind];
  const bool load = in.kind == kLoadMultiple || in.kind == kFpLoad;
  c.of[load ? kLoadWords : kStoreWords] += in.words;
  if (in.jumps && (in.kind == kLoad || in.kind == kLoadMultiple)) ++c.of[kPcLoads];
  block.last = !branches            ? kOther
               : counted_when_taken ? kBranchTaken
               : in.kind == kLoop   ? kLoop
                                    : kOther;
}

void watch(qemu_plugin_insn* insn, bool is_vector) {
  qemu_plugin_register_vcpu_mem_cb(insn, on_access, QEMU_PLUGIN_CB_NO_REGS, QEMU_PLUGIN_MEM_RW,
                                   is_vector ? new uint64_t{UINT64_MAX} : nullptr);
}

void on_translation(qemu_plugin_id_t, qemu_plugin_tb* tb) {
  Block* block = new Block;
  const size_t n = qemu_plugin_tb_n_insns(tb);
  unsigned conditional = 0;  // instructions left of an `it` block
  for (size_t i = 0; i < n; ++i) {
    qemu_plugin_insn* insn = qemu_plugin_tb_get_insn(tb, i);
    const Instruction in = decode_at(qemu_plugin_insn_data(insn), state->riscv);
    add_instruction(*block, in, conditional > 0);
    if (!state->data.empty()) watch(insn, in.kind == kMveLoad || in.kind == kMveStore);
    conditional = in.it_length ? in.it_length : conditional ? conditional - 1 : 0;
    if (i == 0) block->start = qemu_plugin_insn_vaddr(insn);
    block->fall_through = qemu_plugin_insn_vaddr(insn) + in.bytes;
  }
  block->instructions = uint32_t(n);
  block->region = region_at(state->regions, block->start);
  qemu_plugin_register_vcpu_tb_exec_cb(tb, on_block, QEMU_PLUGIN_CB_NO_REGS, block);
}

const char* counter_name(int i) {
  if (i < kClasses) return class_name(i);
  static const char* const extra[] = {"load_words", "store_words", "pc_loads", "loops_taken"};
  return extra[i - kClasses];
}

void write_counts(FILE* file, const char* key, const Counts& counts, const char* after) {
  std::fprintf(file, "\"%s\": {\"instructions\": %" PRIu64, key, counts.instructions());
  for (int i = 0; i < kCounters; ++i)
    if (counts.of[i]) std::fprintf(file, ", \"%s\": %" PRIu64, counter_name(i), counts.of[i]);
  std::fprintf(file, "}%s", after);
}

void write_text(FILE* file, const std::string& text) {
  std::fputc('"', file);
  for (unsigned char c : text) {
    if (c == '"' || c == '\\')
      std::fprintf(file, "\\%c", c);
    else if (c < 0x20)
      std::fprintf(file, "\\u%04x", c);
    else
      std::fputc(c, file);
  }
  std::fputc('"', file);
}

void write_accesses(FILE* file, const char* key, const Accesses& a) {
  std::fprintf(file,
               ", \"%s\": {\"loads\": %" PRIu64 ", \"load_bytes\": %" PRIu64
               ", \"stores\": %" PRIu64 ", \"store_bytes\": %" PRIu64 "}",
               key, a.loads, a.load_bytes, a.stores, a.store_bytes);
}

// Of the data ranges that the region touched.
void write_data(FILE* file, const Region& region) {
  std::fprintf(file, ", \"data\": [");
  const char* separator = "";
  for (size_t i = 0; i < region.accesses.size(); ++i) {
    const Periods<Accesses>& a = region.accesses[i];
    if (a.first.loads + a.first.stores + a.later.loads + a.later.stores == 0) continue;
    std::fprintf(file, "%s{\"name\": ", separator);
    write_text(file, state->data[i]->name);
    write_accesses(file, "first", a.first);
    write_accesses(file, "later", a.later);
    std::fprintf(file, "}");
    separator = ", ";
  }
  std::fprintf(file, "]");
}

void write_regions(FILE* file, Counts& first, Counts& later) {
  std::fprintf(file, "  \"regions\": [");
  const char* separator = "\n";
  for (Region* region : state->regions) {
    if (region->kind != Kind::push && region->kind != Kind::layer) continue;
    std::fprintf(file, "%s    {\"name\": ", separator);
    write_text(file, region->name);
    std::fprintf(file, ", \"kind\": \"%s\", ", kKindNames[int(region->kind)]);
    write_counts(file, "first", region->counts.first, ", ");
    write_counts(file, "later", region->counts.later, "");
    if (!state->data.empty()) write_data(file, *region);
    std::fprintf(file, "}");
    first.add(region->counts.first);
    later.add(region->counts.later);
    separator = ",\n";
  }
  std::fprintf(file, "\n  ],\n");
}

void write_report(FILE* file) {
  const State& s = *state;
  Counts first, later;
  std::fprintf(file, "{\n  \"format\": \"mote-count-1\",\n");
  write_regions(file, first, later);
  std::fprintf(file, "  \"decisions\": %" PRIu64 ",\n  ", s.decisions);
  write_counts(file, "first", first, ",\n  ");
  write_counts(file, "later", later, ",\n");
  const uint64_t n = s.decisions > 1 ? s.decisions - 1 : 0;
  std::fprintf(file,
               "  \"instructions\": {\"first\": %" PRIu64 ", \"mean\": %.3f, \"min\": %" PRIu64
               ", \"max\": %" PRIu64 ", \"after_last\": %" PRIu64 "},\n",
               s.first, n ? double(s.later) / double(n) : 0.0, n ? s.least : 0, s.most,
               s.total - s.total_at_mark);
  std::fprintf(file,
               "  \"pushes\": %" PRIu64 ",\n  \"largest_push\": {\"instructions\": %" PRIu64
               ", \"decision\": %" PRIu64 "}\n}\n",
               s.pushes, s.largest_push, s.largest_push_decision);
}

void at_exit(qemu_plugin_id_t, void*) {
  end_push();
  FILE* file = std::fopen(state->out.c_str(), "w");
  if (!file) {
    std::fprintf(stderr, "mote_count: cannot write %s\n", state->out.c_str());
    return;
  }
  write_report(file);
  if (std::fclose(file) != 0)
    std::fprintf(stderr, "mote_count: cannot write %s\n", state->out.c_str());
}

bool parse_range(const char* line, Region& region) {
  char kind[8] = "";
  int name_at = 0;
  if (std::sscanf(line, "%" SCNx64 " %" SCNx64 " %7s %n", &region.begin, &region.end, kind,
                  &name_at) != 3)
    return false;
  for (int k = 0; k < 5; ++k)
    if (std::strcmp(kind, kKindNames[k]) == 0) {
      region.kind = Kind(k);
      // A Thumb symbol carries its mode in bit 0.
      if (region.kind != Kind::data) region.begin &= ~uint64_t{1};
      region.name = line + name_at;
      while (!region.name.empty() && (region.name.back() == '\n' || region.name.back() == '\r'))
        region.name.pop_back();
      return region.begin < region.end;
    }
  return false;
}

bool check_order(std::vector<Region*>& regions) {
  std::sort(regions.begin(), regions.end(),
            [](const Region* a, const Region* b) { return a->begin < b->begin; });
  for (size_t i = 1; i < regions.size(); ++i)
    if (regions[i]->begin < regions[i - 1]->end) {
      std::fprintf(stderr, "mote_count: ranges '%s' and '%s' overlap\n",
                   regions[i - 1]->name.c_str(), regions[i]->name.c_str());
      return false;
    }
  return true;
}

bool read_ranges(const char* path) {
  FILE* file = std::fopen(path, "r");
  if (!file) {
    std::fprintf(stderr, "mote_count: cannot read %s\n", path);
    return false;
  }
  char line[1024];
  bool good = true;
  for (int number = 1; std::fgets(line, sizeof line, file); ++number) {
    if (line[0] == '\n' || line[0] == '#') continue;
    Region region;
    if (!parse_range(line, region)) {
      std::fprintf(stderr,
                   "mote_count: %s:%d: want 'begin_hex end_hex none|push|layer|mark|data name'\n",
                   path, number);
      good = false;
      break;
    }
    (region.kind == Kind::data ? state->data : state->regions).push_back(new Region(region));
  }
  std::fclose(file);
  if (!good || !check_order(state->regions) || !check_order(state->data)) return false;
  for (Region* region : state->regions) region->accesses.resize(state->data.size());
  return true;
}

const char* argument(const char* text, const char* key) {
  const size_t n = std::strlen(key);
  return std::strncmp(text, key, n) == 0 && text[n] == '=' ? text + n + 1 : nullptr;
}

}  // namespace

extern "C" __attribute__((visibility("default"))) int qemu_plugin_install(qemu_plugin_id_t id,
                                                                          const qemu_info_t* info,
                                                                          int argc, char** argv) {
  state = new State;
  state->riscv = std::strncmp(info->target_name, "riscv", 5) == 0;
  const char* ranges = nullptr;
  for (int i = 0; i < argc; ++i) {
    const char* const ranges_file = argument(argv[i], "ranges");
    const char* const out_file = argument(argv[i], "out");
    if (ranges_file) ranges = ranges_file;
    if (out_file) state->out = out_file;
    if (!ranges_file && !out_file) {
      std::fprintf(stderr, "mote_count: unknown argument '%s'; use ranges=FILE,out=FILE\n",
                   argv[i]);
      return -1;
    }
  }
  if (!ranges || state->out.empty()) {
    std::fprintf(stderr, "mote_count: ranges=FILE and out=FILE are needed\n");
    return -1;
  }
  if (!read_ranges(ranges)) return -1;
  qemu_plugin_register_vcpu_tb_trans_cb(id, on_translation);
  qemu_plugin_register_atexit_cb(id, at_exit, nullptr);
  return 0;
}
