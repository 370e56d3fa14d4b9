#include "ngx_module/glue/ngx.h"

#include "ngx_module/health/directive.h"

#include <algorithm>

#include "ngx_module/glue/conf.h"
#include "ngx_module/glue/parameters.h"
#include "ngx_module/glue/text.h"

namespace gatehouse::health_feature {

namespace {

using health::Question;

constexpr std::string_view profile_prefix = "profile=";
constexpr std::string_view details_prefix = "details=";

std::optional<Question> question_of(std::string_view word) noexcept
{
    const auto& names = health::question_names;
    const auto found = std::find(names.begin(), names.end(), word);
    return found == names.end() ? std::nullopt
                                : std::optional{static_cast<Question>(found - names.begin())};
}

bool is_profile_name(std::string_view name) noexcept
{
    constexpr std::string_view more = "_-.+";
    return !name.empty() && std::all_of(name.begin(), name.end(), [&](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               more.find(c) != std::string_view::npos;
    });
}

char* read_profile(ngx_conf_t& cf, HealthConf& conf, const ngx_str_t& word, std::string_view name)
{
    if (!is_profile_name(name)) {
        return glue::refuse_parameter(
            cf, word, "a profile's name has letters, digits, \"_\", \"-\", \".\" and \"+\"");
    }
    conf.profile.emplace(name);
    return glue::accepted;
}

char* read_details(ngx_conf_t& cf, HealthConf& conf, const ngx_str_t& word, std::string_view value)
{
    if (conf.question != Question::detailed && conf.question != Question::extended) {
        return glue::refuse_parameter(cf, word, "only \"detailed\" and \"extended\" have details");
    }
    if (value.empty()) {
        return glue::refuse_parameter(cf, word,
                                      "it must be details=VALUE, such as details=$gate_user");
    }
    conf.details = glue::ComplexValue::compile(cf, glue::lend(value));
    return conf.details ? glue::accepted : static_cast<char*>(NGX_CONF_ERROR);
}

char* read_parameter(ngx_conf_t& cf, HealthConf& conf, const ngx_str_t& word)
{
    const auto text = glue::view(word);
    if (text.starts_with(profile_prefix)) {
        return read_profile(cf, conf, word, text.substr(profile_prefix.size()));
    }
    if (text.starts_with(details_prefix)) {
        return read_details(cf, conf, word, text.substr(details_prefix.size()));
    }
    return glue::refuse_parameter(cf, word, "it must be profile=NAME or details=VALUE");
}

}  // namespace

char* read_health(ngx_conf_t& cf, HealthConf& conf)
{
    const auto words = glue::words(cf);
    const auto question = question_of(glue::view(words[1]));
    if (!question) {
        return glue::refuse_value(cf, words[1],
                                  "\"live\", \"ready\", \"status\", \"detailed\" or \"extended\"");
    }
    conf.question = *question;
    const auto parameters = words.subspan(2);
    if (char* const repeated = glue::refuse_repeated(cf, parameters); repeated != glue::accepted) {
        return repeated;
    }
    for (const auto& word : parameters) {
        if (char* const read = read_parameter(cf, conf, word); read != glue::accepted) {
            return read;
        }
    }
    return glue::accepted;
}

}  // namespace gatehouse::health_feature
