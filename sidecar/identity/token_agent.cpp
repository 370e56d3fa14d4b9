#include "sidecar/identity/token_agent.h"

#include <sys/stat.h>

#include <algorithm>
#include <utility>

#include "sidecar/base/clock.h"
#include "sidecar/base/log.h"
#include "src/auth/api_token.h"
#include "src/auth/base62.h"

namespace gatehouse::identity {

namespace log = sidecar::log;
using std::chrono::seconds;

namespace {

constexpr seconds retry_wait{10};
constexpr seconds flush_wait{60};
constexpr seconds part_wait{1};
constexpr const char* tables_stay = "tokens are good as they were published last; try again later";

std::int64_t now_s()
{
    return sidecar::unix_ms() / 1000;
}

bool exists(const std::string& path)
{
    struct stat status {};
    return ::stat(path.c_str(), &status) == 0;
}

std::size_t records_in(const Table& table)
{
    const auto view = table ? auth::TokenTable::open(table->bytes()) : Error{};
    return view ? view->record_count() : 0;
}

/// An empty database in place of one that went astray would refuse every token that is in use.
Error went_astray(const std::string& path, std::size_t tokens)
{
    return Error{"state \"" + path + "\": is not there, but " + std::to_string(tokens) +
                 " tokens were published from it; bring it back, or remove the table files beside "
                 "the board file (\"….table." +
                 std::string{base_table} + "\") and restart to begin anew without them"};
}

}  // namespace

TokenAgent::TokenAgent(TokenPorts ports, std::string path, const config::Tokens& limits)
    : ports_(std::move(ports)),
      limits_(limits),
      retry_timer_(ports_.loop),
      flush_timer_(ports_.loop),
      publish_timer_(ports_.loop),
      keeper_(std::move(path))
{
}

// --- opening ---

struct TokenAgent::Opened {
    std::string error;  ///< empty: it is open
    Table last_base, last_changes;
};

void TokenAgent::start()
{
    open(StateFile::Missing::create);
}

void TokenAgent::open(StateFile::Missing missing)
{
    pool_.submit([this, missing, first = !settled_] {
        Opened opened;
        if (first) {
            opened.last_base = ports_.last_good(base_table);
            opened.last_changes = ports_.last_good(changes_table);
        }
        const auto tokens = records_in(opened.last_base) + records_in(opened.last_changes);
        const bool astray = tokens > 0 && !exists(keeper_.path());
        const auto result =
            astray ? Result<void>{went_astray(keeper_.path(), tokens)} : keeper_.open(missing);
        if (!result) {
            opened.error = result.error().message;
        }
        ports_.loop.post([this, opened = std::move(opened)] { on_opened(opened); });
    });
}

void TokenAgent::on_opened(const Opened& opened)
{
    if (opened.error.empty()) {
        open_ = true;
        if (!why_not_.empty() && settled_) {
            log::info("state usable again", {{"path", keeper_.path()}});
        }
        why_not_.clear();
        return rebuild_base();
    }
    why_not_ = opened.error;
    say("state not usable", opened.error,
        "tokens stay as they were published last, changes are refused; trying again");
    if (opened.last_base) {
        hold_base(opened.last_base);
        ports_.publish(base_table, opened.last_base);
    }
    if (opened.last_changes) {
        hold_changes(opened.last_changes);
        ports_.publish(changes_table, opened.last_changes);
    }
    settle();
    retry_timer_.start(retry_wait, [this] { open(StateFile::Missing::fail); });
}

void TokenAgent::settle()
{
    if (std::exchange(settled_, true)) {
        return;
    }
    ports_.settled();
    for (const auto& ask : std::exchange(asked_early_, {})) {
        ask();
    }
}

// --- tables ---

void TokenAgent::rebuild_base()
{
    if (std::exchange(building_, true)) {
        return;
    }
    builder_.submit(
        [this] { ports_.loop.post([this, made = make_base(keeper_.path())] { on_base(made); }); });
}

void TokenAgent::on_base(const Result<MadeTable>& made)
{
    if (!made) {
        building_ = false;
        say("token table not made", made.error().message,
            "workers keep the tokens they have; trying again");
        settle();
        retry_timer_.start(retry_wait, [this] { rebuild_base(); });
        return;
    }
    // What changed while the base was made stays a change, now to that base.
    pool_.submit([this, base = *made] {
        keeper_.take_base(base);
        ports_.loop.post([this, base, changes = keeper_.changes()] {
            building_ = false;
            publish_base(base, changes);
        });
    });
}

void TokenAgent::publish_base(const MadeTable& base,
                              const Result<std::optional<MadeTable>>& changes)
{
    hold_base(base.memory);
    ports_.publish(base_table, base.memory);
    publish_changes(changes);
    repeats_.forget("token table not made");
    log::info("tokens published", {{"tokens", base.records},
                                   {"bytes", base.memory->bytes().size()},
                                   {"revision", base.revision}});
    settle();
}

void TokenAgent::publish_changes(const Result<std::optional<MadeTable>>& changes)
{
    if (!changes) {
        return say("token table not made", changes.error().message,
                   "workers keep the tokens they have");
    }
    publish_timer_.cancel();
    if (!*changes) {
        return;  // the base that is being made holds them
    }
    hold_changes((*changes)->memory);
    ports_.publish(changes_table, (*changes)->memory);
    if ((*changes)->records > most_changes) {
        rebuild_base();
    }
}

/// Of a part of an import. A base now and then keeps what a worker has to be sent small, without
/// sending all tokens for each part.
void TokenAgent::publish_soon(std::size_t changed)
{
    if (changed > std::max(most_changes, records_in(base_) / 2)) {
        rebuild_base();
    }
    publish_timer_.start(part_wait, [this] {
        pool_.submit([this] {
            ports_.loop.post([this, changes = keeper_.changes()] { publish_changes(changes); });
        });
    });
}

void TokenAgent::hold_base(const Table& table)
{
    if (const auto view = auth::TokenTable::open(table->bytes())) {
        tables_.set_base(*view);
        base_ = table;
    }
}

void TokenAgent::hold_changes(const Table& table)
{
    const auto view = auth::TokenTable::open(table->bytes());
    if (view && tables_.set_changes(*view)) {
        changes_ = table;
    }
}

auth::TokenVerdict TokenAgent::verify(std::string_view token, std::span<const std::uint8_t> address)
{
    return sha256_ ? tables_.verify(*sha256_, token, {now_s(), address}) : auth::TokenVerdict{};
}

// --- what is asked ---

template <class T>
void TokenAgent::read(std::function<Outcome<T>(TokenKeeper&)> work, Done<T> done)
{
    if (!settled_) {
        asked_early_.push_back([this, work, done] { read<T>(work, done); });
        return;
    }
    if (!open_) {
        return done(Failure{Failure::Kind::unavailable, why_not_ + "; " + tables_stay});
    }
    flush_used();
    pool_.submit([this, work = std::move(work), done = std::move(done)] {
        ports_.loop.post([this, done, outcome = work(keeper_)] {
            if (!outcome) {
                note_failure(outcome.failure());
            }
            done(outcome);
        });
    });
}

/// A database that fails while it is open is news for the operator too, not for who asked alone.
void TokenAgent::note_failure(const Failure& failure)
{
    if (failure.kind == Failure::Kind::unavailable) {
        say("state not usable", "state \"" + keeper_.path() + "\": " + failure.message,
            "nothing was changed");
    }
}

/// What has changed is on its way to the workers before anybody hears that it has, unless that may
/// wait for more of it.
template <class T>
void TokenAgent::change(std::function<Outcome<T>(TokenKeeper&)> work, Done<T> done, Publish publish)
{
    if (!settled_) {
        asked_early_.push_back([this, work, done, publish] { change<T>(work, done, publish); });
        return;
    }
    if (!open_) {
        return done(Failure{Failure::Kind::unavailable, why_not_ + "; " + tables_stay});
    }
    pool_.submit([this, work = std::move(work), done = std::move(done), publish] {
        auto outcome = work(keeper_);
        std::function<void()> tell;
        if (!outcome) {
            tell = [this, failure = outcome.failure()] { note_failure(failure); };
        } else if (publish == Publish::soon) {
            tell = [this, changed = keeper_.changed()] { publish_soon(changed); };
        } else {
            tell = [this, changes = keeper_.changes()] { publish_changes(changes); };
        }
        ports_.loop.post([done, outcome = std::move(outcome), tell = std::move(tell)] {
            tell();
            done(outcome);
        });
    });
}

void TokenAgent::create(const TokenRequest& request, Done<IssuedToken> done)
{
    change<IssuedToken>(
        [request, limits = limits_](TokenKeeper& keeper) {
            return keeper.create(request, limits, now_s());
        },
        std::move(done));
}

void TokenAgent::rotate(const RotateRequest& request, Done<IssuedToken> done)
{
    change<IssuedToken>(
        [request, limits = limits_](TokenKeeper& keeper) {
            return keeper.rotate(request, limits, now_s());
        },
        std::move(done));
}

void TokenAgent::revoke(const std::string& id, Done<Token> done)
{
    change<Token>([id](TokenKeeper& keeper) { return keeper.revoke(id, now_s()); },
                  std::move(done));
}

void TokenAgent::import(std::vector<ForeignToken> tokens, ImportStep step, Done<Imported> done)
{
    const bool dry_run = step == ImportStep::check;
    auto work = [tokens = std::move(tokens), limits = limits_, dry_run](TokenKeeper& keeper) {
        return keeper.import(tokens, limits, now_s(), dry_run);
    };
    if (dry_run) {
        return read<Imported>(std::move(work), std::move(done));
    }
    change<Imported>(std::move(work), std::move(done),
                     step == ImportStep::keep ? Publish::soon : Publish::at_once);
}

void TokenAgent::show(const std::string& id, Done<WholeToken> done)
{
    read<WholeToken>([id](TokenKeeper& keeper) { return keeper.show(id); }, std::move(done));
}

void TokenAgent::list(const TokenFilter& filter, Done<std::vector<Token>> done)
{
    read<std::vector<Token>>([filter](TokenKeeper& keeper) { return keeper.list(filter); },
                             std::move(done));
}

// --- last used ---

void TokenAgent::note_used(std::string_view ids, std::int64_t at_ms)
{
    for (; ids.size() >= auth::token_id_size; ids.remove_prefix(auth::token_id_size)) {
        const auto id = ids.substr(0, auth::token_id_size);
        if (auth::is_base62(id)) {
            auto& last = used_[std::string{id}];
            last = std::max(last, at_ms / 1000);
        }
    }
    if (!used_.empty() && !flush_timer_.waiting()) {
        flush_timer_.start(flush_wait, [this] { flush_used(); });
    }
}

void TokenAgent::flush_used()
{
    if (used_.empty() || !open_) {
        return;
    }
    pool_.submit([this, used = std::exchange(used_, {})] {
        if (const auto noted = keeper_.note_used(used); !noted) {
            log::warning("last use of tokens not written", {{"error", noted.error().message}});
        }
    });
}

bool TokenAgent::finish(std::chrono::milliseconds limit)
{
    retry_timer_.cancel();
    flush_timer_.cancel();
    publish_timer_.cancel();
    flush_used();
    return pool_.wait_idle(limit) && builder_.wait_idle(limit);
}

void TokenAgent::say(const char* event, const std::string& error, const char* now)
{
    if (repeats_.worth_saying(event, error, sidecar::read_clocks().steady_ms)) {
        log::error(event, {{"error", error}, {"now", now}});
    }
}

}  // namespace gatehouse::identity
