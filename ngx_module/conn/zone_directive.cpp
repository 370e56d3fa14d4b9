#include "ngx_module/glue/ngx.h"

#include <algorithm>
#include <memory>
#include <string>

#include "ngx_module/conn/directives.h"
#include "ngx_module/glue/conf.h"

namespace gatehouse::conn_feature {

namespace {

constexpr std::size_t longest_name = 64;
constexpr std::string_view zone_word = "zone=";

char* invalid(ngx_conf_t& cf, std::string_view word, const std::string& why)
{
    return glue::refuse(
        cf, "invalid parameter \"" + std::string{word} + "\" in \"gate_conn_zone\": " + why);
}

/// What needs no escape in a header field, in JSON, and in a metric's label.
bool is_name(std::string_view name) noexcept
{
    const auto is_fit = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               c == '_' || c == '-' || c == '.';
    };
    return !name.empty() && name.size() <= longest_name &&
           std::all_of(name.begin(), name.end(), is_fit);
}

char* read_zone(ngx_conf_t& cf, ZoneConf& zone, std::string_view word)
{
    const auto colon = word.find(':');
    if (!word.starts_with(zone_word) || colon == std::string_view::npos) {
        return invalid(cf, word, "it must be zone=NAME:SIZE");
    }
    zone.name = word.substr(zone_word.size(), colon - zone_word.size());
    if (!is_name(zone.name)) {
        return invalid(cf, word, "a name has 1 to 64 letters, digits, \"_\", \"-\" and \".\"");
    }
    ngx_str_t size = glue::lend(word.substr(colon + 1));
    const ssize_t bytes = ngx_parse_size(&size);
    if (bytes == NGX_ERROR || static_cast<std::size_t>(bytes) < conn::Zone::smallest_bytes) {
        return invalid(cf, word, "the size must be at least 64k, such as \"1m\"");
    }
    zone.bytes = static_cast<std::size_t>(bytes);
    return glue::accepted;
}

}  // namespace

char* set_zone(ngx_conf_t& cf, MainConf& conf)
{
    const auto words = glue::words(cf);
    if (words[1].len == 0) {
        return glue::refuse_value(cf, words[1], "a key such as \"$gate_client\"");
    }
    auto zone = std::make_unique<ZoneConf>();
    zone->key = glue::ComplexValue::compile(cf, words[1]);
    if (!zone->key) {
        return static_cast<char*>(NGX_CONF_ERROR);
    }
    if (char* const result = read_zone(cf, *zone, glue::view(words[2])); result != glue::accepted) {
        return result;
    }
    if (conf.find(zone->name) != nullptr) {
        return glue::refuse(cf, "cap zone \"" + zone->name + "\" is defined twice");
    }
    conf.zones.push_back(std::move(zone));
    return glue::accepted;
}

}  // namespace gatehouse::conn_feature
