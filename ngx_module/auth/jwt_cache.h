// JWTs that were verified, so that the next request with the same one need not be.
//
// Thread safety: none; one per worker.
#pragma once

#include "ngx_module/glue/ngx.h"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "src/auth/claims.h"
#include "src/base/siphash.h"

namespace gatehouse::auth_feature {

/// A token that was good, and for how long. Immutable once made: requests share it.
struct VerifiedJwt {
    std::string token;
    std::uint64_t use = 0;  ///< JwtUse::number
    std::uint64_t keys_epoch = 0;
    std::int64_t expires_s = 0;  ///< the first second at which it is refused
    std::string user, plan, token_id;
    auth::Claims claims;  ///< in `memory`
    std::unique_ptr<std::uint64_t[]> memory;
};

class JwtCache {
public:
    /// `slots`: how many tokens at most, a power of two.
    explicit JwtCache(std::size_t slots);

    /// nullptr: not known, or no longer good. The token is compared byte by byte.
    std::shared_ptr<const VerifiedJwt> find(std::string_view token, std::uint64_t use,
                                            std::uint64_t keys_epoch, std::int64_t now_s) const;

    /// In place of whatever has its slot.
    void put(std::shared_ptr<const VerifiedJwt> verified);

private:
    std::size_t slot_of(std::string_view token, std::uint64_t use) const noexcept;

    SipKey key_;  // random: nobody can aim at a slot
    std::vector<std::shared_ptr<const VerifiedJwt>> slots_;
};

}  // namespace gatehouse::auth_feature
