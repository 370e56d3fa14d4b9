// Builds the table of card_paths.h.
#include <algorithm>
#include <bit>
#include <cstring>
#include <map>
#include <unordered_map>

#include "src/base/utf8.h"
#include "src/board/card_paths.h"

namespace gatehouse::board {

namespace {

constexpr std::size_t largest_text = 64 << 20;

using Segments = std::vector<std::string_view>;

Segments segments_of(std::string_view pattern)
{
    Segments segments;
    while (!pattern.empty()) {
        segments.push_back(take_segment(pattern));
    }
    return segments;
}

Error bad_pattern(const CardPathSpec& card, const std::string& why)
{
    return Error{"card \"" + card.card + "\": its path \"" + card.pattern + "\" " + why};
}

bool is_text(std::string_view text) noexcept
{
    while (!text.empty()) {
        const auto c = static_cast<unsigned char>(text.front());
        const auto step = utf8_step(text);
        if (!step.valid || c < 0x20 || c == 0x7f) {
            return false;
        }
        text.remove_prefix(step.size);
    }
    return true;
}

Result<void> check_segments(const CardPathSpec& card)
{
    auto segments = segments_of(card.pattern);
    if (segments.size() > most_path_segments) {
        return bad_pattern(card,
                           "has more than " + std::to_string(most_path_segments) + " segments");
    }
    std::erase_if(segments, [](std::string_view segment) { return !is_parameter(segment); });
    std::sort(segments.begin(), segments.end());
    if (const auto twice = std::adjacent_find(segments.begin(), segments.end());
        twice != segments.end()) {
        return bad_pattern(card, "has " + std::string{*twice} + " more than once");
    }
    for (const auto segment : segments_of(card.pattern)) {
        const auto inner = is_parameter(segment) ? segment.substr(1, segment.size() - 2) : segment;
        if (inner.find_first_of("{}") != std::string_view::npos) {
            return bad_pattern(card, "has a segment \"" + std::string{segment} +
                                         "\": {name} stands for a whole segment");
        }
    }
    return {};
}

Result<void> check(const CardPathSpec& card)
{
    if (card.card.empty() || !is_text(card.card) || !is_text(card.require) ||
        !std::all_of(card.query.begin(), card.query.end(), is_text)) {
        return Error{"card paths: a name of card \"" + card.card +
                     "\" is empty, not UTF-8 or has control characters"};
    }
    if (!card.pattern.starts_with('/')) {
        return bad_pattern(card, "does not begin with '/'");
    }
    if (!is_text(card.pattern)) {
        return bad_pattern(card, "is not UTF-8 or has control characters");
    }
    if (card.pattern.size() > longest_card_pattern) {
        return bad_pattern(card, "is longer than " + std::to_string(longest_card_pattern));
    }
    return check_segments(card);
}

std::size_t literals_of(const Segments& segments)
{
    return static_cast<std::size_t>(
        std::count_if(segments.begin(), segments.end(),
                      [](std::string_view segment) { return !is_parameter(segment); }));
}

/// Whether `a` comes first in the table. Neither does where they match the same paths.
bool is_more_literal(const CardPathSpec& a, const CardPathSpec& b)
{
    const auto left = segments_of(a.pattern);
    const auto right = segments_of(b.pattern);
    if (const auto l = literals_of(left), r = literals_of(right); l != r) {
        return l > r;
    }
    for (std::size_t i = 0; i < std::min(left.size(), right.size()); ++i) {
        const bool any_left = is_parameter(left[i]);
        if (any_left != is_parameter(right[i])) {
            return !any_left;
        }
        if (!any_left && left[i] != right[i]) {
            return left[i] < right[i];
        }
    }
    return left.size() < right.size();
}

/// The parts of the table, as they grow.
class Builder {
public:
    Builder() { nodes_.push_back(node_below(0)); }

    void add(const CardPathSpec& card);
    void make_slots();
    Result<SealedMemory> build();

private:
    struct Children {
        std::map<std::string_view, std::uint32_t> literal;
    };

    static PathNode node_below(std::uint32_t parent)
    {
        return {{}, parent, 0, 0, 0, no_row, no_row};
    }

    PathText intern(std::string_view text);
    std::uint32_t child(std::uint32_t parent, std::string_view segment);

    std::vector<CardPathRow> rows_;
    std::vector<PathNode> nodes_;
    std::vector<Children> children_{1};
    std::vector<std::uint32_t> slots_{0};  // the first is that of all nodes without children
    std::string text_;
    std::unordered_map<std::string, PathText> known_;
};

PathText Builder::intern(std::string_view text)
{
    const auto [known, added] = known_.try_emplace(std::string{text});
    if (added) {
        known->second = {static_cast<std::uint32_t>(text_.size()),
                         static_cast<std::uint32_t>(text.size())};
        text_.append(text);
    }
    return known->second;
}

std::uint32_t Builder::child(std::uint32_t parent, std::string_view segment)
{
    const auto next = static_cast<std::uint32_t>(nodes_.size());
    if (is_parameter(segment)) {
        if (nodes_[parent].any_child != 0) {
            return nodes_[parent].any_child;
        }
        nodes_[parent].any_child = next;
    } else {
        const auto [known, added] = children_[parent].literal.try_emplace(segment, next);
        if (!added) {
            return known->second;
        }
    }
    nodes_.push_back(node_below(parent));
    nodes_.back().segment = is_parameter(segment) ? PathText{} : intern(segment);
    children_.emplace_back();
    return next;
}

/// REQUIRES: `card` outlives this; those before it in the table were added before.
void Builder::add(const CardPathSpec& card)
{
    const auto row = static_cast<std::uint32_t>(rows_.size());
    std::string query;
    for (const auto& name : card.query) {
        query.append(query.empty() ? "" : " ").append(name);
    }
    rows_.push_back({intern(card.card),
                     intern(card.pattern),
                     intern(query),
                     intern(card.require),
                     card.flags,
                     {}});
    std::uint32_t at = 0;
    nodes_[at].best = std::min(nodes_[at].best, row);
    for (const auto segment : segments_of(card.pattern)) {
        at = child(at, segment);
        nodes_[at].best = std::min(nodes_[at].best, row);
    }
    nodes_[at].row = row;
}

void Builder::make_slots()
{
    for (std::uint32_t number = 0; number < nodes_.size(); ++number) {
        const auto& literal = children_[number].literal;
        if (literal.empty()) {
            continue;
        }
        const auto count = std::bit_ceil(2 * literal.size());
        auto& node = nodes_[number];
        node.first_slot = static_cast<std::uint32_t>(slots_.size());
        node.slot_mask = static_cast<std::uint32_t>(count - 1);
        slots_.resize(slots_.size() + count, 0);
        for (const auto& [segment, child] : literal) {
            auto at = segment_hash(segment);
            while (slots_[node.first_slot + (at & node.slot_mask)] != 0) {
                ++at;
            }
            slots_[node.first_slot + (at & node.slot_mask)] = child + 1;
        }
    }
}

Result<SealedMemory> Builder::build()
{
    if (text_.size() > largest_text) {
        return Error{"card paths: too much text"};
    }
    CardPathsHeader header{};
    header.magic = card_paths_magic;
    header.version = card_paths_version;
    header.header_size = sizeof header;
    header.row_count = static_cast<std::uint32_t>(rows_.size());
    header.node_count = static_cast<std::uint32_t>(nodes_.size());
    header.slot_count = static_cast<std::uint32_t>(slots_.size());
    header.text_size = static_cast<std::uint32_t>(text_.size());
    const std::span<const std::byte> parts[] = {
        std::as_bytes(std::span{&header, 1}), std::as_bytes(std::span{rows_}),
        std::as_bytes(std::span{nodes_}), std::as_bytes(std::span{slots_}),
        std::as_bytes(std::span{text_})};
    for (const auto part : parts) {
        header.total_size += part.size();
    }
    return SealedMemory::create("gatehouse-card-paths", header.total_size,
                                [&](std::span<std::byte> out) -> Result<void> {
                                    auto* at = out.data();
                                    for (const auto part : parts) {
                                        at = std::copy(part.begin(), part.end(), at);
                                    }
                                    header.checksum = card_paths_checksum(out);
                                    std::memcpy(out.data(), &header, sizeof header);
                                    return {};
                                });
}

}  // namespace

Result<SealedMemory> build_card_paths(std::vector<CardPathSpec> cards)
{
    if (cards.size() > most_card_paths) {
        return Error{"card paths: more than " + std::to_string(most_card_paths) + " cards"};
    }
    for (const auto& card : cards) {
        if (auto sound = check(card); !sound) {
            return sound.error();
        }
    }
    std::stable_sort(cards.begin(), cards.end(), is_more_literal);
    for (std::size_t i = 1; i < cards.size(); ++i) {
        if (!is_more_literal(cards[i - 1], cards[i])) {
            return bad_pattern(cards[i], "matches the same paths as \"" + cards[i - 1].pattern +
                                             "\" of card \"" + cards[i - 1].card + "\"");
        }
    }
    Builder builder;
    for (const auto& card : cards) {
        builder.add(card);
    }
    builder.make_slots();
    return builder.build();
}

}  // namespace gatehouse::board
