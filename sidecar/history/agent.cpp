#include "sidecar/history/agent.h"

#include <algorithm>
#include <utility>

#include "sidecar/base/log.h"

namespace gatehouse::history {

namespace log = sidecar::log;
using sidecar::read_clocks;
using std::chrono::microseconds;
using std::chrono::milliseconds;

namespace {

constexpr std::int64_t second_ms = 1000;
constexpr unsigned most_early_failures = 5;
constexpr milliseconds cleanup_interval{60'000};
constexpr std::int64_t connected_after_s = 600;
constexpr milliseconds first_cleanup{10'000};

/// Between batches of a cleanup: others find the database free 99 times out of a hundred.
constexpr milliseconds shortest_pause{50};
constexpr milliseconds longest_pause{1000};
constexpr int pause_per_work = 200;

/// The second that has just ended: a timer is some milliseconds late, or a clock was set.
std::int64_t seconds_until(std::int64_t unix_ms)
{
    return (unix_ms + second_ms / 2) / second_ms;
}

}  // namespace

Agent::Agent(Ports ports, std::shared_ptr<Book> book)
    : ports_(std::move(ports)),
      book_(std::move(book)),
      settled_(!ports_.connect),
      timer_(ports_.loop),
      cleanup_timer_(ports_.loop),
      store_(ports_.connect)
{
}

Agent::~Agent() = default;

void Agent::start()
{
    started_s_ = seconds_until(read_clocks().unix_ms);
    tick();
    if (ports_.connect) {
        cleanup_timer_.start(first_cleanup, [this] { clean(); });
    }
}

void Agent::take(CheckResult result)
{
    if (!ports_.connect) {
        return;
    }
    const bool turned = results_.take(std::move(result));
    note_lost();
    if (turned && in_step_) {
        write_again_ = true;
        write();
    }
}

/// Said once; how much it was when the database is back.
void Agent::note_lost()
{
    const auto lost = results_.take_lost();
    if (lost > 0 && lost_ == 0) {
        log::warning("history lost",
                     {{"reason", "the state's database is away for too long"},
                      {"now", "of results of checks the oldest are forgotten; traffic is not"}});
    }
    lost_ += lost;
}

// --- what nginx counts ---

void Agent::tick()
{
    const auto now = read_clocks();
    look(now);
    const auto slot = now_s_ / kept_steps[0];
    if (!in_step_ || slot != written_until_s_ / kept_steps[0]) {
        write();
    }
    ports_.looked();
    timer_.start(milliseconds{second_ms - now.unix_ms % second_ms}, [this] { tick(); });
}

void Agent::look(sidecar::Now now)
{
    for (auto& memory : ports_.regions()) {
        const auto name = region_name(*memory);
        if (!name) {
            continue;
        }
        const bool is_new = !known_.contains(name->text);
        known_.insert_or_assign(name->text, Known{std::move(memory), now.steady_ms});
        if (is_new && !kept_.knows(name->text) && name->began_s < in_step_since_s_) {
            in_step_ = false;  // the database may have counters of it
        }
    }
    std::erase_if(known_, [&](const auto& known) {
        return now.steady_ms - known.second.seen_ms > lingering_ms;
    });
    now_s_ = seconds_until(now.unix_ms);
    read_all();
}

void Agent::read_all()
{
    std::set<std::string> names;
    for (const auto& [name, known] : known_) {
        names.insert(name);
        if (const auto counters = read_counters(*known.memory)) {
            note(*counters);
        }
    }
    live_.keep_only(names);
    if (in_step_) {
        kept_.keep_only(names);
    }
    book_->memory_is_complete_until(now_s_);
}

void Agent::note(const Counters& counters)
{
    const auto fresh = live_.take(counters, now_s_);
    if (fresh.until_s - fresh.from_s <= Recent::reach_s) {
        for (const auto& [endpoint, traffic] : fresh.traffic) {
            spread(traffic, fresh.from_s, fresh.until_s, 1,
                   [&, &name = endpoint](std::int64_t at_s, const Traffic& part) {
                       book_->remember(at_s, {{name, part}});
                   });
        }
    }
    if (in_step_) {
        add(unwritten_, kept_.take(counters, now_s_), counters.traffic);
    }
}

// --- what is written ---

void Agent::write()
{
    if (!ports_.connect || writing_) {
        return;
    }
    writing_ = true;
    if (!in_step_) {
        return find_out();
    }
    write_again_ = false;
    pool_.submit([this, traffic = std::exchange(unwritten_, {}), results = results_.take_batch(),
                  until_s = now_s_]() mutable {
        auto written = traffic.empty() ? Result<void>{} : store_.write(traffic, until_s);
        auto kept = results.empty() ? Store::Outcome{} : store_.write(results);
        ports_.loop.post([this, written = std::move(written), kept = std::move(kept),
                          results = std::move(results), until_s]() mutable {
            on_written(written, kept, std::move(results), until_s);
        });
    });
}

void Agent::find_out()
{
    pool_.submit([this] {
        ports_.loop.post([this, readings = store_.readings()] { on_readings(readings); });
    });
}

void Agent::on_readings(const Result<Readings>& readings)
{
    writing_ = false;
    if (!readings) {
        if (!settled_ && ++failures_ < most_early_failures) {
            return;  // whoever makes the tables is not there yet; tried again with the next tick
        }
        settled_ = true;
        return say(readings.error().message);
    }
    unwritten_.clear();
    kept_.resume(*readings);
    in_step_ = true;
    in_step_since_s_ = now_s_;
    read_all();
    write();
}

void Agent::on_written(const Result<void>& traffic, const Store::Outcome& results,
                       UnwrittenResults taken, std::int64_t until_s)
{
    writing_ = false;
    if (results.written == Store::Written::no) {
        results_.put_back(std::move(taken));
        note_lost();
    } else if (results.written == Store::Written::yes && !taken.results.empty()) {
        book_->results_were_written();
    }
    if (!traffic || results.written != Store::Written::yes) {
        in_step_ = in_step_ && traffic;
        return say(traffic ? results.error : traffic.error().message);
    }
    repeats_.forget("history");
    if (lost_ > 0) {
        log::info("history written again", {{"lost", std::exchange(lost_, 0)}});
    }
    written_until_s_ = until_s;
    book_->database_is_complete_until(until_s);
    settled_ = true;
    if (write_again_ || results_.has_whole_batch()) {
        write();
    }
}

void Agent::say(const std::string& error)
{
    if (repeats_.worth_saying("history", error, read_clocks().steady_ms)) {
        log::warning("history not written",
                     {{"error", error}, {"now", "it is kept until it can be; trying again"}});
    }
}

// --- what is too old ---

void Agent::clean()
{
    if (!in_step_) {
        cleanup_timer_.start(cleanup_interval, [this] { clean(); });
        return;
    }
    if (cleanup_.done()) {
        cleanup_.begin(keep_, now_s_, running());
    }
    pool_.submit([this] {
        const auto begun = std::chrono::steady_clock::now();
        auto database = store_.database();
        auto rows = database ? cleanup_.batch(**database) : Result<std::size_t>{database.error()};
        if (!rows) {
            store_.failed();
        }
        const auto took = std::chrono::duration_cast<milliseconds>(
            std::chrono::steady_clock::now() - begun + microseconds{999});
        ports_.loop.post([this, rows = std::move(rows), took] { on_cleaned(rows, took); });
    });
}

/// Not known before every nginx has had the time to connect.
std::optional<std::set<std::string>> Agent::running() const
{
    if (now_s_ - started_s_ < connected_after_s) {
        return std::nullopt;
    }
    std::set<std::string> names;
    for (const auto& [name, known] : known_) {
        names.insert(name);
    }
    return names;
}

void Agent::on_cleaned(const Result<std::size_t>& rows, milliseconds took)
{
    if (!rows) {
        say(rows.error().message);
    }
    const auto wait = !rows || cleanup_.done() ? cleanup_interval
                      : *rows == 0
                          ? milliseconds{1}
                          : std::clamp(pause_per_work * took, shortest_pause, longest_pause);
    cleanup_timer_.start(wait, [this] { clean(); });
}

bool Agent::stop(milliseconds limit)
{
    timer_.cancel();
    cleanup_timer_.cancel();
    if (in_step_) {
        look(read_clocks());
        pool_.submit([this, traffic = std::exchange(unwritten_, {}), until_s = now_s_] {
            (void)store_.write(traffic, until_s);
            while (!results_.unwritten().empty() &&
                   store_.write(results_.take_batch()).written == Store::Written::yes) {
            }
        });
    }
    return pool_.wait_idle(limit);
}

}  // namespace gatehouse::history
