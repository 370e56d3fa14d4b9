// Who a request is from: the signed form of what the module found out, and nothing else.
//
// What is believed is a JWT (src/auth/identity_claims.h) of EdDSA under our own key's kid, issued
// by the module for half a minute, whose `htm` and `htu` are the method and the path of the very
// request it comes with. The path is compared as the client wrote it, without its query: that is
// what nginx signs, and what `proxy_pass http://unix:/…/api.sock:;` (without a path of its own)
// sends on. Where a configuration rewrites the path, the two differ, and the request is refused
// rather than believed.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>

#include "sidecar/base/api.h"
#include "src/base/result.h"

namespace gatehouse::api {

/// Thread safety: none.
class IdentityCheck {
public:
    /// For the key with this seed.
    static Result<IdentityCheck> of_seed(std::string_view seed);

    /// For any of these: while one key takes another's place, both have signed.
    static Result<IdentityCheck> of_seeds(std::span<const std::string_view> seeds);

    IdentityCheck(IdentityCheck&&) noexcept;
    IdentityCheck& operator=(IdentityCheck&&) noexcept;
    ~IdentityCheck();

    /// Nothing: not to be believed. `path` is raw, `now_s` Unix time.
    std::optional<Caller> caller(std::string_view token, std::string_view method,
                                 std::string_view path, std::int64_t now_s);

    /// Clocks of one machine; nginx's is up to a tick behind.
    static constexpr std::int64_t leeway_s = 2;

private:
    struct State;
    explicit IdentityCheck(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
};

}  // namespace gatehouse::api
