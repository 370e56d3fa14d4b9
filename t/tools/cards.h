// The cards the publisher holds, made of files.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "src/base/result.h"
#include "src/board/archive.h"
#include "src/board/published.h"

namespace gatehouse::publisher {

std::int64_t now_ms();

struct Card {
    std::shared_ptr<const board::Published> published;
    std::int64_t verified_at_ms = 0;

    std::uint64_t generation() const { return published->view().generation(); }
};

using Cards = std::map<std::string, Card, std::less<>>;

/// Builds a card. `words` are its name, its path, and settings `key=value`:
///
///     json=FILE, csv.gzip=FILE, …   a body of a format, and of an encoding of it
///     type=TYPE                     the content type of all bodies (of each its format's)
///     max_age_ms (60000), stale_ms (-1), age_ms (0: verified now), last_modified (Unix time)
///     cache_control, require, generation (`next_generation`)
Result<Card> make_card(const std::vector<std::string>& words, std::uint64_t next_generation);

board::Archive archive_of(const Cards& cards);

}  // namespace gatehouse::publisher
