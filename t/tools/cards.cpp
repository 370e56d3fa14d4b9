#include "t/tools/cards.h"

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <optional>

namespace gatehouse::publisher {

namespace {

constexpr std::string_view content_types[format_count] = {"application/json", "application/json",
                                                          "text/csv; charset=utf-8; header=present",
                                                          "application/x-ndjson"};

/// The settings of one card, and the bodies its spec refers to.
struct Draft {
    std::map<std::string, std::string, std::less<>> settings;
    std::vector<std::string> bodies;  ///< never reallocated once the spec refers to them
    board::SnapshotSpec spec;

    std::string text(std::string_view key, const char* fallback = "") const
    {
        const auto found = settings.find(key);
        return found == settings.end() ? fallback : found->second;
    }

    std::int64_t number(std::string_view key, std::int64_t fallback) const
    {
        const auto found = settings.find(key);
        return found == settings.end() ? fallback : std::atoll(found->second.c_str());
    }
};

std::optional<std::string> read_file(const std::string& name)
{
    std::ifstream file{name, std::ios::binary};
    if (!file) {
        return std::nullopt;
    }
    return std::string{std::istreambuf_iterator<char>{file}, {}};
}

/// `csv.gzip` as a format and an encoding; nothing for a key of another kind.
std::optional<board::SnapshotSpec::Body> slot_named(std::string_view key)
{
    const auto dot = std::min(key.find('.'), key.size());
    const auto format = format_named(key.substr(0, dot));
    if (!format) {
        return std::nullopt;
    }
    board::SnapshotSpec::Body body;
    body.format = *format;
    if (dot < key.size()) {
        const auto* name =
            std::find(encoding_names.begin(), encoding_names.end(), key.substr(dot + 1));
        if (name == encoding_names.end()) {
            return std::nullopt;
        }
        body.encoding = static_cast<Encoding>(name - encoding_names.begin());
    }
    return body;
}

Result<void> read_bodies(Draft& draft)
{
    draft.bodies.reserve(draft.settings.size());
    for (const auto& [key, value] : draft.settings) {
        auto body = slot_named(key);
        if (!body) {
            continue;
        }
        auto bytes = read_file(value);
        if (!bytes) {
            return Error{"cannot read " + value};
        }
        draft.bodies.push_back(std::move(*bytes));
        const auto type = draft.settings.find("type");
        body->content_type = type != draft.settings.end()
                                 ? std::string_view{type->second}
                                 : content_types[static_cast<std::size_t>(body->format)];
        body->bytes = draft.bodies.back();
        draft.spec.bodies.push_back(*body);
    }
    return {};
}

}  // namespace

std::int64_t now_ms()
{
    using namespace std::chrono;
    return duration_cast<milliseconds>(system_clock::now().time_since_epoch()).count();
}

Result<Card> make_card(const std::vector<std::string>& words, std::uint64_t next_generation)
{
    if (words.size() < 2) {
        return Error{"a card has a name and a path"};
    }
    Draft draft;
    for (std::size_t i = 2; i < words.size(); ++i) {
        const auto equals = words[i].find('=');
        if (equals == std::string::npos) {
            return Error{"no setting: " + words[i]};
        }
        draft.settings[words[i].substr(0, equals)] = words[i].substr(equals + 1);
    }
    if (auto read = read_bodies(draft); !read) {
        return read.error();
    }
    const auto cache_control = draft.text("cache_control", "max-age=60");
    const auto require = draft.text("require");
    const std::int64_t now = now_ms();
    auto& spec = draft.spec;
    spec.name = words[0];
    spec.path = words[1];
    spec.cache_control = cache_control;
    spec.require = require;
    spec.generation = static_cast<std::uint64_t>(
        draft.number("generation", static_cast<std::int64_t>(next_generation)));
    spec.computed_at_ms = now;
    spec.last_modified_s = draft.number("last_modified", now / 1000);
    spec.max_age_ms = static_cast<std::uint64_t>(draft.number("max_age_ms", 60'000));
    spec.stale_ms = draft.number("stale_ms", -1);
    auto memory = board::build_snapshot(spec);
    if (!memory) {
        return memory.error();
    }
    auto published =
        board::Published::open(std::make_shared<const SealedMemory>(std::move(*memory)));
    if (!published) {
        return published.error();
    }
    return Card{std::move(*published), now - draft.number("age_ms", 0)};
}

board::Archive archive_of(const Cards& cards)
{
    board::Archive archive;
    archive.written_at_ms = now_ms();
    for (const auto& [name, card] : cards) {
        archive.generation = std::max(archive.generation, card.generation());
        archive.cards.push_back({card.published, card.verified_at_ms, false});
    }
    return archive;
}

}  // namespace gatehouse::publisher
