#include "sidecar/app/card_header.h"

#include <algorithm>

namespace gatehouse::app {

namespace {

bool wants(const config::Card& card, Format format)
{
    return std::find(card.formats.begin(), card.formats.end(), name_of(format)) !=
           card.formats.end();
}

std::int64_t stale_ms(const config::Card& card)
{
    return card.stale ? card.stale->count() : -1;
}

}  // namespace

std::string joined_scopes(const config::Card& card)
{
    std::string joined;
    for (const auto& scope : card.require) {
        joined.append(joined.empty() ? "" : " ").append(scope);
    }
    return joined;
}

board::SnapshotSpec header_spec(const config::Card& card, const std::string& require)
{
    board::SnapshotSpec spec;
    spec.name = card.name;
    spec.path = card.path;
    spec.cache_control = card.cache_control;
    spec.require = require;
    spec.max_age_ms = static_cast<std::uint64_t>(card.max_age.count());
    spec.stale_ms = stale_ms(card);
    return spec;
}

bool header_matches(const board::SnapshotView& view, const config::Card& card)
{
    for (std::size_t i = 0; i < format_count; ++i) {
        const auto format = static_cast<Format>(i);
        if (view.formats().contains(format) && !wants(card, format)) {
            return false;
        }
    }
    return view.path() == card.path && view.cache_control() == card.cache_control &&
           view.require() == joined_scopes(card) &&
           view.max_age_ms() == static_cast<std::uint64_t>(card.max_age.count()) &&
           view.stale_ms() == stale_ms(card);
}

Result<Snapshot> seal(const board::SnapshotSpec& spec)
{
    auto memory = board::build_snapshot(spec);
    if (!memory) {
        return memory.error();
    }
    return board::Published::open(std::make_shared<const SealedMemory>(std::move(*memory)));
}

Result<Snapshot> rewrap(const board::SnapshotView& view, const config::Card& card,
                        std::uint64_t generation)
{
    const auto require = joined_scopes(card);
    auto spec = header_spec(card, require);
    spec.generation = generation;
    spec.computed_at_ms = view.computed_at_ms();
    spec.last_modified_s = view.last_modified_s();
    for (std::size_t i = 0; i < board::representation_slots; ++i) {
        const auto format = static_cast<Format>(i / encoding_count);
        const auto encoding = static_cast<Encoding>(i % encoding_count);
        if (wants(card, format) && view.encodings(format).contains(encoding)) {
            const auto held = view.representation(format, encoding);
            spec.bodies.push_back({format, encoding, held.content_type, held.body});
        }
    }
    if (spec.bodies.empty()) {
        return Error{"none of the card's formats is held"};
    }
    return seal(spec);
}

}  // namespace gatehouse::app
