// SPDX-License-Identifier: Apache-2.0
// A .pt2 file as a checked zip archive. In: bytes. Out: its entries by their names within the
// archive's one folder, and their bytes on request. torch.export.save stores entries uncompressed,
// so no entry is larger than the file: others are refused.
#pragma once
#include <map>
#include <string>
#include <vector>

#include "graph/graph.h"

struct zip;

namespace mote::pytorch {

class Pt2Archive {
 public:
  // Fails where the bytes are no archive; `place` names the file.
  Pt2Archive(const Bytes& bytes, std::string place);
  ~Pt2Archive();
  Pt2Archive(const Pt2Archive&) = delete;
  Pt2Archive& operator=(const Pt2Archive&) = delete;

  bool has(const std::string& name) const { return entries_.count(name) > 0; }
  // Sorted; those that begin with `prefix`.
  std::vector<std::string> names(const std::string& prefix) const;
  // Read once: an entry that is asked for again is the same bytes. Fails where the entry is
  // missing, compressed or damaged.
  const Bytes& read(const std::string& name);

 private:
  struct Entry {
    uint64_t index = 0;
    uint64_t size = 0;
    bool stored = false;
    bool was_read = false;
    Bytes data;
  };

  std::string place_;
  uint64_t bytes_left_;  // entries that overlap in the file could ask for any number
  zip* zip_ = nullptr;
  std::map<std::string, Entry> entries_;
};

}  // namespace mote::pytorch
