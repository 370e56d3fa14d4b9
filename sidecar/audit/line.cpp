#include "sidecar/audit/line.h"

#include <jansson.h>

#include <algorithm>
#include <charconv>
#include <memory>
#include <span>

#include "sidecar/base/json_writer.h"
#include "sidecar/base/time_text.h"
#include "src/base/network_prefix.h"
#include "src/http/request_id.h"
#include "src/telemetry/http_labels.h"

namespace gatehouse::audit_log {

namespace {

using sidecar::JsonWriter;
using telemetry::NameKind;

constexpr std::size_t longest_value = 256;
constexpr std::size_t region_digits = 16;

template <class Bytes>
std::string hexadecimal(const Bytes& bytes)
{
    constexpr std::string_view digits = "0123456789abcdef";
    std::string text;
    for (const auto byte : bytes) {
        text += digits[byte >> 4 & 15];
        text += digits[byte & 15];
    }
    return text;
}

bool is_zero(std::span<const std::uint8_t> bytes) noexcept
{
    return std::all_of(bytes.begin(), bytes.end(), [](auto byte) { return byte == 0; });
}

void member(JsonWriter& json, std::string_view name, std::string_view text)
{
    if (text.empty()) {
        json.key(name).null();
    } else {
        json.member(name, text.substr(0, longest_value));
    }
}

JsonWriter begin(std::uint64_t seq, std::int64_t at_ms)
{
    JsonWriter json;
    json.open_object().member("seq", seq).member("time", sidecar::utc_text(at_ms));
    return json;
}

/// As the client wrote it, if it is his.
std::string request_id_text(const audit::Decision& decision)
{
    if (is_zero(decision.request_id)) {
        return {};
    }
    std::string text;
    for (const char digit : hexadecimal(decision.request_id)) {
        const bool uuid = (decision.request_id_form & audit::uuid_with_dashes) != 0;
        if (uuid && http::is_dash_of_uuid(text.size())) {
            text += '-';
        }
        const bool upper = (decision.request_id_form & audit::upper_case) != 0 && digit >= 'a';
        text += static_cast<char>(upper ? digit - 'a' + 'A' : digit);
    }
    return text;
}

std::string name_of(const telemetry::Reader* names, NameKind kind, unsigned index)
{
    if (names != nullptr) {
        if (const auto name = names->name(kind, index)) {
            return std::string{*name};
        }
    }
    return std::to_string(index);
}

std::string client_text(const audit::Decision& decision)
{
    return is_zero(decision.client) ? std::string{}
                                    : NetworkPrefix{decision.client, {.v4 = 32, .v6 = 128}}.text();
}

/// Two capital letters, or nothing.
std::string country_text(const audit::Decision& decision)
{
    const auto is_letter = [](char c) { return c >= 'A' && c <= 'Z'; };
    const auto& country = decision.country;
    return std::all_of(country.begin(), country.end(), is_letter)
               ? std::string{country.begin(), country.end()}
               : std::string{};
}

std::string rule_text(const audit::Decision& decision, const telemetry::Reader* names)
{
    if (decision.zone == audit::no_zone) {
        return std::string{decision.rule};
    }
    switch (static_cast<telemetry::Stage>(decision.stage)) {
    case telemetry::Stage::limit: return name_of(names, NameKind::limit_zone, decision.zone);
    case telemetry::Stage::conn: return name_of(names, NameKind::cap_zone, decision.zone);
    default: return std::to_string(decision.zone);
    }
}

std::optional<std::uint64_t> number(std::string_view text, int base) noexcept
{
    std::uint64_t value = 0;
    const auto* end = text.data() + text.size();
    const auto [rest, failed] = std::from_chars(text.data(), end, value, base);
    return failed == std::errc{} && rest == end ? std::optional{value} : std::nullopt;
}

}  // namespace

std::string Origin::text() const
{
    char digits[region_digits];
    const auto end = std::to_chars(digits, digits + sizeof digits, region, 16).ptr;
    const std::string shortest{digits, end};
    return std::string(region_digits - shortest.size(), '0') + shortest + '/' +
           std::to_string(slot) + '/' + std::to_string(number);
}

std::optional<Origin> Origin::parse(std::string_view text) noexcept
{
    const auto first = text.find('/');
    const auto second = text.find('/', std::min(first, text.size() - 1) + 1);
    if (text.empty() || first == text.npos || second == text.npos) {
        return std::nullopt;
    }
    const auto region = audit_log::number(text.substr(0, first), 16);
    const auto slot = audit_log::number(text.substr(first + 1, second - first - 1), 10);
    const auto number = audit_log::number(text.substr(second + 1), 10);
    if (!region || !slot || *slot >= audit::slot_capacity || !number) {
        return std::nullopt;
    }
    return Origin{*region, static_cast<unsigned>(*slot), *number};
}

std::string decision_line(std::uint64_t seq, const audit::Decision& decision, const Origin& origin,
                          const telemetry::Reader* names)
{
    using telemetry::Outcome;
    using telemetry::Reason;
    using telemetry::Stage;
    auto json = begin(seq, decision.at_ms);
    member(json, "request_id", request_id_text(decision));
    member(json, "client", client_text(decision));
    member(json, "user", decision.user);
    member(json, "token_id", decision.token_id);
    member(json, "route", name_of(names, NameKind::endpoint, decision.endpoint));
    member(json, "method", telemetry::method_name(decision.method));
    json.member("status", decision.status);
    member(json, "verdict",
           telemetry::name_of(static_cast<Outcome>(decision.verdict), telemetry::outcome_names));
    member(json, "stage",
           telemetry::name_of(static_cast<Stage>(decision.stage), telemetry::stage_names));
    member(json, "reason",
           telemetry::name_of(static_cast<Reason>(decision.reason), telemetry::reason_names));
    member(json, "rule", rule_text(decision, names));
    member(json, "country", country_text(decision));
    json.member("ring", origin.text());
    return json.take();
}

std::string dropped_line(std::uint64_t seq, std::int64_t now_ms, std::uint64_t count,
                         const Origin& origin)
{
    auto json = begin(seq, now_ms);
    json.member("event", "dropped").member("count", count).member("ring", origin.text());
    return json.take();
}

std::string start_line(const audit::ChainEnd& previous, std::int64_t now_ms,
                       std::string_view reason, std::string_view key_id,
                       const std::optional<Fragment>& fragment)
{
    auto json = begin(previous.seq + 1, now_ms);
    json.member("event", "start")
        .member("reason", reason)
        .member("version", GATEHOUSE_VERSION)
        .member("key", key_id)
        .member("previous", previous.hmac);
    if (fragment) {
        json.key("fragment")
            .open_object()
            .member("bytes", fragment->bytes)
            .member("sha256", fragment->sha256)
            .close_object();
    }
    return json.take();
}

LineOrigin origin_of(const audit::SealedLine& line)
{
    const std::string whole = std::string{line.body} + '}';
    const std::unique_ptr<json_t, decltype(&json_decref)> json{
        json_loadb(whole.data(), whole.size(), JSON_ALLOW_NUL, nullptr), &json_decref};
    LineOrigin found;
    if (const auto* ring = json_string_value(json_object_get(json.get(), "ring"))) {
        found.origin = Origin::parse(ring);
    }
    found.dropped = static_cast<std::uint64_t>(
        std::max<json_int_t>(0, json_integer_value(json_object_get(json.get(), "count"))));
    return found;
}

}  // namespace gatehouse::audit_log
