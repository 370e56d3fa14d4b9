// Checks of kind http.
#include <jansson.h>

#include <algorithm>
#include <memory>

#include "sidecar/base/clean_text.h"
#include "sidecar/base/fetch.h"
#include "sidecar/base/json_rows.h"
#include "sidecar/base/pattern.h"
#include "sidecar/health/kinds.h"
#include "src/base/ascii.h"

namespace gatehouse::checks {

namespace {

using sidecar::Fetched;

/// Of the body: what says whether a thing is up is short.
constexpr std::size_t largest_body = 64 << 10;

/// Of what it has said, in a message.
std::string shown(std::string_view text)
{
    return sidecar::clean_text(text, 100);
}

struct Decref {
    void operator()(json_t* value) const noexcept { json_decref(value); }
};
using Json = std::unique_ptr<json_t, Decref>;

bool is_good(const config::HttpCheck& http, long status)
{
    return std::any_of(http.status.begin(), http.status.end(), [&](const auto& range) {
        return status >= static_cast<long>(range.first) &&
               status <= static_cast<long>(range.second);
    });
}

std::string field(const Fetched& fetched, const std::string& name)
{
    for (const auto& [key, value] : fetched.fields) {
        if (equals_ignoring_case(key, name)) {
            return value;
        }
    }
    return {};
}

/// What an RFC 6901 pointer names; null: nothing.
json_t* at_pointer(json_t* value, const std::string& pointer)
{
    const auto parts = sidecar::json_pointer_parts(pointer);
    if (!parts) {
        return nullptr;
    }
    for (const auto& part : *parts) {
        const bool index = json_is_array(value) && !part.empty() &&
                           part.find_first_not_of("0123456789") == part.npos;
        value = index ? json_array_get(value, std::strtoul(part.c_str(), nullptr, 10))
                      : json_object_get(value, part.c_str());
    }
    return value;
}

std::string compact(json_t* value)
{
    const std::unique_ptr<char, decltype(&free)> text(
        json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT | JSON_SORT_KEYS), &free);
    return text ? text.get() : "";
}

Measurement judge_values(const config::HttpCheck& http, json_t* body)
{
    for (const auto& [pointer, expected] : http.json) {
        json_t* const value = at_pointer(body, pointer);
        if (value == nullptr) {
            return down("the body has nothing at \"" + pointer + '"');
        }
        if (const auto found = compact(value); found != expected) {
            return down("the body has " + shown(found) + " at \"" + pointer + "\", not " +
                        shown(expected));
        }
    }
    return {};
}

/// What a body of its own accord says of itself, in the words that are common.
Measurement judge_status_word(json_t* body)
{
    const char* const text = json_string_value(json_object_get(body, "status"));
    const std::string_view word = text == nullptr ? "" : text;
    for (const std::string_view bad : {"fail", "down", "unhealthy", "error"}) {
        if (equals_ignoring_case(word, bad)) {
            return down("it says of itself: \"" + std::string{word} + '"');
        }
    }
    for (const std::string_view poor : {"warn", "warning", "degraded"}) {
        if (equals_ignoring_case(word, poor)) {
            return degraded("it says of itself: \"" + std::string{word} + '"');
        }
    }
    return {};
}

Measurement judge_body(const config::HttpCheck& http, const Fetched& fetched)
{
    if (!http.contains.empty() && fetched.body.find(http.contains) == std::string::npos) {
        return down("the body does not contain \"" + http.contains + '"');
    }
    if (!http.matches.empty() && !sidecar::matches(http.matches, fetched.body)) {
        return down("the body does not match \"" + http.matches + '"');
    }
    const Json body{json_loadb(fetched.body.data(), fetched.body.size(), JSON_DECODE_ANY, nullptr)};
    if (!http.json.empty()) {
        return body ? judge_values(http, body.get()) : down("the body is no JSON");
    }
    if (!body && field(fetched, "content-type").find("json") != std::string::npos &&
        !fetched.body.empty()) {
        return down("the body is no JSON, although its type says so");
    }
    return judge_status_word(body.get());
}

Measurement judge(const config::HttpCheck& http, const Fetched& fetched)
{
    if (!is_good(http, fetched.status)) {
        return down("it answered " + std::to_string(fetched.status));
    }
    for (const auto& [name, value] : http.expect_headers) {
        if (const auto found = field(fetched, name); found != value) {
            return down("the field " + name + " is \"" + shown(found) + "\", not \"" + value + '"');
        }
    }
    return judge_body(http, fetched);
}

}  // namespace

Measurement run_http(const config::Check& check)
{
    sidecar::FetchRequest request;
    request.url = check.http.url;
    request.accept = "application/json, */*;q=0.5";
    request.fields = check.http.headers;
    request.ca_file = check.http.ca_file;
    request.reach = check.allow_private ? sidecar::Reach::anywhere : sidecar::Reach::internet;
    request.timeout = check.timeout;
    request.largest_body = largest_body;
    request.keep_fields = true;
    const auto fetched = sidecar::fetch(request);
    return fetched ? judge(check.http, *fetched) : down(fetched.error().message);
}

}  // namespace gatehouse::checks
