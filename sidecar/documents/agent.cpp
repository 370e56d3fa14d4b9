#include "sidecar/documents/agent.h"

#include <algorithm>
#include <random>
#include <utility>

#include "sidecar/base/freshness.h"
#include "sidecar/base/log.h"

namespace gatehouse::documents {

namespace log = sidecar::log;
using sidecar::Fetched;

namespace {

/// Give or take a tenth.
std::int64_t with_jitter(std::int64_t ms)
{
    thread_local std::minstd_rand random{std::random_device{}()};
    const auto tenth = std::max<std::int64_t>(ms / 10, 0);
    return ms + std::uniform_int_distribution<std::int64_t>{-tenth, tenth}(random);
}

}  // namespace

struct Agent::Feed {
    Feed(sidecar::Loop& loop, config::Source from) : source(std::move(from)), timer(loop) {}

    config::Source source;
    sidecar::Timer timer;
    std::string etag, last_modified;  // of the document
    std::int64_t fetched_at_ms = 0;
    std::int64_t next_ms = 0;
    unsigned failures_in_a_row = 0;
    std::uint64_t fetches = 0;
    std::uint64_t failures = 0;
    bool settled = false;
    std::string last_error;
    std::int64_t failed_at_ms = 0;
};

Agent::Agent(Ports ports) : ports_(std::move(ports)) {}
Agent::~Agent() = default;

void Agent::configure(const std::map<std::string, config::Source>& sources)
{
    std::map<std::string, std::shared_ptr<Feed>> next;
    std::vector<std::shared_ptr<Feed>> fresh;
    for (const auto& [name, source] : sources) {
        if (source.kind != "http") {
            continue;
        }
        const auto known = feeds_.find(name);
        if (known != feeds_.end() && known->second->source == source) {
            next.emplace(name, known->second);
            continue;
        }
        fresh.push_back(std::make_shared<Feed>(ports_.loop, source));
        next.emplace(name, fresh.back());
    }
    feeds_ = std::move(next);
    for (const auto& feed : fresh) {
        fetch(feed);
    }
}

void Agent::fetch(const std::shared_ptr<Feed>& feed)
{
    feed->timer.cancel();
    ++feed->fetches;
    auto request = request_of(feed->source.http);
    request.etag = feed->etag;
    request.last_modified = feed->last_modified;
    ports_.run(feed->source.name, [this, request = std::move(request), source = feed->source,
                                   held = std::weak_ptr{feed}, fetch = ports_.fetch] {
        ports_.loop.post([this, held, answer = ask(fetch, request, source)] {
            if (const auto still = held.lock()) {
                take(*still, answer.fetched, answer.changed);
                wait(still);
            }
        });
    });
}

void Agent::take(Feed& feed, const Result<Fetched>& fetched, const Result<bool>& changed)
{
    const auto& name = feed.source.name;
    const bool broke = !changed && feed.failures_in_a_row == 0;
    const bool mended = changed && feed.failures_in_a_row > 0;
    if (changed) {
        keep(feed, *fetched);
    } else {
        fail(feed, changed.error().message, fetched ? fetched->retry_after : "");
    }
    if (!std::exchange(feed.settled, true)) {
        ports_.settled(name);
    }
    if (broke || mended || (changed && *changed)) {
        ports_.changed(name);
    }
}

void Agent::keep(Feed& feed, const Fetched& fetched)
{
    const auto& name = feed.source.name;
    const auto& http = feed.source.http;
    const auto now_ms = ports_.clocks().unix_ms;
    const auto fresh_ms =
        sidecar::fresh_for_ms(fetched.cache_control, fetched.age,
                              {http.every.count(), http.max_interval.count(), http.every.count()});
    feed.next_ms = now_ms + with_jitter(fresh_ms);
    feed.fetched_at_ms = now_ms;
    if (fetched.status != status_not_modified) {
        feed.etag = fetched.etag;
        feed.last_modified = fetched.last_modified;
    }
    if (feed.failures_in_a_row > 0) {
        log::info("source recovered", {{"source", name}, {"failures", feed.failures_in_a_row}});
    }
    feed.failures_in_a_row = 0;
    repeats_.forget(name);
}

void Agent::fail(Feed& feed, const std::string& why, std::string_view retry_after)
{
    const auto& name = feed.source.name;
    const auto now = ports_.clocks();
    const auto every_ms = feed.source.http.every.count();
    const auto usual_ms = sidecar::doubled_ms(++feed.failures_in_a_row, every_ms,
                                              std::max(every_ms, longest_retry_ms));
    const auto asked_ms = std::min(sidecar::asked_wait_ms(retry_after, now.unix_ms).value_or(0),
                                   longest_asked_wait_ms);
    feed.last_error = why;
    feed.failed_at_ms = now.unix_ms;
    ++feed.failures;
    feed.next_ms = now.unix_ms + std::max(with_jitter(usual_ms), asked_ms);
    feed.source.document->fail(why_not_fetched(why, feed.fetched_at_ms));
    if (repeats_.worth_saying(name, why, now.steady_ms)) {
        log::error("source not fetched",
                   {{"source", name},
                    {"error", why},
                    {"failures", feed.failures_in_a_row},
                    {"now", "its cards keep their last good data; next try in " +
                                std::to_string((feed.next_ms - now.unix_ms + 500) / 1000) + " s"}});
    }
}

void Agent::wait(const std::shared_ptr<Feed>& feed)
{
    const auto wait_ms = std::max<std::int64_t>(feed->next_ms - ports_.clocks().unix_ms, 0);
    feed->timer.start(std::chrono::milliseconds{wait_ms}, [this, held = std::weak_ptr{feed}] {
        if (const auto still = held.lock()) {
            fetch(still);
        }
    });
}

std::set<std::string> Agent::on_their_way() const
{
    std::set<std::string> names;
    for (const auto& [name, feed] : feeds_) {
        if (!feed->settled) {
            names.insert(name);
        }
    }
    return names;
}

std::vector<Report> Agent::report() const
{
    std::vector<Report> reports;
    for (const auto& [name, feed] : feeds_) {
        const auto content = feed->source.document->content();
        reports.push_back({name, static_cast<bool>(content), content ? content->rows : 0,
                           content ? content->bytes : 0, feed->fetched_at_ms, feed->next_ms,
                           feed->fetches, feed->failures, feed->last_error, feed->failed_at_ms});
    }
    return reports;
}

}  // namespace gatehouse::documents
