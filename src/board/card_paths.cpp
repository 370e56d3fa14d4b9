#include "src/board/card_paths.h"

#include <algorithm>
#include <bit>
#include <cstring>

#include "src/base/checksum.h"

namespace gatehouse::board {

namespace {

/// Bytes of a table with these counts. They are 32 bits each, so the sum does not overflow.
std::uint64_t size_of(const CardPathsHeader& header) noexcept
{
    return sizeof header + std::uint64_t{header.row_count} * sizeof(CardPathRow) +
           std::uint64_t{header.node_count} * sizeof(PathNode) +
           std::uint64_t{header.slot_count} * sizeof(std::uint32_t) + header.text_size;
}

bool has_control(std::string_view text) noexcept
{
    return std::any_of(text.begin(), text.end(),
                       [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
}

template <class T>
std::span<const T> take(const std::byte*& at, std::size_t count) noexcept
{
    const std::span taken{reinterpret_cast<const T*>(at), count};
    at += taken.size_bytes();
    return taken;
}

std::uint64_t load(const char* from, std::size_t size) noexcept
{
    std::uint64_t value = 0;
    std::memcpy(&value, from, size);
    return value;
}

/// All bytes of a text of up to 16, and its first and last 8 beyond.
std::uint64_t sample(std::string_view text) noexcept
{
    const auto size = text.size();
    if (size >= 8) {
        return load(text.data(), 8) ^ std::rotl(load(text.data() + size - 8, 8), 29);
    }
    if (size >= 4) {
        return load(text.data(), 4) | load(text.data() + size - 4, 4) << 32;
    }
    const auto byte = [text](std::size_t i) {
        return std::uint64_t{static_cast<std::uint8_t>(text[i])};
    };
    return size == 0 ? 0 : byte(0) | byte(size / 2) << 8 | byte(size - 1) << 16;
}

/// As ==, in place for the short texts that segments are.
bool equal(std::string_view a, std::string_view b) noexcept
{
    const auto size = a.size();
    if (size != b.size()) {
        return false;
    }
    if (size > 16) {
        return a == b;
    }
    const char* end_a = a.data() + size;
    const char* end_b = b.data() + size;
    if (size >= 8) {
        return load(a.data(), 8) == load(b.data(), 8) && load(end_a - 8, 8) == load(end_b - 8, 8);
    }
    if (size >= 4) {
        return load(a.data(), 4) == load(b.data(), 4) && load(end_a - 4, 4) == load(end_b - 4, 4);
    }
    return sample(a) == sample(b);  // of up to three bytes it holds all
}

}  // namespace

std::uint32_t segment_hash(std::string_view segment) noexcept
{
    return static_cast<std::uint32_t>(
        (sample(segment) + segment.size()) * 0x9e37'79b9'7f4a'7c15ULL >> 32);
}

std::uint64_t card_paths_checksum(std::span<const std::byte> bytes) noexcept
{
    return checksum_without(bytes, offsetof(CardPathsHeader, checksum));
}

Result<CardPaths> CardPaths::open(std::span<const std::byte> bytes)
{
    if (bytes.size() < sizeof(CardPathsHeader)) {
        return Error{"card paths: shorter than their header"};
    }
    const auto& header = *reinterpret_cast<const CardPathsHeader*>(bytes.data());
    if (header.magic != card_paths_magic) {
        return Error{"card paths: wrong magic"};
    }
    if (header.version != card_paths_version) {
        return Error{"card paths: version " + std::to_string(header.version) + ", expected " +
                     std::to_string(card_paths_version)};
    }
    if (header.header_size != sizeof header || header.total_size > bytes.size() ||
        header.total_size != size_of(header)) {
        return Error{"card paths: their size does not match their bytes"};
    }
    CardPaths paths;
    paths.data_ = bytes.data();
    const auto* at = bytes.data() + sizeof header;
    paths.rows_ = take<CardPathRow>(at, header.row_count);
    paths.nodes_ = take<PathNode>(at, header.node_count);
    paths.slots_ = take<std::uint32_t>(at, header.slot_count);
    paths.text_ = {reinterpret_cast<const char*>(at), header.text_size};
    if (!paths.rows_are_sound()) {
        return Error{"card paths: a text is out of bounds or has control characters"};
    }
    if (!paths.nodes_are_sound()) {
        return Error{"card paths: their tree of segments is none"};
    }
    return paths;
}

bool CardPaths::is_inside(PathText text) const noexcept
{
    return std::uint64_t{text.offset} + text.length <= text_.size();
}

bool CardPaths::rows_are_sound() const noexcept
{
    const auto is_sound = [this](const CardPathRow& row) {
        return is_inside(row.card) && is_inside(row.pattern) && is_inside(row.query) &&
               is_inside(row.require) && row.card.length > 0 && text(row.pattern).starts_with('/');
    };
    return !has_control(text_) && std::all_of(rows_.begin(), rows_.end(), is_sound);
}

bool CardPaths::nodes_are_sound() const noexcept
{
    // What nodes have in common is an empty slot: without this they could all claim all slots, and
    // looking at them would take for ever.
    std::uint64_t claimed = 0;
    for (std::uint32_t number = 0; number < nodes_.size(); ++number) {
        const auto& node = nodes_[number];
        const auto slots = std::uint64_t{node.slot_mask} + 1;
        claimed += slots - 1;
        if (!std::has_single_bit(slots) || node.first_slot + slots > slots_.size() ||
            claimed > slots_.size() || !node_is_sound(number)) {
            return false;
        }
    }
    return !nodes_.empty();
}

/// REQUIRES: its slots lie inside. Each node but the root has one parent that knows it in one way,
/// either as a literal or as `{name}`: so no search comes to it twice.
bool CardPaths::node_is_sound(std::uint32_t number) const noexcept
{
    const auto& node = nodes_[number];
    const auto is_child = [&](std::uint32_t child) {
        return child > number && child < nodes_.size() && nodes_[child].parent == number;
    };
    const auto is_sound = [&](std::uint32_t slot) {
        return slot == 0 || (is_child(slot - 1) && slot - 1 != node.any_child);
    };
    const auto slots = slots_.subspan(node.first_slot, std::size_t{node.slot_mask} + 1);
    return is_inside(node.segment) && (node.any_child == 0 || is_child(node.any_child)) &&
           (node.row == no_row || node.row < rows_.size()) &&
           std::all_of(slots.begin(), slots.end(), is_sound);
}

bool CardPaths::checksum_matches() const noexcept
{
    if (data_ == nullptr) {
        return true;
    }
    const auto& header = *reinterpret_cast<const CardPathsHeader*>(data_);
    return card_paths_checksum({data_, header.total_size}) == header.checksum;
}

/// Its number, or 0.
std::uint32_t CardPaths::literal_child(const PathNode& node,
                                       std::string_view segment) const noexcept
{
    if (node.slot_mask == 0 && slots_[node.first_slot] == 0) {
        return 0;  // it has none: no need to know the hash
    }
    auto at = segment_hash(segment);
    for (std::uint64_t left = std::uint64_t{node.slot_mask} + 1; left > 0; --left) {
        const auto slot = slots_[node.first_slot + (at++ & node.slot_mask)];
        if (slot == 0) {
            return 0;
        }
        if (equal(text(nodes_[slot - 1].segment), segment)) {
            return slot - 1;
        }
    }
    return 0;
}

void CardPaths::search(std::uint32_t number, std::string_view rest,
                       std::uint32_t& best) const noexcept
{
    for (;;) {
        const auto& node = nodes_[number];
        if (node.best >= best) {
            return;
        }
        if (rest.empty()) {
            best = std::min(best, node.row);
            return;
        }
        const auto segment = take_segment(rest);
        const auto literal = literal_child(node, segment);
        const auto any = segment.empty() ? 0 : node.any_child;
        if (literal == 0 && any == 0) {
            return;
        }
        if (literal != 0 && any != 0) {
            search(literal, rest, best);
        }
        number = any != 0 ? any : literal;
    }
}

std::uint32_t CardPaths::match(std::string_view path) const noexcept
{
    std::uint32_t best = no_row;
    if (!rows_.empty() && path.starts_with('/') && path.size() <= longest_matched_path) {
        search(0, path, best);
    }
    return best;
}

std::optional<std::vector<PathParameter>> path_parameters(std::string_view pattern,
                                                          std::string_view path)
{
    std::vector<PathParameter> parameters;
    while (!pattern.empty() && !path.empty()) {
        if (pattern.front() != '/' || path.front() != '/') {
            return std::nullopt;
        }
        const auto wanted = take_segment(pattern);
        const auto found = take_segment(path);
        if (is_parameter(wanted) && !found.empty()) {
            parameters.push_back({wanted.substr(1, wanted.size() - 2), found});
        } else if (is_parameter(wanted) || wanted != found) {
            return std::nullopt;
        }
    }
    if (!pattern.empty() || !path.empty()) {
        return std::nullopt;
    }
    return parameters;
}

}  // namespace gatehouse::board
