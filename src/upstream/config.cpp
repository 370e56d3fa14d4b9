#include "src/upstream/config.h"

#include <jansson.h>

#include <memory>
#include <optional>

#include "src/base/json_writer.h"

namespace gatehouse::upstream {

namespace {

struct Release {
    void operator()(json_t* json) const noexcept { json_decref(json); }
};

const Error no_list{"the checked upstreams are no list of them"};

constexpr std::int64_t shortest_ms = 10;
constexpr std::int64_t longest_ms = 86'400'000;
constexpr std::int64_t most_runs = 1000;

std::optional<std::string> text_of(const json_t* json)
{
    return json_is_string(json)
               ? std::optional{std::string{json_string_value(json), json_string_length(json)}}
               : std::nullopt;
}

std::optional<std::int64_t> number_of(const json_t* json, std::int64_t least, std::int64_t most)
{
    const auto number = json_integer_value(json);
    return json_is_integer(json) && number >= least && number <= most ? std::optional{number}
                                                                      : std::nullopt;
}

std::optional<Check> check_of(const json_t* json)
{
    const auto uri = text_of(json_object_get(json, "uri"));
    const auto interval = number_of(json_object_get(json, "interval_ms"), shortest_ms, longest_ms);
    const auto timeout = number_of(json_object_get(json, "timeout_ms"), shortest_ms, longest_ms);
    const auto fails = number_of(json_object_get(json, "fails"), 1, most_runs);
    const auto passes = number_of(json_object_get(json, "passes"), 1, most_runs);
    const auto statuses =
        Statuses::parse(text_of(json_object_get(json, "status")).value_or(std::string{}));
    if (!uri || !interval || !timeout || !fails || !passes || !statuses) {
        return std::nullopt;
    }
    return Check{*uri,
                 *interval,
                 *timeout,
                 static_cast<unsigned>(*fails),
                 static_cast<unsigned>(*passes),
                 *statuses,
                 json_is_true(json_object_get(json, "critical"))};
}

std::optional<CheckedUpstream> upstream_of(const json_t* json)
{
    auto name = text_of(json_object_get(json, "name"));
    auto check = check_of(json);
    const auto* peers = json_object_get(json, "peers");
    if (!name || !check || !json_is_array(peers)) {
        return std::nullopt;
    }
    CheckedUpstream upstream{std::move(*name), std::move(*check), {}};
    for (std::size_t i = 0; i < json_array_size(peers); ++i) {
        auto peer = text_of(json_array_get(peers, i));
        if (!peer) {
            return std::nullopt;
        }
        upstream.peers.push_back(std::move(*peer));
    }
    return upstream;
}

}  // namespace

std::string config_text(const std::vector<CheckedUpstream>& upstreams)
{
    JsonWriter json;
    json.open_array();
    for (const auto& [name, check, peers] : upstreams) {
        json.open_object().member("name", name).member("uri", check.uri);
        json.member("interval_ms", check.interval_ms).member("timeout_ms", check.timeout_ms);
        json.member("fails", check.fails).member("passes", check.passes);
        json.member("status", check.statuses.text()).member("critical", check.critical);
        json.key("peers").open_array();
        for (const auto& peer : peers) {
            json.value(peer);
        }
        json.close_array().close_object();
    }
    json.close_array();
    return json.take();
}

Result<std::vector<CheckedUpstream>> parse_config(std::string_view text)
{
    const std::unique_ptr<json_t, Release> list{
        json_loadb(text.data(), text.size(), JSON_REJECT_DUPLICATES, nullptr)};
    if (!json_is_array(list.get())) {
        return no_list;
    }
    std::vector<CheckedUpstream> upstreams;
    for (std::size_t i = 0; i < json_array_size(list.get()); ++i) {
        auto upstream = upstream_of(json_array_get(list.get(), i));
        if (!upstream) {
            return no_list;
        }
        upstreams.push_back(std::move(*upstream));
    }
    return upstreams;
}

}  // namespace gatehouse::upstream
