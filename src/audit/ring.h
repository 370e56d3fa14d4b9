// One worker's ring of decisions; layout.h has its rules.
//
// Thread safety: one writer per ring; readers anywhere.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "src/audit/decision.h"
#include "src/audit/layout.h"

namespace gatehouse::audit {

/// The ring of one slot, wherever it lies.
template <class HeadType, class RecordType>
struct BasicRing {
    HeadType* head;
    RecordType* records;  ///< ring_capacity of them
};
using Ring = BasicRing<Head, Record>;
using ConstRing = BasicRing<const Head, const Record>;

/// Some 60 instructions, and 3 for each 8 bytes of text. Text is cut between characters of UTF-8.
void write(const Ring& ring, const Decision& decision) noexcept;

/// Where the text of a decision that was read lies.
using TextBuffer = std::array<char, text_words * 8>;

/// Record `number` (from 1), or nothing if it was written over, is being written, or never was.
/// Whatever the bytes are, nothing outside them is read.
std::optional<Decision> read(const ConstRing& ring, std::uint64_t number,
                             TextBuffer& text) noexcept;

}  // namespace gatehouse::audit
