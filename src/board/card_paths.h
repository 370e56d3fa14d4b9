// The paths of cards that have variants: the table "cards.paths", by which a worker knows that a
// request asks for such a card, and whether the caller may have it, before anything is computed.
//
//        0 ┌──────────────────────────────────────────┐
//          │ CardPathsHeader                 64 bytes │
//       64 ├──────────────────────────────────────────┤
//          │ CardPathRow × row_count   48 bytes each  │  the more literal first
//          ├──────────────────────────────────────────┤
//          │ PathNode × node_count     32 bytes each  │  a tree of segments; the first is its root,
//          │                                          │  parents come before their children
//          ├──────────────────────────────────────────┤
//          │ slots: u32 × slot_count                  │  of each node a hash table of its literal
//          │                                          │  children: node number + 1, 0: empty
//          ├──────────────────────────────────────────┤
//          │ text                                     │  referred to by offset into it and length
//          └──────────────────────────────────────────┘  total_size
//
// A pattern is a path of segments, each either literal (as in the decoded path) or `{name}`, which
// stands for one whole segment that is not empty. Where several patterns match a path, the one with
// more literal segments wins; of equally many, the one that has a literal where they first differ.
// So a path without `{name}` wins over all others, and the order of configuration does not matter.
//
// Numbers are in the machine's byte order: the bytes leave it only in the board's files, whose
// magic differs on a machine of the other order. `checksum` is XXH3-64 over all bytes, with itself
// as 0.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "src/base/result.h"
#include "src/base/sealed_memory.h"

namespace gatehouse::board {

inline constexpr std::string_view card_paths_table = "cards.paths";

inline constexpr std::uint64_t card_paths_magic = 0x3148'5441'5048'5447;  // "GTHPATH1"
inline constexpr std::uint32_t card_paths_version = 1;

inline constexpr std::size_t most_card_paths = 16'384;
inline constexpr std::size_t longest_card_pattern = 1024;
inline constexpr std::size_t most_path_segments = 32;
inline constexpr std::size_t longest_matched_path = 2048;  ///< no key of a variant has a longer one

struct CardPathsHeader {
    std::uint64_t magic;
    std::uint32_t version;
    std::uint32_t header_size;  ///< offset of the first CardPathRow
    std::uint64_t total_size;   ///< bytes of the whole table
    std::uint64_t checksum;     ///< see above
    std::uint32_t row_count;
    std::uint32_t node_count;
    std::uint32_t slot_count;
    std::uint32_t text_size;
    std::uint64_t reserved[2];  ///< 0
};
static_assert(sizeof(CardPathsHeader) == 64);
static_assert(offsetof(CardPathsHeader, row_count) == 32);
static_assert(offsetof(CardPathsHeader, reserved) == 48);

struct PathText {
    std::uint32_t offset;
    std::uint32_t length;
};

struct CardPathRow {
    PathText card;
    PathText pattern;
    PathText query;    ///< names of accepted parameters of the query, separated by one space
    PathText require;  ///< scopes the caller must have, separated by one space
    std::uint32_t flags;
    std::uint32_t reserved[3];  ///< 0
};
static_assert(sizeof(CardPathRow) == 48);
static_assert(offsetof(CardPathRow, flags) == 32);

/// What is not on the board may be computed: a miss goes where `gate_compute` leads.
inline constexpr std::uint32_t card_on_demand = 1;

struct PathNode {
    PathText segment;          ///< length 0 in the root and in what stands for `{name}`
    std::uint32_t parent;      ///< its number; of the root: its own
    std::uint32_t first_slot;  ///< of its literal children
    std::uint32_t slot_mask;   ///< number of its slots, a power of two, - 1
    std::uint32_t any_child;   ///< for `{name}`; 0: there is none
    std::uint32_t row;         ///< of the pattern that ends here; no_row: none does
    std::uint32_t best;        ///< the first row of those that end here or below
};
static_assert(sizeof(PathNode) == 32);
static_assert(offsetof(PathNode, parent) == 8);

inline constexpr std::uint32_t no_row = 0xffff'ffff;

/// One card. Views into the table: its memory must outlive them.
struct CardPath {
    std::string_view card;
    std::string_view pattern;
    std::string_view query;
    std::string_view require;
    std::uint32_t flags = 0;

    bool on_demand() const noexcept { return (flags & card_on_demand) != 0; }
};

/// Reads a table in place. A view only: the memory must outlive it.
///
/// Invariant: everything it hands out lies inside the bytes it was opened on and is free of control
/// characters; match() ends whatever the bytes are.
///
/// Thread safety: immutable.
class CardPaths {
public:
    /// Of no cards.
    CardPaths() = default;

    /// Checks every reference, in time linear in the table. Bytes beyond total_size are ignored.
    /// REQUIRES: bytes are aligned to 8.
    static Result<CardPaths> open(std::span<const std::byte> bytes);

    /// Reads every byte. For what was on a disk; sealed memory of a trusted peer needs no such
    /// check.
    bool checksum_matches() const noexcept;

    /// The number of the row whose pattern matches a decoded path best; no_row: none matches. Some
    /// 200 instructions a segment, up to the first that no pattern has.
    std::uint32_t match(std::string_view path) const noexcept;

    std::uint32_t size() const noexcept { return static_cast<std::uint32_t>(rows_.size()); }

    /// REQUIRES: number < size().
    CardPath operator[](std::uint32_t number) const noexcept
    {
        const auto& row = rows_[number];
        return {text(row.card), text(row.pattern), text(row.query), text(row.require), row.flags};
    }

private:
    bool rows_are_sound() const noexcept;
    bool nodes_are_sound() const noexcept;
    bool node_is_sound(std::uint32_t number) const noexcept;
    bool is_inside(PathText text) const noexcept;
    std::string_view text(PathText ref) const noexcept
    {
        return {text_.data() + ref.offset, ref.length};
    }
    std::uint32_t literal_child(const PathNode& node, std::string_view segment) const noexcept;
    void search(std::uint32_t number, std::string_view rest, std::uint32_t& best) const noexcept;

    const std::byte* data_ = nullptr;
    std::span<const CardPathRow> rows_;
    std::span<const PathNode> nodes_;
    std::span<const std::uint32_t> slots_;
    std::string_view text_;
};

/// What a table is built from.
struct CardPathSpec {
    std::string card;
    std::string pattern;             ///< "/api/simulations/{id}/charts"
    std::vector<std::string> query;  ///< accepted names; may be empty
    std::string require;             ///< separated by one space; may be empty
    std::uint32_t flags = card_on_demand;
};

/// Errors name the card and the flaw: a pattern that is none, two patterns that match the very same
/// paths, more than the bounds above.
Result<SealedMemory> build_card_paths(std::vector<CardPathSpec> cards);

/// The values that a decoded path has for the names of a pattern, in their order; nothing if it
/// does not match.
struct PathParameter {
    std::string_view name;
    std::string_view value;

    bool operator==(const PathParameter&) const = default;
};
std::optional<std::vector<PathParameter>> path_parameters(std::string_view pattern,
                                                          std::string_view path);

// --- shared by reader and builder ---

/// REQUIRES: bytes hold at least a header.
std::uint64_t card_paths_checksum(std::span<const std::byte> bytes) noexcept;

/// Of a segment, for the slots.
std::uint32_t segment_hash(std::string_view segment) noexcept;

/// Takes the first segment off the front. REQUIRES: `rest` begins with '/'.
inline std::string_view take_segment(std::string_view& rest) noexcept
{
    std::size_t end = 1;
    while (end < rest.size() && rest[end] != '/') {
        ++end;
    }
    const auto segment = rest.substr(1, end - 1);
    rest.remove_prefix(end);
    return segment;
}

/// Whether a segment of a pattern is `{name}`.
inline bool is_parameter(std::string_view segment) noexcept
{
    return segment.size() > 2 && segment.front() == '{' && segment.back() == '}';
}

}  // namespace gatehouse::board
