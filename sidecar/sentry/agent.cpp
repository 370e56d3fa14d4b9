#include "sidecar/sentry/agent.h"

#include <unistd.h>

#include <mutex>
#include <type_traits>
#include <utility>
#include <variant>

#include "sidecar/base/clock.h"
#include "src/base/ascii.h"

namespace gatehouse::sentry {

namespace log = sidecar::log;
using sidecar::Fetched;
using sidecar::read_clocks;
using std::chrono::milliseconds;

namespace {

constexpr milliseconds send_timeout{10'000};
constexpr milliseconds nginx_interval{1'000};
/// A file that is missing for a moment is being rotated.
constexpr unsigned misses_worth_saying = 5;
constexpr std::size_t largest_answer = 64 << 10;
constexpr std::size_t most_groups = 1000;
constexpr long status_ok = 200;
constexpr long status_too_many = 429;

std::string host_name()
{
    char name[256] = {};
    return ::gethostname(name, sizeof name - 1) == 0 ? name : "";
}

std::string text_of(const log::Field::Value& value)
{
    return std::visit(
        [](const auto& held) -> std::string {
            using Held = std::decay_t<decltype(held)>;
            if constexpr (std::is_same_v<Held, std::string_view>) {
                return std::string{held};
            } else if constexpr (std::is_same_v<Held, bool>) {
                return held ? "true" : "false";
            } else {
                return std::to_string(held);
            }
        },
        value);
}

/// The field "error" says what it was this time.
Event event_of(std::int64_t at_ms, const std::string& name, std::string_view message,
               log::Fields fields)
{
    Event event;
    event.at_ms = at_ms;
    event.logger = name;
    event.kind = event.message = message;
    for (const auto& field : fields) {
        if (field.key == "error") {
            event.message += ": " + text_of(field.value);
        } else {
            event.extra.emplace_back(field.key, text_of(field.value));
        }
    }
    return event;
}

std::string field_of(const Fetched& answer, std::string_view lower)
{
    for (const auto& [name, value] : answer.fields) {
        if (equals_ignoring_case(name, lower)) {
            return value;
        }
    }
    return {};
}

}  // namespace

/// Between the threads that log and the loop.
struct Agent::Inbox {
    std::mutex mutex;
    std::vector<Event> events;
    std::uint64_t lost = 0;

    /// Whether the loop is to be told: it is the first.
    bool put(Event event)
    {
        const std::lock_guard lock{mutex};
        if (events.size() >= most_waiting) {
            ++lost;
            return false;
        }
        events.push_back(std::move(event));
        return events.size() == 1;
    }

    std::pair<std::vector<Event>, std::uint64_t> take()
    {
        const std::lock_guard lock{mutex};
        return {std::exchange(events, {}), std::exchange(lost, 0)};
    }
};

Agent::Agent(sidecar::Loop& loop)
    : loop_(loop), nginx_timer_(loop), inbox_(std::make_shared<Inbox>())
{
}

Agent::~Agent()
{
    log::observe_errors(nullptr);
}

void Agent::configure(const config::Sentry& settings)
{
    const bool same_log = settings.nginx_error_log == settings_.nginx_error_log;
    settings_ = settings;
    dsn_ = parse_dsn(settings.dsn);
    origin_ = {settings.environment,
               settings.release.empty() ? "gatehouse@" GATEHOUSE_VERSION : settings.release,
               settings.server_name.empty() ? host_name() : settings.server_name};
    if (!dsn_) {
        log::observe_errors(nullptr);
        nginx_timer_.cancel();
        nginx_log_.reset();
        return;
    }
    log::observe_errors([this, inbox = inbox_](std::int64_t at_ms, const std::string& name,
                                               std::string_view message, log::Fields fields) {
        if (inbox->put(event_of(at_ms, name, message, fields))) {
            loop_.post([this] { drain(); });
        }
    });
    if (settings.nginx_error_log.empty()) {
        nginx_timer_.cancel();
        nginx_log_.reset();
    } else if (!same_log || !nginx_log_) {
        nginx_log_ = std::make_shared<NginxLog>(settings.nginx_error_log);
        nginx_log_misses_ = 0;
        read_nginx_log();
    }
}

void Agent::drain()
{
    auto [events, lost] = inbox_->take();
    counts_.queue_full += lost;
    const auto now = read_clocks();
    for (auto& event : events) {
        take(std::move(event), now.steady_ms);
    }
}

void Agent::take(Event event, std::int64_t steady_ms)
{
    if (!dsn_) {
        return;
    }
    event = without_secrets(std::move(event));
    if (is_repeated(event, steady_ms)) {
        ++counts_.grouped;
    } else if (std::uniform_real_distribution<double>{}(random_) >= settings_.sample_rate) {
        ++counts_.sampled;
    } else if (limits_.hold(steady_ms)) {
        ++counts_.rate_limited;
    } else if (waiting_ >= most_waiting) {
        ++counts_.queue_full;
    } else {
        send(event);
    }
}

/// The first of the same says how many came since the one that was sent before.
bool Agent::is_repeated(Event& event, std::int64_t steady_ms)
{
    std::string key = event.message;
    for (const auto& part : fingerprint(event)) {
        key += '\n' + part;
    }
    const auto is_over = [&](const auto& entry) {
        return steady_ms - entry.second.sent_at_ms >= group_interval_ms;
    };
    if (const auto known = groups_.find(key); known != groups_.end()) {
        if (!is_over(*known)) {
            ++known->second.repeats;
            return true;
        }
        event.repeats = known->second.repeats;
    }
    if (groups_.size() >= most_groups) {
        std::erase_if(groups_, is_over);
    }
    if (groups_.size() >= most_groups) {
        groups_.clear();
    }
    groups_[key] = {steady_ms, 0};
    return false;
}

void Agent::send(const Event& event)
{
    ++waiting_;
    sidecar::FetchRequest request;
    request.url = dsn_->url;
    request.accept = "application/json";
    request.fields = {{"X-Sentry-Auth", auth_field(*dsn_)}};
    request.body = envelope(event, origin_, new_event_id(), read_clocks().unix_ms);
    request.content_type = "application/x-sentry-envelope";
    request.ca_file = settings_.ca_file;
    request.reach = settings_.allow_private ? sidecar::Reach::anywhere : sidecar::Reach::internet;
    request.timeout = send_timeout;
    request.largest_body = largest_answer;
    request.keep_fields = true;
    pool_.submit([this, request = std::move(request)] {
        loop_.post([this, answer = sidecar::fetch(request)] { on_answer(answer); });
    });
}

void Agent::on_answer(const Result<Fetched>& answer)
{
    --waiting_;
    if (!answer) {
        return fail(answer.error().message);
    }
    limits_.take(answer->status, field_of(*answer, "x-sentry-rate-limits"), answer->retry_after,
                 read_clocks().steady_ms);
    if (answer->status == status_ok) {
        ++counts_.sent;
    } else if (answer->status == status_too_many) {
        ++counts_.rate_limited;
    } else {
        fail("the answer is " + std::to_string(answer->status));
    }
}

/// A warning: an error would be sent, too.
void Agent::fail(const std::string& why)
{
    ++counts_.failed;
    if (repeats_.worth_saying("", why, read_clocks().steady_ms)) {
        log::warning("error report not sent", {{"error", why}, {"now", "it is left out"}});
    }
}

void Agent::read_nginx_log()
{
    pool_.submit([this, reader = nginx_log_] {
        loop_.post([this, reader, news = reader->read(sidecar::unix_ms())] {
            if (reader != nginx_log_) {
                return;  // configured anew
            }
            take_nginx_log(news);
            nginx_timer_.start(nginx_interval, [this] { read_nginx_log(); });
        });
    });
}

void Agent::take_nginx_log(const NginxLog::News& news)
{
    const auto now = read_clocks();
    for (const auto& event : news.events) {
        take(event, now.steady_ms);
    }
    if (news.error.empty()) {
        if (std::exchange(nginx_log_misses_, 0) >= misses_worth_saying) {
            log::info("nginx's log is read again", {{"file", settings_.nginx_error_log}});
        }
    } else if (++nginx_log_misses_ == misses_worth_saying) {
        log::warning("nginx's log not read", {{"file", settings_.nginx_error_log},
                                              {"error", news.error},
                                              {"now", "its errors are not sent; trying again"}});
    }
}

bool Agent::finish(milliseconds limit)
{
    drain();
    return pool_.wait_idle(limit);
}

}  // namespace gatehouse::sentry
