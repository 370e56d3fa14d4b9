// Checks of kind tcp, tls and redis: connections without a protocol of their own.
#include <algorithm>
#include <chrono>
#include <ctime>
#include <optional>
#include <utility>

#include "sidecar/base/connect.h"
#include "sidecar/health/kinds.h"

namespace gatehouse::checks {

namespace {

using sidecar::ConnectRequest;
using Clock = std::chrono::steady_clock;
using sidecar::Reach;
using std::chrono::duration_cast;
using std::chrono::milliseconds;

ConnectRequest request_of(const config::Check& check)
{
    return {.address = check.address,
            .ca_file = check.ca_file,
            .reach = check.allow_private ? Reach::anywhere : Reach::internet,
            .timeout = check.timeout};
}

/// One command in the protocol of Redis, which lengths make safe whatever the words hold.
std::string command(std::initializer_list<std::string_view> words)
{
    std::string out = "*" + std::to_string(words.size()) + "\r\n";
    for (const auto word : words) {
        out.append("$").append(std::to_string(word.size())).append("\r\n");
        out.append(word).append("\r\n");
    }
    return out;
}

/// The server's own words, without what would break a line of a log.
std::string printable(std::string text)
{
    text = text.substr(0, text.find_first_of("\r\n"));
    std::replace_if(
        text.begin(), text.end(), [](unsigned char c) { return c < 0x20 || c > 0x7e; }, '?');
    return text.substr(0, 200);
}

/// Until the server's certificate expires; less than 0: since. Nothing: it has not said.
std::optional<double> days_left(const sidecar::Connected& connected)
{
    constexpr double seconds_a_day = 86'400;
    const auto ends_s = connected.certificate_ends_s;
    return ends_s == 0
               ? std::nullopt
               : std::optional{static_cast<double>(ends_s - std::time(nullptr)) / seconds_a_day};
}

void set_days(Measurement& found, double days)
{
    found.value = days;
    found.unit = "days";
}

/// Whoever is not trusted is believed one thing: that his certificate has expired.
void add_days_since_expiry(ConnectRequest request, Clock::time_point deadline, Measurement& found)
{
    request.verify = false;
    request.timeout = duration_cast<milliseconds>(deadline - Clock::now());
    if (request.timeout.count() <= 0) {
        return;
    }
    const auto connected = sidecar::connect(request);
    const auto days = connected ? days_left(*connected) : std::nullopt;
    if (days && *days < 0) {
        set_days(found, *days);
    }
}

}  // namespace

Measurement run_tcp(const config::Check& check)
{
    const auto connected = sidecar::connect(request_of(check));
    return connected ? Measurement{} : down(connected.error().message);
}

Measurement run_tls(const config::Check& check)
{
    const auto deadline = Clock::now() + check.timeout;
    auto request = request_of(check);
    request.tls = true;
    request.server_name = check.server_name;
    const auto connected = sidecar::connect(request);
    if (!connected) {
        auto found = down(connected.error().message);
        add_days_since_expiry(std::move(request), deadline, found);
        return found;
    }
    const auto days = days_left(*connected);
    if (!days) {
        return down("it does not say when its certificate expires");
    }
    const auto left =
        "its certificate expires in " + std::to_string(static_cast<long>(*days)) + " days";
    Measurement found;
    if (*days < check.fail.value_or(0)) {
        found = down(left);
    } else if (*days < check.warn.value_or(0)) {
        found = degraded(left);
    }
    set_days(found, *days);
    return found;
}

Measurement run_redis(const config::Check& check)
{
    auto request = request_of(check);
    const bool signs_in = !check.password.empty();
    request.send = (signs_in ? command({"AUTH", check.password}) : "") + command({"PING"});
    const std::string good = signs_in ? "+OK\r\n+PONG\r\n" : "+PONG\r\n";
    request.lines = signs_in ? 2 : 1;  // which need not come together
    const auto connected = sidecar::connect(request);
    if (!connected) {
        return down(connected.error().message);
    }
    return connected->received == good ? Measurement{}
                                       : down("it answered: " + printable(connected->received));
}

}  // namespace gatehouse::checks
