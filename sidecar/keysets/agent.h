// Fetches the key sets that JWTs are verified with, keeps each up to date and hands it on.
//
// A set is fetched when the sidecar starts, when it is no longer fresh (base/freshness.h), and
// when a worker meets a token whose key is not in it: that at most once in half a minute, however
// many ask, counted from the start of the last fetch, also while a set is missing. What is no set
// replaces none; the last good one, also of the sidecar before, goes on being handed to workers,
// which believe it for a day.
//
// Thread safety: none; lives on the loop.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "sidecar/base/clock.h"
#include "sidecar/base/fetch.h"
#include "sidecar/base/freshness.h"
#include "sidecar/base/loop.h"
#include "sidecar/base/pool.h"
#include "sidecar/base/repeats.h"

namespace gatehouse::sidecar {

/// Who asks for a key that is not there may make a fetch happen this often, whoever and however
/// many they are.
inline constexpr std::int64_t wanted_interval_ms = 30'000;

struct KeysetSource {
    std::string name;
    std::string url;
    std::string ca_file = {};
    Reach reach = Reach::internet;
    std::chrono::milliseconds timeout{5000};
    FreshBounds bounds = {};

    bool operator==(const KeysetSource&) const = default;
};

struct KeysetReport {
    std::string name;
    std::size_t keys = 0;
    std::int64_t fetched_at_ms = 0;  ///< Unix time of the last good answer; 0: never
    std::int64_t next_ms = 0;        ///< Unix time of the next fetch
    std::uint64_t fetches = 0;
    std::uint64_t failures = 0;
    std::string error;  ///< of the last fetch; empty: it was good
};

class KeysetAgent {
public:
    struct Ports {
        Loop& loop;
        Pool& pool;  ///< for what blocks
        /// Hands a table's bytes (src/auth/fetched_keyset.h) to workers.
        std::function<void(const std::string& table, const std::string& bytes)> publish;
        /// The bytes that the last sidecar left; empty: none.
        std::function<std::string(const std::string& table)> last_good;
        std::function<void()> settled;  ///< a set has had its first outcome
        std::function<Result<Fetched>(const FetchRequest&)> fetch;  ///< called on the pool
        std::function<Now()> clocks = read_clocks;
    };

    explicit KeysetAgent(Ports ports);
    ~KeysetAgent();

    /// In place of the sets before; those that stay as they are keep what they know.
    void configure(const std::vector<KeysetSource>& sources);

    /// A worker misses a key in the table of that name.
    void wanted(const std::string& table);

    /// Every set has had its first outcome, or had a last good one.
    bool has_settled() const;

    std::vector<KeysetReport> report() const;

    /// The last good set of that name as JSON; empty: there is none.
    std::string held(const std::string& name) const;

private:
    struct Set;

    void start_from_last_good(Set& set);
    void fetch(const std::shared_ptr<Set>& set);
    void take(Set& set, const Result<Fetched>& fetched);
    std::optional<std::string> use(Set& set, const Fetched& fetched);
    void fail(Set& set, const std::string& why);
    void wait(const std::shared_ptr<Set>& set, std::int64_t ms);

    Ports ports_;
    std::map<std::string, std::shared_ptr<Set>> sets_;
    Repeats repeats_{600'000};
};

}  // namespace gatehouse::sidecar
