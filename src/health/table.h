// What nginx answers to questions about health: the table "health". The sidecar makes it whenever
// something has changed, ready to be sent but for what only nginx knows; the table "health.away",
// of the same form, has what is answered while the sidecar is away.
//
//        0 ┌────────────────────────────────────┐
//          │ HealthHeader              64 bytes │
//       64 ├────────────────────────────────────┤
//          │ AnswerRow × answer_count  32 bytes │
//          ├────────────────────────────────────┤
//          │ CheckRow × check_count    32 bytes │
//          ├────────────────────────────────────┤
//          │ text                               │  referred to by offset into it and length
//          └────────────────────────────────────┘  total_size
//
// A body is text in which the byte 0x01 and the character after it, a Slot, stand for what is put
// in when it is sent.
//
// Numbers are in the machine's byte order: the bytes leave it only in files, whose magic differs on
// a machine of the other order. `checksum` is XXH3-64 over all bytes, with itself as 0.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "src/base/result.h"
#include "src/base/sealed_memory.h"
#include "src/health/words.h"

namespace gatehouse::health {

inline constexpr std::string_view table_name = "health";
inline constexpr std::string_view away_table_name = "health.away";

inline constexpr std::uint64_t magic = 0x3154'4c48'4854'47;  // "GTHHLT1"
inline constexpr std::uint32_t version = 1;

struct HealthHeader {
    std::uint64_t magic;
    std::uint32_t version;
    std::uint32_t header_size;  ///< offset of the first AnswerRow
    std::uint64_t total_size;   ///< bytes of the whole table
    std::uint64_t checksum;     ///< see above
    std::uint32_t answer_count;
    std::uint32_t check_count;
    std::uint32_t text_size;
    std::uint32_t state;          ///< State of everything
    std::uint64_t down_after_ms;  ///< away for longer is down; 0: never
    std::uint64_t reserved;       ///< 0
};
static_assert(sizeof(HealthHeader) == 64);
static_assert(offsetof(HealthHeader, answer_count) == 32);
static_assert(offsetof(HealthHeader, down_after_ms) == 48);

struct Text {
    std::uint32_t offset;
    std::uint32_t length;
};

struct AnswerRow {
    std::uint16_t question;  ///< Question
    std::uint16_t state;     ///< State that it tells
    std::uint16_t status;    ///< HTTP status, 200 to 599
    std::uint16_t reserved;  ///< 0
    Text profile;
    Text content_type;
    Text body;
};
static_assert(sizeof(AnswerRow) == 32);
static_assert(offsetof(AnswerRow, profile) == 8);

struct CheckRow {
    Text name;
    std::uint16_t state;         ///< State, after hysteresis
    std::uint16_t severity;      ///< Severity
    std::uint32_t reserved;      ///< 0
    std::uint64_t duration_us;   ///< of the last run
    std::int64_t checked_at_ms;  ///< Unix time of the last run; 0: none yet
};
static_assert(sizeof(CheckRow) == 32);
static_assert(offsetof(CheckRow, duration_us) == 16);

/// A view of one answer.
struct Answer {
    State state = State::down;
    std::uint16_t status = 0;
    std::string_view profile, content_type, body;
};

/// A view of one check.
struct Check {
    std::string_view name;
    State state = State::unknown;
    Severity severity = Severity::info;
    std::uint64_t duration_us = 0;
    std::int64_t checked_at_ms = 0;
};

/// Reads a table in place. A view only: the memory must outlive it.
///
/// Invariant: everything it hands out lies inside the bytes it was opened on; every 0x01 in a body
/// is followed by a character.
///
/// Thread safety: immutable.
class HealthTable {
public:
    /// Checks every reference, in time linear in the table. REQUIRES: bytes are aligned to 8.
    static Result<HealthTable> open(std::span<const std::byte> bytes);

    /// Reads every byte. For what was on a disk; sealed memory of a trusted peer needs no such
    /// check.
    bool checksum_matches() const noexcept;

    State state() const noexcept { return static_cast<State>(header_->state); }
    std::uint64_t down_after_ms() const noexcept { return header_->down_after_ms; }

    std::uint32_t answers() const noexcept { return header_->answer_count; }
    std::uint32_t checks() const noexcept { return header_->check_count; }

    /// REQUIRES: the number is below answers() or checks().
    Answer answer(std::uint32_t number) const noexcept;
    Check check(std::uint32_t number) const noexcept;

    /// The number of the answer to this question in this profile that tells `state`, of several the
    /// first; where none does, of that which tells any state; answers() where there is none at all.
    std::uint32_t find(Question question, std::string_view profile, State state) const noexcept;

private:
    bool is_sound(const AnswerRow& row) const noexcept;
    bool is_sound(const CheckRow& row) const noexcept;
    bool is_inside(Text text) const noexcept;
    std::string_view text(Text ref) const noexcept
    {
        return {text_.data() + ref.offset, ref.length};
    }

    const HealthHeader* header_ = nullptr;
    std::span<const AnswerRow> answer_rows_;
    std::span<const CheckRow> check_rows_;
    std::string_view text_;
};

// --- making one ---

struct AnswerSpec {
    Question question = Question::status;
    State state = State::up;
    std::uint16_t status = 200;
    std::string profile, content_type, body;
};

struct CheckSpec {
    std::string name;
    State state = State::unknown;
    Severity severity = Severity::degrading;
    std::uint64_t duration_us = 0;
    std::int64_t checked_at_ms = 0;
};

struct TableSpec {
    State state = State::unknown;
    std::uint64_t down_after_ms = 0;
    std::vector<AnswerSpec> answers;
    std::vector<CheckSpec> checks;
};

/// Fails where there is no memory, or more text than an offset can tell.
Result<SealedMemory> build_table(const TableSpec& spec);

}  // namespace gatehouse::health
