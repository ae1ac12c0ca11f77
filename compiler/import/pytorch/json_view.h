// SPDX-License-Identifier: Apache-2.0
// A JSON text of somebody else as checked values: what is not as asked for is refused with the way
// to it. In: bytes. Out: views into the parsed text. The only place that sees the JSON library is
// json_view.cc.
#pragma once
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "graph/graph.h"

namespace mote::pytorch {

// A value of the text and how it is reached, for messages. Lives as long as its JsonText.
class JsonView {
 public:
  JsonView(const void* json, std::string path) : json_(json), path_(std::move(path)) {}

  [[noreturn]] void refuse(const std::string& message) const;
  const std::string& path() const { return path_; }

  JsonView operator[](const char* key) const;
  std::optional<JsonView> find(const char* key) const;
  std::vector<JsonView> list() const;
  std::vector<std::pair<std::string, JsonView>> members() const;
  // The one member of a union.
  std::pair<std::string, JsonView> choice() const;
  bool is_null() const;
  std::string text() const;
  bool truth() const;
  int64_t integer() const;
  double number() const;  // "Infinity", "-Infinity" and "NaN" are numbers, too

 private:
  const void* json_;
  std::string path_;
};

class JsonText {
 public:
  // Fails where it is no JSON, or would cost too much; `place` names it.
  JsonText(const Bytes& text, std::string place);
  ~JsonText();
  JsonView root() const;

 private:
  struct Parsed;
  std::string place_;
  std::unique_ptr<Parsed> parsed_;
};

}  // namespace mote::pytorch
