// The board as one worker sees it: which card is served on which path, and how current it is; and
// beside the cards the variants of those that have parameters, by their keys (variant_key.h).
//
// A variant is published, renewed, kept and retracted as a card is; its name tells it from one.
//
// Thread safety: none; a worker is one thread. Whoever serves a card takes a copy of its
// shared_ptr.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

#include "src/board/published.h"
#include "src/board/variant_key.h"

namespace gatehouse::board {

enum class Freshness { fresh, stale, gone };

/// One card: its newest bytes, and when they were last known to be current.
struct Entry {
    std::shared_ptr<const Published> published;
    std::int64_t verified_at_ms = 0;
    bool confirmed = true;  ///< by the sidecar that is connected now

    /// For whoever counts what is served; stays with the card's name. 0: not given yet.
    mutable std::uint16_t counter = 0;

    /// For whoever notes which variants are served.
    mutable std::uint32_t noted = 0;

    /// For whoever looks for the row of its path in the CardPaths: the row, whether it is of that
    /// row's card, and which CardPaths they were. 0: it was not looked for yet.
    mutable std::uint32_t row = 0;
    mutable bool of_row = false;
    mutable std::uint32_t row_of_paths = 0;

    /// Milliseconds since the data were last known to be current; 0 if the clock stepped back.
    std::int64_t age_ms(std::int64_t now_ms) const noexcept
    {
        return now_ms > verified_at_ms ? now_ms - verified_at_ms : 0;
    }
};

Freshness freshness(std::int64_t age_ms, std::uint64_t max_age_ms, std::uint64_t stale_ms) noexcept;

class Board {
public:
    /// Makes a card visible in place of the one of the same name. The last call wins: generations
    /// are the sidecar's to order.
    void publish(std::shared_ptr<const Published> published, std::int64_t verified_at_ms);

    /// The card's bytes are still the newest. Returns false if that generation is not held.
    bool renew(std::string_view name, std::uint64_t generation, std::int64_t verified_at_ms);

    /// The sidecar knows the card and has nothing newer: keep what is held.
    void keep(std::string_view name);

    void retract(std::string_view name);

    /// Between the two, publish, renew and keep confirm a card; end_sync drops what was not
    /// confirmed.
    void begin_sync();
    void end_sync();

    /// The card served on this path, or nullptr. Valid until the next change of the board.
    const Entry* find(std::string_view path) const noexcept;

    /// The variant of this key, or nullptr. Valid until the next change of the board.
    const Entry* find_variant(std::string_view key) const noexcept;

    /// Every card, in no order, without the variants.
    template <class Visit>
    void for_each(const Visit& visit) const
    {
        for (const auto& [name, entry] : cards_.by_name) {
            visit(*entry);
        }
    }

    std::uint64_t generation() const noexcept { return generation_; }
    std::size_t size() const noexcept { return cards_.by_name.size(); }
    std::size_t variants() const noexcept { return variants_.by_name.size(); }

private:
    struct Hash {
        using is_transparent = void;
        std::size_t operator()(std::string_view text) const noexcept
        {
            return std::hash<std::string_view>{}(text);
        }
    };
    template <class Value>
    using Map = std::unordered_map<std::string, Value, Hash, std::equal_to<>>;

    using Names = Map<std::unique_ptr<Entry>>;

    /// Apart, so that no path, whatever stands in it, finds what a key is for.
    struct Shelf {
        Names by_name;
        Map<Entry*> by_path;

        const Entry* find(std::string_view path) const noexcept;
        void forget_path(const Entry& entry);
        void erase(Names::iterator position);
        void drop_unconfirmed();
    };

    Shelf& shelf_of(std::string_view name) noexcept
    {
        return is_variant(name) ? variants_ : cards_;
    }
    Entry* entry_of(std::string_view name) noexcept;

    Shelf cards_;
    Shelf variants_;
    std::uint64_t generation_ = 0;
};

}  // namespace gatehouse::board
