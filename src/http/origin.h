// Web origins (RFC 6454 §6.2, as browsers send them) and the sets of them that a site allows.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "src/base/result.h"

namespace gatehouse::http {

/// Which origins are allowed.
///
/// Thread safety: const members may be called at once.
class OriginSet {
public:
    /// Adds one of
    ///
    ///     https://app.example.com        exactly this origin
    ///     http://localhost:3000          with a port; a default port may be there or not
    ///     https://*.example.com          exactly one label in place of the `*`
    ///     null                           what sandboxed documents send
    ///     *                              all of them
    ///
    /// Letter case is normalised as browsers do it. The error says what is wrong, and what to write
    /// instead where that is known.
    Result<void> add(std::string_view text);

    /// Whether `*` is among them.
    bool all() const noexcept { return all_; }

    /// Whether `null` was added by name.
    bool has_null() const noexcept { return has_null_; }

    bool empty() const noexcept { return !all_ && exact_.empty() && wildcards_.empty(); }

    /// `origin`: the field as the client sent it; compared byte by byte, since browsers send the
    /// normal form alone.
    bool contains(std::string_view origin) const noexcept;

private:
    struct Wildcard {
        std::string before;  ///< "https://"
        std::string after;   ///< ".example.com:8443"
    };

    static bool matches(const Wildcard& wildcard, std::string_view origin) noexcept;

    std::vector<std::string> exact_;  ///< sorted, by size first
    std::vector<Wildcard> wildcards_;
    bool all_ = false;
    bool has_null_ = false;
};

}  // namespace gatehouse::http
