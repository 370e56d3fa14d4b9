#include "ngx_module/glue/ngx.h"

#include "ngx_module/limit/rule_directive.h"

#include <algorithm>
#include <string>
#include <utility>

#include "ngx_module/glue/conf.h"
#include "ngx_module/glue/parameters.h"
#include "ngx_module/glue/pool.h"
#include "ngx_module/glue/worker_board.h"
#include "ngx_module/limit/collection.h"
#include "ngx_module/limit/directives.h"
#include "ngx_module/limit/words.h"

namespace gatehouse::limit_feature {

namespace {

/// "401", "5xx"
bool add_status(StatusSet& set, std::string_view text)
{
    const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
    if (text.size() != 3 || text[0] < '1' || text[0] > '5') {
        return false;
    }
    if (text.substr(1) == "xx") {
        set.add_class(static_cast<unsigned>(text[0] - '0'));
        return true;
    }
    if (!is_digit(text[1]) || !is_digit(text[2])) {
        return false;
    }
    set.add(static_cast<unsigned>((text[0] - '0') * 100 + (text[1] - '0') * 10 + (text[2] - '0')));
    return true;
}

char* read_count(ngx_conf_t& cf, Rule& rule, const ngx_str_t& word, std::string_view value)
{
    constexpr std::string_view status = "status:";
    if (value == "all") {
        rule.count = Count::all;
        return glue::accepted;
    }
    if (value == "miss") {
        rule.count = Count::miss;
        return glue::accepted;
    }
    if (!value.starts_with(status)) {
        return glue::refuse_parameter(
            cf, word, "it must be count=all, count=miss or count=status:401,403,5xx");
    }
    rule.count = Count::status;
    value.remove_prefix(status.size());
    while (true) {
        const auto comma = value.find(',');
        if (!add_status(rule.statuses, value.substr(0, comma))) {
            return glue::refuse_parameter(cf, word, "a status is such as 401 or 5xx");
        }
        if (comma == std::string_view::npos) {
            return glue::accepted;
        }
        value.remove_prefix(comma + 1);
    }
}

char* read_burst(ngx_conf_t& cf, Rule& rule, const ngx_str_t& word, ngx_str_t value)
{
    const auto burst = number(value);
    if (!burst || *burst == 0 || *burst > limit::largest_burst) {
        return glue::refuse_parameter(
            cf, word, "a burst is a number from 1 to " + std::to_string(limit::largest_burst));
    }
    rule.burst = *burst;
    return glue::accepted;
}

char* read_delay(ngx_conf_t& cf, Rule& rule, const ngx_str_t& word, ngx_str_t value)
{
    const auto delay = number(value);
    if (!delay || *delay == 0 || *delay > limit::largest_burst) {
        return glue::refuse_parameter(
            cf, word, "a delay is the number of requests that are not delayed, from 1");
    }
    rule.delay_milli = *delay * 1000;
    rule.has_delay = true;
    return glue::accepted;
}

char* read_stage(ngx_conf_t& cf, Rule& rule, const ngx_str_t& word, std::string_view value)
{
    if (value != "client" && value != "identity") {
        return glue::refuse_parameter(cf, word, "it must be stage=client or stage=identity");
    }
    rule.said_stage = value == "client" ? Stage::client : Stage::identity;
    return glue::accepted;
}

char* read_variable(ngx_conf_t& cf, std::optional<glue::ComplexValue>& target, ngx_str_t value)
{
    target = glue::ComplexValue::compile(cf, value);
    return target ? glue::accepted : static_cast<char*>(NGX_CONF_ERROR);
}

char* read_cost(ngx_conf_t& cf, Rule& rule, const ngx_str_t& word, ngx_str_t value)
{
    char* const result = read_variable(cf, rule.cost, value);
    if (result == glue::accepted && !rule.cost->has_variables() && !number(value)) {
        return glue::refuse_parameter(cf, word, "a cost is a number, or a variable that holds one");
    }
    return result;
}

char* read_word(ngx_conf_t& cf, Rule& rule, const ngx_str_t& word)
{
    if (const auto value = value_of(word, "zone")) {
        rule.zone_name = glue::view(*value);
        return glue::accepted;
    }
    if (const auto value = value_of(word, "burst")) {
        return read_burst(cf, rule, word, *value);
    }
    if (const auto value = value_of(word, "delay")) {
        return read_delay(cf, rule, word, *value);
    }
    if (const auto value = value_of(word, "cost")) {
        return read_cost(cf, rule, word, *value);
    }
    if (const auto value = value_of(word, "skip")) {
        return read_variable(cf, rule.skip, *value);
    }
    if (const auto value = value_of(word, "stage")) {
        return read_stage(cf, rule, word, glue::view(*value));
    }
    if (const auto value = value_of(word, "count")) {
        return read_count(cf, rule, word, glue::view(*value));
    }
    if (glue::view(word) == "nodelay") {
        rule.delays = false;
        return glue::accepted;
    }
    return glue::refuse_parameter(
        cf, word, "known are zone=, burst=, nodelay, delay=, cost=, stage=, count= and skip=");
}

char* check(ngx_conf_t& cf, const Rule& rule)
{
    if (rule.zone_name.empty()) {
        return glue::refuse(cf, "\"gate_limit\" must have zone=NAME");
    }
    if (rule.has_delay && !rule.delays) {
        return glue::refuse(cf, "\"gate_limit\" has both nodelay and delay=");
    }
    if (rule.said_stage && rule.count == Count::miss) {
        return glue::refuse(cf, "count=miss is decided after the board, it takes no stage=");
    }
    return glue::accepted;
}

bool has_variables(const std::optional<glue::ComplexValue>& value) noexcept
{
    return value && value->has_variables();
}

/// The windows are made now, or where they hold variables, as requests come.
ngx_int_t prepare_plan(ngx_conf_t& cf, Rule& rule)
{
    const auto& zone = *rule.zone;
    if (has_variables(zone.rate) || has_variables(zone.quota)) {
        rule.plans = std::make_unique<limit::PlanCache>();
        rule.most_windows = limit::most_plan_windows;
        return NGX_OK;
    }
    auto plan = limit::make_plan({.rate = zone.rate ? zone.rate->text() : std::string_view{},
                                  .quota = zone.quota ? zone.quota->text() : std::string_view{},
                                  .burst = rule.burst,
                                  .algorithm = zone.algorithm,
                                  .align = zone.align});
    if (!plan) {
        return glue::refuse_at(cf, rule.place,
                               "limit zone \"" + zone.name + "\": " + plan.error().message);
    }
    rule.most_windows = plan->windows.size();
    rule.fixed_plan = std::move(*plan);
    return NGX_OK;
}

/// A request that costs more than a window ever has would be refused for ever.
ngx_int_t check_cost(ngx_conf_t& cf, const Rule& rule)
{
    if (!rule.fixed_plan || !rule.cost || rule.cost->has_variables()) {
        return NGX_OK;
    }
    const auto text = rule.cost->text();
    const auto cost = number(glue::lend(text)).value_or(0);
    for (const auto& window : rule.fixed_plan->windows) {
        if (cost > window.amount) {
            return glue::refuse_at(cf, rule.place,
                                   "cost=" + std::string{text} + " can never pass: \"" +
                                       window.name + "\" of the zone \"" + rule.zone_name +
                                       "\" has room for " + std::to_string(window.amount));
        }
    }
    return NGX_OK;
}

/// Without a board that answers, every request is a miss.
void warn_of_misses(ngx_conf_t& cf, const MainConf& conf, const RuleList& list)
{
    const bool has_board = std::any_of(
        conf.uses.begin(), conf.uses.end(),
        [&](const RulesUse& use) { return use.rules == &list && glue::board_is_on(use.location); });
    for (const auto& rule : list.rules) {
        if (rule.count == Count::miss && !has_board) {
            glue::warn_at(cf, rule.place,
                          "count=miss counts every request: \"gate_board\" is off wherever this "
                          "limit applies");
        }
    }
}

ngx_int_t resolve(ngx_conf_t& cf, const MainConf& conf, Rule& rule)
{
    rule.zone = conf.find(rule.zone_name);
    if (rule.zone == nullptr) {
        return glue::refuse_at(cf, rule.place,
                               "there is no \"gate_limit_zone\" with zone=" + rule.zone_name);
    }
    if ((rule.burst > 0 || rule.has_delay || !rule.delays) && !rule.zone->rate) {
        return glue::refuse_at(cf, rule.place,
                               "burst, delay and nodelay belong to a rate, and the zone \"" +
                                   rule.zone_name + "\" has none");
    }
    rule.delays = rule.delays && rule.zone->rate;
    return prepare_plan(cf, rule) == NGX_OK ? check_cost(cf, rule) : NGX_ERROR;
}

void arrange(RuleList& list)
{
    auto& rules = list.rules;
    std::ranges::stable_sort(rules, {}, [](const Rule& rule) {
        return std::pair{rule.stage, rule.count == Count::status};
    });
    for (std::size_t i = 0; i < stage_count; ++i) {
        const auto [first, last] =
            std::ranges::equal_range(rules, static_cast<Stage>(i), {}, &Rule::stage);
        list.stages[i].rules = {first, last};
        for (const auto& rule : list.stages[i].rules) {
            list.stages[i].room += room_for(rule);
        }
    }
}

bool is_off(std::span<const ngx_str_t> words) noexcept
{
    return words.size() == 2 && glue::view(words[1]) == "off";
}

char* read_rule(ngx_conf_t& cf, Rule& rule)
{
    const auto words = glue::words(cf).subspan(1);
    char* result = glue::refuse_repeated(cf, words);
    for (auto word = words.begin(); word != words.end() && result == glue::accepted; ++word) {
        result = read_word(cf, rule, *word);
    }
    rule.place = glue::place_of(cf);
    rule.stage = rule.count == Count::miss ? Stage::miss : rule.said_stage.value_or(Stage::client);
    return result == glue::accepted ? check(cf, rule) : result;
}

char* add_rule(ngx_conf_t& cf, LimitConf& conf, Rule rule)
{
    if (conf.rules == nullptr) {
        conf.rules = &glue::Pool{cf.pool}.make<RuleList>();
        main_conf(cf).rules.push_back(conf.rules);
    }
    for (const auto& other : conf.rules->rules) {
        if (other.zone_name == rule.zone_name) {
            return glue::refuse(cf, "limit zone \"" + rule.zone_name + "\" is used twice here");
        }
    }
    conf.rules->rules.push_back(std::move(rule));
    return glue::accepted;
}

}  // namespace

char* set_rule(ngx_conf_t& cf, LimitConf& conf)
{
    const bool off = is_off(glue::words(cf));
    if (conf.off || (off && conf.rules != nullptr)) {
        return glue::refuse(cf, "\"gate_limit off\" stands beside another \"gate_limit\"");
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
        for (auto& rule : rules->rules) {
            if (resolve(cf, conf, rule) != NGX_OK) {
                return NGX_ERROR;
            }
        }
        warn_of_misses(cf, conf, *rules);
        arrange(*rules);
    }
    return NGX_OK;
}

}  // namespace gatehouse::limit_feature
