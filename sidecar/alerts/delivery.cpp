#include "sidecar/alerts/delivery.h"

#include <algorithm>

#include "sidecar/base/freshness.h"
#include "sidecar/base/mail.h"
#include "sidecar/base/program.h"

namespace gatehouse::alerts {

namespace {

using Outcome = Attempt::Outcome;

constexpr std::int64_t first_wait_ms = 1'000;
constexpr std::int64_t longest_wait_ms = 300'000;
constexpr std::int64_t longest_asked_wait_ms = 600'000;
constexpr std::size_t largest_answer = 64 << 10;
constexpr int try_again_status = 75;  ///< EX_TEMPFAIL of sysexits.h
constexpr std::chrono::milliseconds heartbeat_timeout{10'000};

sidecar::Reach reach_of(bool allow_private)
{
    return allow_private ? sidecar::Reach::anywhere : sidecar::Reach::internet;
}

Attempt judge(const Result<sidecar::Fetched>& answer, std::int64_t unix_ms)
{
    if (!answer) {
        return {Outcome::again, answer.error().message};
    }
    const auto status = answer->status;
    if (status >= 200 && status < 300) {
        return {};
    }
    if (status >= 300 && status < 400) {
        return {Outcome::failed,
                "it redirects (" + std::to_string(status) + "), and redirects are not followed"};
    }
    const bool again = status >= 500 || status == 408 || status == 429;
    return {again ? Outcome::again : Outcome::failed, "it answered " + std::to_string(status),
            sidecar::asked_wait_ms(answer->retry_after, unix_ms)};
}

Attempt post(const config::AlertReceiver& receiver, const Message& message, const Fetch& fetch,
             std::int64_t unix_ms)
{
    sidecar::FetchRequest request;
    request.url = receiver.url;
    request.fields = receiver.headers;
    request.body = receiver.kind == "slack" ? slack_json_of(message) : json_of(message);
    request.content_type = "application/json";
    request.ca_file = receiver.ca_file;
    request.reach = reach_of(receiver.allow_private);
    request.timeout = receiver.timeout;
    request.largest_body = largest_answer;
    request.header_suffices = true;  // or it would be told again what it has taken
    if (receiver.kind == "webhook") {
        request.fields.emplace_back("Idempotency-Key", message.key());
    }
    if (!receiver.secret.empty()) {
        request.fields.emplace_back("X-Gatehouse-Signature",
                                    signature(receiver.secret, unix_ms / 1000, request.body));
    }
    return judge(fetch(request), unix_ms);
}

Attempt mail(const config::AlertReceiver& receiver, const Message& message, std::int64_t unix_ms)
{
    const auto sent =
        sidecar::send_mail({receiver.url, receiver.username, receiver.password, receiver.ca_file,
                            !receiver.allow_private || !receiver.password.empty(),
                            reach_of(receiver.allow_private), receiver.timeout},
                           {receiver.from, receiver.to, title_of(message), text_of(message),
                            message.key(), unix_ms / 1000});
    return {sent.error.empty() ? Outcome::delivered
            : sent.again       ? Outcome::again
                               : Outcome::failed,
            sent.error};
}

Attempt run(const config::AlertReceiver& receiver, const Message& message)
{
    const auto ran =
        sidecar::run_program(receiver.command, json_of(message) + '\n', receiver.timeout);
    if (ran.succeeded()) {
        return {};
    }
    const bool again = ran.in_time && ran.status == try_again_status;
    return {again ? Outcome::again : Outcome::failed, ran.reason()};
}

}  // namespace

Attempt deliver(const config::AlertReceiver& receiver, const Message& message, const Fetch& fetch,
                std::int64_t unix_ms)
{
    if (receiver.kind == "email") {
        return mail(receiver, message, unix_ms);
    }
    return receiver.kind == "exec" ? run(receiver, message)
                                   : post(receiver, message, fetch, unix_ms);
}

std::int64_t wait_before_retry_ms(unsigned attempts, std::optional<std::int64_t> asked_ms,
                                  double chance)
{
    const auto most = sidecar::doubled_ms(attempts, first_wait_ms, longest_wait_ms);
    const auto half = static_cast<double>(most) / 2;
    const auto wait = static_cast<std::int64_t>(half + half * chance);
    return std::max(wait, std::min(asked_ms.value_or(0), longest_asked_wait_ms));
}

std::string beat(const config::Heartbeat& heartbeat, const Fetch& fetch)
{
    sidecar::FetchRequest request;
    request.url = heartbeat.url;
    request.ca_file = heartbeat.ca_file;
    request.reach = reach_of(heartbeat.allow_private);
    request.timeout = std::min(heartbeat_timeout, heartbeat.every);
    request.largest_body = largest_answer;
    request.header_suffices = true;
    return judge(fetch(request), 0).error;
}

}  // namespace gatehouse::alerts
