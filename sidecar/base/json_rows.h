// The rows in a JSON document that somebody else made, as lines of NDJSON.
//
// Strict RFC 8259: UTF-8, no comments, no NaN, no name twice in one object, nothing behind the
// document. Takes no memory that grows with the text beside what it returns and the names of the
// objects that are open.
//
// Thread safety: a free function without state.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "src/base/result.h"

namespace gatehouse::sidecar {

inline constexpr unsigned deepest_json = 64;              ///< arrays and objects within each other
inline constexpr std::size_t most_json_members = 10'000;  ///< of one object

struct JsonRows {
    std::string ndjson;
    std::uint64_t rows = 0;
};

/// What `pointer` (RFC 6901; empty: the whole document) names: the objects of an array, or one
/// object as the only row. The whole document is checked. An error says what is wrong and where, as
/// `line 3, column 7: …`.
Result<JsonRows> json_rows(std::string_view text, std::string_view pointer);

/// The pointer's parts, unescaped. Fails for what is no pointer.
Result<std::vector<std::string>> json_pointer_parts(std::string_view pointer);

}  // namespace gatehouse::sidecar
