// The keys that were refused most, within a fixed room: the Space-Saving sketch (Metwally, Agrawal,
// El Abbadi: "Efficient Computation of Frequent and Top-k Elements in Data Streams", 2005).
//
// With m entries and N refusals: a key refused more than N/m times is in the sketch, and a count is
// too high by at most its `error`, itself at most N/m. A key is remembered by a keyed hash and by a
// label, which the caller masks.
//
// Thread safety: one writer per sketch; readers anywhere, by the version. A writer that died
// half-way leaves an odd version, and the next one starts that sketch anew: it is a ranking, not a
// counter.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "src/telemetry/layout.h"

namespace gatehouse::telemetry {

inline constexpr std::size_t longest_label = label_words * sizeof(std::uint64_t);

/// Counts one refusal. Calls `label` (which returns text, cut after longest_label) only for a key
/// that comes in. Some 100 instructions for a key that is there, 300 for one that pushes another
/// out.
template <class Label>
void count_key(TopKeys& sketch, std::uint64_t hash, const Label& label);

struct TopKey {
    std::uint64_t hash = 0;
    std::uint64_t count = 0;  ///< at least `count - error` times, at most `count`
    std::uint64_t error = 0;
    std::string label;
};

/// What the sketch holds, in no order. Nothing if it is being changed again and again.
std::optional<std::vector<TopKey>> read_keys(const TopKeys& sketch);

/// The `most` keys with the highest counts over several sketches of one zone, highest first.
std::vector<TopKey> merge_keys(const std::vector<std::vector<TopKey>>& sketches, std::size_t most);

// --- behind it ---

/// The entry of a hash, or the one with the lowest count, of which empty ones have the lowest.
struct Place {
    unsigned index;
    bool found;
};
Place find_place(const TopKeys& sketch, std::uint64_t hash) noexcept;

using LabelWords = std::array<std::uint64_t, label_words>;
LabelWords label_as_words(std::string_view label) noexcept;
void begin_change(TopKeys& sketch) noexcept;
void end_change(TopKeys& sketch) noexcept;
void replace_key(TopKeys& sketch, unsigned index, std::uint64_t hash,
                 const LabelWords& label) noexcept;

template <class Label>
void count_key(TopKeys& sketch, std::uint64_t hash, const Label& label)
{
    const auto place = find_place(sketch, hash);
    auto& count = sketch.counts[place.index];
    if (place.found) {
        // One word changes, so there is nothing a reader could see half of.
        count.store(count.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
        return;
    }
    replace_key(sketch, place.index, hash, label_as_words(label()));
}

}  // namespace gatehouse::telemetry
