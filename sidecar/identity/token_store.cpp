#include "sidecar/identity/token_store.h"

#include <algorithm>

namespace gatehouse::identity {

namespace {

#define TOKEN_COLUMNS                                                             \
    "t.number, t.id, t.name, t.user, t.scopes, t.plan, t.networks, t.created_s, " \
    "t.not_before_s, t.expires_s, t.revoked_s, t.last_used_s"
#define SECRET_COLUMNS "s.digest, s.is_foreign, s.created_s, s.expires_s"

constexpr int token_columns = 12;

Token token_of(const Statement& row)
{
    Token token;
    token.number = row.integer(0);
    token.id = row.text(1);
    token.name = row.text(2);
    token.user = row.text(3);
    token.scopes = row.text(4);
    token.plan = row.text(5);
    token.networks = row.text(6);
    token.created_s = row.integer(7);
    token.not_before_s = row.integer(8);
    token.expires_s = row.integer_or_null(9);
    token.revoked_s = row.integer_or_null(10);
    token.last_used_s = row.integer_or_null(11);
    return token;
}

/// A digest of another length cannot have been written by us; it then matches no token.
Secret secret_of(const Statement& row, int first)
{
    Secret secret;
    const auto digest = row.blob(first);
    if (digest.size() == secret.digest.size()) {
        std::copy(digest.begin(), digest.end(), secret.digest.begin());
    }
    secret.foreign = row.integer(first + 1) != 0;
    secret.created_s = row.integer(first + 2);
    secret.expires_s = row.integer_or_null(first + 3);
    return secret;
}

/// Binds and runs.
template <class Bind>
Result<void> run(StatementCache& statements, std::string_view sql, const Bind& bind)
{
    auto statement = statements.lend(sql);
    if (!statement) {
        return statement.error();
    }
    bind(**statement);
    return (*statement)->run();
}

Result<void> visit_all(Statement& statement, const TokenStore::Visit& visit)
{
    for (;;) {
        const auto found = statement.step();
        if (!found) {
            return found.error();
        }
        if (!*found) {
            return {};
        }
        if (auto visited = visit(token_of(statement), secret_of(statement, token_columns));
            !visited) {
            return visited;
        }
    }
}

}  // namespace

// --- reading ---

Result<std::vector<Token>> TokenStore::tokens(Statement& statement)
{
    std::vector<Token> tokens;
    for (;;) {
        const auto found = statement.step();
        if (!found) {
            return found.error();
        }
        if (!*found) {
            return tokens;
        }
        tokens.push_back(token_of(statement));
    }
}

Result<std::optional<Token>> TokenStore::find(const std::string& id)
{
    auto statement = statements_.lend("select " TOKEN_COLUMNS " from tokens t where t.id = ?");
    if (!statement) {
        return statement.error();
    }
    auto found = tokens((*statement)->bind(1, id));
    if (!found) {
        return found.error();
    }
    return found->empty() ? std::optional<Token>{} : std::optional{std::move(found->front())};
}

Result<bool> TokenStore::has(std::string_view id)
{
    auto statement = statements_.lend("select 1 from tokens where id = ?");
    if (!statement) {
        return statement.error();
    }
    return (*statement)->bind(1, id).step();
}

Result<std::vector<Token>> TokenStore::list(const TokenFilter& filter)
{
    const char* sql = filter.user.empty()
                          ? "select " TOKEN_COLUMNS
                            " from tokens t where t.number > ?1 order by t.number limit ?2"
                          : "select " TOKEN_COLUMNS
                            " from tokens t where t.number > ?1 and t.user = ?3 "
                            "order by t.number limit ?2";
    auto statement = statements_.lend(sql);
    if (!statement) {
        return statement.error();
    }
    (*statement)->bind(1, filter.after).bind(2, filter.most);
    if (!filter.user.empty()) {
        (*statement)->bind(3, filter.user);
    }
    return tokens(**statement);
}

Result<std::vector<Secret>> TokenStore::secrets_of(std::int64_t token)
{
    auto statement = statements_.lend("select " SECRET_COLUMNS
                                      " from secrets s where s.token = ? order by s.number desc");
    if (!statement) {
        return statement.error();
    }
    (*statement)->bind(1, token);
    std::vector<Secret> secrets;
    for (;;) {
        const auto found = (*statement)->step();
        if (!found) {
            return found.error();
        }
        if (!*found) {
            return secrets;
        }
        secrets.push_back(secret_of(**statement, 0));
    }
}

Result<bool> TokenStore::knows(const auth::Digest& digest)
{
    auto statement = statements_.lend("select 1 from secrets where digest = ?");
    if (!statement) {
        return statement.error();
    }
    return (*statement)->bind(1, std::span<const std::uint8_t>{digest}).step();
}

Result<std::int64_t> TokenStore::revision()
{
    return database_->number("select value from revision");
}

Result<void> TokenStore::each_secret(const Visit& visit)
{
    auto statement = statements_.lend("select " TOKEN_COLUMNS ", " SECRET_COLUMNS
                                      " from secrets s cross join tokens t on t.number = s.token");
    return statement ? visit_all(**statement, visit) : statement.error();
}

// --- writing ---

Result<void> TokenStore::insert(Token& token)
{
    auto statement = statements_.lend(
        "insert into tokens (id, name, user, scopes, plan, networks, created_s, not_before_s, "
        "expires_s, revoked_s) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) returning number");
    if (!statement) {
        return statement.error();
    }
    (*statement)
        ->bind(1, token.id)
        .bind(2, token.name)
        .bind(3, token.user)
        .bind(4, token.scopes)
        .bind(5, token.plan)
        .bind(6, token.networks)
        .bind(7, token.created_s)
        .bind(8, token.not_before_s)
        .bind(9, token.expires_s)
        .bind(10, token.revoked_s);
    const auto inserted = (*statement)->step();
    if (!inserted) {
        return inserted.error();
    }
    token.number = (*statement)->integer(0);
    return {};
}

Result<void> TokenStore::add_secret(std::int64_t token, const Secret& secret)
{
    return run(statements_,
               "insert into secrets (token, digest, is_foreign, created_s, expires_s) "
               "values (?, ?, ?, ?, ?)",
               [&](Statement& statement) {
                   statement.bind(1, token)
                       .bind(2, std::span<const std::uint8_t>{secret.digest})
                       .bind(3, std::int64_t{secret.foreign})
                       .bind(4, secret.created_s)
                       .bind(5, secret.expires_s);
               });
}

Result<void> TokenStore::end_secrets(std::int64_t token, std::int64_t at_s)
{
    return run(statements_,
               "update secrets set expires_s = ?2 "
               "where token = ?1 and (expires_s is null or expires_s > ?2)",
               [&](Statement& statement) { statement.bind(1, token).bind(2, at_s); });
}

Result<void> TokenStore::drop_old_secrets(std::int64_t token)
{
    return run(statements_,
               "delete from secrets where token = ?1 and is_foreign = 0 and number < "
               "(select max(number) from secrets where token = ?1 and is_foreign = 0)",
               [&](Statement& statement) { statement.bind(1, token); });
}

Result<void> TokenStore::set_expiry(std::int64_t token,
                                    const std::optional<std::int64_t>& expires_s)
{
    return run(statements_, "update tokens set expires_s = ?2 where number = ?1",
               [&](Statement& statement) { statement.bind(1, token).bind(2, expires_s); });
}

Result<void> TokenStore::revoke(std::int64_t token, std::int64_t at_s)
{
    return run(statements_, "update tokens set revoked_s = ?2 where number = ?1",
               [&](Statement& statement) { statement.bind(1, token).bind(2, at_s); });
}

Result<void> TokenStore::note_used(const std::map<std::string, std::int64_t>& last_used_s)
{
    auto statement = statements_.lend(
        "update tokens set last_used_s = ?2 "
        "where id = ?1 and (last_used_s is null or last_used_s < ?2)");
    if (!statement) {
        return statement.error();
    }
    for (const auto& [id, at_s] : last_used_s) {
        if (auto noted = (*statement)->bind(1, id).bind(2, at_s).run(); !noted) {
            return noted;
        }
    }
    return {};
}

Result<std::int64_t> TokenStore::raise_revision()
{
    return database_->number("update revision set value = value + 1 returning value");
}

}  // namespace gatehouse::identity
