// Validators of a representation and how a client's entity tags compare with them
// (RFC 9110 §8.8).
#pragma once

#include <string_view>

#include "src/base/http_date.h"

namespace gatehouse::http {

/// What identifies the bytes that would be sent.
struct Validators {
    std::string_view etag;  // a strong one, with its quotes
    UnixSeconds last_modified = 0;
};

enum class Comparison { strong, weak };

/// Whether the value of If-Match (strong) or If-None-Match (weak) names `etag`: `*`, or a list of
/// entity tags with any spaces and empty members between. The first malformed member, unquoted or
/// unterminated, ends the list; what stands before it counts. Linear in the field.
/// REQUIRES: `etag` is strong, with its quotes.
bool matches_etag_list(std::string_view field, std::string_view etag,
                       Comparison comparison) noexcept;

}  // namespace gatehouse::http
