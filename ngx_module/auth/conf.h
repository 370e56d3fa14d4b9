// What gate_auth and its like say of a location.
#pragma once

#include "ngx_module/glue/ngx.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ngx_module/auth/jwt_use.h"
#include "ngx_module/glue/bearer.h"
#include "ngx_module/glue/complex_value.h"

namespace gatehouse::auth_feature {

/// The ways in of gate_auth; each that is set may do.
struct Methods {
    bool token = false;
    bool jwt = false;

    bool any() const noexcept { return token || jwt; }
};

enum class SourceKind : std::uint8_t { bearer, header, cookie, query };

/// Where a credential may stand.
struct CredentialSource {
    SourceKind kind;
    std::string name;     ///< of the field in lower case, the cookie or the argument
    ngx_uint_t hash = 0;  ///< of a field's name, as nginx has it
};

/// One gate_require. All of a location must hold.
struct Requirement {
    enum class Kind : std::uint8_t { scope, role, user, claim, variable };

    Kind kind;
    std::string name;   ///< of the scope, role, user or claim
    std::string value;  ///< of the claim
    std::optional<glue::ComplexValue> variable;
};

struct AuthConf {
    std::optional<Methods> methods;
    std::optional<std::string> realm;
    std::optional<std::vector<Requirement>> requirements;
    std::optional<std::vector<CredentialSource>> sources;
    JwtSettings jwt_settings;

    // Made when levels are merged.
    std::shared_ptr<const JwtUse> jwt;  ///< nullptr: no key, so that no JWT is good
    std::shared_ptr<const glue::Challenges> challenges;

    // For what only the whole configuration tells.
    AuthConf* outer = nullptr;
    bool on_somewhere_below = false;
    bool keys_somewhere_below = false;

    bool is_on() const noexcept { return methods && methods->any(); }
    bool asks_query() const noexcept;
};

}  // namespace gatehouse::auth_feature
