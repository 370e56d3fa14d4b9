#include "src/auth/identity_keys.h"

#include "src/auth/identity_claims.h"
#include "src/auth/identity_signer.h"

namespace gatehouse::auth {

namespace {

constexpr std::size_t number_bytes = 8;
constexpr std::size_t seed_bytes = IdentitySigner::seed_bytes;
constexpr std::size_t changing_bytes =
    identity_keys_magic.size() + 2 * number_bytes + 2 * seed_bytes;

void append_number(std::string& out, std::int64_t number)
{
    for (std::size_t i = 0; i < number_bytes; ++i) {
        out += static_cast<char>(static_cast<std::uint64_t>(number) >> (8 * i) & 0xff);
    }
}

std::int64_t take_number(std::string_view& bytes)
{
    std::uint64_t number = 0;
    for (std::size_t i = 0; i < number_bytes; ++i) {
        number |= std::uint64_t{static_cast<unsigned char>(bytes[i])} << (8 * i);
    }
    bytes.remove_prefix(number_bytes);
    return static_cast<std::int64_t>(number);
}

}  // namespace

std::vector<std::string_view> IdentityKeys::shown(std::int64_t now_s) const
{
    if (!is_changing()) {
        return {before};
    }
    return now_s >= until_s ? std::vector<std::string_view>{after}
                            : std::vector<std::string_view>{before, after};
}

IdentityKeys IdentityKeys::settled(std::int64_t now_s) const
{
    return is_changing() && now_s >= until_s ? IdentityKeys{after} : *this;
}

std::string identity_keys_bytes(const IdentityKeys& keys)
{
    if (!keys.is_changing()) {
        return identity_key_bytes(keys.before);
    }
    std::string bytes{identity_keys_magic};
    append_number(bytes, keys.switch_at_s);
    append_number(bytes, keys.until_s);
    return bytes.append(keys.before).append(keys.after);
}

std::optional<IdentityKeys> parse_identity_keys(std::string_view table)
{
    if (const auto seed = identity_seed(table); !seed.empty()) {
        return IdentityKeys{std::string{seed}};
    }
    if (!table.starts_with(identity_keys_magic) || table.size() != changing_bytes) {
        return std::nullopt;
    }
    table.remove_prefix(identity_keys_magic.size());
    IdentityKeys keys;
    keys.switch_at_s = take_number(table);
    keys.until_s = take_number(table);
    keys.before = table.substr(0, seed_bytes);
    keys.after = table.substr(seed_bytes);
    return keys.switch_at_s <= keys.until_s ? std::optional{std::move(keys)} : std::nullopt;
}

}  // namespace gatehouse::auth
