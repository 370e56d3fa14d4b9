#include "sidecar/identity/token_request.h"

#include <date/date.h>

#include <algorithm>
#include <sstream>

#include "sidecar/base/units.h"
#include "src/auth/networks.h"
#include "src/auth/scopes.h"
#include "src/base/utf8.h"

namespace gatehouse::identity {

namespace {

bool is_utf8(std::string_view text)
{
    while (!text.empty()) {
        const auto step = utf8_step(text);
        if (!step.valid) {
            return false;
        }
        text.remove_prefix(step.size);
    }
    return true;
}

bool has_control(std::string_view text)
{
    return std::any_of(text.begin(), text.end(),
                       [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
}

/// Names and users stand in lists, in logs, and in header fields towards the app.
Result<void> check_text(const char* what, std::string_view text)
{
    const std::string subject = std::string{"the "} + what + " ";
    if (text.empty()) {
        return Error{subject + "must not be empty"};
    }
    if (text.size() > longest_token_text) {
        return Error{subject + "has " + std::to_string(text.size()) + " bytes; " +
                     std::to_string(longest_token_text) + " are the most"};
    }
    if (has_control(text) || !is_utf8(text)) {
        return Error{subject + "must be UTF-8 without control characters"};
    }
    if (text.front() == ' ' || text.back() == ' ') {
        return Error{subject + "must not begin or end with a space"};
    }
    return {};
}

Result<std::string> joined_networks(const std::vector<std::string>& networks)
{
    if (networks.size() > auth::most_networks) {
        return Error{std::to_string(networks.size()) + " networks; a token has at most " +
                     std::to_string(auth::most_networks)};
    }
    std::string joined;
    for (const auto& network : networks) {
        const auto entry = auth::parse_network(network);
        if (!entry) {
            return entry.error();
        }
        joined.append(joined.empty() ? "" : " ").append(auth::network_text(*entry));
    }
    return joined;
}

std::optional<std::int64_t> parse_with(const char* format, std::string_view text)
{
    std::istringstream in{std::string{text}};
    date::sys_seconds at;
    in >> date::parse(format, at);
    // A date that is none (February 30) fails; so does what stands behind one.
    return in.fail() || in.peek() != std::istringstream::traits_type::eof()
               ? std::nullopt
               : std::optional<std::int64_t>{at.time_since_epoch().count()};
}

/// `2027-01-31` and `2027-01-31T12:00:00Z` alone: date::parse would take fewer digits too.
std::optional<std::int64_t> parse_instant(std::string_view text)
{
    constexpr std::size_t date_size = 10;
    constexpr std::size_t instant_size = 20;
    if (text.size() == date_size) {
        return parse_with("%Y-%m-%d", text);
    }
    return text.size() == instant_size ? parse_with("%Y-%m-%dT%H:%M:%SZ", text) : std::nullopt;
}

Result<std::int64_t> instant_of(std::string_view text, std::int64_t now_s)
{
    if (const auto wait = sidecar::parse_duration(text)) {
        return now_s + wait->count() / 1000;
    }
    if (const auto at = parse_instant(text)) {
        return *at;
    }
    return Error{"\"" + std::string{text} +
                 "\" is no duration such as \"30d\", no date such as \"2027-01-31\" and no instant "
                 "such as \"2027-01-31T12:00:00Z\""};
}

std::int64_t seconds_of(config::Milliseconds duration)
{
    return duration.count() / 1000;
}

Error too_long(const config::Tokens& limits)
{
    return Error{"a token may be good for " + sidecar::format_duration(*limits.max_expiry) +
                 " at most (\"max_expiry\" in the configuration)"};
}

/// Into the token: who it is for, and what they may do.
Result<void> fill_in(Token& token, const TokenRequest& request)
{
    token.name = request.name;
    token.user = request.user.empty() ? request.name : request.user;
    token.plan = request.plan;
    if (auto sound = check_text("name", token.name); !sound) {
        return sound;
    }
    if (auto sound = check_text("user", token.user); !sound) {
        return sound;
    }
    if (!token.plan.empty() && !auth::is_scope(token.plan)) {
        return Error{"the plan must be 1 to 64 of A-Z a-z 0-9 : . _ / -"};
    }
    auto scopes = auth::join_scopes(request.scopes);
    if (!scopes) {
        return scopes.error();
    }
    auto networks = joined_networks(request.networks);
    if (!networks) {
        return networks.error();
    }
    token.scopes = std::move(*scopes);
    token.networks = std::move(*networks);
    return {};
}

}  // namespace

Result<std::optional<std::int64_t>> expiry_of(std::string_view text, const config::Tokens& limits,
                                              std::int64_t now_s)
{
    if (text == "never") {
        return limits.max_expiry ? Result<std::optional<std::int64_t>>{too_long(limits)}
                                 : std::optional<std::int64_t>{};
    }
    const auto at = instant_of(text, now_s);
    if (!at) {
        return Error{at.error().message + ", nor \"never\""};
    }
    if (*at <= now_s) {
        return Error{"the token would have expired before it is made"};
    }
    if (limits.max_expiry && *at - now_s > seconds_of(*limits.max_expiry)) {
        return too_long(limits);
    }
    return std::optional{*at};
}

Result<std::int64_t> overlap_of(std::string_view text)
{
    const auto overlap = sidecar::parse_duration(text);
    if (!overlap) {
        return Error{"\"" + std::string{text} + "\" is no duration such as \"24h\" or \"0s\""};
    }
    return seconds_of(*overlap);
}

Result<Token> checked(const TokenRequest& request, const config::Tokens& limits, std::int64_t now_s)
{
    Token token;
    if (auto filled = fill_in(token, request); !filled) {
        return filled.error();
    }
    token.created_s = now_s;
    const auto expires =
        request.expires
            ? expiry_of(*request.expires, limits, now_s)
            : std::optional{now_s + std::max<std::int64_t>(seconds_of(limits.default_expiry), 1)};
    if (!expires) {
        return expires.error();
    }
    token.expires_s = *expires;
    if (request.not_before) {
        const auto at = instant_of(*request.not_before, now_s);
        if (!at) {
            return at.error();
        }
        token.not_before_s = *at;
        if (token.expires_s && *token.expires_s <= *at) {
            return Error{"the token would have expired before it is good"};
        }
    }
    return token;
}

}  // namespace gatehouse::identity
