#include "sidecar/link/hello.h"

#include <jansson.h>

#include <algorithm>
#include <cstdlib>
#include <memory>

namespace gatehouse::sidecar {

namespace {

struct Release {
    void operator()(json_t* value) const noexcept { json_decref(value); }
};

constexpr std::size_t longest_text = 64;
constexpr std::size_t longest_prefix = 256;

std::string text_of(const json_t* object, const char* key, std::size_t longest = longest_text)
{
    const auto* value = json_object_get(object, key);
    std::string text = json_is_string(value) ? json_string_value(value) : "";
    text.resize(std::min(text.size(), longest));
    return text;
}

std::int64_t number_of(const json_t* object, const char* key)
{
    return json_integer_value(json_object_get(object, key));
}

/// An array, as JSON.
std::string array_of(const json_t* object, const char* key)
{
    const auto* value = json_object_get(object, key);
    if (!json_is_array(value)) {
        return {};
    }
    const std::unique_ptr<char, decltype(&std::free)> text{json_dumps(value, JSON_COMPACT),
                                                           &std::free};
    return text ? text.get() : "";
}

}  // namespace

Result<Hello> parse_hello(std::string_view payload)
{
    json_error_t error;
    const std::unique_ptr<json_t, Release> root{
        json_loadb(payload.data(), payload.size(), JSON_REJECT_DUPLICATES, &error)};
    if (!root || !json_is_object(root.get())) {
        return Error{"its hello is no JSON object"};
    }
    return Hello{number_of(root.get(), "pid"),
                 number_of(root.get(), "worker"),
                 number_of(root.get(), "master"),
                 text_of(root.get(), "prefix", longest_prefix),
                 text_of(root.get(), "nginx"),
                 text_of(root.get(), "module"),
                 static_cast<std::uint64_t>(number_of(root.get(), "generation")),
                 array_of(root.get(), "limit_zones"),
                 array_of(root.get(), "geoip")};
}

}  // namespace gatehouse::sidecar
