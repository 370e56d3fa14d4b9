#include "ngx_module/glue/ngx.h"

#include "ngx_module/limit/zone_directive.h"

#include <memory>
#include <span>
#include <string>
#include <utility>

#include "ngx_module/glue/conf.h"
#include "ngx_module/glue/parameters.h"
#include "ngx_module/glue/quoted_words.h"
#include "ngx_module/limit/words.h"
#include "src/limit/grammar.h"

namespace gatehouse::limit_feature {

namespace {

// Below this a table begins to give up cells that still limit somebody.
constexpr double usable_share = 0.7;

char* read_zone(ngx_conf_t& cf, ZoneConf& zone, const ngx_str_t& word, ngx_str_t value)
{
    auto parsed = glue::parse_zone(glue::view(value));
    if (!parsed) {
        return glue::refuse_parameter(cf, word, parsed.error().message);
    }
    zone.name = std::move(parsed->name);
    zone.bytes = parsed->bytes;
    return glue::accepted;
}

char* read_complex(ngx_conf_t& cf, std::optional<glue::ComplexValue>& target, ngx_str_t value)
{
    target = glue::ComplexValue::compile(cf, value);
    return target ? glue::accepted : static_cast<char*>(NGX_CONF_ERROR);
}

char* read_key(ngx_conf_t& cf, ZoneConf& zone, const ngx_str_t& word)
{
    if (word.len == 0) {
        return glue::refuse_value(cf, word,
                                  "a key such as \"$gate_client\": an empty one is never limited");
    }
    return read_complex(cf, zone.key, word);
}

char* read_plan(ngx_conf_t& cf, std::optional<glue::ComplexValue>& target, const ngx_str_t& word,
                ngx_str_t value)
{
    if (value.len == 0) {
        return glue::refuse_parameter(cf, word, "it is empty");
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
            return glue::refuse_parameter(cf, word, algorithm.error().message);
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
        return glue::refuse_parameter(cf, word,
                                      "this version has no cluster, a zone is local to its nginx");
    }
    return glue::refuse_parameter(
        cf, word, "known are zone=, rate=, quota=, window=, align=, full=, file= and scope=");
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

char* read_zone_directive(ngx_conf_t& cf, ZoneConf& zone)
{
    const auto words = glue::quoted_words(cf);
    if (!words) {
        return static_cast<char*>(NGX_CONF_ERROR);
    }
    const auto parameters = std::span{*words}.subspan(2);
    char* result = read_key(cf, zone, (*words)[1]);
    if (result == glue::accepted) {
        result = glue::refuse_repeated(cf, parameters);
    }
    for (auto word = parameters.begin(); word != parameters.end() && result == glue::accepted;
         ++word) {
        result = read_word(cf, zone, *word);
    }
    if (result == glue::accepted && zone.name.empty()) {
        return glue::refuse(cf, "\"gate_limit_zone\" must have zone=NAME:SIZE");
    }
    zone.place = glue::place_of(cf);
    return result;
}

/// Whether another zone has its name or its file already.
char* check_alone(ngx_conf_t& cf, const MainConf& conf, const ZoneConf& zone)
{
    if (conf.find(zone.name) != nullptr) {
        return glue::refuse(cf, "limit zone \"" + zone.name + "\" is defined twice");
    }
    for (const auto& other : conf.zones) {
        if (!zone.path.empty() && other->path == zone.path) {
            return glue::refuse(cf, "limit zones \"" + other->name + "\" and \"" + zone.name +
                                        "\" have one file \"" + zone.path +
                                        "\", each needs its own");
        }
    }
    return glue::accepted;
}

}  // namespace

char* set_zone(ngx_conf_t& cf, MainConf& conf)
{
    auto zone = std::make_unique<ZoneConf>();
    char* result = read_zone_directive(cf, *zone);
    if (result == glue::accepted) {
        result = check_alone(cf, conf, *zone);
    }
    if (result == glue::accepted) {
        result = check_plan(cf, *zone);
    }
    if (result == glue::accepted) {
        warn_if_small(cf, *zone);
        conf.zones.push_back(std::move(zone));
    }
    return result;
}

}  // namespace gatehouse::limit_feature
