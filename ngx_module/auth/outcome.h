// What came of looking at a request's credentials.
#pragma once

#include "ngx_module/glue/ngx.h"

#include <optional>
#include <string_view>
#include <utility>

#include "ngx_module/glue/bearer.h"
#include "ngx_module/glue/identity.h"
#include "ngx_module/glue/telemetry.h"

namespace gatehouse::auth_feature {

struct Requirement;

/// What a look at credentials is for. Who only wants to explain a request leaves no trace of it: no
/// token counts as used, and no keys are sent for.
enum class Purpose : std::uint8_t { decide, explain };

/// One row for each way it can go.
struct Outcome {
    enum class Kind : std::uint8_t {
        accepted,
        refused,
        unavailable,  ///< what it takes to judge is not here yet
    };

    Kind kind = Kind::refused;
    std::string_view reason;  ///< a word, for $gate_auth_reason and the log
    glue::BearerError error = glue::BearerError::invalid_token;
    std::string_view detail = "Invalid token";  ///< for the client
    glue::Reason counted = glue::Reason::invalid_token;
    telemetry::AuthMethod method = telemetry::AuthMethod::none;
    glue::Identity identity = {};  ///< where accepted
    const Requirement* unmet = nullptr;
};

inline Outcome accepted(glue::Identity identity)
{
    return {.kind = Outcome::Kind::accepted,
            .reason = "ok",
            .counted = glue::Reason::none,
            .identity = std::move(identity)};
}

/// A token that is none, or not good.
inline Outcome invalid_token(std::string_view reason)
{
    return {.reason = reason};
}

inline Outcome expired_token(std::string_view reason)
{
    return {.reason = reason, .detail = "Token expired", .counted = glue::Reason::expired};
}

inline Outcome unavailable(std::string_view reason)
{
    return {.kind = Outcome::Kind::unavailable,
            .reason = reason,
            .detail = "What it takes to judge this token is not here yet.",
            .counted = glue::Reason::error};
}

}  // namespace gatehouse::auth_feature
