// Which format of a card, and which form of an error, a client gets (RFC 9110 §12.5.1).
#pragma once

#include <cstddef>
#include <span>
#include <string_view>

#include "src/base/representation.h"

namespace gatehouse::http {

/// The format with the highest weight among those available; on a tie json, columns, csv, ndjson.
///
///     application/json                                               json
///     application/vnd.gatehouse.columns+json                         columns
///     text/csv                                                       csv
///     application/x-ndjson, application/ndjson, application/jsonl    ndjson
///
/// - The most specific range decides: a type before `type/*` before `*/*`. Among equally specific
///   ones the highest weight does. Parameters (`charset=utf-8`) are not looked at.
/// - Where nothing is acceptable, and for an absent or empty field: json, or where the card has no
///   json, the first format it has in the order above.
/// - A malformed member counts as not there; of a field beyond 4096 bytes only the front is read.
Format choose_format(std::string_view accept, FormatSet available) noexcept;

/// The index of the media type with the highest weight, by the same rules; the first on a tie, and
/// where nothing is acceptable or the field is absent. REQUIRES: 1 to 8 types, in lower case.
std::size_t choose_type(std::string_view accept, std::span<const std::string_view> types) noexcept;

/// Whether text/html weighs more than both application/problem+json and application/json. So a
/// page navigation gets a page; `*/*` and an absent field get problem+json.
bool prefers_html(std::string_view accept) noexcept;

}  // namespace gatehouse::http
