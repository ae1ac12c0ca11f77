// SPDX-License-Identifier: Apache-2.0
// The player's loop: read a command frame, do it, write its reports, acknowledge. See player.h.
// No function here runs while the model runs, except observe_layer, which the host asks for.
#include "device/player.h"

#include <string.h>

#include "core/saved_state.h"
#include "device/bytes.h"

// Its own section: the linker script keeps it out of the range in which nothing is counted.
extern "C" __attribute__((noinline, section(".mote_mark"))) void mote_mark_decision(void) {
  __asm__ volatile("");
}

namespace mote {
namespace {

using wire::ErrorCode;
using wire::Type;

struct Player {
  PlayerSetup setup;
  const mote_model_interface* model;
  const PlayerMemory* memory;

  uint32_t n_buffered;  // bytes in memory->frame
  uint32_t n_taken;     // of them, the frame being obeyed
  uint32_t n_reports;   // since the command began
  bool observe;
  bool finished;
  // Of the recording being played:
  uint32_t n_steps;
  uint32_t n_decisions;
  uint32_t state_crc;
  uint32_t sample_filled;  // values of a sample that is not complete yet
  uint32_t sample_stream;
  // Of the session:
  uint32_t* stack_lowest;  // deepest word that anything changed
  uint32_t push_bytes;     // deepest stack of one push, counted from its call
};

struct Piece {
  const void* data;
  uint32_t bytes;
};

struct Command {
  Type type;
  const uint8_t* payload;
  uint32_t length;
};

// ---- reports ------------------------------------------------------------------------------------

// One frame of two pieces: a report's fixed fields and what follows them.
void write_frame(const Link& link, Type type, Piece fields, Piece rest) {
  uint8_t header[wire::kHeaderBytes];
  uint32_t crc = wire::put_header(header, type, fields.bytes + rest.bytes);
  crc = crc32(crc, fields.data, fields.bytes);
  crc = crc32(crc, rest.data, rest.bytes);
  uint8_t tail[wire::kCrcBytes];
  wire::put_u32(tail, crc);
  link.write(header, sizeof header);
  link.write(static_cast<const uint8_t*>(fields.data), fields.bytes);
  if (rest.bytes > 0) link.write(static_cast<const uint8_t*>(rest.data), rest.bytes);
  link.write(tail, sizeof tail);
}

void report(Player& p, Type type, Piece fields, Piece rest = {nullptr, 0}) {
  write_frame(p.setup.link, type, fields, rest);
  ++p.n_reports;
}

// Bytes that may exceed one frame: (first, offset, part) as often as needed, at least once.
void report_parts(Player& p, Type type, uint32_t first, Piece whole) {
  uint8_t fields[8];
  const uint32_t room = wire::kMaxPayload - sizeof fields;
  uint32_t offset = 0;
  do {
    const uint32_t left = whole.bytes - offset;
    const uint32_t n = left < room ? left : room;
    wire::put_u32(fields, first);
    wire::put_u32(fields + 4, offset);
    report(p, type, {fields, sizeof fields}, {static_cast<const uint8_t*>(whole.data) + offset, n});
    offset += n;
  } while (offset < whole.bytes);
}

bool refuse(Player& p, ErrorCode code, uint32_t a = 0, uint32_t b = 0) {
  send_error(p.setup.link, code, a, b);
  return false;
}

void report_decision(Player& p) {
  mote_mark_decision();
  ++p.n_decisions;
  p.model->outputs(p.memory->model, p.memory->scratch);
  report_parts(p, Type::decision, p.n_steps, {p.memory->scratch, p.model->output_bytes});
  if (!p.observe) return;
  p.model->save(p.memory->model, p.memory->scratch);
  // Without its check: a CRC-32 continued over a CRC-32 no longer depends on what that was taken
  // of.
  p.state_crc = crc32(p.state_crc, p.memory->scratch, p.model->saved_bytes - kStateCheckBytes);
}

// ---- pushing ------------------------------------------------------------------------------------

// One call into the model: a sample (n_missing = 0) or a gap.
struct Push {
  uint32_t stream;
  uint32_t n_missing;
};

void observe_layer(void* context, uint32_t layer, const void* data, uint32_t bytes) {
  const PlayerMemory& memory = *static_cast<const PlayerMemory*>(context);
  if (layer < memory.n_layers)
    memory.layer_crc[layer] = crc32(memory.layer_crc[layer], data, bytes);
}

// Where a sample is gathered: in the model, if it has a place for it.
int16_t* sample_of(const Player& p) {
  int16_t* input = p.model->input(p.memory->model);
  return input ? input : p.memory->sample;
}

int32_t push_observed(Player& p, Push push) {
  void* context = const_cast<PlayerMemory*>(p.memory);
  if (push.n_missing > 0)
    return p.model->push_missing(p.memory->model, push.stream, push.n_missing, observe_layer,
                                 context);
  return p.model->push_observed(p.memory->model, push.stream, sample_of(p), observe_layer, context);
}

// Inlined, so that the stack measured below has none of the player's frames.
__attribute__((always_inline)) inline int32_t push_plain(Player& p, Push push) {
  if (push.n_missing > 0)
    return p.model->push_missing(p.memory->model, push.stream, push.n_missing, nullptr, nullptr);
  return p.model->push(p.memory->model, push.stream, sample_of(p));
}

void note_stack(Player& p) {
  uint32_t* lowest = lowest_changed(p.setup.stack.low, p.stack_lowest);
  if (lowest < p.stack_lowest) p.stack_lowest = lowest;
}

// The stack of one push is measured by itself: what the player dirtied below the stack pointer is
// painted anew before the call. Not inlined, so that the stack pointer does not move in between.
__attribute__((noinline)) int32_t push_measured(Player& p, Push push) {
  const StackRange& stack = p.setup.stack;
  if (!stack.painted()) return push_plain(p, push);
  note_stack(p);
  uint32_t* here = stack.pointer();
  paint(p.stack_lowest, here);
  const int32_t decided = push_plain(p, push);
  uint32_t* lowest = lowest_changed(stack.low, here);
  if (lowest < p.stack_lowest) p.stack_lowest = lowest;
  const uint32_t bytes = uint32_t(here - lowest) * uint32_t(sizeof(uint32_t));
  if (bytes > p.push_bytes) p.push_bytes = bytes;
  return decided;
}

bool push_once(Player& p, Push push) {
  p.n_steps += push.n_missing > 0 ? push.n_missing : 1;
  const int32_t decided = p.observe ? push_observed(p, push) : push_measured(p, push);
  if (p.setup.stack.painted() && *p.setup.stack.low != kPaint)
    return refuse(p, ErrorCode::stack_overflow, p.n_steps);
  if (decided) report_decision(p);
  return true;
}

// ---- commands: each returns false after it refused ----------------------------------------------

bool begin_recording(Player& p) {
  p.n_steps = 0;
  p.n_decisions = 0;
  p.state_crc = 0;
  p.sample_filled = 0;
  memset(p.memory->layer_crc, 0, p.memory->n_layers * sizeof(uint32_t));
  p.model->reset(p.memory->model);
  return true;
}

bool introduce(Player& p, const Command& c) {
  if (c.length != 4) return refuse(p, ErrorCode::bad_payload, uint32_t(c.type), c.length);
  const mote_model_interface& m = *p.model;
  uint8_t fields[92];
  copy_down(fields, c.payload, 4);
  wire::put_u16(fields + 4, wire::kVersion);
  wire::put_u16(fields + 6, wire::kMaxPayload);
  const uint32_t numbers[5] = {m.model_bytes + m.far_bytes, m.n_layers, m.n_streams, m.output_bytes,
                               m.saved_bytes};
  for (uint32_t i = 0; i < 5; ++i) wire::put_u32(fields + 8 + 4 * i, numbers[i]);
  copy_down(fields + 28, m.model_id, 64);
  report(p, Type::info, {fields, sizeof fields}, {m.name, length_of(m.name)});
  for (uint32_t i = 0; i < m.n_streams; ++i) {
    wire::put_u32(fields, i);
    wire::put_u32(fields + 4, m.stream_axes[i]);
    report(p, Type::stream, {fields, 8});
  }
  for (uint32_t i = 0; i < m.n_layers; ++i) {
    wire::put_u32(fields, i);
    report(p, Type::layer, {fields, 4}, {m.layer_names[i], length_of(m.layer_names[i])});
  }
  p.observe = false;
  return begin_recording(p);
}

// Values of one stream; a sample may begin in one frame and end in a later one.
bool take_samples(Player& p, const Command& c) {
  if (c.length < 4) return refuse(p, ErrorCode::bad_payload, uint32_t(c.type), c.length);
  const uint32_t stream = wire::get_u16(c.payload);
  const uint32_t n_values = wire::get_u16(c.payload + 2);
  if (c.length != 4 + 2 * n_values || stream >= p.model->n_streams ||
      (p.sample_filled > 0 && stream != p.sample_stream))
    return refuse(p, ErrorCode::bad_payload, uint32_t(c.type), c.length);
  p.sample_stream = stream;
  int16_t* sample = sample_of(p);
  for (uint32_t i = 0; i < n_values; ++i) {
    sample[p.sample_filled++] = int16_t(wire::get_u16(c.payload + 4 + 2 * i));
    if (p.sample_filled < p.model->stream_axes[stream]) continue;
    p.sample_filled = 0;
    if (!push_once(p, {stream, 0})) return false;
  }
  return true;
}

bool take_gap(Player& p, const Command& c) {
  if (c.length != 6) return refuse(p, ErrorCode::bad_payload, uint32_t(c.type), c.length);
  const Push push = {wire::get_u16(c.payload), wire::get_u32(c.payload + 2)};
  if (push.stream >= p.model->n_streams || push.n_missing == 0 || p.sample_filled > 0)
    return refuse(p, ErrorCode::bad_payload, uint32_t(c.type), push.stream);
  return push_once(p, push);
}

bool end_recording(Player& p, const Command& c) {
  if (p.sample_filled > 0)
    return refuse(p, ErrorCode::bad_payload, uint32_t(c.type), p.sample_filled);
  uint8_t fields[12];
  if (p.observe) {
    // Little-endian on the wire whatever the host's order: converted in place, cleared by reset.
    for (uint32_t i = 0; i < p.model->n_layers; ++i)
      wire::put_u32(reinterpret_cast<uint8_t*>(&p.memory->layer_crc[i]), p.memory->layer_crc[i]);
    report_parts(p, Type::hashes, p.model->n_layers, {p.memory->layer_crc, 4 * p.model->n_layers});
  }
  wire::put_u32(fields, p.n_steps);
  wire::put_u32(fields + 4, p.n_decisions);
  wire::put_u32(fields + 8, p.state_crc);
  report(p, Type::recording, {fields, sizeof fields});
  return begin_recording(p);
}

bool set_observe(Player& p, const Command& c) {
  if (c.length != 1) return refuse(p, ErrorCode::bad_payload, uint32_t(c.type), c.length);
  p.observe = c.payload[0] != 0;
  return true;
}

bool test_itself(Player& p, const Command&) {
  uint8_t fields[4];
  wire::put_u32(fields, uint32_t(p.model->self_test(p.memory->model)));
  report(p, Type::self_test_result, {fields, sizeof fields});
  return begin_recording(p);
}

bool save_state(Player& p, const Command&) {
  p.model->save(p.memory->model, p.memory->scratch);
  report_parts(p, Type::state, p.model->saved_bytes, {p.memory->scratch, p.model->saved_bytes});
  return true;
}

// Parts in order; the last one loads.
bool load_state(Player& p, const Command& c) {
  if (c.length < 4) return refuse(p, ErrorCode::bad_payload, uint32_t(c.type), c.length);
  const uint32_t offset = wire::get_u32(c.payload);
  const uint32_t n = c.length - 4;
  if (offset > p.model->saved_bytes || n > p.model->saved_bytes - offset)
    return refuse(p, ErrorCode::bad_payload, uint32_t(c.type), offset);
  copy_down(p.memory->scratch + offset, c.payload + 4, n);
  if (offset + n == p.model->saved_bytes && !p.model->load(p.memory->model, p.memory->scratch))
    return refuse(p, ErrorCode::wrong_state);
  return true;
}

// Model memory counts as touched by words: a word of one changed byte was used whole.
uint32_t touched_bytes(const uint8_t* memory, uint32_t bytes) {
  uint32_t n = 0;
  for (uint32_t i = 0; i < (bytes + 3) / 4; ++i) {
    uint32_t word;
    memcpy(&word, memory + 4 * i, sizeof word);
    n += word != kPaint;
  }
  return 4 * n < bytes ? 4 * n : bytes;
}

bool summarize(Player& p, const Command&) {
  uint8_t fields[16] = {};
  if (p.setup.stack.painted()) {
    note_stack(p);
    wire::put_u32(fields, uint32_t(p.setup.stack.top - p.setup.stack.low) * 4);
    wire::put_u32(fields + 4, uint32_t(p.setup.stack.top - p.stack_lowest) * 4);
    wire::put_u32(fields + 8, p.push_bytes);
  }
  wire::put_u32(fields + 12, touched_bytes(p.memory->model, p.model->model_bytes) +
                                 touched_bytes(p.memory->far_memory, p.model->far_bytes));
  const char* port = p.setup.port_name;
  report(p, Type::summary, {fields, sizeof fields}, {port, length_of(port)});
  p.finished = true;
  return true;
}

bool obey(Player& p, const Command& c) {
  switch (c.type) {
    case Type::hello:
      return introduce(p, c);
    case Type::reset:
      return begin_recording(p);
    case Type::samples:
      return take_samples(p, c);
    case Type::missing:
      return take_gap(p, c);
    case Type::end:
      return end_recording(p, c);
    case Type::observe:
      return set_observe(p, c);
    case Type::self_test:
      return test_itself(p, c);
    case Type::save:
      return save_state(p, c);
    case Type::load:
      return load_state(p, c);
    case Type::finish:
      return summarize(p, c);
    default:
      return refuse(p, ErrorCode::unknown_command, uint32_t(c.type));
  }
}

// ---- the loop -----------------------------------------------------------------------------------

void drop(Player& p, uint32_t n) {
  p.n_buffered -= n;
  copy_down(p.memory->frame, p.memory->frame + n, p.n_buffered);
}

// The next whole frame; false at the end of the link. One error a run of damaged bytes.
bool read_command(Player& p, Command& command) {
  drop(p, p.n_taken);
  p.n_taken = 0;
  bool told = false;
  for (;;) {
    const wire::Scan found = wire::scan(p.memory->frame, p.n_buffered);
    if (found.found == wire::Found::frame) {
      command = {found.type, found.payload, found.length};
      p.n_taken = found.size;
      return true;
    }
    if (found.found == wire::Found::garbage) {
      if (!told) refuse(p, ErrorCode::damaged_frame);
      told = true;
      drop(p, found.size);
      continue;
    }
    const uint32_t n = p.setup.link.read(p.memory->frame + p.n_buffered, found.size);
    if (n < found.size) return false;
    p.n_buffered += n;
  }
}

bool holds_model(const mote_model_interface& model, const PlayerMemory& memory) {
  return memory.model_bytes >= model.model_bytes && memory.far_bytes >= model.far_bytes;
}

// Number (from 1) of the first reservation that the model does not fit in; 0 when all fit.
uint32_t too_small(const mote_model_interface& model, const PlayerMemory& memory) {
  if (!holds_model(model, memory)) return 1;
  const bool has_input = model.input(memory.model) != nullptr;
  if (memory.n_layers < model.n_layers) return 2;
  for (uint32_t i = 0; i < model.n_streams; ++i)
    if (!has_input && memory.sample_values < model.stream_axes[i]) return 3;
  if (memory.scratch_bytes < model.output_bytes) return 4;
  if (memory.scratch_bytes < model.saved_bytes) return 5;
  return 0;
}

// The memory is a whole number of words.
void paint_memory(uint8_t* memory, uint32_t bytes) {
  uint32_t* words = reinterpret_cast<uint32_t*>(memory);
  paint(words, words + bytes / 4);
}

void acknowledge(Player& p, Type command) {
  uint8_t fields[5];
  fields[0] = uint8_t(command);
  wire::put_u32(fields + 1, p.n_reports);
  write_frame(p.setup.link, Type::ack, {fields, sizeof fields}, {nullptr, 0});
}

}  // namespace

void send_error(const Link& link, ErrorCode code, uint32_t a, uint32_t b) {
  uint8_t fields[9];
  fields[0] = uint8_t(code);
  wire::put_u32(fields + 1, a);
  wire::put_u32(fields + 5, b);
  write_frame(link, Type::error, {fields, sizeof fields}, {nullptr, 0});
}

int32_t play(const PlayerSetup& setup) {
  Player p = {};
  p.setup = setup;
  p.model = setup.model;
  p.memory = setup.memory;
  p.stack_lowest = setup.stack.top;
  paint_memory(setup.memory->model, setup.memory->model_bytes);
  paint_memory(setup.memory->far_memory, setup.memory->far_bytes);
  if (p.model->far_bytes > 0 && holds_model(*p.model, *p.memory))
    p.model->use_far(p.memory->model, p.memory->far_memory);
  const uint32_t lacking = too_small(*setup.model, *setup.memory);
  if (lacking == 0) begin_recording(p);
  Command command = {};
  while (!p.finished) {
    if (!read_command(p, command)) return kLinkEnded;
    p.n_reports = 0;
    if (lacking > 0)
      refuse(p, ErrorCode::too_little_memory, lacking);
    else if (obey(p, command))
      acknowledge(p, command.type);
  }
  return kPlayedToFinish;
}

}  // namespace mote
