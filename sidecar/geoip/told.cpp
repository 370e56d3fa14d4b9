#include "sidecar/geoip/told.h"

#include <jansson.h>

#include <charconv>
#include <memory>
#include <optional>
#include <string_view>

namespace gatehouse::geoip {

namespace {

struct Release {
    void operator()(json_t* value) const noexcept { json_decref(value); }
};

std::string_view text_of(const json_t* object, const char* key)
{
    const auto* value = json_object_get(object, key);
    return json_is_string(value)
               ? std::string_view{json_string_value(value), json_string_length(value)}
               : std::string_view{};
}

std::optional<std::uint64_t> hex_number(std::string_view text) noexcept
{
    std::uint64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number, 16);
    return error == std::errc{} && end == text.data() + text.size() ? std::optional{number}
                                                                    : std::nullopt;
}

/// Absolute, and without NUL: the system would read less of it than we.
bool is_path(std::string_view text) noexcept
{
    return text.starts_with('/') && text.size() <= longest_path && text.find('\0') == text.npos;
}

void add(std::map<std::string, Told>& all, const json_t* database)
{
    const auto path = text_of(database, "path");
    const auto checksum = hex_number(text_of(database, "checksum"));
    if (!is_path(path) || !checksum) {
        return;
    }
    const auto found = all.find(std::string{path});
    if (found == all.end() && all.size() == most_databases) {
        return;
    }
    auto& told = found != all.end() ? found->second : all[std::string{path}];
    ++told.workers;
    told.checksums.insert(*checksum);
}

}  // namespace

std::map<std::string, Told> told_databases(const std::vector<std::string>& hellos)
{
    std::map<std::string, Told> all;
    for (const auto& hello : hellos) {
        const std::unique_ptr<json_t, Release> list{
            json_loadb(hello.data(), hello.size(), JSON_REJECT_DUPLICATES, nullptr)};
        for (std::size_t i = 0; i < json_array_size(list.get()); ++i) {
            add(all, json_array_get(list.get(), i));
        }
    }
    return all;
}

}  // namespace gatehouse::geoip
