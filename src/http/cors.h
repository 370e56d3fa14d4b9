// Cross-origin requests: what a server grants them (Fetch standard, "CORS protocol").
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "src/base/result.h"
#include "src/http/origin.h"

namespace gatehouse::http {

/// What is read of Access-Control-Request-Headers; a longer field is granted nothing.
inline constexpr std::size_t max_requested_headers_bytes = 4096;

/// Names of methods or of header fields, or `*` for all.
class NameList {
public:
    enum class Kind : std::uint8_t {
        methods,  ///< compared as they are; nginx itself knows methods in upper case alone
        fields,   ///< compared whatever their case
    };

    /// Reads "GET, PUT" or "*".
    static Result<NameList> parse(Kind kind, std::string_view list);

    bool all() const noexcept { return all_; }
    bool contains(std::string_view name) const noexcept;

    /// For a response's field: "GET, PUT".
    const std::string& text() const noexcept { return text_; }

private:
    std::vector<std::string> names_;  ///< fields in lower case
    std::string text_;
    Kind kind_ = Kind::methods;
    bool all_ = false;
};

/// The rules of one place. `*` in a list of a response means nothing to a browser once there are
/// credentials: so a preflight is told what it asked for instead.
struct CorsRules {
    OriginSet origins;
    NameList methods;
    NameList headers;
    std::string exposed;  ///< Access-Control-Expose-Headers; may be empty
    bool credentials = false;
};

/// What a preflight is granted. The views are into the rules or into what was asked.
struct PreflightGrant {
    std::string_view methods;
    std::string_view headers;  ///< empty: none
};

/// Nothing if the method, or one of the header names, is not allowed, or if either field is
/// malformed. `headers`: Access-Control-Request-Headers, empty if absent. The origin is the
/// caller's business. Linear in the field.
std::optional<PreflightGrant> grant(const CorsRules& rules, std::string_view method,
                                    std::string_view headers) noexcept;

}  // namespace gatehouse::http
