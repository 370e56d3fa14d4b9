// What features report: counters, gauges, the decision ring and the top refused keys of this
// worker.
//
// Everything here is a no-op in a process without a worker slot (glue/worker_slot.h): the master,
// helpers, and a worker for which none was left. Nothing here locks, allocates or fails.
//
// The region is made once in the master and outlives every configuration; the indices of names stay
// the same over reloads. The limits on names are those of src/telemetry/layout.h; a name beyond
// them counts as "other", with a [warn].
#pragma once

#include "ngx_module/glue/ngx.h"

#include <cstdint>
#include <span>
#include <string_view>

#include "src/board/board.h"
#include "src/telemetry/decision.h"
#include "src/telemetry/histogram.h"
#include "src/telemetry/layout.h"
#include "src/telemetry/series.h"

namespace gatehouse::glue {

using telemetry::CardResult;
using telemetry::LimitCounter;
using telemetry::Outcome;
using telemetry::Reason;
using telemetry::Stage;

namespace telemetry_state {

// Of this process. Index 0 of everything is "other" or nobody's.
extern telemetry::Column* column;  ///< nullptr: no slot
extern std::uint16_t limit_series[telemetry::limit_zone_capacity][telemetry::limit_counters];
extern std::uint16_t cap_series[telemetry::cap_zone_capacity];
extern std::uint16_t card_series[telemetry::card_capacity][telemetry::card_results];
extern std::uint16_t refused_series[telemetry::endpoint_capacity];
extern std::uint16_t sent_series[telemetry::endpoint_capacity];
extern std::uint16_t decision_series[telemetry::stage_names.size()][telemetry::outcome_names.size()]
                                    [telemetry::reason_names.size()];

/// The first decision of its kind.
void add_decision_series(Stage stage, Outcome outcome, Reason reason) noexcept;

inline void count(std::uint16_t series, std::uint64_t amount) noexcept
{
    if (column != nullptr) {
        telemetry::add(column->counters[series], amount);
    }
}

inline void change(unsigned gauge, std::int64_t by) noexcept
{
    if (column != nullptr) {
        auto& value = column->gauges[gauge];
        value.store(value.load(std::memory_order_relaxed) + by, std::memory_order_relaxed);
    }
}

}  // namespace telemetry_state

// --- names: to be called in the feature's init_module, once for each configured zone ---

/// The index of a zone's name, for the functions below. From then on its series are in the metrics,
/// at 0. The same name gives the same index in every configuration. Costs microseconds.
std::uint16_t limit_zone_index(std::string_view name);
std::uint16_t cap_zone_index(std::string_view name);

/// Also in a worker, when a card comes.
std::uint16_t card_index(std::string_view name);

/// The index of the card, also of that which a variant is of; its entry remembers it.
inline std::uint16_t card_index(const board::Entry& entry)
{
    if (entry.counter == 0) {
        entry.counter = card_index(board::card_of(entry.published->view().name()));
    }
    return entry.counter;
}

// --- counters: some 6 instructions each ---

inline void count_limit(std::uint16_t zone, LimitCounter what, std::uint64_t amount = 1) noexcept
{
    telemetry_state::count(telemetry_state::limit_series[zone][static_cast<unsigned>(what)],
                           amount);
}

inline void count_cap_rejected(std::uint16_t zone) noexcept
{
    telemetry_state::count(telemetry_state::cap_series[zone], 1);
}

inline void count_card(std::uint16_t card, CardResult result) noexcept
{
    telemetry_state::count(telemetry_state::card_series[card][static_cast<unsigned>(result)], 1);
}

inline void count_sent(std::uint16_t endpoint, std::uint64_t bytes) noexcept
{
    telemetry_state::count(telemetry_state::sent_series[endpoint], bytes);
}

// --- gauges: some 6 instructions each; those of a dead worker go back to 0 by themselves ---

inline void cap_entered(std::uint16_t zone) noexcept
{
    telemetry_state::change(telemetry::first_cap_gauge + zone, 1);
}

inline void cap_left(std::uint16_t zone) noexcept
{
    telemetry_state::change(telemetry::first_cap_gauge + zone, -1);
}

inline void websockets_changed(int by) noexcept
{
    telemetry_state::change(telemetry::websocket_gauge, by);
}

// --- decisions ---

/// Counts in gatehouse_decisions_total, and nothing else: for what is no decision about a single
/// request. Some 8 instructions.
inline void count_decision(Stage stage, Outcome outcome, Reason reason) noexcept
{
    if (telemetry_state::column == nullptr) {
        return;
    }
    const auto& series = telemetry_state::decision_series[static_cast<unsigned>(
        stage)][static_cast<unsigned>(outcome)][static_cast<unsigned>(reason)];
    if (series == 0) [[unlikely]] {
        telemetry_state::add_decision_series(stage, outcome, reason);
    }
    telemetry_state::count(series, 1);
}

/// Counts in gatehouse_auth_attempts_total. Some 15 instructions.
void count_auth(telemetry::AuthMethod method, bool admitted, Reason reason) noexcept;

/// In init_module, where any location asks for credentials: what can come is in the metrics, at 0.
void announce_auth() noexcept;

/// The same, where any location lets in by country, autonomous system or network.
void announce_geo() noexcept;

/// Counts, also for the endpoint where the request was refused, notes the decision for the audit
/// log and the variables (glue/last_decision.h), and unless the request was admitted writes a
/// record to the decision ring: method, endpoint and masked client are taken from the request.
/// `zone`: the index of the limit or cap zone that decided. Some 100 instructions where it writes.
void record_decision(const ngx_http_request_t& r, Stage stage, Outcome outcome, Reason reason,
                     std::uint16_t zone = telemetry::no_zone) noexcept;

/// One refusal of this key in this limit zone, for the ranking. `key`: as the zone has it; 4 and 16
/// bytes are taken for addresses. Masked unless `gate_top_keys whole`. Some 250 instructions for a
/// key that is ranked already, 600 for one that comes in.
void refused_key(std::uint16_t zone, std::string_view key) noexcept;

// --- for the features that own and that show the region ---

enum class KeyDisplay : std::uint8_t { masked, whole, off };

/// In init_module. Nothing happens under `nginx -t`.
void make_telemetry(ngx_cycle_t& cycle, KeyDisplay keys);

/// In init_process, once the slot is claimed.
void open_telemetry() noexcept;

/// The index of an endpoint's name; empty: "other". In init_module. From then on its series are in
/// the metrics, at 0.
std::uint16_t endpoint_index(std::string_view name);

/// The endpoint of the location that a request is in.
void set_endpoint_lookup(std::uint16_t (*lookup)(const ngx_http_request_t&)) noexcept;

/// The index of the counter of these labels: added where it is not there yet; 0 if there is no
/// room. Some 15 instructions for one that is there.
std::uint16_t series_index(telemetry::SeriesKey key) noexcept;

/// The region, to be read; empty if there is none.
std::span<const std::byte> telemetry_bytes() noexcept;

/// The region's descriptor for other processes, which can only read it; -1: there is none.
int telemetry_descriptor() noexcept;

}  // namespace gatehouse::glue
