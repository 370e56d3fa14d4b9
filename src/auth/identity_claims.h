// What is signed about a request and who it is from, for apps and the sidecar to believe: the
// claims of a short-lived JWT.
//
//     {"iss":"gatehouse","iat":1767225600,"exp":1767225630,"sub":"ada","method":"token",
//      "token_id":"2pR8xQ0b","plan":"gold","scope":"read write","roles":["admin"],
//      "htm":"POST","htu":"/gatehouse/api/v1/datasets/runs","request_id":"…"}
//
// `htm` and `htu` (named as in RFC 9449 §4.2) say for which request it was made: whoever acts by it
// compares them with the one he serves, or what was meant for one could be used for another.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::auth {

inline constexpr std::string_view identity_issuer = "gatehouse";
inline constexpr std::int64_t identity_lifetime_s = 30;

/// Of the table with the key that signs: its magic, then the seed of an Ed25519 key.
inline constexpr std::string_view identity_key_table = "identity.key";
inline constexpr std::string_view identity_key_magic = "GTHIDK01";

/// Empty members are left out.
struct IdentityClaims {
    std::string_view user = {};
    std::string_view method = {};  ///< "token", "jwt"
    std::string_view token_id = {};
    std::string_view plan = {};
    std::string_view scopes = {};  ///< separated by blanks
    std::vector<std::string_view> roles = {};
    std::string_view request_method = {};
    std::string_view request_path = {};  ///< as the client wrote it, without its query
    std::string_view request_id = {};
};

std::string identity_json(const IdentityClaims& claims, std::int64_t now_s);

/// The bytes of the table. REQUIRES: a seed of IdentitySigner::seed_bytes.
std::string identity_key_bytes(std::string_view seed);

/// The seed in a table's bytes; empty if they are none.
std::string_view identity_seed(std::string_view table) noexcept;

}  // namespace gatehouse::auth
