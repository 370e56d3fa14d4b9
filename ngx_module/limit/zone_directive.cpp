#include "ngx_module/glue/ngx.h"

#include "ngx_module/limit/zone_directive.h"

#include <algorithm>
#include <memory>
#include <string>

#include "ngx_module/glue/conf.h"
#include "ngx_module/glue/quoted_words.h"
#include "ngx_module/limit/words.h"
#include "src/limit/grammar.h"

namespace gatehouse::limit_feature {

namespace {

constexpr std::size_t longest_name = 64;

// Below this a table begins to give up cells that still limit somebody.
constexpr double usable_share = 0.7;

char* invalid(ngx_conf_t& cf, const ngx_str_t& word, const std::string& why)
{
    return glue::refuse(cf, "invalid parameter \"" + std::string{glue::view(word)} + "\" in \"" +
                                std::string{glue::view(glue::words(cf)[0])} + "\": " + why);
}

bool is_name(std::string_view name) noexcept
{
    const auto is_fit = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               c == '_' || c == '-' || c == '.';
    };
    return !name.empty() && name.size() <= longest_name &&
           std::all_of(name.begin(), name.end(), is_fit);
}

char* read_zone(ngx_conf_t& cf, ZoneConf& zone, const ngx_str_t& word, ngx_str_t value)
{
    const auto text = glue::view(value);
    const auto colon = text.find(':');
    if (colon == std::string_view::npos) {
        return invalid(cf, word, "it must be zone=NAME:SIZE");
    }
    zone.name = text.substr(0, colon);
    if (!is_name(zone.name)) {
        return invalid(cf, word, "a name has 1 to 64 letters, digits, \"_\", \"-\" and \".\"");
    }
    ngx_str_t size = glue::lend(text.substr(colon + 1));
    const ssize_t bytes = ngx_parse_size(&size);
    if (bytes == NGX_ERROR || static_cast<std::size_t>(bytes) < limit::Zone::smallest_bytes) {
        return invalid(cf, word, "the size must be at least 64k, such as \"1m\"");
    }
    zone.bytes = static_cast<std::size_t>(bytes);
    return glue::accepted;
}

char* read_complex(ngx_conf_t& cf, std::optional<glue::ComplexValue>& target, ngx_str_t value)
{
    target = glue::ComplexValue::compile(cf, value);
    return target ? glue::accepted : static_cast<char*>(NGX_CONF_ERROR);
}

char* read_plan(ngx_conf_t& cf, std::optional<glue::ComplexValue>& target, const ngx_str_t& word,
                ngx_str_t value)
{
    if (value.len == 0) {
        return invalid(cf, word, "it is empty");
    }
    return read_complex(cf, target, value);
}

char* read_path(ngx_conf_t& cf, ZoneConf& zone, ngx_str_t value)
{
    if (ngx_conf_full_name(cf.cycle, &value, 0) != NGX_OK) {
        return static_cast<char*>(NGX_CONF_ERROR);
    }
    zone.path = glue::view(value);
    return glue::accepted;
}

char* read_word(ngx_conf_t& cf, ZoneConf& zone, const ngx_str_t& word)
{
    if (const auto value = value_of(word, "zone")) {
        return read_zone(cf, zone, word, *value);
    }
    if (const auto value = value_of(word, "rate")) {
        return read_plan(cf, zone.rate, word, *value);
    }
    if (const auto value = value_of(word, "quota")) {
        return read_plan(cf, zone.quota, word, *value);
    }
    if (const auto value = value_of(word, "window")) {
        const auto algorithm = limit::parse_algorithm(glue::view(*value));
        if (!algorithm) {
            return invalid(cf, word, algorithm.error().message);
        }
        zone.algorithm = *algorithm;
        return glue::accepted;
    }
    if (const auto value = value_of(word, "file")) {
        return read_path(cf, zone, *value);
    }
    const auto text = glue::view(word);
    if (text == "align=first" || text == "align=utc") {
        zone.align = text == "align=utc" ? limit::Align::utc : limit::Align::first;
        return glue::accepted;
    }
    if (text == "full=evict" || text == "full=refuse") {
        zone.evict = text == "full=evict";
        return glue::accepted;
    }
    if (text == "scope=local") {
        return glue::accepted;
    }
    if (text == "scope=cluster" || value_of(word, "on_cluster_error")) {
        return invalid(cf, word, "this version has no cluster, a zone is local to its nginx");
    }
    return invalid(cf, word,
                   "known are zone=, rate=, quota=, window=, align=, full=, file= and scope=");
}

/// What can be checked before a request comes.
char* check_plan(ngx_conf_t& cf, const ZoneConf& zone)
{
    if (!zone.rate && !zone.quota) {
        return glue::refuse(cf, "limit zone \"" + zone.name +
                                    "\" limits nothing, add rate=10r/s or quota=\"100/hour\"");
    }
    if (zone.align == limit::Align::utc && zone.algorithm != limit::Algorithm::fixed) {
        return glue::refuse(cf,
                            "limit zone \"" + zone.name +
                                "\": align=utc needs window=fixed, other windows have no start");
    }
    const bool variable_rate = zone.rate && zone.rate->has_variables();
    const bool variable_quota = zone.quota && zone.quota->has_variables();
    const auto plan = limit::make_plan(
        {.rate = zone.rate && !variable_rate ? zone.rate->text() : std::string_view{},
         .quota = zone.quota && !variable_quota ? zone.quota->text() : std::string_view{},
         .algorithm = zone.algorithm,
         .align = zone.align});
    return plan ? glue::accepted
                : glue::refuse(cf, "limit zone \"" + zone.name + "\": " + plan.error().message);
}

/// A day's quota needs room for a day's clients. How many come only the operator knows; one new
/// client a second is little.
void warn_if_small(ngx_conf_t& cf, const ZoneConf& zone)
{
    if (!zone.quota || zone.quota->has_variables()) {
        return;
    }
    const auto plan = limit::make_plan({.quota = zone.quota->text(), .algorithm = zone.algorithm});
    std::uint64_t needed = 0;
    std::uint64_t longest_s = 0;
    const std::string* longest = nullptr;
    for (const auto& window : plan->windows) {
        const auto seconds = window.period_ms / 1000;
        needed += seconds * (zone.algorithm == limit::Algorithm::sliding ? 2 : 1);
        if (seconds > longest_s) {
            longest_s = seconds;
            longest = &window.name;
        }
    }
    const double room = static_cast<double>(zone.bytes) / sizeof(Cell) * usable_share;
    if (static_cast<double>(needed) > room) {
        const auto megabytes =
            static_cast<std::uint64_t>(static_cast<double>(needed) * sizeof(Cell) / usable_share /
                                       (1024 * 1024)) +
            1;
        ngx_conf_log_error(NGX_LOG_WARN, &cf, 0,
                           "limit zone \"%s\" may forget clients before \"%s\" is over: at one new "
                           "client a second it needs %uLm",
                           zone.name.c_str(), longest->c_str(), megabytes);
    }
}

}  // namespace

char* set_zone(ngx_conf_t& cf, MainConf& conf)
{
    auto zone = std::make_unique<ZoneConf>();
    const auto read = glue::quoted_words(cf);
    if (!read) {
        return static_cast<char*>(NGX_CONF_ERROR);
    }
    const auto& words = *read;
    char* result = read_complex(cf, zone->key, words[1]);
    for (std::size_t i = 2; i < words.size() && result == glue::accepted; ++i) {
        result = read_word(cf, *zone, words[i]);
    }
    if (result != glue::accepted) {
        return result;
    }
    if (zone->name.empty()) {
        return glue::refuse(cf, "\"gate_limit_zone\" must have zone=NAME:SIZE");
    }
    if (conf.find(zone->name) != nullptr) {
        return glue::refuse(cf, "limit zone \"" + zone->name + "\" is defined twice");
    }
    if (!zone->path.empty()) {
        for (const auto& other : conf.zones) {
            if (other->path == zone->path) {
                return glue::refuse(cf, "limit zones \"" + other->name + "\" and \"" + zone->name +
                                            "\" have one file \"" + zone->path +
                                            "\", each needs its own");
            }
        }
    }
    result = check_plan(cf, *zone);
    if (result == glue::accepted) {
        warn_if_small(cf, *zone);
        conf.zones.push_back(std::move(zone));
    }
    return result;
}

}  // namespace gatehouse::limit_feature
