// Which encoding of a representation a client gets (RFC 9110 §12.5.3).
#pragma once

#include <string_view>

#include "src/base/representation.h"

namespace gatehouse::http {

/// The encoding with the highest weight among those available; on a tie zstd, br, gzip, identity.
///
/// - An empty field, like an absent one, gets identity.
/// - identity is always there, whether `available` has it or not. Where nothing is acceptable
///   (`identity;q=0`, `*;q=0`) it is sent all the same: RFC 9110 allows that instead of a 406.
/// - identity that no member names, nor `*`, comes after every coding that is named.
/// - A coding named twice has its lowest weight: too few encodings never break a client.
///   `x-gzip` is gzip.
/// - A malformed member counts as not there; of a field beyond 4096 bytes only the front is read.
Encoding choose_encoding(std::string_view accept_encoding, EncodingSet available) noexcept;

}  // namespace gatehouse::http
