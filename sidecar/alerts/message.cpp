#include "sidecar/alerts/message.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <algorithm>

#include "sidecar/alerts/words.h"
#include "sidecar/base/json_writer.h"
#include "sidecar/base/time_text.h"
#include "src/audit/chain.h"

namespace gatehouse::alerts {

namespace {

constexpr const char* body_version = "1";
constexpr std::size_t most_lines = 20;  ///< alerts of a text; JSON has them all

void write_time(sidecar::JsonWriter& json, const char* key, std::int64_t unix_ms)
{
    json.key(key);
    if (unix_ms == 0) {
        json.null();
    } else {
        json.value(sidecar::utc_text(unix_ms));
    }
}

void write(sidecar::JsonWriter& json, const Alert& alert)
{
    json.open_object().member("status", name_of(alert.phase));
    json.member("rule", alert.rule).member("target", alert.target);
    json.member("severity", alert.severity).member("summary", alert.summary);
    json.member("detail", alert.detail).key("value");
    if (alert.value) {
        json.value(*alert.value);
    } else {
        json.null();
    }
    write_time(json, "starts_at", alert.firing_ms);
    write_time(json, "ends_at", alert.resolved_ms);
    json.member("runbook", alert.runbook).member("fingerprint", alert.fingerprint);
    json.close_object();
}

const char* mark_of(Phase phase)
{
    return phase == Phase::firing ? "[FIRING]" : "[RESOLVED]";
}

/// What comes from data makes no lines of its own, which could pass for those of other alerts:
/// line ends and other control characters, U+0085, U+2028 and U+2029 too, become blanks.
std::string on_one_line(std::string text)
{
    for (const std::string_view line_end : {"\u0085", "\u2028", "\u2029"}) {
        for (auto at = text.find(line_end); at != text.npos; at = text.find(line_end, at)) {
            text.replace(at, line_end.size(), " ");
        }
    }
    std::replace_if(
        text.begin(), text.end(),
        [](char c) { return static_cast<unsigned char>(c) < ' ' || c == '\x7f'; }, ' ');
    return text;
}

std::string line_of(const Alert& alert)
{
    return on_one_line(std::string{mark_of(alert.phase)} + ' ' + alert.severity + ": " +
                       alert.rule + (alert.target == alert.rule ? "" : " (" + alert.target + ")") +
                       ": " + alert.summary);
}

std::string lines_of(const Alert& alert)
{
    auto text = line_of(alert);
    if (alert.detail != alert.summary) {
        text += "\n  " + on_one_line(alert.detail);
    }
    text += "\n  since " + sidecar::utc_text(alert.firing_ms);
    if (alert.resolved_ms != 0) {
        text += ", over at " + sidecar::utc_text(alert.resolved_ms);
    }
    return text + (alert.runbook.empty() ? "" : "\n  what to do: " + on_one_line(alert.runbook)) +
           '\n';
}

}  // namespace

std::string Message::key() const
{
    auto text = receiver + (test ? "\ntest" : "");
    for (const auto& alert : alerts) {
        const auto before = alert.told.find(receiver);
        text.append("\n").append(alert.id()).append(" ").append(name_of(alert.phase));
        text += before == alert.told.end() ? "" : ' ' + std::to_string(before->second.at_ms);
    }
    return audit::sha256_digits(text);
}

Phase Message::status() const
{
    const bool firing = std::any_of(alerts.begin(), alerts.end(), [](const Alert& alert) {
        return alert.phase == Phase::firing;
    });
    return firing ? Phase::firing : Phase::resolved;
}

Message test_message(const std::string& receiver, std::int64_t now_ms)
{
    Alert alert;
    alert.fingerprint = fingerprint_of("test", receiver);
    alert.rule = "test";
    alert.target = receiver;
    alert.severity = "info";
    alert.summary = alert.detail = "This is a test: gatehousectl alert test " + receiver;
    alert.phase = Phase::firing;
    alert.pending_ms = alert.firing_ms = now_ms;
    return {receiver, {alert}, true};
}

std::string json_of(const Message& message)
{
    sidecar::JsonWriter json;
    json.open_object().member("version", body_version).member("receiver", message.receiver);
    json.member("status", name_of(message.status())).member("test", message.test);
    json.key("alerts").open_array();
    for (const auto& alert : message.alerts) {
        write(json, alert);
    }
    return json.close_array().close_object().take();
}

std::string text_of(const Message& message)
{
    std::string text;
    for (std::size_t i = 0; i < std::min(message.alerts.size(), most_lines); ++i) {
        text += (i == 0 ? "" : "\n") + lines_of(message.alerts[i]);
    }
    if (message.alerts.size() > most_lines) {
        text += "\nand " + std::to_string(message.alerts.size() - most_lines) +
                " more: gatehousectl alert list\n";
    }
    return text;
}

std::string title_of(const Message& message)
{
    const auto line = line_of(message.alerts.front());
    const auto more = message.alerts.size() - 1;
    return more == 0 ? line : line + " (and " + std::to_string(more) + " more)";
}

std::string slack_json_of(const Message& message)
{
    std::string escaped;
    for (const char c : text_of(message)) {
        escaped += c == '&' ? "&amp;" : c == '<' ? "&lt;" : c == '>' ? "&gt;" : std::string(1, c);
    }
    sidecar::JsonWriter json;
    return json.open_object().member("text", escaped).close_object().take();
}

std::string signature(const std::string& secret, std::int64_t unix_s, std::string_view body)
{
    const auto t = std::to_string(unix_s);
    const auto text = t + '.' + std::string{body};
    unsigned char mac[EVP_MAX_MD_SIZE];
    unsigned size = 0;
    HMAC(EVP_sha256(), secret.data(), static_cast<int>(secret.size()),
         reinterpret_cast<const unsigned char*>(text.data()), text.size(), mac, &size);
    std::string out = "t=" + t + ",v1=";
    for (unsigned i = 0; i < size; ++i) {
        constexpr char digits[] = "0123456789abcdef";
        out += digits[mac[i] >> 4];
        out += digits[mac[i] & 15];
    }
    return out;
}

}  // namespace gatehouse::alerts
