// Lays out a token table (token_table.h): records are added one by one, then sealed.
//
// Thread safety: one thread at a time.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "src/auth/token_table.h"
#include "src/base/result.h"
#include "src/base/sealed_memory.h"

namespace gatehouse::auth {

/// One record. Views: they must live until add() returns.
struct TokenSpec {
    std::string_view id;  ///< eight digits of base62
    Digest digest{};      ///< SHA-256 of the token's whole text
    bool foreign = false;
    bool revoked = false;
    std::int64_t not_before_s = 0;
    std::int64_t expires_s = never_expires;
    std::string_view user;
    std::string_view name;
    std::string_view scopes;  ///< as join_scopes() makes them
    std::string_view plan;
    std::string_view networks;  ///< entries of parse_network(), one after the other
};

class TokenTableBuilder {
public:
    /// Fails on an id that is none, on control characters and on text too long to lie in a table.
    Result<void> add(const TokenSpec& token);

    /// In changes: whatever the base has under this token's key is gone. `id` and `digest` as in a
    /// TokenSpec; the digest matters for foreign tokens alone.
    Result<void> remove(const TokenSpec& token);

    std::size_t size() const noexcept { return records_.size(); }

    /// Lays out what was added. `base_checksum`: that of the base these are changes to, 0 for a
    /// base. Fails where a key has more than two records, and where there are too many for 32 bits.
    Result<SealedMemory> build(std::uint64_t revision, std::uint64_t base_checksum) const;

private:
    Result<std::uint32_t> intern(std::string_view text);
    Result<TokenRecord> record_of(const TokenSpec& token);

    std::vector<TokenRecord> records_;
    std::string text_ = std::string(sizeof(std::uint16_t), '\0');  // the empty text
    std::unordered_map<std::string, std::uint32_t> offsets_;
};

}  // namespace gatehouse::auth
