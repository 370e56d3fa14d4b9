#include "ngx_module/glue/ngx.h"

#include "ngx_module/glue/telemetry.h"

#include <sys/random.h>

#include <array>
#include <cstdio>
#include <cstring>
#include <optional>
#include <utility>

#include "ngx_module/glue/clock.h"
#include "ngx_module/glue/last_decision.h"
#include "ngx_module/glue/worker_slot.h"
#include "src/base/siphash.h"
#include "src/telemetry/http_labels.h"
#include "src/telemetry/masked_key.h"
#include "src/telemetry/region.h"
#include "src/telemetry/ring.h"
#include "src/telemetry/top_keys.h"

namespace gatehouse::glue {

namespace telemetry_state {

telemetry::Column* column = nullptr;
std::uint16_t limit_series[telemetry::limit_zone_capacity][telemetry::limit_counters];
std::uint16_t cap_series[telemetry::cap_zone_capacity];
std::uint16_t card_series[telemetry::card_capacity][telemetry::card_results];
std::uint16_t refused_series[telemetry::endpoint_capacity];
std::uint16_t sent_series[telemetry::endpoint_capacity];
std::uint16_t decision_series[telemetry::stage_names.size()][telemetry::outcome_names.size()]
                             [telemetry::reason_names.size()];

}  // namespace telemetry_state

namespace {

using telemetry::Family;
using telemetry::NameKind;
using telemetry::SeriesKey;

/// Static, as they outlive every cycle; copied by fork into every worker.
std::optional<telemetry::Region> region;
SipKey key_of_keys;
KeyDisplay key_display = KeyDisplay::masked;
std::uint16_t (*endpoint_lookup)(const ngx_http_request_t&) = nullptr;

std::uint16_t auth_series[telemetry::auth_methods][2][telemetry::reason_names.size()];

void clear_gauges(unsigned slot)
{
    if (region) {
        region->clear_gauges(slot);
    }
}

/// The kinds of names that a line says are out of room, so that one line does for all of them.
std::array<bool, telemetry::name_kinds> full_said{};

std::uint16_t name_index(NameKind kind, std::string_view name, const char* what)
{
    if (!region) {
        return 0;
    }
    const auto index = region->intern(kind, name);
    if (!index && !std::exchange(full_said[static_cast<std::size_t>(kind)], true)) {
        ngx_log_error(NGX_LOG_WARN, ngx_cycle->log, 0,
                      "gatehouse: there is no room for the metrics of one more %s: \"%*s\" and "
                      "those after it count as \"other\"",
                      what, name.size(), name.data());
    }
    return index.value_or(0);
}

std::uint16_t endpoint_of(const ngx_http_request_t& r) noexcept
{
    return endpoint_lookup != nullptr ? endpoint_lookup(r) : std::uint16_t{0};
}

std::uint16_t decision_index(Stage stage, Outcome outcome, Reason reason) noexcept
{
    return series_index({Family::decisions, static_cast<std::uint16_t>(stage),
                         static_cast<std::uint16_t>(outcome), static_cast<std::uint16_t>(reason)});
}

std::uint16_t attempt_index(telemetry::AuthMethod method, bool admitted, Reason reason) noexcept
{
    return series_index({Family::auth_attempts, static_cast<std::uint16_t>(method),
                         static_cast<std::uint16_t>(admitted), static_cast<std::uint16_t>(reason)});
}

std::array<std::uint64_t, 2> masked_client(const ngx_http_request_t& r) noexcept
{
    const auto* address = r.connection->sockaddr;
    if (address == nullptr) {
        return {};
    }
    const bool masked = key_display != KeyDisplay::whole;
    if (address->sa_family == AF_INET) {
        const auto* v4 = reinterpret_cast<const sockaddr_in*>(address);
        return telemetry::client_address(
            {reinterpret_cast<const char*>(&v4->sin_addr), sizeof v4->sin_addr}, masked);
    }
#if (NGX_HAVE_INET6)
    if (address->sa_family == AF_INET6) {
        const auto* v6 = reinterpret_cast<const sockaddr_in6*>(address);
        return telemetry::client_address(
            {reinterpret_cast<const char*>(&v6->sin6_addr), sizeof v6->sin6_addr}, masked);
    }
#endif
    return {};
}

}  // namespace

void make_telemetry(ngx_cycle_t& cycle, KeyDisplay keys)
{
    if (ngx_test_config) {
        return;
    }
    key_display = keys;
    full_said = {};
    if (region || worker_slot_count() == 0) {
        return;
    }
    auto made = telemetry::Region::create(worker_slot_count(), now_ms());
    if (!made) {
        ngx_log_error(NGX_LOG_ERR, cycle.log, 0, "gatehouse: %s", made.error().message.c_str());
        return;
    }
    region.emplace(std::move(*made));
    on_slot_reaped(clear_gauges);
    // Without randomness the hashes are still hashes, which somebody could steer.
    (void)!getrandom(&key_of_keys, sizeof key_of_keys, 0);
}

void open_telemetry() noexcept
{
    const auto slot = worker_slot();
    if (region && slot) {
        telemetry_state::column = &region->open_column(*slot);
    }
}

std::uint16_t limit_zone_index(std::string_view name)
{
    const auto zone = name_index(NameKind::limit_zone, name, "limit zone");
    for (std::uint16_t what = 0; region && what < telemetry::limit_counters; ++what) {
        telemetry_state::limit_series[zone][what] = series_index({Family::limit, zone, 0, what});
    }
    (void)decision_index(Stage::limit, Outcome::delayed, Reason::rate);
    (void)decision_index(Stage::limit, Outcome::refused, Reason::rate);
    (void)decision_index(Stage::limit, Outcome::refused, Reason::quota);
    return zone;
}

std::uint16_t cap_zone_index(std::string_view name)
{
    const auto zone = name_index(NameKind::cap_zone, name, "connection zone");
    telemetry_state::cap_series[zone] = series_index({Family::cap_rejected, zone, 0, 0});
    (void)decision_index(Stage::conn, Outcome::refused, Reason::concurrency);
    return zone;
}

void announce_auth() noexcept
{
    using telemetry::AuthMethod;
    (void)attempt_index(AuthMethod::none, false, Reason::no_credentials);
    (void)attempt_index(AuthMethod::none, false, Reason::malformed);
    for (const auto method : {AuthMethod::token, AuthMethod::jwt}) {
        (void)attempt_index(method, true, Reason::none);
        for (const auto reason :
             {Reason::invalid_token, Reason::expired, Reason::insufficient_scope}) {
            (void)attempt_index(method, false, reason);
        }
    }
    (void)attempt_index(AuthMethod::token, false, Reason::revoked);
    (void)decision_index(Stage::auth, Outcome::admitted, Reason::none);
}

void announce_geo() noexcept
{
    (void)decision_index(Stage::geo, Outcome::admitted, Reason::none);
    for (const auto reason : {Reason::country, Reason::asn, Reason::network}) {
        (void)decision_index(Stage::geo, Outcome::refused, reason);
    }
}

std::uint16_t card_index(std::string_view name)
{
    const auto card = name_index(NameKind::card, name, "card");
    for (std::uint16_t what = 0; region && what < telemetry::card_results; ++what) {
        telemetry_state::card_series[card][what] =
            series_index({Family::card_served, card, 0, what});
    }
    return card;
}

std::uint16_t endpoint_index(std::string_view name)
{
    const auto endpoint =
        name.empty() ? std::uint16_t{0} : name_index(NameKind::endpoint, name, "endpoint");
    telemetry_state::refused_series[endpoint] = series_index({Family::refused, endpoint, 0, 0});
    telemetry_state::sent_series[endpoint] = series_index({Family::sent_bytes, endpoint, 0, 0});
    return endpoint;
}

void set_endpoint_lookup(std::uint16_t (*lookup)(const ngx_http_request_t&)) noexcept
{
    endpoint_lookup = lookup;
}

std::uint16_t series_index(telemetry::SeriesKey key) noexcept
{
    if (!region) {
        return 0;
    }
    if (const auto known = telemetry::find_series(region->series(), key.packed())) {
        return *known;
    }
    return region->add_series(key).value_or(0);
}

void telemetry_state::add_decision_series(Stage stage, Outcome outcome, Reason reason) noexcept
{
    decision_series[static_cast<unsigned>(stage)][static_cast<unsigned>(outcome)]
                   [static_cast<unsigned>(reason)] = decision_index(stage, outcome, reason);
}

void count_auth(telemetry::AuthMethod method, bool admitted, Reason reason) noexcept
{
    if (telemetry_state::column == nullptr) {
        return;
    }
    auto& series =
        auth_series[static_cast<unsigned>(method)][admitted ? 1 : 0][static_cast<unsigned>(reason)];
    if (series == 0) {
        series = attempt_index(method, admitted, reason);
    }
    telemetry_state::count(series, 1);
}

void record_decision(const ngx_http_request_t& r, Stage stage, Outcome outcome, Reason reason,
                     std::uint16_t zone) noexcept
{
    if (decisions_are_wanted()) {
        note_decision(r, {.stage = stage,
                          .outcome = outcome,
                          .reason = reason,
                          .audit = AuditLevel::off,
                          .zone = zone,
                          .endpoint = endpoint_of(r),
                          .rule = {},
                          .of = &r});
    }
    count_decision(stage, outcome, reason);
    if (telemetry_state::column == nullptr || outcome == Outcome::admitted) {
        return;
    }
    const auto endpoint = endpoint_of(r);
    if (outcome == Outcome::refused) {
        telemetry_state::count(telemetry_state::refused_series[endpoint], 1);
    }
    telemetry::write_decision(*telemetry_state::column,
                              {.at_ms = now_ms(),
                               .stage = stage,
                               .outcome = outcome,
                               .reason = reason,
                               .method = telemetry::method_of_bits(r.method),
                               .endpoint = endpoint,
                               .zone = zone,
                               .key_hash = 0,
                               .client = masked_client(r)});
}

void refused_key(std::uint16_t zone, std::string_view key) noexcept
{
    if (telemetry_state::column == nullptr || key_display == KeyDisplay::off) {
        return;
    }
    const auto hash = siphash13_64(key_of_keys, key);
    telemetry::count_key(telemetry_state::column->top_keys[zone], hash, [&] {
        return telemetry::key_label(key, key_display == KeyDisplay::masked);
    });
}

std::span<const std::byte> telemetry_bytes() noexcept
{
    return region ? region->bytes() : std::span<const std::byte>{};
}

int telemetry_descriptor() noexcept
{
    return region ? region->fd() : -1;
}

}  // namespace gatehouse::glue
