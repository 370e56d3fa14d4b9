#include "sidecar/identity/foreign_import.h"

#include <optional>
#include <unordered_set>
#include <utility>

#include "sidecar/identity/issue.h"
#include "src/auth/api_token.h"

namespace gatehouse::identity {

namespace {

constexpr int tries_for_an_id = 8;

Failure refused(const Error& error)
{
    return {Failure::Kind::request, error.message};
}

Failure unavailable(const Error& error)
{
    return {Failure::Kind::unavailable, error.message};
}

Failure about_entry(std::size_t number, const ForeignToken& foreign, const Failure& failure)
{
    // Never the token itself: this ends in a log or on a screen.
    return {failure.kind, "token " + std::to_string(number) + " of the list (user \"" +
                              foreign.request.user + "\"): " + failure.message};
}

class Import {
public:
    Import(TokenStore& store, const config::Tokens& limits, std::int64_t now_s, bool dry_run)
        : store_(store), limits_(limits), now_s_(now_s), dry_run_(dry_run)
    {
    }

    /// Why not; nothing: it is taken, or was known.
    std::optional<Failure> take(const ForeignToken& foreign)
    {
        const auto secret = secret_of(foreign.text, now_s_);
        if (!secret) {
            return refused(secret.error());
        }
        auto token = checked(foreign.request, limits_, now_s_);
        if (!token) {
            return refused(token.error());
        }
        const auto known = store_.knows(secret->digest);
        if (!known) {
            return unavailable(known.error());
        }
        if (*known) {
            ++imported_.known;
            return std::nullopt;
        }
        auto id = secret->foreign ? free_id(store_) : id_in(foreign.text);
        if (!id) {
            return id.failure();
        }
        token->id = std::move(*id);
        return add({std::move(*token), {*secret}});
    }

    Imported imported() && { return std::move(imported_); }

private:
    /// The one that stands in a token of our shape.
    Outcome<std::string> id_in(const std::string& text)
    {
        std::string id{auth::id_of(text)};
        const auto taken = store_.has(id);
        if (!taken) {
            return taken.error();
        }
        if (*taken || !ids_.insert(id).second) {
            return Failure{Failure::Kind::conflict, "another token has the id " + id};
        }
        return id;
    }

    std::optional<Failure> add(WholeToken whole)
    {
        if (!dry_run_) {
            if (auto inserted = store_.insert(whole.token); !inserted) {
                return unavailable(inserted.error());
            }
            if (auto added = store_.add_secret(whole.token.number, whole.secrets.front()); !added) {
                return unavailable(added.error());
            }
        }
        imported_.tokens.push_back(std::move(whole));
        return std::nullopt;
    }

    TokenStore& store_;
    const config::Tokens& limits_;
    std::int64_t now_s_;
    bool dry_run_;
    Imported imported_;
    std::unordered_set<std::string> ids_;  // of the list's tokens of our shape
};

}  // namespace

Outcome<std::string> free_id(TokenStore& store)
{
    for (int i = 0; i < tries_for_an_id; ++i) {
        auto id = new_token_id();
        if (!id) {
            return id.error();
        }
        const auto taken = store.has(*id);
        if (!taken) {
            return taken.error();
        }
        if (!*taken) {
            return std::move(*id);
        }
    }
    return Error{"no id is free"};
}

Outcome<Imported> import_foreign(TokenStore& store, const std::vector<ForeignToken>& tokens,
                                 const config::Tokens& limits, std::int64_t now_s, bool dry_run)
{
    Import import{store, limits, now_s, dry_run};
    for (std::size_t i = 0; i < tokens.size(); ++i) {
        if (const auto flaw = import.take(tokens[i])) {
            return about_entry(i + 1, tokens[i], *flaw);
        }
    }
    return std::move(import).imported();
}

}  // namespace gatehouse::identity
