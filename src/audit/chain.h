// The chain that ties the lines of the audit log together.
//
//   line   {"seq":N, … ,"hmac":"<64 hexadecimal digits>"}
//   hmac   HMAC-SHA-256 (RFC 2104) with the key, over the hmac of the line before as it stands
//   there
//          (64 digits; the first line of all: 64 zeros), then this line up to the comma before its
//          own hmac
//
// A line that was changed, left out, put in or moved no longer fits its neighbours, and without the
// key nobody can make one that fits. Only lines missing at the very end fit: for them the number
// and hmac of the last line are kept elsewhere.
//
// Thread safety: none; one owner each.
#pragma once

#include <openssl/evp.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "src/base/result.h"

namespace gatehouse::audit {

inline constexpr std::size_t shortest_key = 32;
inline constexpr std::size_t hmac_digits = 64;

/// HMAC-SHA-256 with one key.
class Mac {
public:
    /// Fails where OpenSSL does, and for a key of less than shortest_key bytes.
    static Result<Mac> create(std::string_view key);

    /// Another one with the same key. Throws as the call operator does.
    Mac copy() const;

    /// Of both texts, one after the other, in lower-case hexadecimal. Throws std::bad_alloc where
    /// OpenSSL fails, which here it does for lack of memory.
    std::string operator()(std::string_view first, std::string_view second) const;

    /// Tells keys apart without telling them: 16 hexadecimal digits of the MAC of a constant.
    const std::string& key_id() const noexcept { return key_id_; }

private:
    struct Free {
        void operator()(EVP_MAC_CTX* context) const noexcept { EVP_MAC_CTX_free(context); }
    };

    explicit Mac(EVP_MAC_CTX* keyed) noexcept : keyed_(keyed) {}

    std::unique_ptr<EVP_MAC_CTX, Free> keyed_;
    std::string key_id_;
};

/// SHA-256 in lower-case hexadecimal.
std::string sha256_digits(std::string_view bytes);

/// The last line that is in the chain.
struct ChainEnd {
    std::uint64_t seq = 0;  ///< 0: no line yet
    std::string hmac = std::string(hmac_digits, '0');

    bool operator==(const ChainEnd&) const = default;
};

/// Turns `{"seq":…` without its closing brace into a whole line with its end, and `end` into what
/// it is now. REQUIRES: the seq written is end.seq + 1.
void seal(const Mac& mac, ChainEnd& end, std::string& line);

/// A line taken apart; views into it.
struct SealedLine {
    std::string_view body;  ///< what the hmac is over, beside the hmac before
    std::string_view hmac;
    std::uint64_t seq = 0;
};

/// `line`: without its end. Nothing if it does not have the form of one.
std::optional<SealedLine> take_apart(std::string_view line) noexcept;

}  // namespace gatehouse::audit
