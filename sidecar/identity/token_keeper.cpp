#include "sidecar/identity/token_keeper.h"

#include <algorithm>

#include "sidecar/identity/issue.h"

namespace gatehouse::identity {

namespace {

Failure refused(const Error& error)
{
    return {Failure::Kind::request, error.message};
}

/// A token that was made for 30 days gets 30 days more.
std::optional<std::int64_t> same_lifetime(const Token& token, std::int64_t made_s,
                                          std::int64_t now_s)
{
    if (!token.expires_s) {
        return std::nullopt;
    }
    return now_s + std::max<std::int64_t>(*token.expires_s - made_s, 1);
}

/// The expiry a rotation asks for, held to the limits as a new token's is.
Outcome<std::optional<std::int64_t>> new_expiry(const RotateRequest& request, const Token& token,
                                                std::int64_t made_s, const config::Tokens& limits,
                                                std::int64_t now_s)
{
    if (request.expires) {
        const auto asked = expiry_of(*request.expires, limits, now_s);
        return asked ? Outcome<std::optional<std::int64_t>>{*asked} : refused(asked.error());
    }
    auto expires_s = same_lifetime(token, made_s, now_s);
    if (limits.max_expiry) {
        const auto latest_s = now_s + limits.max_expiry->count() / 1000;
        expires_s = std::min(expires_s.value_or(latest_s), latest_s);
    }
    return expires_s;
}

}  // namespace

Result<void> TokenKeeper::open(StateFile::Missing missing)
{
    store_.reset();
    file_.reset();
    auto file = StateFile::open(path_, missing);
    if (!file) {
        return file.error();
    }
    file_.emplace(std::move(*file));
    store_.emplace(file_->database());
    return {};
}

// --- parts of what follows ---

Outcome<Token> TokenKeeper::existing(const std::string& id)
{
    auto found = store_->find(id);
    if (!found) {
        return found.error();
    }
    if (!*found) {
        return Failure{Failure::Kind::unknown, "there is no token \"" + id + "\""};
    }
    return std::move(**found);
}

Result<WholeToken> TokenKeeper::whole_of(std::int64_t number)
{
    auto listed = store_->list({.user = {}, .after = number - 1, .most = 1});
    if (!listed) {
        return listed.error();
    }
    if (listed->empty() || listed->front().number != number) {
        return Error{"a token is gone"};
    }
    auto secrets = store_->secrets_of(number);
    if (!secrets) {
        return secrets.error();
    }
    return WholeToken{std::move(listed->front()), std::move(*secrets)};
}

Result<void> TokenKeeper::insert(Token& token, const Secret& secret)
{
    if (auto inserted = store_->insert(token); !inserted) {
        return inserted;
    }
    return store_->add_secret(token.number, secret);
}

/// What is changed is read back before the commit: what workers are told is what was written.
Result<void> TokenKeeper::commit(Transaction transaction, std::int64_t changed)
{
    auto whole = whole_of(changed);
    if (!whole) {
        return whole.error();
    }
    return commit(std::move(transaction), std::vector{std::move(*whole)});
}

Result<void> TokenKeeper::commit(Transaction transaction, const std::vector<WholeToken>& changed)
{
    const auto revision = store_->raise_revision();
    if (!revision) {
        return revision.error();
    }
    if (auto committed = transaction.commit(); !committed) {
        return committed;
    }
    for (const auto& whole : changed) {
        changed_.insert_or_assign(whole.token.number, Changed{whole, *revision});
    }
    return {};
}

// --- making, replacing, ending ---

Outcome<IssuedToken> TokenKeeper::create(const TokenRequest& request, const config::Tokens& limits,
                                         std::int64_t now_s)
{
    auto token = checked(request, limits, now_s);
    if (!token) {
        return refused(token.error());
    }
    auto transaction = Transaction::begin(file_->database());
    if (!transaction) {
        return transaction.error();
    }
    auto id = free_id(*store_);
    if (!id) {
        return id.failure();
    }
    token->id = std::move(*id);
    auto issued = new_secret(token->id, now_s);
    if (!issued) {
        return issued.error();
    }
    if (auto inserted = insert(*token, issued->secret); !inserted) {
        return inserted.error();
    }
    if (auto kept = commit(std::move(*transaction), token->number); !kept) {
        return kept.error();
    }
    return IssuedToken{std::move(*token), std::move(issued->text), std::nullopt};
}

Result<void> TokenKeeper::replace_secret(const Token& token, const Secret& secret,
                                         std::int64_t old_ends_s)
{
    if (auto dropped = store_->drop_old_secrets(token.number); !dropped) {
        return dropped;
    }
    if (auto ended = store_->end_secrets(token.number, old_ends_s); !ended) {
        return ended;
    }
    if (auto added = store_->add_secret(token.number, secret); !added) {
        return added;
    }
    return store_->set_expiry(token.number, token.expires_s);
}

Outcome<IssuedToken> TokenKeeper::rotate(const RotateRequest& request, const config::Tokens& limits,
                                         std::int64_t now_s)
{
    const auto overlap_s = request.overlap ? overlap_of(*request.overlap)
                                           : Result<std::int64_t>{limits.overlap.count() / 1000};
    if (!overlap_s) {
        return refused(overlap_s.error());
    }
    auto transaction = Transaction::begin(file_->database());
    if (!transaction) {
        return transaction.error();
    }
    auto token = existing(request.id);
    if (!token) {
        return token.failure();
    }
    if (token->revoked_s) {
        return Failure{Failure::Kind::conflict, "token " + request.id + " is revoked"};
    }
    const auto secrets = store_->secrets_of(token->number);
    if (!secrets) {
        return secrets.error();
    }
    const auto made_s = secrets->empty() ? token->created_s : secrets->front().created_s;
    const auto expires_s = new_expiry(request, *token, made_s, limits, now_s);
    if (!expires_s) {
        return expires_s.failure();
    }
    auto issued = new_secret(token->id, now_s);
    if (!issued) {
        return issued.error();
    }
    const auto old_ends_s =
        std::min(now_s + *overlap_s, (*token).expires_s.value_or(now_s + *overlap_s));
    (*token).expires_s = *expires_s;
    if (auto replaced = replace_secret(*token, issued->secret, old_ends_s); !replaced) {
        return replaced.error();
    }
    if (auto kept = commit(std::move(*transaction), token->number); !kept) {
        return kept.error();
    }
    return IssuedToken{std::move(*token), std::move(issued->text), old_ends_s};
}

Outcome<Token> TokenKeeper::revoke(const std::string& id, std::int64_t now_s)
{
    auto transaction = Transaction::begin(file_->database());
    if (!transaction) {
        return transaction.error();
    }
    auto token = existing(id);
    if (!token || token->revoked_s) {
        return token;
    }
    if (auto revoked = store_->revoke(token->number, now_s); !revoked) {
        return revoked.error();
    }
    if (auto kept = commit(std::move(*transaction), token->number); !kept) {
        return kept.error();
    }
    (*token).revoked_s = now_s;
    return token;
}

Outcome<Imported> TokenKeeper::import(const std::vector<ForeignToken>& tokens,
                                      const config::Tokens& limits, std::int64_t now_s,
                                      bool dry_run)
{
    auto transaction = Transaction::begin(file_->database());
    if (!transaction) {
        return transaction.error();
    }
    auto imported = import_foreign(*store_, tokens, limits, now_s, dry_run);
    if (!imported || dry_run || imported->tokens.empty()) {
        return imported;
    }
    if (auto kept = commit(std::move(*transaction), imported->tokens); !kept) {
        return kept.error();
    }
    return imported;
}

// --- reading ---

Outcome<WholeToken> TokenKeeper::show(const std::string& id)
{
    const auto token = existing(id);
    if (!token) {
        return token.failure();
    }
    auto whole = whole_of(token->number);
    return whole ? Outcome<WholeToken>{std::move(*whole)} : whole.error();
}

Outcome<std::vector<Token>> TokenKeeper::list(const TokenFilter& filter)
{
    auto listed = store_->list(filter);
    return listed ? Outcome<std::vector<Token>>{std::move(*listed)} : listed.error();
}

Result<void> TokenKeeper::note_used(const std::map<std::string, std::int64_t>& last_used_s)
{
    auto transaction = Transaction::begin(file_->database());
    if (!transaction) {
        return transaction.error();
    }
    if (auto noted = store_->note_used(last_used_s); !noted) {
        return noted;
    }
    return transaction->commit();
}

// --- what workers have, and what they lack ---

Result<std::optional<MadeTable>> TokenKeeper::changes() const
{
    if (!base_checksum_) {
        return std::optional<MadeTable>{};
    }
    std::vector<const WholeToken*> tokens;
    std::int64_t revision = 0;
    for (const auto& [number, changed] : changed_) {
        tokens.push_back(&changed.whole);
        revision = std::max(revision, changed.revision);
    }
    auto made = make_changes(tokens, revision, *base_checksum_);
    if (!made) {
        return made.error();
    }
    return std::optional{std::move(*made)};
}

void TokenKeeper::take_base(const MadeTable& base)
{
    base_checksum_ = base.checksum;
    std::erase_if(changed_,
                  [&](const auto& changed) { return changed.second.revision <= base.revision; });
}

}  // namespace gatehouse::identity
