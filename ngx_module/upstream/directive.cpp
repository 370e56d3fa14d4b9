#include "ngx_module/glue/ngx.h"

#include "ngx_module/upstream/directive.h"

#include <algorithm>
#include <charconv>
#include <span>

#include "ngx_module/glue/conf.h"
#include "ngx_module/glue/parameters.h"
#include "ngx_module/glue/text.h"

namespace gatehouse::upstream_feature {

namespace {

/// Reads a parameter's value; returns what is expected where it is none.
using Read = const char* (*)(CheckConf& conf, std::string_view value);

struct Parameter {
    std::string_view prefix;  ///< with its `=`
    Read read;
};

constexpr unsigned most_runs = 1000;
constexpr std::int64_t shortest_ms = 10;
constexpr std::int64_t longest_ms = 86'400'000;

const char* read_uri(CheckConf& conf, std::string_view value)
{
    const auto may_stand = [](char c) { return c > ' ' && c < 0x7f && c != '#'; };
    if (!value.starts_with('/') || !std::all_of(value.begin(), value.end(), may_stand)) {
        return "it must be a path such as uri=/health, with what is not ASCII encoded";
    }
    conf.check.uri = value;
    return nullptr;
}

template <auto Member>
const char* read_time(CheckConf& conf, std::string_view value)
{
    const auto time = glue::parse_time(glue::lend(value));
    const auto ms = static_cast<std::int64_t>(time.value_or(0));
    if (ms < shortest_ms || ms > longest_ms) {
        return "it must be a time from 10ms to 1d, such as 5s";
    }
    conf.check.*Member = ms;
    return nullptr;
}

const char* read_slow_start(CheckConf& conf, std::string_view value)
{
    const auto time = glue::parse_time(glue::lend(value));
    if (!time || static_cast<std::int64_t>(*time) > longest_ms) {
        return "it must be a time of up to 1d, such as 30s";
    }
    conf.slow_start_ms = static_cast<std::int64_t>(*time);
    return nullptr;
}

template <auto Member>
const char* read_runs(CheckConf& conf, std::string_view value)
{
    unsigned runs = 0;
    const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), runs);
    if (error != std::errc{} || end != value.data() + value.size() || runs < 1 ||
        runs > most_runs) {
        return "it must be a number from 1 to 1000";
    }
    conf.check.*Member = runs;
    return nullptr;
}

const char* read_status(CheckConf& conf, std::string_view value)
{
    auto statuses = upstream::Statuses::parse(value);
    if (!statuses) {
        return "it must be statuses such as status=200-399 or status=200,204";
    }
    conf.check.statuses = std::move(*statuses);
    return nullptr;
}

constexpr Parameter parameters[] = {
    {"uri=", read_uri},
    {"interval=", read_time<&upstream::Check::interval_ms>},
    {"timeout=", read_time<&upstream::Check::timeout_ms>},
    {"fails=", read_runs<&upstream::Check::fails>},
    {"passes=", read_runs<&upstream::Check::passes>},
    {"status=", read_status},
    {"slow_start=", read_slow_start},
};

char* read_parameter(ngx_conf_t& cf, CheckConf& conf, const ngx_str_t& word)
{
    const auto text = glue::view(word);
    if (text == "critical") {
        conf.check.critical = true;
        return glue::accepted;
    }
    const auto found =
        std::find_if(std::begin(parameters), std::end(parameters),
                     [&](const Parameter& one) { return text.starts_with(one.prefix); });
    if (found == std::end(parameters)) {
        return glue::refuse_parameter(
            cf, word,
            "it must be uri=PATH, interval=TIME, timeout=TIME, fails=N, passes=N, status=LIST, "
            "slow_start=TIME or critical");
    }
    const auto* expected = found->read(conf, text.substr(found->prefix.size()));
    return expected == nullptr ? glue::accepted : glue::refuse_parameter(cf, word, expected);
}

}  // namespace

char* set_check(ngx_conf_t& cf, CheckConf& conf)
{
    if (conf.set) {
        return glue::duplicate();
    }
    conf.set = true;
    conf.place = glue::place_of(cf);
    (void)read_status(conf, "200-399");
    const auto words = glue::words(cf).subspan(1);
    if (char* const repeated = glue::refuse_repeated(cf, words); repeated != glue::accepted) {
        return repeated;
    }
    for (const auto& word : words) {
        if (char* const read = read_parameter(cf, conf, word); read != glue::accepted) {
            return read;
        }
    }
    if (conf.check.uri.empty()) {
        return glue::refuse(cf, "\"gate_check\" needs the path to ask for, such as uri=/health");
    }
    return glue::accepted;
}

}  // namespace gatehouse::upstream_feature
