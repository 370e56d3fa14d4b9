// Small JSON files of our own, read whole and replaced whole.
#pragma once

#include <jansson.h>

#include <cstdint>
#include <memory>
#include <string>

#include "src/base/result.h"

namespace gatehouse::sidecar {

struct JsonDecref {
    void operator()(json_t* json) const noexcept { json_decref(json); }
};
using JsonValue = std::unique_ptr<json_t, JsonDecref>;

/// Null where there is no such file. Errors name it.
Result<JsonValue> read_json_file(const std::string& path, std::size_t most_bytes);

/// All or nothing, also when the machine stops in the midst.
Result<void> write_json_file(const std::string& path, const std::string& json);

/// Empty, or 0, where there is no member of that type.
std::string text_member(const json_t* object, const char* key);
std::int64_t integer_member(const json_t* object, const char* key);

/// Whether it is a name in a directory, and no way out of it.
bool is_file_name(const std::string& name);

}  // namespace gatehouse::sidecar
