#include "ngx_module/glue/ngx.h"

#include <memory>
#include <string_view>
#include <utility>

#include "ngx_module/conn/directives.h"
#include "ngx_module/glue/conf.h"
#include "ngx_module/glue/parameters.h"
#include "ngx_module/glue/text.h"

namespace gatehouse::conn_feature {

namespace {

constexpr std::string_view zone_word = "zone=";

char* read_zone(ngx_conf_t& cf, ZoneConf& zone, const ngx_str_t& word)
{
    const auto text = glue::view(word);
    auto parsed = glue::parse_zone(text.starts_with(zone_word) ? text.substr(zone_word.size())
                                                               : std::string_view{});
    if (!parsed) {
        return glue::refuse_parameter(cf, word, parsed.error().message);
    }
    zone.name = std::move(parsed->name);
    zone.bytes = parsed->bytes;
    return glue::accepted;
}

}  // namespace

char* set_zone(ngx_conf_t& cf, MainConf& conf)
{
    const auto words = glue::words(cf);
    if (words[1].len == 0) {
        return glue::refuse_value(cf, words[1],
                                  "a key such as \"$gate_client\": an empty one is never counted");
    }
    auto zone = std::make_unique<ZoneConf>();
    zone->key = glue::ComplexValue::compile(cf, words[1]);
    if (!zone->key) {
        return static_cast<char*>(NGX_CONF_ERROR);
    }
    if (char* const result = read_zone(cf, *zone, words[2]); result != glue::accepted) {
        return result;
    }
    if (conf.find(zone->name) != nullptr) {
        return glue::refuse(cf, "cap zone \"" + zone->name + "\" is defined twice");
    }
    zone->place = glue::place_of(cf);
    conf.zones.push_back(std::move(zone));
    return glue::accepted;
}

}  // namespace gatehouse::conn_feature
