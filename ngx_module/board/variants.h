// The cards that have variants: their paths, as the sidecar tells them, and which variants this
// worker serves, as it tells the sidecar.
//
// Thread safety: none; one per worker.
#pragma once

#include "ngx_module/glue/ngx.h"

#include <cstdint>
#include <string_view>

#include "src/board/board.h"
#include "src/board/card_paths.h"

namespace gatehouse::board_feature {

/// From postconfiguration: the table "cards.paths" comes here.
void take_card_paths();

/// Of no cards before the table has come. What it hands out is good until the next table.
const board::CardPaths& card_paths() noexcept;

/// Of an entry that is served on this path: looked up once for each entry and table.
std::uint32_t row_of(const board::Entry& entry, std::string_view path) noexcept;

/// Whether such an entry is of the card of that row.
bool is_of_row(const board::Entry& entry, std::string_view path, std::uint32_t row) noexcept;

/// For the counters of the card of a row.
std::uint16_t card_index(std::uint32_t row);

/// This variant is served. Some five instructions where it was just now.
void note_served(const board::Entry& variant);

/// Tells what was noted since the last time, if the sidecar is there.
void report_served();

}  // namespace gatehouse::board_feature
