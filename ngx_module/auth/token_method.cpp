#include "ngx_module/glue/ngx.h"

#include "ngx_module/auth/token_method.h"

#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>

#include "ngx_module/auth/credential_cache.h"
#include "ngx_module/glue/address.h"
#include "ngx_module/glue/clock.h"
#include "ngx_module/glue/worker_tables.h"
#include "src/auth/token_tables.h"

namespace gatehouse::auth_feature {

namespace {

constexpr std::string_view base_name = "tokens";
constexpr std::string_view changes_name = "tokens.changes";

/// The tables in force and their memory. Immutable: requests share it.
struct Tokens {
    std::shared_ptr<const SealedMemory> base_memory;
    std::shared_ptr<const SealedMemory> changes_memory;
    auth::TokenTables tables;
};

std::shared_ptr<const Tokens> tokens_in_force;

/// A base that was made before the last of the changes that are held, one of which may be a
/// revocation: it comes into force together with its own changes, which follow it.
struct EarlyBase {
    std::shared_ptr<const SealedMemory> memory;
    auth::TokenTable table;
};

std::optional<EarlyBase> early_base;

/// A token that was good, by the tables of that time.
struct VerifiedToken {
    std::string text;
    std::shared_ptr<const Tokens> tokens;  ///< whose memory the view is of
    std::optional<auth::TokenView> view;   ///< there is one
};

using Cache = CredentialCache<VerifiedToken>;

Cache& cache()
{
    static Cache made{remembered_credentials};
    return made;
}

void put_in_force(std::shared_ptr<const Tokens> tokens)
{
    tokens_in_force = std::move(tokens);
    early_base.reset();
    cache().clear();
}

bool is_early(const auth::TokenTable& base) noexcept
{
    if (tokens_in_force == nullptr || !tokens_in_force->tables.changes()) {
        return false;
    }
    const auto& tables = tokens_in_force->tables;
    return base.revision() < tables.changes()->revision() &&
           base.checksum() != tables.base()->checksum();
}

Result<void> take_base(board::Table table)
{
    const auto opened = auth::TokenTable::open(table.memory->bytes());
    if (!opened) {
        return opened.error();
    }
    if (opened->base_checksum() != 0) {
        return Error{"it holds changes, not a base"};
    }
    if (is_early(*opened)) {
        early_base = EarlyBase{std::move(table.memory), *opened};
        return {};
    }
    // The same base again, after a reconnection, keeps what changed on it: it may be a revocation.
    auto next = tokens_in_force != nullptr ? std::make_shared<Tokens>(*tokens_in_force)
                                           : std::make_shared<Tokens>();
    next->base_memory = std::move(table.memory);
    next->tables.set_base(*opened);
    if (!next->tables.changes()) {
        next->changes_memory = nullptr;
    }
    put_in_force(std::move(next));
    return {};
}

std::shared_ptr<const Tokens> with_base(const EarlyBase& base)
{
    auto tokens = std::make_shared<Tokens>();
    tokens->base_memory = base.memory;
    tokens->tables.set_base(base.table);
    return tokens;
}

/// What changed on a base that is not here may be a revocation: better no token than that one.
Result<void> forget_all_tokens(const Error& why)
{
    put_in_force(nullptr);
    return Error{why.message + ", of which the base is not here: no token is good until it comes"};
}

/// As their file is damaged.
void lose_changes()
{
    put_in_force(nullptr);
    ngx_log_error(
        NGX_LOG_ERR, ngx_cycle->log, 0,
        "gatehouse: what changed on the table \"tokens\" is lost, and a revocation may be "
        "among it: no token is good until the sidecar is here");
}

Result<void> take_changes(board::Table table)
{
    const auto opened = auth::TokenTable::open(table.memory->bytes());
    if (!opened) {
        return opened.error();
    }
    const bool for_early_base =
        early_base && opened->base_checksum() == early_base->table.checksum();
    const auto held = for_early_base ? with_base(*early_base) : tokens_in_force;
    if (held != nullptr && opened->base_checksum() != held->tables.base()->checksum() &&
        opened->revision() <= held->tables.base()->revision()) {
        return {};  // the base holds them
    }
    auto next = held != nullptr ? std::make_shared<Tokens>(*held) : std::make_shared<Tokens>();
    if (auto set = next->tables.set_changes(*opened); !set) {
        return forget_all_tokens(set.error());
    }
    next->changes_memory = std::move(table.memory);
    put_in_force(std::move(next));
    return {};
}

auth::Sha256& sha256()
{
    static auto made = auth::Sha256::create();
    if (!made) {
        throw std::runtime_error{made.error().message};
    }
    return *made;
}

Outcome outcome_of(const auth::TokenVerdict& verdict)
{
    using auth::TokenRejection;
    const auto word = auth::word_of(verdict.rejection);
    switch (verdict.rejection) {
    case TokenRejection::none: return {};  // not asked for
    case TokenRejection::expired: return expired_token(word);
    case TokenRejection::no_table: return unavailable(word);
    case TokenRejection::revoked: {
        auto outcome = invalid_token(word);
        outcome.counted = glue::Reason::revoked;
        return outcome;
    }
    case TokenRejection::wrong_network: {
        auto outcome = invalid_token(word);
        outcome.counted = glue::Reason::network;
        return outcome;
    }
    default: return invalid_token(word);
    }
}

/// nullptr: not known, or to be looked at anew: other tables, its time is over, or it is good from
/// some networks alone.
const std::shared_ptr<const VerifiedToken>* remembered(const Cache::Place& place,
                                                       std::string_view text,
                                                       const auth::TokenTables::Client& client)
{
    const auto* known = cache().find(place, text);
    const bool good = known != nullptr && (*known)->tokens == tokens_in_force &&
                      client.now_s < (*known)->view->expires_s() &&
                      (*known)->view->networks().empty();
    return good ? known : nullptr;
}

std::shared_ptr<const VerifiedToken> remember(const Cache::Place& place, std::string_view text,
                                              const auth::TokenView& view)
{
    auto verified = cache().make_room(place);
    verified->text = text;
    verified->tokens = tokens_in_force;
    verified->view = view;
    cache().put(place, verified);
    return verified;
}

Outcome let_in(std::shared_ptr<const VerifiedToken> verified)
{
    const auto& view = *verified->view;
    return accepted({.method = "token",
                     .user = view.user(),
                     .token_id = view.id(),
                     .plan = view.plan(),
                     .scopes = view.scopes(),
                     .claims = {},
                     .keeper = std::move(verified)});
}

}  // namespace

void prepare_tokens()
{
    glue::on_table(base_name, take_base);
    glue::on_table(changes_name, take_changes);
    glue::on_lost_table(changes_name, lose_changes);
}

Outcome try_token(ngx_http_request_t& r, std::string_view token)
{
    const auto& tokens = tokens_in_force;
    if (tokens == nullptr) {
        const bool junk = auth::shape_of(token) == auth::TokenShape::junk;
        return junk ? invalid_token("malformed") : unavailable("no_table");
    }
    const auth::TokenTables::Client client{.now_s = glue::now_ms() / 1000,
                                           .address = glue::address_of(*r.connection)};
    const auto place = cache().place_of(token, 0);
    if (const auto* known = remembered(place, token, client)) {
        return let_in(*known);
    }
    const auto verdict = tokens->tables.verify(sha256(), token, client);
    return verdict.accepted() ? let_in(remember(place, token, *verdict.token))
                              : outcome_of(verdict);
}

}  // namespace gatehouse::auth_feature
