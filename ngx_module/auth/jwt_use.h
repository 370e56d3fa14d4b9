// With which keys, and by which rules, a location takes JWTs.
#pragma once

#include "ngx_module/glue/ngx.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "src/auth/jwt.h"
#include "src/auth/keyset.h"

namespace gatehouse::auth_feature {

/// One gate_jwt_key: keys that were read with the configuration, or a set of the board by its name.
struct JwtKeySource {
    std::shared_ptr<const auth::Keyset> keys;
    std::string board_name;  ///< where `keys` is null
};

/// What the gate_jwt_… directives of one level say.
struct JwtSettings {
    std::optional<std::vector<JwtKeySource>> keys;
    std::optional<auth::AlgorithmSet> algorithms;
    std::optional<std::vector<std::string>> issuers;
    std::optional<std::vector<std::string>> audiences;
    std::optional<ngx_msec_t> leeway_ms;

    bool say_nothing() const noexcept
    {
        return !keys && !algorithms && !issuers && !audiences && !leeway_ms;
    }
    void inherit(const JwtSettings& outer);
};

inline constexpr std::size_t most_jwt_keys = 16;

/// Merged, for requests. Levels that say nothing share one.
struct JwtUse {
    /// nullptr where no key is given.
    static std::shared_ptr<const JwtUse> make(const JwtSettings& settings);

    std::uint64_t number = 0;  ///< never the same twice in a process
    std::vector<JwtKeySource> sources;
    auth::JwtPolicy policy;
};

}  // namespace gatehouse::auth_feature
