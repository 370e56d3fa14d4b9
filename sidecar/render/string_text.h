// Strings as parts of JSON and CSV.
#pragma once

#include <string_view>

#include "sidecar/render/writer.h"

namespace gatehouse::render {

/// With quotes; control characters, `"` and `\` escaped, everything else as it is. REQUIRES: valid
/// UTF-8.
void write_json_string(Writer& to, std::string_view text);

/// RFC 4180: quoted when it has a comma, a quote or a line break, and when it is empty, which tells
/// it from NULL.
void write_csv_string(Writer& to, std::string_view text);

/// RFC 4648 §4, padded.
void write_base64(Writer& to, std::string_view bytes);

}  // namespace gatehouse::render
