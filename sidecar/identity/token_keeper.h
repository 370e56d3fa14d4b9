// What may be done with tokens, each as one transaction, and which of them changed since the base
// that workers have.
//
// Thread safety: one thread at a time; every call blocks.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "sidecar/config/types.h"
#include "sidecar/identity/foreign_import.h"
#include "sidecar/identity/outcome.h"
#include "sidecar/identity/state_file.h"
#include "sidecar/identity/table_maker.h"
#include "sidecar/identity/token_request.h"
#include "sidecar/identity/token_store.h"

namespace gatehouse::identity {

/// A token whose text is told now, and never again.
struct IssuedToken {
    Token token;
    std::string text;
    std::optional<std::int64_t> old_secret_ends_s;  ///< of a rotation
};

struct RotateRequest {
    std::string id;
    std::optional<std::string> expires;  ///< nothing: as long from now as it was made for
    std::optional<std::string> overlap;  ///< nothing: the default
};

class TokenKeeper {
public:
    explicit TokenKeeper(std::string path) : path_(std::move(path)) {}

    Result<void> open(StateFile::Missing missing);
    const std::string& path() const noexcept { return path_; }

    Outcome<IssuedToken> create(const TokenRequest& request, const config::Tokens& limits,
                                std::int64_t now_s);
    Outcome<IssuedToken> rotate(const RotateRequest& request, const config::Tokens& limits,
                                std::int64_t now_s);
    /// A token that was revoked before stays revoked since then.
    Outcome<Token> revoke(const std::string& id, std::int64_t now_s);
    /// All or none. With `dry_run` nothing is kept.
    Outcome<Imported> import(const std::vector<ForeignToken>& tokens, const config::Tokens& limits,
                             std::int64_t now_s, bool dry_run);

    Outcome<WholeToken> show(const std::string& id);
    Outcome<std::vector<Token>> list(const TokenFilter& filter);
    Result<void> note_used(const std::map<std::string, std::int64_t>& last_used_s);

    /// The tokens that changed since the base; nothing where there is no base yet.
    Result<std::optional<MadeTable>> changes() const;
    std::size_t changed() const noexcept { return changed_.size(); }

    /// Workers get this base: what it holds is no change any more.
    void take_base(const MadeTable& base);

private:
    struct Changed {
        WholeToken whole;
        std::int64_t revision = 0;
    };

    Outcome<Token> existing(const std::string& id);
    Result<void> insert(Token& token, const Secret& secret);
    Result<void> replace_secret(const Token& token, const Secret& secret, std::int64_t old_ends_s);
    Result<void> commit(Transaction transaction, std::int64_t changed);
    Result<void> commit(Transaction transaction, const std::vector<WholeToken>& changed);
    Result<WholeToken> whole_of(std::int64_t token);

    std::string path_;
    std::optional<StateFile> file_;
    std::optional<TokenStore> store_;
    std::map<std::int64_t, Changed> changed_;  // by number
    std::optional<std::uint64_t> base_checksum_;
};

}  // namespace gatehouse::identity
