#include "sidecar/sentry/event.h"

#include <sys/random.h>

#include <algorithm>
#include <array>

#include "sidecar/base/json_writer.h"
#include "sidecar/base/time_text.h"
#include "sidecar/sentry/scrub.h"

namespace gatehouse::sentry {

namespace {

using sidecar::JsonWriter;

/// Fields of the log that name what an error is of.
constexpr std::array<std::string_view, 7> subjects{"card", "source", "check", "keyset",
                                                   "file", "sink",   "alert"};

bool is_subject(std::string_view name)
{
    return std::find(subjects.begin(), subjects.end(), name) != subjects.end();
}

/// Not ending within a character.
std::string cut(std::string text)
{
    if (text.size() > longest_text) {
        std::size_t end = longest_text;
        while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) {
            --end;
        }
        text.resize(end);
    }
    return text;
}

std::string payload(const Event& event, const Origin& origin, const std::string& id)
{
    JsonWriter json;
    json.open_object().member("event_id", id);
    json.member("timestamp", sidecar::utc_text(event.at_ms));
    json.member("platform", "other").member("level", event.level).member("logger", event.logger);
    json.member("message", event.message).member("release", origin.release);
    json.member("environment", origin.environment).member("server_name", origin.server_name);
    json.key("fingerprint").open_array();
    for (const auto& part : fingerprint(event)) {
        json.value(part);
    }
    json.close_array().key("tags").open_object();
    for (const auto& [name, value] : event.extra) {
        if (is_subject(name)) {
            json.member(name, value.substr(0, 200));
        }
    }
    json.close_object().key("extra").open_object();
    for (const auto& [name, value] : event.extra) {
        json.member(name, value);
    }
    if (event.repeats > 0) {
        json.member("repeats", event.repeats);
    }
    json.close_object().key("sdk").open_object();
    json.member("name", "gatehouse").member("version", GATEHOUSE_VERSION).close_object();
    return json.close_object().take();
}

}  // namespace

Event without_secrets(Event event)
{
    event.kind = cut(scrubbed(event.kind));
    event.message = cut(scrubbed(event.message));
    for (auto& [name, value] : event.extra) {
        value = is_secret_name(name) ? std::string{filtered} : cut(scrubbed(value));
    }
    return event;
}

std::vector<std::string> fingerprint(const Event& event)
{
    std::vector<std::string> parts{event.logger, event.kind};
    for (const auto& [name, value] : event.extra) {
        if (is_subject(name)) {
            parts.push_back(name + '=' + value);
        }
    }
    return parts;
}

std::string envelope(const Event& event, const Origin& origin, const std::string& id,
                     std::int64_t now_ms)
{
    const auto body = payload(event, origin, id);
    JsonWriter head, item;
    head.open_object().member("event_id", id).member("sent_at", sidecar::utc_text(now_ms));
    item.open_object().member("type", "event").member("content_type", "application/json");
    item.member("length", body.size());
    return head.close_object().take() + '\n' + item.close_object().take() + '\n' + body + '\n';
}

std::string new_event_id()
{
    std::array<std::uint8_t, 16> bytes{};
    (void)::getrandom(bytes.data(), bytes.size(), 0);
    bytes[6] = static_cast<std::uint8_t>((bytes[6] & 0x0F) | 0x40);  // RFC 9562: version 4
    bytes[8] = static_cast<std::uint8_t>((bytes[8] & 0x3F) | 0x80);
    constexpr std::string_view digits = "0123456789abcdef";
    std::string id;
    for (const auto byte : bytes) {
        id += digits[byte >> 4];
        id += digits[byte & 15];
    }
    return id;
}

}  // namespace gatehouse::sentry
