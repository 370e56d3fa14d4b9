// The tokens in the database.
//
// Thread safety: none; every call blocks.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "sidecar/base/sqlite.h"
#include "sidecar/base/statement_cache.h"
#include "sidecar/identity/token.h"
#include "src/base/result.h"

namespace gatehouse::identity {

using sidecar::Sqlite;
using sidecar::Statement;
using sidecar::StatementCache;

struct TokenFilter {
    std::string user;        ///< empty: of everybody
    std::int64_t after = 0;  ///< number of the last one told
    std::int64_t most = 1000;
};

/// Writes are made inside a Transaction of the caller.
class TokenStore {
public:
    explicit TokenStore(Sqlite& database) : database_(&database), statements_(database) {}

    // --- reading ---

    Result<std::optional<Token>> find(const std::string& id);
    Result<bool> has(std::string_view id);
    Result<std::vector<Token>> list(const TokenFilter& filter);

    /// The newest first.
    Result<std::vector<Secret>> secrets_of(std::int64_t token);

    /// Whether somebody has a token with this digest.
    Result<bool> knows(const auth::Digest& digest);

    Result<std::int64_t> revision();

    /// Every secret of all tokens. Ends early, and fails, with what `visit` fails with.
    using Visit = std::function<Result<void>(const Token&, const Secret&)>;
    Result<void> each_secret(const Visit& visit);

    // --- writing ---

    /// Gives the token its number.
    Result<void> insert(Token& token);
    Result<void> add_secret(std::int64_t token, const Secret& secret);

    /// The token's secrets end by then, unless they end before.
    Result<void> end_secrets(std::int64_t token, std::int64_t at_s);

    /// Of those that we made, keeps the newest one.
    Result<void> drop_old_secrets(std::int64_t token);

    Result<void> set_expiry(std::int64_t token, const std::optional<std::int64_t>& expires_s);
    Result<void> revoke(std::int64_t token, std::int64_t at_s);

    /// By id; ids of nobody are passed over, and earlier times too.
    Result<void> note_used(const std::map<std::string, std::int64_t>& last_used_s);

    /// Every change of what workers are told raises it. Returns the new one.
    Result<std::int64_t> raise_revision();

private:
    Result<std::vector<Token>> tokens(Statement& statement);

    Sqlite* database_;
    StatementCache statements_;
};

}  // namespace gatehouse::identity
