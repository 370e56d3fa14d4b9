#include "ngx_module/glue/ngx.h"

#include "ngx_module/geo/directives.h"

#include <algorithm>

#include "ngx_module/geo/module.h"
#include "ngx_module/glue/conf.h"
#include "ngx_module/glue/pool.h"
#include "ngx_module/glue/text.h"
#include "src/board/table.h"
#include "src/geo/database_file.h"

namespace gatehouse::geo_feature {

namespace {

constexpr std::string_view table_prefix = "geoip:";
constexpr std::size_t longest_path = board::longest_table_name - table_prefix.size();

char* invalid(ngx_conf_t& cf, const std::string& why)
{
    return glue::refuse(cf, "\"gate_geoip\": " + why);
}

/// Two files of one name go by their paths.
void set_label(std::vector<DatabaseConf>& databases, DatabaseConf& added)
{
    added.label = added.path.substr(added.path.rfind('/') + 1);
    for (auto& other : databases) {
        if (other.label == added.label) {
            other.label = other.path;
            added.label = added.path;
        }
    }
}

Result<std::shared_ptr<const geo::Database>> read_database(const std::string& path)
{
    auto memory = geo::read_database_file(path);
    if (!memory) {
        return memory.error();
    }
    auto opened = geo::Database::open(std::move(*memory));
    return opened ? opened : Error{"\"" + path + "\": " + opened.error().message};
}

char* add_database(ngx_conf_t& cf, MainConf& conf)
{
    ngx_str_t name = glue::words(cf)[1];
    if (name.len == 0) {
        return glue::refuse_value(cf, name, "the path of a database (.mmdb)");
    }
    if (ngx_conf_full_name(cf.cycle, &name, 1) != NGX_OK) {
        return static_cast<char*>(NGX_CONF_ERROR);
    }
    DatabaseConf added{std::string{glue::view(name)}, {}, nullptr};
    if (added.path.size() > longest_path) {
        return invalid(cf, "the path has more than " + std::to_string(longest_path) + " bytes");
    }
    auto& all = conf.databases;
    if (std::any_of(all.begin(), all.end(),
                    [&](const auto& one) { return one.path == added.path; })) {
        return invalid(cf, "\"" + added.path + "\" is named twice");
    }
    if (all.size() == most_databases) {
        return invalid(cf, "there are " + std::to_string(most_databases) + " databases already");
    }
    auto read = read_database(added.path);
    if (!read) {
        return invalid(cf,
                       read.error().message + "; put a sound database there, or take the line out");
    }
    added.read = std::move(*read);
    set_label(all, added);
    all.push_back(std::move(added));
    return glue::accepted;
}

ngx_int_t check_asked(ngx_conf_t& cf, const std::optional<Mention>& asked, const char* what,
                      bool (geo::Database::*may_say)() const)
{
    if (!asked) {
        return NGX_OK;
    }
    const auto& all = main_conf(cf).databases;
    if (std::any_of(all.begin(), all.end(),
                    [&](const auto& one) { return (*one.read.*may_say)(); })) {
        return NGX_OK;
    }
    ngx_log_error(NGX_LOG_EMERG, cf.log, 0,
                  "\"%s\" asks for %s, which no \"gate_geoip\" has a database of, in %s",
                  asked->directive.c_str(), what, asked->place.c_str());
    return NGX_ERROR;
}

}  // namespace

ngx_command_t commands[] = {
    {ngx_string("gate_geoip"), NGX_HTTP_MAIN_CONF | NGX_CONF_TAKE1,
     glue::directive<MainConf, add_database>, NGX_HTTP_MAIN_CONF_OFFSET, 0, nullptr},
    {ngx_string("gate_geo_allow"), glue::http_levels | NGX_CONF_1MORE,
     glue::directive<GeoConf, add_allowed>, NGX_HTTP_LOC_CONF_OFFSET, 0, nullptr},
    {ngx_string("gate_geo_deny"), glue::http_levels | NGX_CONF_1MORE,
     glue::directive<GeoConf, add_denied>, NGX_HTTP_LOC_CONF_OFFSET, 0, nullptr},
    ngx_null_command,
};

MainConf& main_conf(ngx_conf_t& cf) noexcept
{
    const auto* context = static_cast<ngx_http_conf_ctx_t*>(cf.ctx);
    return *static_cast<MainConf*>(context->main_conf[ngx_http_gatehouse_geo_module.ctx_index]);
}

void* create_main_conf(ngx_conf_t& cf)
{
    return &glue::Pool{cf.pool}.make<MainConf>();
}

void* create_location_conf(ngx_conf_t& cf)
{
    return &glue::Pool{cf.pool}.make<GeoConf>();
}

void merge_location_conf(ngx_conf_t& /*cf*/, GeoConf& outer, GeoConf& inner)
{
    if (inner.rules == nullptr) {
        inner.rules = outer.rules;
        return;
    }
    for (auto* places : {&inner.rules->allow, &inner.rules->deny}) {
        std::sort(places->countries.begin(), places->countries.end());
        std::sort(places->asns.begin(), places->asns.end());
    }
}

ngx_int_t check_databases(ngx_conf_t& cf)
{
    const auto& conf = main_conf(cf);
    const bool sound =
        check_asked(cf, conf.asks_country, "countries", &geo::Database::may_say_country) ==
            NGX_OK &&
        check_asked(cf, conf.asks_asn, "autonomous systems", &geo::Database::may_say_asn) == NGX_OK;
    return sound ? NGX_OK : NGX_ERROR;
}

}  // namespace gatehouse::geo_feature
