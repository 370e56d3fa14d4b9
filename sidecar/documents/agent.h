// Fetches the documents of sources of kind http, each by its own clock, and keeps the last good one
// of each in its base/document.h.
//
// A source is fetched at the start, then every so often, or when its answer is no longer fresh
// (base/freshness.h), give or take a tenth, so that many do not ask at once. A fetch that fails, or
// an answer that is not what it should be, leaves the document as it is; the next try comes after
// the usual time, doubled for each failure in a row up to longest_retry_ms, or when the server's
// Retry-After says. Meanwhile the source counts as broken, as a file that cannot be read does: its
// cards keep their last good data and say why.
//
// Thread safety: none; lives on the loop. Fetching and reading run on other threads.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "sidecar/base/clock.h"
#include "sidecar/base/document.h"
#include "sidecar/base/fetch.h"
#include "sidecar/base/loop.h"
#include "sidecar/base/repeats.h"
#include "sidecar/config/types.h"

namespace gatehouse::documents {

inline constexpr std::int64_t longest_retry_ms = 600'000;
inline constexpr std::int64_t longest_asked_wait_ms = 3'600'000;

inline constexpr long status_not_modified = 304;

using Fetch = std::function<Result<sidecar::Fetched>(const sidecar::FetchRequest&)>;

struct Report {
    std::string name;
    bool up = false;                 ///< the last fetch was good
    std::uint64_t rows = 0;          ///< of the last good document
    std::uint64_t bytes = 0;         ///< of it
    std::int64_t fetched_at_ms = 0;  ///< Unix time of the last good answer; 0: never
    std::int64_t next_ms = 0;        ///< Unix time of the next fetch
    std::uint64_t fetches = 0;
    std::uint64_t failures = 0;
    std::string last_error;         ///< of the last fetch that failed; it may be up again
    std::int64_t failed_at_ms = 0;  ///< Unix time of that; 0: never
};

struct Ports {
    sidecar::Loop& loop;
    /// Runs what blocks for a source on some thread.
    std::function<void(const std::string& source, std::function<void()> task)> run;
    std::function<void(const std::string&)> changed;  ///< it has another document, broke, or mended
    std::function<void(const std::string&)> settled;  ///< a source has had its first outcome
    Fetch fetch = sidecar::fetch;
    std::function<sidecar::Now()> clocks = sidecar::read_clocks;
};

class Agent {
public:
    explicit Agent(Ports ports);
    ~Agent();

    /// In place of the sources before; those that stay as they are keep their documents. Sources of
    /// other kinds are none of its business.
    void configure(const std::map<std::string, config::Source>& sources);

    /// Sources that have not had their first outcome yet.
    std::set<std::string> on_their_way() const;

    std::vector<Report> report() const;

private:
    struct Feed;

    void fetch(const std::shared_ptr<Feed>& feed);
    void take(Feed& feed, const Result<sidecar::Fetched>& fetched, const Result<bool>& changed);
    void keep(Feed& feed, const sidecar::Fetched& fetched);
    void fail(Feed& feed, const std::string& why, std::string_view retry_after);
    void wait(const std::shared_ptr<Feed>& feed);

    Ports ports_;
    std::map<std::string, std::shared_ptr<Feed>> feeds_;
    sidecar::Repeats repeats_{600'000};
};

/// One fetch of a source: what is asked for.
sidecar::FetchRequest request_of(const config::HttpOptions& http);

/// Why a source has nothing to read, for its cards.
std::string why_not_fetched(const std::string& why, std::int64_t last_good_ms);

/// Reads an answer with the status 200 into the document. Whether it is another one than before, or
/// what is wrong with it. Blocks.
Result<bool> store(const config::HttpOptions& http, const sidecar::Fetched& fetched,
                   sidecar::Document& document);

struct Answer {
    Result<sidecar::Fetched> fetched;  ///< without its body
    Result<bool> changed;              ///< the document; an error: what is wrong
};

/// Asks once and keeps what is good of the answer in the source's document. Does not throw.
Answer ask(const Fetch& fetch, const sidecar::FetchRequest& request, const config::Source& source);

/// Gives the configuration's sources of kind http their documents: those of `before` where the
/// source is the same, new ones elsewhere.
Result<void> attach_documents(std::map<std::string, config::Source>& sources,
                              const std::map<std::string, config::Source>& before);

/// Fetches every source of kind http once and waits for all: for --once.
void fetch_all(const std::map<std::string, config::Source>& sources);

}  // namespace gatehouse::documents
