// The API tokens that workers know: one sealed image, read in place.
//
//          0 ┌──────────────────────────────────────────┐
//            │ TokenTableHeader               128 bytes │
//        128 ├──────────────────────────────────────────┤
//            │ TokenRecord × record_count  96 bytes each│  in no order
//            ├──────────────────────────────────────────┤
//            │ index: u64 × index_capacity              │  open addressing, linear probing: a
//            │                                          │  key's home is mixed(key) scaled to the
//            │                                          │  capacity; a slot is the record's number
//            │                                          │  + 1 below, mixed(key)'s low half above;
//            │                                          │  0: empty
//            ├──────────────────────────────────────────┤
//            │ text                                     │  u16 length, then the bytes; equal texts
//            └──────────────────────────────────────────┘  once; the first is the empty one
//
// Tables come in pairs: a base with all tokens, and the changes since, which are small and sent
// whole each time one more token changes. A key that the changes hold is looked up there alone.
//
// A key has at most two records: while a token is being rotated, its old secret and its new one.
//
// Numbers are in the machine's byte order: the bytes leave it only in the board file, whose magic
// differs on a machine of the other order. `checksum` is XXH3-64 over all bytes, with itself as 0.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <string_view>

#include "src/auth/sha256.h"
#include "src/base/result.h"

namespace gatehouse::auth {

inline constexpr std::uint64_t token_table_magic = 0x314b'4f54'5448'5447;  // "GTHTTOK1"
inline constexpr std::uint32_t token_table_version = 1;

struct TokenTableHeader {
    std::uint64_t magic;
    std::uint32_t version;
    std::uint32_t header_size;    ///< offset of the first TokenRecord
    std::uint64_t total_size;     ///< bytes of the whole image
    std::uint64_t checksum;       ///< see above
    std::uint64_t revision;       ///< of the tokens: rises with every change of any
    std::uint64_t base_checksum;  ///< of the base that these are changes to; 0: this is a base
    std::uint32_t record_count;
    std::uint32_t foreign_count;   ///< records of tokens that were made elsewhere
    std::uint32_t index_capacity;  ///< slots of the index, more than record_count
    std::uint32_t longest_probe;   ///< slots a look-up has to visit at most
    std::uint64_t text_size;
    std::uint64_t reserved[7];  ///< 0
};
static_assert(sizeof(TokenTableHeader) == 128);
static_assert(offsetof(TokenTableHeader, checksum) == 24);
static_assert(offsetof(TokenTableHeader, record_count) == 48);
static_assert(offsetof(TokenTableHeader, reserved) == 72);

inline constexpr std::int64_t never_expires = std::numeric_limits<std::int64_t>::max();

/// What decides lies in the first 64 bytes and `flags`.
struct TokenRecord {
    std::uint64_t key;  ///< token_key() of the id, or of the digest of a foreign token
    Digest digest;      ///< SHA-256 of the token's whole text
    std::int64_t not_before_s;
    std::int64_t expires_s;  ///< Unix time from which it is refused; never_expires: none
    char id[8];              ///< of a foreign token too: one that was given to it
    std::uint32_t flags;
    std::uint32_t user;  ///< this and the following: offsets in the text
    std::uint32_t name;
    std::uint32_t scopes;  ///< sorted, separated by one space
    std::uint32_t plan;
    std::uint32_t networks;  ///< entries of networks.h; empty: from anywhere
    std::uint64_t reserved;  ///< 0
};
static_assert(sizeof(TokenRecord) == 96);
static_assert(offsetof(TokenRecord, digest) == 8);
static_assert(offsetof(TokenRecord, id) == 56);
static_assert(offsetof(TokenRecord, flags) == 64);

inline constexpr std::uint32_t token_revoked = 1;
inline constexpr std::uint32_t token_foreign = 2;
inline constexpr std::uint32_t token_removed = 4;  ///< in changes: not to be looked for in the base

/// One token. Views into the image: its memory must outlive them.
class TokenView {
public:
    TokenView(const TokenRecord& record, std::span<const std::byte> text) noexcept
        : record_(&record), text_(text)
    {
    }

    std::string_view id() const noexcept { return {record_->id, sizeof record_->id}; }
    std::string_view user() const noexcept { return text(record_->user); }
    std::string_view name() const noexcept { return text(record_->name); }
    std::string_view scopes() const noexcept { return text(record_->scopes); }
    std::string_view plan() const noexcept { return text(record_->plan); }
    std::string_view networks() const noexcept { return text(record_->networks); }
    std::int64_t not_before_s() const noexcept { return record_->not_before_s; }
    std::int64_t expires_s() const noexcept { return record_->expires_s; }
    const Digest& digest() const noexcept { return record_->digest; }
    bool revoked() const noexcept { return (record_->flags & token_revoked) != 0; }
    bool foreign() const noexcept { return (record_->flags & token_foreign) != 0; }

    /// Whether its texts lie inside the image and, but for the networks, are free of control
    /// characters. What is not sound must not be believed. The name, which only lists and logs
    /// show, is left out: it would cost a cache line of its own.
    bool sound() const noexcept;
    bool name_is_sound() const noexcept;

private:
    std::string_view text(std::uint32_t offset) const noexcept;

    const TokenRecord* record_;
    std::span<const std::byte> text_;
};

/// Reads one image in place. A view only: the memory must outlive it.
///
/// Invariant: whatever the bytes are, nothing outside them is read, and a look-up ends.
class TokenTable {
public:
    /// Checks the header against the size, in time independent of it. Records are checked when they
    /// are used. Bytes beyond total_size are ignored. REQUIRES: bytes are aligned to 8.
    static Result<TokenTable> open(std::span<const std::byte> bytes);

    /// Reads every byte. For what was on a disk; sealed memory of a trusted peer needs no such
    /// check.
    bool checksum_matches() const noexcept;

    std::uint64_t checksum() const noexcept { return header().checksum; }
    std::uint64_t revision() const noexcept { return header().revision; }
    std::uint64_t base_checksum() const noexcept { return header().base_checksum; }
    std::uint32_t record_count() const noexcept { return header().record_count; }
    std::uint32_t foreign_count() const noexcept { return header().foreign_count; }
    std::uint64_t total_size() const noexcept { return header().total_size; }

    /// REQUIRES: number < record_count().
    const TokenRecord& record(std::uint32_t number) const noexcept { return records_[number]; }
    TokenView view(const TokenRecord& record) const noexcept { return {record, text_}; }

    /// The records of one key; null where there is none.
    struct Found {
        const TokenRecord* first = nullptr;
        const TokenRecord* second = nullptr;
    };
    Found find(std::uint64_t key) const noexcept;

    /// Has what find(key) will read fetched into the cache meanwhile: first the slot, some 100 ns
    /// later the record.
    void prefetch_slot(std::uint64_t key) const noexcept;
    void prefetch_record(std::uint64_t key) const noexcept;

    /// Some record, the same for the same key; null in an empty table. For who must spend the time
    /// of a look-up that found something.
    const TokenRecord* stand_in(std::uint64_t key) const noexcept;

private:
    TokenTable() = default;

    const TokenTableHeader& header() const noexcept
    {
        return *reinterpret_cast<const TokenTableHeader*>(data_);
    }

    const std::byte* data_ = nullptr;
    const TokenRecord* records_ = nullptr;
    const std::uint64_t* index_ = nullptr;
    std::span<const std::byte> text_;
};

// --- shared by reader and builder ---

/// REQUIRES: bytes hold at least a header.
std::uint64_t token_table_checksum(std::span<const std::byte> bytes) noexcept;

/// Spreads keys, which are text or hashes, over all bits (the finalizer of MurmurHash3).
constexpr std::uint64_t mixed(std::uint64_t key) noexcept
{
    key = (key ^ (key >> 33)) * 0xff51'afd7'ed55'8ccd;
    key = (key ^ (key >> 33)) * 0xc4ce'b9fe'1a85'ec53;
    return key ^ (key >> 33);
}

/// A number below `count`, by the upper half of a mixed key.
constexpr std::uint32_t scaled(std::uint64_t mixed_key, std::uint32_t count) noexcept
{
    return static_cast<std::uint32_t>((mixed_key >> 32) * count >> 32);
}

constexpr std::uint64_t index_slot(std::uint64_t mixed_key, std::uint32_t number) noexcept
{
    return mixed_key << 32 | (std::uint64_t{number} + 1);
}

}  // namespace gatehouse::auth
