// The agent of API tokens: keeps them in the state database, on a thread of its own, and hands
// workers the tables that they look tokens up in.
//
//     tokens           a base with every token, at the start and when there are many changes
//     tokens.changes   what changed since that base; after every change, before it is confirmed
//
// An import that comes in several parts is confirmed by the last of them: until then the tables
// may lack it, or a second longer where no other part comes.
//
// When the database cannot be used, the tables that were published last stay in force, changes are
// refused, and it is tried again.
//
// Thread safety: none; lives on the loop. What it calls back, it calls on the loop.
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "sidecar/base/loop.h"
#include "sidecar/base/pool.h"
#include "sidecar/base/repeats.h"
#include "sidecar/identity/token_keeper.h"
#include "src/auth/token_tables.h"
#include "src/base/sealed_memory.h"

namespace gatehouse::identity {

using Table = std::shared_ptr<const SealedMemory>;

struct TokenPorts {
    sidecar::Loop& loop;
    std::function<void(const std::string& name, Table table)> publish;
    /// What was published under that name before this process began; may be null. Called on the
    /// agent's thread.
    std::function<Table(const std::string& name)> last_good;
    /// The first tables are out, or it is known that there are none.
    std::function<void()> settled;
};

inline constexpr const char* base_table = "tokens";
inline constexpr const char* changes_table = "tokens.changes";

/// More changes than that become a new base.
inline constexpr std::size_t most_changes = 4096;

/// What to do with tokens that were made elsewhere.
enum class ImportStep : std::uint8_t {
    check,      ///< whether they could be imported
    keep,       ///< a part of an import of which more parts come
    keep_last,  ///< the last part, or the only one
};

class TokenAgent {
public:
    template <class T>
    using Done = std::function<void(const Outcome<T>&)>;

    TokenAgent(TokenPorts ports, std::string path, const config::Tokens& limits);

    void start();
    void configure(const config::Tokens& limits) { limits_ = limits; }
    bool settled() const noexcept { return settled_; }

    void create(const TokenRequest& request, Done<IssuedToken> done);
    void rotate(const RotateRequest& request, Done<IssuedToken> done);
    void revoke(const std::string& id, Done<Token> done);
    void import(std::vector<ForeignToken> tokens, ImportStep step, Done<Imported> done);
    void show(const std::string& id, Done<WholeToken> done);
    void list(const TokenFilter& filter, Done<std::vector<Token>> done);

    /// By the tables that workers have: their answer. The view lives until the next publish.
    auth::TokenVerdict verify(std::string_view token, std::span<const std::uint8_t> address);

    /// Ids of 8 bytes each, one after the other; ids of nobody do no harm.
    void note_used(std::string_view ids, std::int64_t at_ms);

    /// Writes what is not written yet. False when that took longer than `limit`.
    bool finish(std::chrono::milliseconds limit);

private:
    struct Opened;
    enum class Publish : bool { at_once, soon };
    struct Published {
        Table table;
        auth::TokenTable view;
    };

    void open(StateFile::Missing missing);
    void on_opened(const Opened& opened);
    void settle();
    void rebuild_base();
    void on_base(const Result<MadeTable>& made);
    void publish_base(const MadeTable& base, const Result<std::optional<MadeTable>>& changes);
    void publish_changes(const Result<std::optional<MadeTable>>& changes);
    void publish_soon(std::size_t changed);
    void hold_base(const Table& table);
    void hold_changes(const Table& table);
    void flush_used();
    void note_failure(const Failure& failure);
    void say(const char* event, const std::string& error, const char* now);

    template <class T>
    void read(std::function<Outcome<T>(TokenKeeper&)> work, Done<T> done);
    template <class T>
    void change(std::function<Outcome<T>(TokenKeeper&)> work, Done<T> done,
                Publish publish = Publish::at_once);

    TokenPorts ports_;
    config::Tokens limits_;
    bool open_ = false;
    bool settled_ = false;
    bool building_ = false;  ///< a base
    std::string why_not_;    ///< it is not open
    sidecar::Timer retry_timer_;
    sidecar::Timer flush_timer_;
    sidecar::Timer publish_timer_;  ///< for parts of an import that nothing has published yet
    sidecar::Repeats repeats_{60'000};
    std::map<std::string, std::int64_t> used_;        // by id, in seconds; not written yet
    std::vector<std::function<void()>> asked_early_;  // before it was settled: answered then

    Table base_;
    Table changes_;
    auth::TokenTables tables_;
    Result<auth::Sha256> sha256_ = auth::Sha256::create();

    TokenKeeper keeper_;  // belongs to the threads of these, which end first
    sidecar::Pool pool_{"tokens", 1};
    sidecar::Pool builder_{"token-table", 1};
};

}  // namespace gatehouse::identity
