#include "src/auth/jws_header.h"

#include <algorithm>
#include <array>

#include "src/base/ascii.h"

namespace gatehouse::auth {

namespace {

/// They bring a key along, change what is signed, or belong to encryption.
constexpr std::array<std::string_view, 8> refused{"jwk",  "jku", "x5u", "x5c",
                                                  "crit", "b64", "zip", "enc"};

Rejection read_text(JsonValue parameter, std::optional<std::string_view>& out) noexcept
{
    if (!parameter.is(JsonType::string)) {
        return Rejection::header_parameter;
    }
    out = parameter.text();
    return Rejection::none;
}

Rejection read_algorithm(JsonValue parameter, JwsHeader& out) noexcept
{
    const auto named =
        parameter.is(JsonType::string) ? algorithm_named(parameter.text()) : std::nullopt;
    if (!named) {
        return Rejection::algorithm;
    }
    out.algorithm = *named;
    return Rejection::none;
}

Rejection read_parameter(JsonValue parameter, JwsHeader& out) noexcept
{
    std::optional<std::string_view> content_type;
    const auto name = parameter.name();
    if (name == "alg") {
        return read_algorithm(parameter, out);
    }
    if (name == "kid") {
        return read_text(parameter, out.kid);
    }
    if (name == "typ") {
        return read_text(parameter, out.type);
    }
    if (name == "cty") {
        return read_text(parameter, content_type);
    }
    return std::find(refused.begin(), refused.end(), name) != refused.end()
               ? Rejection::header_parameter
               : Rejection::none;
}

}  // namespace

Rejection read_header(JsonValue header, JwsHeader& out) noexcept
{
    for (const JsonValue parameter : header) {
        const auto rejection = read_parameter(parameter, out);
        if (rejection != Rejection::none) {
            return rejection;
        }
    }
    return header.member("alg") ? Rejection::none : Rejection::algorithm;
}

bool is_jwt_type(std::string_view type) noexcept
{
    constexpr std::string_view prefix = "application/";  // may be left out (RFC 7515 §4.1.9)
    if (type.size() > prefix.size() &&
        equals_ignoring_case(type.substr(0, prefix.size()), prefix)) {
        type.remove_prefix(prefix.size());
    }
    return equals_ignoring_case(type, "jwt") || equals_ignoring_case(type, "at+jwt");
}

}  // namespace gatehouse::auth
