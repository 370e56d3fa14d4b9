#include "src/auth/token_tables.h"

#include "src/auth/api_token.h"
#include "src/auth/networks.h"

namespace gatehouse::auth {

namespace {

/// What an unknown token is compared with where there is no token at all.
constexpr Digest nobody{};

const Digest& digest_of(const TokenRecord* record, const TokenRecord* stand_in) noexcept
{
    const auto* compared = record != nullptr ? record : stand_in;
    return compared != nullptr ? compared->digest : nobody;
}

/// The record whose digest it is. Always two comparisons, and always with one record that lies
/// somewhere in a large table: the first again where there is no second, the stand-in twice where
/// there is none.
const TokenRecord* match(const TokenTable::Found& found, const TokenRecord* stand_in,
                         const Digest& digest) noexcept
{
    const auto& first = digest_of(found.first, stand_in);
    const auto& second = found.second != nullptr ? found.second->digest : first;
    const bool is_first = equal_digests(first, digest);
    const bool is_second = equal_digests(second, digest);
    if (is_first && found.first != nullptr) {
        return found.first;
    }
    return is_second ? found.second : nullptr;
}

TokenRejection judge(const TokenView& token, const TokenTables::Client& client) noexcept
{
    if (token.revoked()) {
        return TokenRejection::revoked;
    }
    if (client.now_s < token.not_before_s()) {
        return TokenRejection::not_yet_valid;
    }
    if (client.now_s >= token.expires_s()) {
        return TokenRejection::expired;
    }
    const auto networks = token.networks();
    return networks.empty() || networks_hold(networks, client.address)
               ? TokenRejection::none
               : TokenRejection::wrong_network;
}

}  // namespace

std::string_view word_of(TokenRejection rejection) noexcept
{
    static constexpr std::string_view words[token_rejection_count] = {
        "",        "malformed",     "unknown",  "wrong_secret", "revoked", "not_yet_valid",
        "expired", "wrong_network", "no_table",
    };
    return words[static_cast<std::size_t>(rejection)];
}

void TokenTables::set_base(const TokenTable& base) noexcept
{
    base_ = base;
    if (changes_ && changes_->base_checksum() != base.checksum()) {
        changes_.reset();
    }
}

Result<void> TokenTables::set_changes(const TokenTable& changes)
{
    if (!base_ || changes.base_checksum() != base_->checksum()) {
        return Error{"token table: changes to another base"};
    }
    changes_ = changes;
    return {};
}

bool TokenTables::may_hold(TokenShape shape) const noexcept
{
    return shape == TokenShape::ours || base_->foreign_count() > 0 ||
           (changes_ && changes_->foreign_count() > 0);
}

TokenTables::Candidates TokenTables::look_up(std::uint64_t key) const noexcept
{
    if (changes_) {
        const auto found = changes_->find(key);
        if (found.first != nullptr) {
            const bool removed = (found.first->flags & token_removed) != 0;
            return {&*changes_, removed ? TokenTable::Found{} : found};
        }
    }
    return {&*base_, base_->find(key)};
}

TokenVerdict TokenTables::verify(Sha256& sha256, std::string_view token, const Client& client) const
{
    const bool keyed = base_ && token.size() == api_token_size;
    if (keyed) {
        base_->prefetch_slot(token_key(id_of(token)));
    }
    const auto shape = shape_of(token);
    if (shape == TokenShape::junk) {
        return {TokenRejection::malformed, std::nullopt};
    }
    if (!base_) {
        return {TokenRejection::no_table, std::nullopt};
    }
    if (!may_hold(shape)) {
        return {TokenRejection::unknown, std::nullopt};
    }
    if (shape == TokenShape::ours) {
        base_->prefetch_record(token_key(id_of(token)));
    }
    const auto digest = sha256(token);
    if (!digest) {
        return {TokenRejection::no_table, std::nullopt};
    }
    const auto key = shape == TokenShape::ours ? token_key(id_of(token)) : token_key(*digest);
    const auto candidates = look_up(key);
    const auto* record = match(candidates.found, base_->stand_in(key), *digest);
    if (record == nullptr) {
        return {candidates.found.first == nullptr ? TokenRejection::unknown
                                                  : TokenRejection::wrong_secret,
                std::nullopt};
    }
    const auto view = candidates.table->view(*record);
    if (!view.sound()) {
        return {TokenRejection::no_table, std::nullopt};
    }
    return {judge(view, client), view};
}

}  // namespace gatehouse::auth
