// Whether a token is good: the base and the changes since, and what is asked of them.
//
// Thread safety: one thread at a time for each object; the images are shared by all.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "src/auth/api_token.h"
#include "src/auth/token_table.h"

namespace gatehouse::auth {

/// Why a token is refused. For logs, metrics and the operator; the client is told none of it.
enum class TokenRejection : std::uint8_t {
    none,          ///< it is good
    malformed,     ///< cannot be a token: shape or checksum
    unknown,       ///< nobody has it
    wrong_secret,  ///< its id is known, and the rest is not that token's
    revoked,
    not_yet_valid,
    expired,
    wrong_network,  ///< the client's address is in none of the token's networks
    no_table,       ///< there is no table yet, or no way to look into it
};
inline constexpr std::size_t token_rejection_count = 9;

/// "malformed", "unknown", …; "" for none.
std::string_view word_of(TokenRejection rejection) noexcept;

struct TokenVerdict {
    TokenRejection rejection = TokenRejection::no_table;
    /// Whose token it is: there from `revoked` on and for `none`, when the secret was right.
    std::optional<TokenView> token;

    bool accepted() const noexcept { return rejection == TokenRejection::none; }
};

class TokenTables {
public:
    /// Takes a new base; changes to another one are dropped, as it holds them.
    void set_base(const TokenTable& base) noexcept;

    /// Fails where they are changes to another base, or are none.
    Result<void> set_changes(const TokenTable& changes);

    bool ready() const noexcept { return base_.has_value(); }
    const std::optional<TokenTable>& base() const noexcept { return base_; }
    const std::optional<TokenTable>& changes() const noexcept { return changes_; }

    struct Client {
        std::int64_t now_s = 0;
        std::span<const std::uint8_t> address;  ///< 4 or 16 bytes, or none (Unix socket)
    };

    /// One hash, look-ups, and two comparisons in constant time, whether the token is known or not:
    /// for an unknown one they are made against another token's digest. Junk costs nothing but its
    /// checksum, and a foreign token nothing where there are none.
    TokenVerdict verify(Sha256& sha256, std::string_view token, const Client& client) const;

private:
    struct Candidates {
        const TokenTable* table = nullptr;  // whose records they are
        TokenTable::Found found;
    };

    bool may_hold(TokenShape shape) const noexcept;
    Candidates look_up(std::uint64_t key) const noexcept;

    std::optional<TokenTable> base_;
    std::optional<TokenTable> changes_;
};

}  // namespace gatehouse::auth
