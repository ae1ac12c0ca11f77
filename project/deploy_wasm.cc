// SPDX-License-Identifier: Apache-2.0
// See deploy_wasm.h. The module has one model in its own memory, driven through the table that
// players read (core/model_interface.h): whatever the model's streams are, the exports are the
// same. What a sample and an output are made of is said by facts in the JavaScript file.
#include "project/deploy_wasm.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "project/deploy_parts.h"

namespace mote {
namespace {

using nlohmann::ordered_json;

// clang has no C library for wasm32: what emitted code takes of one.
constexpr const char* kStringHeader = R"(// What the model takes of a C library; module.cc has it.
#pragma once
#include <stddef.h>

extern "C" {
void* memcpy(void* to, const void* from, size_t bytes);
void* memset(void* to, int value, size_t bytes);
void* memmove(void* to, const void* from, size_t bytes);
int memcmp(const void* a, const void* b, size_t bytes);
}
)";

// A sample lies in the model where that has a place for it.
constexpr const char* kModule = R"(// The exports of {0}.wasm; {0}.mjs calls them.
#include <stdint.h>
#include <string.h>

#include "{0}/core/model_interface.h"

#define EXPORT(name) __attribute__((export_name(#name))) name

namespace {{

alignas(16) uint8_t model[{1}];
alignas(16) int16_t own_sample[{2}];
alignas(16) uint8_t answer[{3}];

}}  // namespace

extern "C" {{

// With bulk memory these are instructions, no calls.
void* memcpy(void* to, const void* from, size_t n) {{ return __builtin_memcpy(to, from, n); }}
void* memset(void* to, int value, size_t n) {{ return __builtin_memset(to, value, n); }}
void* memmove(void* to, const void* from, size_t n) {{ return __builtin_memmove(to, from, n); }}
int memcmp(const void* a, const void* b, size_t n) {{
  const uint8_t *x = (const uint8_t*)a, *y = (const uint8_t*)b;
  for (; n > 0; --n, ++x, ++y)
    if (*x != *y) return *x - *y;
  return 0;
}}

void EXPORT(init)() {{ mote_model.reset(model); }}
int16_t* EXPORT(sample)() {{
  int16_t* place = mote_model.input(model);
  return place != nullptr ? place : own_sample;
}}
int32_t EXPORT(push)(uint32_t stream) {{ return mote_model.push(model, stream, sample()); }}
int32_t EXPORT(push_missing)(uint32_t stream, uint32_t n) {{
  return mote_model.push_missing(model, stream, n, nullptr, nullptr);
}}
// Where outputs() and save() write, and load() reads.
uint8_t* EXPORT(bytes)() {{ return answer; }}
void EXPORT(outputs)() {{ mote_model.outputs(model, answer); }}
void EXPORT(save)() {{ mote_model.save(model, answer); }}
int32_t EXPORT(load)() {{ return mote_model.load(model, answer); }}
int32_t EXPORT(self_test)() {{ return mote_model.self_test(model); }}

}}
)";

constexpr const char* kScript = R"(// The model "{0}" in a page or under Node:
//   const model = await Model.load(bytes of {0}.wasm);
//   const outputs = model.push(sample);   // null: no decision yet
// Its streams, outputs and labels:
export const facts = {1};

const kArrays = {{
  f32: Float32Array, s8: Int8Array, u8: Uint8Array, bool: Uint8Array, s16: Int16Array,
  u16: Uint16Array, s32: Int32Array, u32: Uint32Array, s64: BigInt64Array, u64: BigUint64Array,
}};

export class Model {{
  static async load(wasm) {{
    const {{ instance }} = await WebAssembly.instantiate(wasm, {{}});
    return new Model(instance.exports);
  }}
  constructor(exports) {{
    this.exports = exports;
    this.reset();
  }}
  // To the state at the start of a recording.
  reset() {{ this.exports.init(); }}
  // One sample of a stream, as a typed array: int16 counts of a sensor, or a plain model's input.
  // Returns the outputs of a decision, or null.
  push(sample, stream = 0) {{
    const bytes = this.#stream(stream).sample_bytes;
    if (sample.byteLength !== bytes)
      throw new RangeError(`a sample of stream ${{stream}} has ${{bytes}} bytes, not ${{sample.byteLength}}`);
    this.#write(this.exports.sample(), sample);
    return this.exports.push(stream) ? this.outputs() : null;
  }}
  // n samples of a sensor were lost.
  pushMissing(n, stream = 0) {{
    this.#stream(stream);
    return this.exports.push_missing(stream, n) ? this.outputs() : null;
  }}
  // A typed array of each output of the last decision, in the order of facts.outputs.
  outputs() {{
    this.exports.outputs();
    let at = this.exports.bytes();
    return facts.outputs.map(({{ type, shape }}) => {{
      const count = shape.reduce((product, n) => product * n, 1);
      const bytes = this.#read(at, count * kArrays[type].BYTES_PER_ELEMENT);
      at += bytes.length;
      return new kArrays[type](bytes.buffer);
    }});
  }}
  save() {{
    this.exports.save();
    return this.#read(this.exports.bytes(), facts.saved_bytes);
  }}
  // False, and nothing has changed, for bytes that save() of this model did not give.
  load(saved) {{
    if (saved.byteLength !== facts.saved_bytes) return false;
    this.#write(this.exports.bytes(), saved);
    return this.exports.load() === 1;
  }}
  // 0, or 1 + the number of the first layer that differs. Resets the model.
  selfTest() {{ return this.exports.self_test(); }}

  #stream(stream) {{
    if (facts.streams[stream] === undefined) throw new RangeError(`there is no stream ${{stream}}`);
    return facts.streams[stream];
  }}
  #read(address, bytes) {{ return new Uint8Array(this.exports.memory.buffer, address, bytes).slice(); }}
  #write(address, data) {{
    new Uint8Array(this.exports.memory.buffer)
        .set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), address);
  }}
}}
)";

constexpr const char* kPage = R"(<!DOCTYPE html>
<!-- Feeds zeros until there is a decision; a page fills `sample` from its sensor, file or camera. -->
<meta charset="utf-8">
<title>{0}</title>
<pre id="answer">...</pre>
<script type="module">
import {{ Model, facts }} from './{0}.mjs';

const model = await Model.load(await (await fetch('./{0}.wasm')).arrayBuffer());
if (model.selfTest() !== 0) throw new Error('the self test failed');
const sample = new Uint8Array(facts.streams[0].sample_bytes);
let outputs = null;
for (let step = 0; outputs === null && step < 100000; ++step) outputs = model.push(sample);
document.getElementById('answer').textContent =
    facts.outputs.map((output, i) => `${{output.name}}: ${{outputs?.[i] ?? 'no decision yet'}}`).join('\n');
</script>
)";

// The stack lies below everything else: one that overflows ends the call, and damages nothing. The
// images of cores live with 4 kB (tests/ports).
constexpr const char* kBuild = R"sh(#!/bin/sh
# Builds {0}.wasm with clang 14 or newer and its lld.
set -eu
cd "$(dirname "$0")"
"${{CXX:-clang++}}" --target=wasm32 -msimd128 -mbulk-memory -std=c++17 -O2 {1} \
  -fno-exceptions -fno-rtti -fno-threadsafe-statics -Wall -Wextra -nostdlib -Iwasm \
  -Wl,--no-entry -Wl,--stack-first -Wl,-z,stack-size=16384 -Wl,--strip-all \
  -o {0}.wasm module.cc {0}/model.cc {0}/weights.cc {0}/interface.cc
)sh";

// What the JavaScript class and its users need of model.json, and the bytes of a sample.
std::string facts_of(const Compiled& compiled) {
  const Graph& graph = compiled.plan.graph;
  ordered_json json = ordered_json::parse(compiled.library.files.at("model.json"));
  ordered_json facts;
  for (const char* key : {"name", "model_id", "saved_bytes", "classes", "streams", "outputs"})
    facts[key] = json[key];
  for (size_t s = 0; s < graph.streams.size(); ++s)
    facts["streams"][s]["sample_bytes"] = sample_bytes(graph, graph.streams[s]);
  return facts.dump(1);
}

// Values of 16 bits that the largest sample has, where the model has no place for one.
int64_t own_sample_values(const Plan& plan) {
  int64_t values = 1;
  if (!plan.has_input())
    for (const Stream& stream : plan.graph.streams)
      values = std::max(values, (sample_bytes(plan.graph, stream) + 1) / 2);
  return values;
}

std::string how_to_use(const std::string& name) {
  return fmt::format(
      R"(## Use it

`{0}.wasm` and `{0}.mjs` are all that a page or Node needs:

```js
import {{ Model }} from './{0}.mjs';
const model = await Model.load(bytes);  // of {0}.wasm
const outputs = model.push(sample);     // null: no decision yet
```

`{0}.mjs` says what else the model can do. `index.html` is an example:
`python3 -m http.server` in this folder, then open `http://localhost:8000`.
The module imports nothing and needs SIMD, as browsers have it since 2021 to 2023; `sh build.sh`
makes it from the sources here. `self_test()` is `selfTest()` of the class, and 0 is good.)",
      name);
}

}  // namespace

DeployedFiles as_wasm(const Compiled& compiled, const std::string& name) {
  const Plan& plan = compiled.plan;
  DeployedFiles files;
  for (const auto& [file, text] : player_sources(compiled.library)) files[name + "/" + file] = text;
  files["wasm/string.h"] = kStringHeader;
  files["module.cc"] = fmt::format(kModule, name, plan.model_bytes, own_sample_values(plan),
                                   std::max<int64_t>({1, plan.output_bytes, plan.saved_bytes}));
  files[name + ".mjs"] = fmt::format(kScript, name, facts_of(compiled));
  files["index.html"] = fmt::format(kPage, name);
  files["build.sh"] = fmt::format(kBuild, name, kContractFlags);
  files["README.md"] = deploy_readme(compiled, how_to_use(name));
  return files;
}

}  // namespace mote
