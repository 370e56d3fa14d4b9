#include "ngx_module/glue/ngx.h"

#include <optional>
#include <string>

#include "ngx_module/conn/directives.h"
#include "ngx_module/glue/conf.h"
#include "ngx_module/glue/parameters.h"
#include "ngx_module/glue/pool.h"
#include "ngx_module/glue/text.h"

namespace gatehouse::conn_feature {

namespace {

constexpr std::string_view zone_word = "zone=";
constexpr std::string_view class_word = "class=";

std::optional<conn::Class> parse_class(std::string_view name) noexcept
{
    constexpr std::pair<std::string_view, conn::Class> classes[] = {
        {"any", conn::Class::any},
        {"http", conn::Class::http},
        {"websocket", conn::Class::websocket},
        {"sse", conn::Class::sse}};
    for (const auto& [text, value] : classes) {
        if (name == text) {
            return value;
        }
    }
    return std::nullopt;
}

char* read_word(ngx_conf_t& cf, Rule& rule, const ngx_str_t& word)
{
    const auto text = glue::view(word);
    if (text.starts_with(zone_word) && text.size() > zone_word.size()) {
        rule.zone_name = text.substr(zone_word.size());
        return glue::accepted;
    }
    if (text.starts_with(class_word)) {
        const auto parsed = parse_class(text.substr(class_word.size()));
        if (!parsed) {
            return glue::refuse_parameter(cf, word, "it must be class=any, http, websocket or sse");
        }
        rule.of = *parsed;
        return glue::accepted;
    }
    const ngx_int_t limit = ngx_atoi(word.data, word.len);
    if (limit < 1 || limit > ngx_int_t{conn::CapTable::largest_limit} || rule.limit != 0) {
        return glue::refuse_parameter(cf, word,
                                      "expected is zone=NAME, one number from 1 to " +
                                          std::to_string(conn::CapTable::largest_limit) +
                                          ", or class=");
    }
    rule.limit = static_cast<std::uint32_t>(limit);
    return glue::accepted;
}

char* read_rule(ngx_conf_t& cf, Rule& rule)
{
    const auto words = glue::words(cf).subspan(1);
    if (char* const result = glue::refuse_repeated(cf, words); result != glue::accepted) {
        return result;
    }
    for (const auto& word : words) {
        if (char* const result = read_word(cf, rule, word); result != glue::accepted) {
            return result;
        }
    }
    if (rule.zone_name.empty() || rule.limit == 0) {
        return glue::refuse(cf, "\"gate_conn\" must have zone=NAME and a number");
    }
    rule.place = glue::place_of(cf);
    return glue::accepted;
}

char* add_rule(ngx_conf_t& cf, ConnConf& conf, Rule rule)
{
    if (conf.rules == nullptr) {
        conf.rules = &glue::Pool{cf.pool}.make<std::vector<Rule>>();
        main_conf(cf).rules.push_back(conf.rules);
    }
    for (const auto& other : *conf.rules) {
        if (other.zone_name == rule.zone_name && other.of == rule.of) {
            return glue::refuse(
                cf, "cap zone \"" + rule.zone_name + "\" is used twice here for the same class");
        }
    }
    conf.rules->push_back(std::move(rule));
    return glue::accepted;
}

}  // namespace

char* set_rule(ngx_conf_t& cf, ConnConf& conf)
{
    const auto words = glue::words(cf);
    const bool off = words.size() == 2 && glue::view(words[1]) == "off";
    if (conf.off || (off && conf.rules != nullptr)) {
        return glue::refuse(cf, "\"gate_conn off\" stands beside another \"gate_conn\"");
    }
    if (off) {
        conf.off = true;
        return glue::accepted;
    }
    Rule rule;
    if (char* const result = read_rule(cf, rule); result != glue::accepted) {
        return result;
    }
    return add_rule(cf, conf, std::move(rule));
}

ngx_int_t resolve_rules(ngx_conf_t& cf, MainConf& conf)
{
    for (auto* rules : conf.rules) {
        for (auto& rule : *rules) {
            rule.zone = conf.find(rule.zone_name);
            if (rule.zone == nullptr) {
                return glue::refuse_at(
                    cf, rule.place, "there is no \"gate_conn_zone\" with zone=" + rule.zone_name);
            }
        }
    }
    return NGX_OK;
}

}  // namespace gatehouse::conn_feature
