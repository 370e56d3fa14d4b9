// The keys that sign $gate_identity, as the table "identity.key" carries them to the workers: one,
// or two while one takes the other's place.
//
//     one     GTHIDK01 seed[32]
//     two     GTHIDK02 switch_at_s[8] until_s[8] before[32] after[32]      numbers little-endian
//
//              published                switch_at_s               until_s
//     signs    before ──────────────────┤after ───────────────────────────▶
//     shown    before and after ──────────────────────────────────┤after ─▶
//
// Who verifies keeps the keys that he has fetched for a while: the new one is shown before anything
// is signed by it, the old one until all that it has signed is over.
//
// Thread safety: plain values.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::auth {

inline constexpr std::string_view identity_keys_magic = "GTHIDK02";

struct IdentityKeys {
    std::string
        before;  ///< a seed of IdentitySigner::seed_bytes; the only one where `after` is empty
    std::string after = {};
    std::int64_t switch_at_s = 0;
    std::int64_t until_s = 0;

    bool is_changing() const noexcept { return !after.empty(); }

    const std::string& signing(std::int64_t now_s) const noexcept
    {
        return is_changing() && now_s >= switch_at_s ? after : before;
    }

    /// Those by which what is signed now, was, or will be soon can be verified.
    std::vector<std::string_view> shown(std::int64_t now_s) const;

    /// The same with one key, where a change is over.
    IdentityKeys settled(std::int64_t now_s) const;
};

std::string identity_keys_bytes(const IdentityKeys& keys);

/// Nothing if a table's bytes are none.
std::optional<IdentityKeys> parse_identity_keys(std::string_view table);

}  // namespace gatehouse::auth
