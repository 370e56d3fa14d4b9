// Which counter of a column counts what: a hash table from labels to an index, shared by all
// writers, that only grows.
//
//   63            16 15          0
//   | key (48 bits) | index + 1  |      0: an empty cell
//
//   key:  family 4 bits, a 16 bits, b 16 bits, c 12 bits
//
// Thread safety: all of it, between processes too; lock-free. Whoever dies on the way leaves at the
// most an index that counts nothing.
#pragma once

#include <cstdint>
#include <optional>

#include "src/telemetry/layout.h"

namespace gatehouse::telemetry {

enum class Family : std::uint8_t {
    http_requests = 1,  ///< a: endpoint, b: status, c: method
    decisions = 2,      ///< a: stage, b: outcome, c: reason
    limit = 3,          ///< a: limit zone, c: LimitCounter
    cap_rejected = 4,   ///< a: cap zone
    card_served = 5,    ///< a: card, c: CardResult
    auth_attempts = 6,  ///< a: AuthMethod, b: 1: let in, c: reason
    refused = 7,        ///< a: endpoint
    sent_bytes = 8,     ///< a: endpoint
};

enum class LimitCounter : std::uint8_t { passed, delayed, rejected, evicted_active };
inline constexpr unsigned limit_counters = 4;

/// How a request proved who it is from; `none`: not at all.
enum class AuthMethod : std::uint8_t { none, token, jwt };
inline constexpr unsigned auth_methods = 3;

enum class CardResult : std::uint8_t { hit, stale, not_modified, miss };
inline constexpr unsigned card_results = 4;

struct SeriesKey {
    Family family{};
    std::uint16_t a = 0;
    std::uint16_t b = 0;
    std::uint16_t c = 0;  ///< below 4096

    constexpr std::uint64_t packed() const noexcept
    {
        return static_cast<std::uint64_t>(family) << 44 | std::uint64_t{a} << 28 |
               std::uint64_t{b} << 12 | (c & 0xfffu);
    }
    static constexpr SeriesKey unpack(std::uint64_t key) noexcept
    {
        return {static_cast<Family>(key >> 44), static_cast<std::uint16_t>(key >> 28),
                static_cast<std::uint16_t>(key >> 12), static_cast<std::uint16_t>(key & 0xfff)};
    }
    friend bool operator==(const SeriesKey&, const SeriesKey&) = default;
};

/// The index of a series that is there. Some ten instructions.
inline std::optional<std::uint16_t> find_series(const Word* cells, std::uint64_t key) noexcept;

/// The index of a series, which is added where it is not there yet. Nothing when there is no room.
std::optional<std::uint16_t> add_series(Word* cells, Word& used, std::uint64_t key) noexcept;

// --- behind it ---

/// Cells looked at before giving up: at a load of 3/4 fewer than one key in a million needs more.
inline constexpr unsigned longest_probe = 128;

inline constexpr unsigned series_home(std::uint64_t key) noexcept
{
    return static_cast<unsigned>((key * 0x9e37'79b9'7f4a'7c15ULL) >> 49);  // 15 bits
}
static_assert(series_cells == 1u << 15);

inline std::optional<std::uint16_t> find_series(const Word* cells, std::uint64_t key) noexcept
{
    for (unsigned i = 0, at = series_home(key); i < longest_probe; ++i) {
        const auto cell = cells[(at + i) % series_cells].load(std::memory_order_relaxed);
        if (cell >> 16 == key) {
            return static_cast<std::uint16_t>((cell & 0xffff) - 1);
        }
        if (cell == 0) {
            return std::nullopt;
        }
    }
    return std::nullopt;
}

}  // namespace gatehouse::telemetry
