// What the sidecar has found out about the peers of checked upstreams: the table "upstreams".
//
//        0 ┌────────────────────────────────────┐
//          │ UpstreamsHeader           32 bytes │
//       32 ├────────────────────────────────────┤
//          │ PeerRow × peer_count      56 bytes │
//          ├────────────────────────────────────┤
//          │ text                               │  referred to by offset into it and length
//          └────────────────────────────────────┘  total_size
//
// Numbers are in the machine's byte order: the bytes never leave it, nor are they in any file.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "src/base/result.h"
#include "src/base/sealed_memory.h"

namespace gatehouse::upstream {

/// The name of the table, and of what workers share: see config.h.
inline constexpr std::string_view table_name = "upstreams";

inline constexpr std::uint64_t magic = 0x3154'5350'5548'5447;  // "GTHUPST1"
inline constexpr std::uint32_t version = 1;

/// Numbers are part of the table's format.
enum class PeerState : std::uint16_t {
    unknown,  ///< not checked yet, or not often enough: requests go there
    up,
    down,
};

inline constexpr std::array<std::string_view, 3> state_names{"unknown", "up", "down"};

struct UpstreamsHeader {
    std::uint64_t magic;
    std::uint32_t version;
    std::uint32_t header_size;  ///< offset of the first PeerRow
    std::uint64_t total_size;   ///< bytes of the whole table
    std::uint32_t peer_count;
    std::uint32_t text_size;
};
static_assert(sizeof(UpstreamsHeader) == 32);

struct Text {
    std::uint32_t offset;
    std::uint32_t length;
};

struct PeerRow {
    Text upstream;
    Text peer;
    Text reason;                 ///< why the last check failed; empty: it passed
    std::uint16_t state;         ///< PeerState, after fails and passes
    std::uint16_t recovered;     ///< 1: it is up, and was down before
    std::uint32_t reserved;      ///< 0
    std::int64_t since_ms;       ///< Unix time from which on it is in that state
    std::int64_t checked_at_ms;  ///< Unix time of the last check; 0: none yet
    std::uint64_t duration_us;   ///< of the last check
};
static_assert(sizeof(PeerRow) == 56);
static_assert(offsetof(PeerRow, state) == 24);
static_assert(offsetof(PeerRow, since_ms) == 32);

/// A view of one row.
struct Peer {
    std::string_view upstream, peer, reason;
    PeerState state = PeerState::unknown;
    bool recovered = false;
    std::int64_t since_ms = 0;
    std::int64_t checked_at_ms = 0;
    std::uint64_t duration_us = 0;
};

/// Reads a table in place. A view only: the memory must outlive it.
///
/// Invariant: everything it hands out lies inside the bytes it was opened on, and has no control
/// characters.
///
/// Thread safety: immutable.
class UpstreamsTable {
public:
    /// Checks every reference, in time linear in the table. REQUIRES: bytes are aligned to 8.
    static Result<UpstreamsTable> open(std::span<const std::byte> bytes);

    std::uint32_t peers() const noexcept { return static_cast<std::uint32_t>(rows_.size()); }

    /// REQUIRES: the number is below peers().
    Peer peer(std::uint32_t number) const noexcept;

private:
    bool is_sound(const PeerRow& row) const noexcept;
    bool is_sound(Text text) const noexcept;
    std::string_view text(Text ref) const noexcept
    {
        return {text_.data() + ref.offset, ref.length};
    }

    std::span<const PeerRow> rows_;
    std::string_view text_;
};

// --- making one ---

struct PeerSpec {
    std::string upstream, peer, reason;
    PeerState state = PeerState::unknown;
    bool recovered = false;
    std::int64_t since_ms = 0;
    std::int64_t checked_at_ms = 0;
    std::uint64_t duration_us = 0;
};

/// Control characters of a reason become blanks. Fails where there is no memory.
Result<SealedMemory> build_table(const std::vector<PeerSpec>& peers);

}  // namespace gatehouse::upstream
