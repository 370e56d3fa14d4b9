#include "ngx_module/glue/ngx.h"

#include "ngx_module/geo/databases.h"

#include <algorithm>
#include <cstdio>
#include <string_view>

#include "ngx_module/glue/clock.h"
#include "ngx_module/glue/hello.h"
#include "ngx_module/glue/sidecar_metrics.h"
#include "ngx_module/glue/worker_tables.h"
#include "src/base/json_escape.h"
#include "src/geo/database_file.h"

namespace gatehouse::geo_feature {

namespace {

constexpr std::string_view table_prefix = "geoip:";

// Of this process; copied by fork into every worker.
const MainConf* conf_in_force = nullptr;
std::shared_ptr<const DatabaseSet> in_force;

Result<void> take(board::Table table)
{
    if (conf_in_force == nullptr) {
        return {};
    }
    const auto path = std::string_view{table.name}.substr(table_prefix.size());
    const auto& named = conf_in_force->databases;
    const auto found = std::find_if(named.begin(), named.end(),
                                    [&](const DatabaseConf& one) { return one.path == path; });
    if (found == named.end()) {
        return {};  // another nginx's
    }
    auto opened = geo::Database::open(std::move(table.memory));
    if (!opened) {
        return opened.error();
    }
    auto next = std::make_shared<DatabaseSet>(*in_force);
    (*next)[static_cast<std::size_t>(found - named.begin())] = std::move(*opened);
    in_force = std::move(next);
    return {};
}

}  // namespace

const std::shared_ptr<const DatabaseSet>& databases_in_force() noexcept
{
    return in_force;
}

void follow_tables()
{
    glue::on_table(table_prefix, take);
}

void use_databases(const MainConf* conf)
{
    conf_in_force = conf;
    in_force = nullptr;
    if (conf == nullptr || conf->databases.empty()) {
        return;
    }
    auto set = std::make_shared<DatabaseSet>();
    for (const auto& database : conf->databases) {
        set->push_back(database.read);
    }
    in_force = std::move(set);
}

void name_databases(const MainConf& conf)
{
    std::string json = "[";
    for (const auto& database : conf.databases) {
        char sum[17];
        (void)std::snprintf(
            sum, sizeof sum, "%016llx",
            static_cast<unsigned long long>(geo::checksum_of(database.read->memory()->bytes())));
        json += json.size() == 1 ? "{\"path\":" : ",{\"path\":";
        append_json_string(json, database.path);
        json += std::string{",\"checksum\":\""} + sum + "\"}";
    }
    glue::say_in_hello("geoip", json + "]");
}

void collect_databases(telemetry::Exposition& out)
{
    if (in_force == nullptr) {
        return;
    }
    const auto each = [&](const telemetry::Metric& metric, const auto& value) {
        out.begin(metric);
        for (std::size_t i = 0; i < in_force->size(); ++i) {
            out.sample({{"database", conf_in_force->databases[i].label}},
                       value((*in_force)[i]->built_at_s()));
        }
    };
    const auto now_s = glue::now_ms() / 1000;
    each(telemetry::metrics::geoip_build, [](std::int64_t built_at_s) { return built_at_s; });
    each(telemetry::metrics::geoip_age,
         [&](std::int64_t built_at_s) { return now_s - built_at_s; });
    out.begin(telemetry::metrics::geoip_refused);
    for (const auto& database : conf_in_force->databases) {
        out.sample({{"database", database.label}},
                   glue::sidecar_metric(telemetry::metrics::geoip_refused, database.path));
    }
}

}  // namespace gatehouse::geo_feature
