// gate_geo_allow and gate_geo_deny.
#include "ngx_module/glue/ngx.h"

#include <charconv>
#include <functional>

#include "ngx_module/geo/directives.h"
#include "ngx_module/glue/conf.h"
#include "ngx_module/glue/text.h"

namespace gatehouse::geo_feature {

namespace {

constexpr std::string_view not_known = "-";

bool is_letter(char c) noexcept
{
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

std::optional<Country> read_country(std::string_view text) noexcept
{
    if (text == not_known) {
        return Country{0};
    }
    const bool is_code = text.size() == 2 && is_letter(text[0]) && is_letter(text[1]);
    return is_code ? std::optional{country_of(text[0], text[1])} : std::nullopt;
}

std::optional<std::uint32_t> read_asn(std::string_view text) noexcept
{
    if (text == not_known) {
        return 0;
    }
    if (text.size() > 2 && country_of(text[0], text[1]) == country_of('A', 'S')) {
        text.remove_prefix(2);
    }
    std::uint32_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    const bool whole = error == std::errc{} && end == text.data() + text.size() && number != 0;
    return whole ? std::optional{number} : std::nullopt;
}

/// Each of a list's members; false as soon as one is none.
template <class Add>
bool read_list(std::string_view list, const Add& add)
{
    while (true) {
        const auto comma = list.find(',');
        if (!add(list.substr(0, comma))) {
            return false;
        }
        if (comma == std::string_view::npos) {
            return true;
        }
        list.remove_prefix(comma + 1);
    }
}

template <class T>
bool put(std::vector<T>& into, const std::optional<T>& value)
{
    if (value) {
        into.push_back(*value);
    }
    return value.has_value();
}

bool put_network(ngx_conf_t& cf, Places& places, std::string_view text)
{
    if (text == "unix:") {
        places.unix_peers = true;
        return true;
    }
    ngx_str_t word = glue::lend(text);
    ngx_cidr_t network{};
    const ngx_int_t read = text.empty() ? NGX_ERROR : ngx_ptocidr(&word, &network);
    if (read == NGX_DONE) {
        ngx_conf_log_error(NGX_LOG_WARN, &cf, 0, "low address bits of %V are meaningless", &word);
    }
    if (read != NGX_ERROR) {
        places.networks.push_back(network);
    }
    return read != NGX_ERROR;
}

void note(ngx_conf_t& cf, std::optional<Mention>& first)
{
    if (!first) {
        first = Mention{std::string{glue::view(glue::words(cf)[0])},
                        std::string{glue::view(cf.conf_file->file.name)} + ":" +
                            std::to_string(cf.conf_file->line)};
    }
}

char* add_places(ngx_conf_t& cf, const ngx_str_t& word, Places& places)
{
    const auto text = glue::view(word);
    const auto list = text.substr(std::min(text.find('=') + 1, text.size()));
    if (text.starts_with("country=")) {
        note(cf, main_conf(cf).asks_country);
        const bool sound = read_list(
            list, [&](std::string_view one) { return put(places.countries, read_country(one)); });
        return sound ? glue::accepted
                     : glue::refuse_value(cf, word,
                                          "country= and ISO 3166-1 codes of two letters, or \"-\" "
                                          "for what is not known, separated by commas");
    }
    if (text.starts_with("asn=")) {
        note(cf, main_conf(cf).asks_asn);
        const bool sound =
            read_list(list, [&](std::string_view one) { return put(places.asns, read_asn(one)); });
        return sound ? glue::accepted
                     : glue::refuse_value(cf, word,
                                          "asn= and numbers of autonomous systems, or \"-\" for "
                                          "what is not known, separated by commas");
    }
    if (text.starts_with("net=")) {
        const bool sound =
            read_list(list, [&](std::string_view one) { return put_network(cf, places, one); });
        return sound ? glue::accepted
                     : glue::refuse_value(cf, word,
                                          "net= and addresses, networks such as 192.0.2.0/24, or "
                                          "\"unix:\", separated by commas");
    }
    return glue::refuse_value(cf, word, "country=LIST, asn=LIST or net=LIST");
}

char* add_rules(ngx_conf_t& cf, GeoConf& conf, Places Rules::*which)
{
    if (conf.rules == nullptr) {
        conf.rules = std::make_shared<Rules>();
    }
    main_conf(cf).has_rules = true;
    for (const auto& word : glue::words(cf).subspan(1)) {
        if (auto* refused = add_places(cf, word, (*conf.rules).*which); refused != glue::accepted) {
            return refused;
        }
    }
    return glue::accepted;
}

}  // namespace

char* add_allowed(ngx_conf_t& cf, GeoConf& conf)
{
    return add_rules(cf, conf, &Rules::allow);
}

char* add_denied(ngx_conf_t& cf, GeoConf& conf)
{
    return add_rules(cf, conf, &Rules::deny);
}

}  // namespace gatehouse::geo_feature
