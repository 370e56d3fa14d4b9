#include "ngx_module/glue/ngx.h"

#include "ngx_module/health/own_state.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "ngx_module/glue/clock.h"
#include "ngx_module/glue/own_facts.h"
#include "ngx_module/glue/sidecar_state.h"
#include "ngx_module/glue/worker_board.h"
#include "ngx_module/health/momentary.h"
#include "ngx_module/health/slots.h"
#include "src/base/json_writer.h"

namespace gatehouse::health_feature {

namespace {

/// Cards, connections and peers written down for every request would take longer than the request.
constexpr ngx_msec_t good_for_ms = 100;

double seconds(std::uint64_t milliseconds) noexcept
{
    return static_cast<double>(milliseconds) / 1000;
}

/// As configured: the master starts again those that die.
std::int64_t workers() noexcept
{
    const auto* core = reinterpret_cast<const ngx_core_conf_t*>(
        ngx_get_conf(ngx_cycle->conf_ctx, ngx_core_module));
    return ngx_process == NGX_PROCESS_SINGLE ? 1 : core->worker_processes;
}

void write_connections([[maybe_unused]] JsonWriter& json)
{
#if (NGX_STAT_STUB)
    json.key("connections").open_object();
    json.member("active", *ngx_stat_active).member("reading", *ngx_stat_reading);
    json.member("writing", *ngx_stat_writing).member("waiting", *ngx_stat_waiting);
    json.close_object();
#endif
}

void write_sidecar(JsonWriter& json)
{
    json.key("sidecar").open_object().member("state", sidecar_word());
    json.member("since_seconds", seconds(ngx_current_msec - glue::sidecar_state().since));
    json.close_object();
}

void write_cards(JsonWriter& json)
{
    std::vector<const board::Entry*> cards;
    glue::worker_board().for_each([&](const board::Entry& entry) { cards.push_back(&entry); });
    const auto name = [](const board::Entry* entry) { return entry->published->view().name(); };
    std::sort(cards.begin(), cards.end(),
              [&](const auto* a, const auto* b) { return name(a) < name(b); });
    const auto now = glue::now_ms();
    json.key("cards").open_object();
    for (const auto* card : cards) {
        const auto age_ms = static_cast<std::uint64_t>(card->age_ms(now));
        json.key(name(card)).open_object().member("age_seconds", seconds(age_ms));
        json.member("stale", age_ms > card->published->view().max_age_ms()).close_object();
    }
    json.close_object();
}

std::string own_state()
{
    JsonWriter json;
    json.open_object().member("workers", workers());
    write_connections(json);
    write_sidecar(json);
    write_cards(json);
    for (const auto facts : glue::own_facts()) {
        facts(json);
    }
    json.close_object();
    return json.text();
}

}  // namespace

void append_connections(std::string& out)
{
#if (NGX_STAT_STUB)
    out += std::to_string(*ngx_stat_active);
#else
    out += "null";
#endif
}

void append_own_state(std::string& out)
{
    static Momentary<std::string> written{good_for_ms};
    static ngx_msec_t since = 0;
    if (const auto now = glue::sidecar_state().since; std::exchange(since, now) != now) {
        written.forget();  // the whole answer speaks of one state of the sidecar
    }
    out += written.get(own_state);
}

}  // namespace gatehouse::health_feature
