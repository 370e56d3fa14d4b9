#include "ngx_module/glue/ngx.h"

#include "ngx_module/metrics/collect.h"

#include <algorithm>
#include <vector>

#include "ngx_module/glue/clock.h"
#include "ngx_module/glue/metrics.h"
#include "ngx_module/glue/sidecar_metrics.h"
#include "ngx_module/glue/sidecar_state.h"
#include "ngx_module/glue/telemetry.h"
#include "ngx_module/glue/worker_board.h"
#include "ngx_module/metrics/certificates.h"
#include "src/telemetry/reader.h"

namespace gatehouse::metrics_feature {

namespace {

using telemetry::Exposition;
namespace metrics = telemetry::metrics;

void add_region(Exposition& out)
{
    // Also what no worker has served yet is shown, as 0.
    glue::worker_board().for_each([](const board::Entry& entry) { (void)glue::card_index(entry); });
    const auto bytes = glue::telemetry_bytes();
    if (const auto reader = telemetry::Reader::open(bytes)) {
        telemetry::expose_region(out, *reader);
    }
}

struct Card {
    std::string_view name;
    const board::Entry* entry;
};

std::vector<Card> cards_by_name()
{
    std::vector<Card> cards;
    glue::worker_board().for_each([&](const board::Entry& entry) {
        cards.push_back({entry.published->view().name(), &entry});
    });
    std::sort(cards.begin(), cards.end(),
              [](const Card& a, const Card& b) { return a.name < b.name; });
    return cards;
}

void add_cards(Exposition& out)
{
    const auto cards = cards_by_name();
    const auto now = glue::now_ms();
    const auto each = [&](const telemetry::Metric& metric, const auto& value) {
        out.begin(metric);
        for (const auto& card : cards) {
            out.sample({{"card", card.name}}, value(*card.entry, card.entry->published->view()));
        }
    };
    each(metrics::card_age, [now](const auto& entry, const auto&) {
        return static_cast<double>(entry.age_ms(now)) / 1000;
    });
    each(metrics::card_stale, [now](const auto& entry, const auto& view) {
        return std::uint64_t{static_cast<std::uint64_t>(entry.age_ms(now)) > view.max_age_ms()};
    });
    each(metrics::card_generation,
         [](const auto&, const auto& view) { return std::uint64_t{view.generation()}; });
    each(metrics::card_size,
         [](const auto&, const auto& view) { return std::uint64_t{view.total_size()}; });
}

void add_sidecar(Exposition& out)
{
    out.begin(metrics::sidecar_up);
    out.sample({}, std::uint64_t{glue::sidecar_is_up()});
    const auto& told = glue::sidecar_metrics();
    for (const auto* metric : telemetry::told_metrics) {
        telemetry::expose(out, told, *metric);
    }
    if (glue::sidecar_is_up()) {
        for (const auto* metric : telemetry::process_metrics) {
            telemetry::expose(out, told, *metric);
        }
    }
    telemetry::expose(out, glue::own_metrics());
    telemetry::expose(out, told, metrics::build_info);
    out.sample(
        {{"component", "module"}, {"version", GATEHOUSE_VERSION}, {"nginx_version", NGINX_VERSION}},
        std::uint64_t{1});
}

/// An nginx that was built without stub_status does not count these.
void add_nginx([[maybe_unused]] Exposition& out)
{
#if (NGX_STAT_STUB)
    const auto number = [](const ngx_atomic_t* counter) {
        return static_cast<std::uint64_t>(*counter);
    };
    out.begin(metrics::nginx_connections);
    out.sample({{"state", "active"}}, number(ngx_stat_active));
    out.sample({{"state", "reading"}}, number(ngx_stat_reading));
    out.sample({{"state", "writing"}}, number(ngx_stat_writing));
    out.sample({{"state", "waiting"}}, number(ngx_stat_waiting));
    out.begin(metrics::nginx_accepted);
    out.sample({}, number(ngx_stat_accepted));
    out.begin(metrics::nginx_handled);
    out.sample({}, number(ngx_stat_handled));
    out.begin(metrics::nginx_requests);
    out.sample({}, number(ngx_stat_requests));
#endif
}

}  // namespace

std::string collect(telemetry::ExpositionFormat format, const telemetry::JsonNames& names)
{
    Exposition out{format, names};
    add_region(out);
    for (const auto collector : glue::collectors()) {
        collector(out);
    }
    add_cards(out);
    add_sidecar(out);
    add_certificates(out);
    add_nginx(out);
    return out.finish();
}

}  // namespace gatehouse::metrics_feature
