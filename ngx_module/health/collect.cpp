#include "ngx_module/glue/ngx.h"

#include "ngx_module/health/collect.h"

#include "ngx_module/health/tables.h"

namespace gatehouse::health_feature {

namespace {

namespace metrics = telemetry::metrics;
using health::State;

void collect_checks(telemetry::Exposition& out, const health::HealthTable& table)
{
    out.begin(metrics::health_check_up);
    for (std::uint32_t number = 0; number < table.checks(); ++number) {
        const auto check = table.check(number);
        const bool up = check.state == State::up || check.state == State::degraded;
        out.sample({{"check", check.name}}, std::uint64_t{up});
    }
    out.begin(metrics::health_check_duration);
    for (std::uint32_t number = 0; number < table.checks(); ++number) {
        const auto check = table.check(number);
        out.sample({{"check", check.name}}, static_cast<double>(check.duration_us) / 1e6);
    }
}

}  // namespace

void collect(telemetry::Exposition& out)
{
    const auto state = situation().state;
    out.begin(metrics::health_status);
    for (const auto one : {State::unknown, State::up, State::degraded, State::down}) {
        out.sample({{"state", health::name_of(one)}}, std::uint64_t{one == state});
    }
    if (const auto* table = health_table()) {
        collect_checks(out, *table);
    }
}

}  // namespace gatehouse::health_feature
