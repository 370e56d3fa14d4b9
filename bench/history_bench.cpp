// What seven days of history cost: queries of charts, and cleaning up beside another writer.
//
//   history_bench fill FILE SCALE      a state file with 35,000 results of checks a week, times
//   SCALE history_bench query FILE ROUNDS    "WHAT MS MS …": each chart as cards read it, ROUNDS
//   times history_bench write FILE ROUNDS    "MS …": what comes of ten seconds with 20 endpoints
//   history_bench clean FILE SECONDS   "idle US …" and "cleaning US …": commits of another writer,
//                                      second by second without and with a cleanup that goes on,
//                                      and "batches …"
#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "sidecar/base/sqlite_database.h"
#include "sidecar/history/all_endpoints.h"
#include "sidecar/history/book.h"
#include "sidecar/history/cleanup.h"
#include "sidecar/history/columns.h"
#include "sidecar/history/steps.h"
#include "sidecar/history/store.h"
#include "sidecar/identity/state_file.h"

namespace {

using namespace gatehouse;
using namespace gatehouse::history;
using namespace std::chrono_literals;
using std::chrono::steady_clock;

constexpr std::int64_t day_s = 86'400;
constexpr std::int64_t end_s = 1'800'000'000;  // a multiple of 3600
constexpr std::int64_t begin_s = end_s - 7 * day_s;
constexpr std::int64_t results_a_week = 35'000;
constexpr int checks_of_scale_1 = 4;
constexpr int endpoints_of_scale_1 = 3;

[[noreturn]] void fail(const std::string& what)
{
    std::fprintf(stderr, "history_bench: %s\n", what.c_str());
    std::exit(1);
}

template <class T>
T need(Result<T> result)
{
    if (!result) {
        fail(result.error().message);
    }
    return std::move(*result);
}

void need(const Result<void>& result)
{
    if (!result) {
        fail(result.error().message);
    }
}

double ms_since(steady_clock::time_point begun)
{
    return std::chrono::duration<double, std::milli>(steady_clock::now() - begun).count();
}

/// As the sidecar's history has it: sidecar/app/history_source.cpp.
Connect connecting(const std::string& path)
{
    return [path]() -> Result<std::unique_ptr<sidecar::SqlDatabase>> {
        auto database =
            std::make_unique<sidecar::SqliteDatabase>(need(identity::StateFile::writer(path)));
        need(database->script("pragma synchronous = normal; pragma wal_autocheckpoint = 250"));
        return std::unique_ptr<sidecar::SqlDatabase>{std::move(database)};
    };
}

std::string name(const char* kind, int number)
{
    return std::string{kind} + '-' + std::to_string(1000 + number);
}

// --- fill ---

/// Numbers of the size that a busy endpoint has.
std::string some_traffic()
{
    std::string values = "600, 3, 5, 4000000, 9000000000";
    for (int i = 0; i < 19; ++i) {
        values += i < 12 ? ", 50" : ", 0";
    }
    return values;
}

std::string series(std::int64_t from_s, std::int64_t step_s)
{
    return "(with recursive s(at) as (select " + std::to_string(from_s) +
           " union all select at + " + std::to_string(step_s) + " from s where at + " +
           std::to_string(step_s) + " < " + std::to_string(end_s) + ") select at from s)";
}

void fill_steps(sidecar::Sqlite& database, int endpoints, int checks)
{
    for (const auto step_s : kept_steps) {
        const auto from_s = step_s == 10 ? end_s - day_s : begin_s;
        for (int i = 0; i <= endpoints; ++i) {
            const auto endpoint = i == endpoints ? all_endpoints : name("endpoint", i);
            need(database.run(("insert into traffic_steps select " + std::to_string(step_s) +
                               ", '" + endpoint + "', at, " + some_traffic() + " from " +
                               series(from_s, step_s))
                                  .c_str()));
        }
        for (int i = 0; i < checks && step_s >= minute_s; ++i) {
            need(
                database.run(("insert into health_steps select " + std::to_string(step_s) + ", '" +
                              name("check", i) + "', at, 1, 0, 0, 1500, 42.5, 1, 42.5, 42.5 from " +
                              series(from_s, step_s))
                                 .c_str()));
        }
    }
}

void fill(const std::string& path, int scale)
{
    auto file = need(identity::StateFile::open(path, identity::StateFile::Missing::create));
    auto& database = file.database();
    const int checks = checks_of_scale_1 * scale;
    const auto rows = results_a_week * scale;
    need(database.run("pragma synchronous = off; pragma cache_size = -200000; begin"));
    fill_steps(database, endpoints_of_scale_1 * scale, checks);
    // In the order of time, one in a hundred and one not up.
    need(database.run(
        ("with recursive n(i) as (select 0 union all select i + 1 from n where i + 1 < " +
         std::to_string(rows) +
         ") insert into health_metrics (metric, status, at_ms, value, duration_us, message) "
         "select 'check-' || (1000 + i % " +
         std::to_string(checks) + "), iif(i % 101 = 7, 'down', 'up'), " +
         std::to_string(begin_s * 1000) + " + i * " + std::to_string(7 * day_s * 1000) + " / " +
         std::to_string(rows) +
         ", 42.5, 1500, iif(i % 101 = 7, 'connection refused by 192.0.2.1', '') from n")
            .c_str()));
    need(database.run("commit; pragma wal_checkpoint(truncate)"));
}

// --- query ---

struct Chart {
    const char* what;
    std::function<std::size_t(Book&)> read;
};

config::HistorySource source(std::chrono::milliseconds last, std::chrono::milliseconds step,
                             const char* of)
{
    config::HistorySource out;
    out.of = of;
    out.last = last;
    out.step = step;
    return out;
}

/// As cards have them read: all endpoints together.
std::vector<Chart> charts()
{
    const auto traffic = [](auto last, auto step) {
        return [=](Book& book) {
            return need(book.traffic(source(last, step, "traffic"), {all_endpoints})).size();
        };
    };
    return {{"all traffic, an hour by 10 s", traffic(1h, 10s)},
            {"all traffic, a day by 1 min", traffic(24h, 1min)},
            {"all traffic, a week by 1 h", traffic(168h, 1h)}};
}

/// Of one endpoint or check, as by hand.
struct Selection {
    const char* what;
    const char* sql;
    std::int64_t step_s, last_s;
};
constexpr Selection selections[] = {
    {"an endpoint, an hour by 10 s",
     "select * from traffic_steps where step_s = $1 and endpoint = 'endpoint-1001' and at_s >= $2",
     10, 3600},
    {"an endpoint, a day by 1 min",
     "select * from traffic_steps where step_s = $1 and endpoint = 'endpoint-1001' and at_s >= $2",
     60, day_s},
    {"an endpoint, a week by 1 h",
     "select * from traffic_steps where step_s = $1 and endpoint = 'endpoint-1001' and at_s >= $2",
     3600, 7 * day_s},
    {"a check, an hour by 1 min",
     "select * from health_steps where step_s = $1 and metric = 'check-1001' and at_s >= $2", 60,
     3600},
    {"a check, a day by 1 min",
     "select * from health_steps where step_s = $1 and metric = 'check-1001' and at_s >= $2", 60,
     day_s},
    {"a check, a week by 1 h",
     "select * from health_steps where step_s = $1 and metric = 'check-1001' and at_s >= $2", 3600,
     7 * day_s},
    {"what was down, a week of a check",
     "select at_ms, message from health_metrics where $1 = 0 and metric = 'check-1003' and "
     "status = 'down' and at_ms >= $2 * 1000",
     0, 7 * day_s}};

void query(const std::string& path, int rounds)
{
    Book book{connecting(path)};
    book.database_is_complete_until(end_s);
    const auto print = [rounds](const char* what, const std::function<std::size_t()>& read,
                                int most = 1000) {
        std::printf("%s|%zu|", what, read());
        for (int i = 0; i < std::min(rounds, most); ++i) {
            const auto begun = steady_clock::now();
            (void)read();
            std::printf(" %.3f", ms_since(begun));
        }
        std::printf("\n");
    };
    for (const auto& [what, read] : charts()) {
        print(what, [&, &read = read] { return read(book); });
    }
    const auto database = need(connecting(path)());
    for (const auto& [what, sql, step_s, last_s] : selections) {
        print(what, [&, sql = sql, step_s = step_s, last_s = last_s] {
            return need(database->run(sql, {step_s, end_s - last_s})).size();
        });
    }
    for (const auto* of : {"traffic", "checks"}) {
        const auto all = source(24h, 1min, of);
        print(
            of == std::string{"traffic"} ? "every endpoint, a day by 1 min"
                                         : "every check, a day by 1 min",
            [&] {
                return all.of == "traffic" ? need(book.traffic(all)).size()
                                           : need(book.checks(all)).size();
            },
            3);
    }
}

// --- write ---

void write(const std::string& path, int rounds)
{
    Store store{connecting(path)};
    (void)need(store.readings());
    Traffic traffic;
    traffic.numbers.fill(7);
    for (int round = 0; round < rounds; ++round) {
        Unwritten unwritten;
        for (int i = 0; i < 20; ++i) {
            const auto at_s = end_s + round * 10;
            add(unwritten, {"bench", at_s, at_s + 1, {{name("endpoint", i), traffic}}},
                {{name("endpoint", i), traffic}});
        }
        const auto begun = steady_clock::now();
        need(store.write(unwritten, end_s));
        std::printf(" %.3f", ms_since(begun));
    }
    std::printf("\n");
}

// --- clean ---

/// Commits as those of tokens are: a row changed, flushed to the disk.
class OtherWriter {
public:
    explicit OtherWriter(const std::string& path)
        : database_(need(identity::StateFile::writer(path)))
    {
    }

    double commit_us()
    {
        const auto begun = steady_clock::now();
        need(database_.run("begin immediate; update revision set value = value + 1; commit"));
        return ms_since(begun) * 1000;
    }

private:
    sidecar::Sqlite database_;
};

/// Paced as the agent's: sidecar/history/agent.cpp.
class Cleaner {
public:
    explicit Cleaner(const std::string& path) : store_(connecting(path))
    {
        config::History keep;
        keep.keep = std::chrono::milliseconds{6 * day_s * 1000};
        cleanup_.begin(keep, end_s, std::nullopt);
        thread_ = std::jthread([this](const std::stop_token& stop) { run(stop); });
    }
    ~Cleaner()
    {
        thread_.request_stop();
        set(true);
        thread_.join();
        std::printf("batches");
        for (const auto ms : batches_) {
            std::printf(" %.3f", ms);
        }
        std::printf("\nremoved %zu %d\n", rows_, cleanup_.done() ? 1 : 0);
    }

    void set(bool on)
    {
        on_ = on;
        on_.notify_all();
    }

private:
    void run(const std::stop_token& stop)
    {
        auto& database = *need(store_.database());
        while (!stop.stop_requested() && !cleanup_.done()) {
            on_.wait(
                false);  // asleep: a thread that looks again and again keeps the processor warm
            const auto begun = steady_clock::now();
            const auto rows = need(cleanup_.batch(database));
            const auto took = ms_since(begun);
            if (rows == 0) {
                continue;
            }
            rows_ += rows;
            batches_.push_back(took);
            const auto whole_ms = static_cast<int>(took) + 1;
            std::this_thread::sleep_for(
                std::clamp<std::chrono::milliseconds>(200ms * whole_ms, 50ms, 1s));
        }
    }

    std::atomic<bool> on_ = false;
    Store store_;
    Cleanup cleanup_;
    std::size_t rows_ = 0;
    std::vector<double> batches_;
    std::jthread thread_;
};

void clean(const std::string& path, int seconds)
{
    std::vector<double> found[2];
    {
        OtherWriter writer{path};
        Cleaner cleaner{path};
        for (int second = 0; second < seconds; ++second) {
            cleaner.set(second % 2 == 1);
            const auto until = steady_clock::now() + 1s;
            while (steady_clock::now() < until) {
                found[second % 2].push_back(writer.commit_us());
                std::this_thread::sleep_for(1ms);
            }
        }
    }
    for (int i = 0; i < 2; ++i) {
        std::printf("%s", i == 0 ? "idle" : "cleaning");
        for (const auto us : found[i]) {
            std::printf(" %.1f", us);
        }
        std::printf("\n");
    }
}

}  // namespace

int main(int count, char** words)
{
    const std::string what = count > 3 ? words[1] : "";
    const int number = count > 3 ? std::atoi(words[3]) : 0;
    if (what == "fill") {
        fill(words[2], number);
    } else if (what == "query") {
        query(words[2], number);
    } else if (what == "write") {
        write(words[2], number);
    } else if (what == "clean") {
        clean(words[2], number);
    } else {
        fail("fill, query, write or clean, a file and a number");
    }
}
