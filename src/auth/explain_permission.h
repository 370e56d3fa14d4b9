// The permission to have a request explained by nginx instead of served: what gatehousectl asks
// the sidecar for, and a worker believes.
//
//     Gate-Explain: base64url(payload) "." base64url(HMAC-SHA256(key, base64url(payload)))
//     payload:      "1" LF expires LF nonce LF method LF from LF target
//
// The whole question is in it, so that it is good for that one alone: `expires` is a Unix time in
// seconds, `nonce` sixteen hexadecimal digits, `from` an address or empty, `target` what stands in
// a request line. It comes with a GET of explain_path: who does not take it for a permission
// answers that, and no app sees the method or the path that were asked about.
//
// Thread safety: const members.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "src/base/result.h"

namespace gatehouse::auth {

inline constexpr std::string_view explain_path = "/.well-known/gatehouse-explain";
inline constexpr std::string_view explain_field = "Gate-Explain";
inline constexpr std::string_view explain_media_type = "application/vnd.gatehouse.explain+json";

/// How long a permission is good; each is good once.
inline constexpr std::int64_t explain_lifetime_s = 10;

inline constexpr std::size_t longest_explain_target = 4096;

struct ExplainPermission {
    std::int64_t expires_s = 0;
    std::uint64_t nonce = 0;
    std::string method;
    std::string from;  ///< the client's address; empty: as it connects
    std::string target;
};

/// What cannot be asked about; the error says why, for who asked.
Result<void> check(const ExplainPermission& permission);

class ExplainKey {
public:
    static constexpr std::size_t bytes = 32;

    /// Of the table that carries the key to the workers: its magic, then the key.
    static constexpr std::string_view table = "explain.key";
    static constexpr std::string_view magic = "GTHEXPK1";

    /// REQUIRES: `key` has `bytes` bytes.
    explicit ExplainKey(std::string_view key) noexcept;

    /// Nothing if a table's bytes are none.
    static std::optional<ExplainKey> from_table(std::string_view table_bytes) noexcept;
    std::string table_bytes() const;

    /// The value of the field. Empty when OpenSSL fails.
    std::string sign(const ExplainPermission& permission) const;

    /// Nothing where it is forged, expired, further ahead than any that sign() makes, or asks what
    /// check() refuses. Whether it has been used is the caller's to know.
    std::optional<ExplainPermission> verify(std::string_view value, std::int64_t now_s) const;

private:
    std::array<char, bytes> key_{};
};

}  // namespace gatehouse::auth
