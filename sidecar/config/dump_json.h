// How values of the configuration are written as JSON. Internal to dump.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "sidecar/base/units.h"
#include "sidecar/config/node.h"
#include "sidecar/config/types.h"

namespace gatehouse::config::as_json {

inline constexpr const char* hidden = "•••";

inline Json text(const std::string& value)
{
    return Json(json_stringn(value.data(), value.size()));
}

inline Json duration(Milliseconds value)
{
    return text(sidecar::format_duration(value));
}

inline Json size(std::uint64_t value)
{
    return text(sidecar::format_size(value));
}

inline Json integer(std::uint64_t value)
{
    return Json(json_integer(static_cast<json_int_t>(value)));
}

inline Json mode(unsigned value)
{
    std::string out = "0";
    for (int shift = 6; shift >= 0; shift -= 3) {
        out += static_cast<char>('0' + ((value >> shift) & 7));
    }
    return text(out);
}

inline Json number(double value)
{
    const auto whole = static_cast<json_int_t>(value);
    return Json(static_cast<double>(whole) == value ? json_integer(whole) : json_real(value));
}

inline Json list(const std::vector<std::string>& values)
{
    Json out(json_array());
    for (const std::string& value : values) {
        json_array_append_new(out.get(), text(value).release());
    }
    return out;
}

inline Json pairs(const std::vector<std::pair<std::string, std::string>>& values)
{
    Json out(json_object());
    for (const auto& [key, value] : values) {
        json_object_setn_new(out.get(), key.data(), key.size(), text(value).release());
    }
    return out;
}

/// An object under construction.
class Object {
public:
    Object& set(const std::string& key, Json value)
    {
        json_object_setn_new(json_.get(), key.data(), key.size(), value.release());
        return *this;
    }

    Object& set(const std::string& key, const std::optional<std::string>& value)
    {
        return value ? set(key, text(*value)) : *this;
    }

    Object& set(const std::string& key, const std::optional<bool>& value)
    {
        return value ? set(key, Json(json_boolean(*value))) : *this;
    }

    Object& set_unless_empty(const std::string& key, const std::string& value)
    {
        return value.empty() ? *this : set(key, text(value));
    }

    Json done() { return std::move(json_); }

private:
    Json json_{json_object()};
};

template <class Values, class Convert>
Json named(const Values& values, Convert convert)
{
    Object out;
    for (const auto& [name, value] : values) {
        out.set(name, convert(value));
    }
    return out.done();
}

}  // namespace gatehouse::config::as_json
