// The keys that sign $gate_identity: made, changed, and given up when a change is over.
//
// Thread safety: none; lives on the loop.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "sidecar/base/resource.h"
#include "src/auth/identity_keys.h"
#include "src/base/result.h"

namespace gatehouse::identity {

class SigningKeys {
public:
    /// Calls with the table's bytes whenever they change.
    using Publish = std::function<void(const std::string& bytes)>;

    explicit SigningKeys(Publish publish) : publish_(std::move(publish)) {}

    /// What an earlier run has kept, or a new key where that is none.
    Result<void> open(std::string_view kept, std::int64_t now_s);

    /// A new key: shown at once, signing after `overlap`; the old one is shown for as long again,
    /// and for longer than anything it has signed. Refused while another change is under way.
    Result<void> rotate(std::chrono::seconds overlap, std::int64_t now_s);

    /// The same without the old one: what it has signed is no longer to be believed.
    Result<void> replace();

    /// To be called now and then.
    void settle(std::int64_t now_s);

    const auth::IdentityKeys& keys() const noexcept { return keys_; }

    static constexpr std::chrono::seconds usual_overlap{600};

private:
    void take(auth::IdentityKeys keys);

    Publish publish_;
    auth::IdentityKeys keys_;
};

/// GET /v1/identity/keys, POST /v1/identity/rotate {"overlap": "10m", "at_once": false}
std::vector<sidecar::Resource> key_resources(SigningKeys& keys);

}  // namespace gatehouse::identity
