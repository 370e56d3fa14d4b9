// The metrics that the module serves, one row each: what writes them and what documents them reads
// these rows.
#pragma once

#include <string_view>

namespace gatehouse::telemetry {

enum class MetricType { counter, gauge, histogram };

struct Metric {
    std::string_view name;  ///< of a counter: with its _total
    MetricType type;
    std::string_view labels;  ///< separated by commas
    std::string_view help;
};

namespace metrics {

using enum MetricType;

inline constexpr Metric http_requests{"http_requests_total", counter, "method,endpoint,status",
                                      "Requests answered."};
inline constexpr Metric http_request_duration{
    "http_request_duration_seconds", histogram, "endpoint",
    "From the end of a request's header to the last byte of the answer."};
inline constexpr Metric sent_bytes{"gatehouse_sent_bytes_total", counter, "endpoint",
                                   "Bytes sent to clients, headers included."};
inline constexpr Metric websocket_connections{"websocket_connections_active", gauge, "",
                                              "Connections upgraded to WebSocket that are open."};
inline constexpr Metric decisions{"gatehouse_decisions_total", counter, "stage,outcome,reason",
                                  "What the guards decided about requests."};
inline constexpr Metric refused{"gatehouse_refused_total", counter, "endpoint",
                                "Requests that a guard refused, by where it did."};
inline constexpr Metric limit_passed{"gatehouse_limit_passed_total", counter, "zone",
                                     "Requests that a limit let pass at once."};
inline constexpr Metric limit_delayed{"gatehouse_limit_delayed_total", counter, "zone",
                                      "Requests that a limit let pass after a delay."};
inline constexpr Metric limit_rejected{"gatehouse_limit_rejected_total", counter, "zone",
                                       "Requests that a limit refused."};
inline constexpr Metric limit_evicted{
    "gatehouse_limit_evicted_active_total", counter, "zone",
    "Keys that were forgotten while they were still limited, for lack of room in the zone."};
inline constexpr Metric limit_zone_entries{
    "gatehouse_limit_zone_entries", gauge, "zone",
    "Cells of a limit's zone that are in use, one for each key and window."};
inline constexpr Metric limit_zone_size{"gatehouse_limit_zone_size_bytes", gauge, "zone",
                                        "Size of a limit's zone."};
inline constexpr Metric cap_active{"gatehouse_connections_active", gauge, "zone",
                                   "Requests and connections that a cap's zone counts now."};
inline constexpr Metric cap_rejected{"gatehouse_connections_rejected_total", counter, "zone",
                                     "Requests and connections that a cap refused."};
inline constexpr Metric auth_attempts{"gatehouse_auth_attempts_total", counter,
                                      "method,outcome,reason",
                                      "Requests whose credentials gate_auth looked at."};
inline constexpr Metric geoip_build{"gatehouse_geoip_build_timestamp_seconds", gauge, "database",
                                    "Unix time at which a database in force was built."};
inline constexpr Metric geoip_age{"gatehouse_geoip_age_seconds", gauge, "database",
                                  "Time since a database in force was built."};
inline constexpr Metric geoip_refused{
    "gatehouse_geoip_refused_total", counter, "database",
    "Files of a database that the sidecar refused; the one before stays in force."};
inline constexpr Metric keyset_refused{
    "gatehouse_keyset_refused_total", counter, "keyset",
    "Fetches of a key set that failed or brought none; the last good one stays in force."};
inline constexpr Metric source_up{"gatehouse_source_up", gauge, "source",
                                  "1 if a source could be read when it was read last, else 0."};
inline constexpr Metric source_connections{
    "gatehouse_source_connections", gauge, "source,state",
    "Connections to a database, by whether somebody uses them now."};
inline constexpr Metric source_overflow{"gatehouse_source_connections_overflow", gauge, "source",
                                        "Connections to a database beyond its pool_size."};
inline constexpr Metric source_waiting{"gatehouse_source_connections_waiting", gauge, "source",
                                       "Computations that wait for a connection to a database."};
inline constexpr Metric source_wait_seconds{
    "gatehouse_source_connections_wait_seconds_total", counter, "source",
    "Time that computations have waited for a connection to a database."};
inline constexpr Metric refresh{"gatehouse_refresh_total", counter, "card,outcome",
                                "Computations of a card."};
inline constexpr Metric refresh_duration{"gatehouse_refresh_duration_seconds", gauge, "card",
                                         "How long the last computation of a card took."};
inline constexpr Metric own_metric_up{
    "gatehouse_own_metric_up", gauge, "metric",
    "1 if an own metric could be computed when it was computed last, else 0."};
inline constexpr Metric audit_decisions{"gatehouse_audit_decisions_total", counter, "",
                                        "Decisions that gate_audit handed to the sidecar."};
inline constexpr Metric audit_dropped{
    "gatehouse_audit_dropped_total", counter, "",
    "Decisions that were written over before the sidecar had put them into the audit log."};
inline constexpr Metric card_age{"gatehouse_card_age_seconds", gauge, "card",
                                 "Time since a card's data were last known to be current."};
inline constexpr Metric card_stale{"gatehouse_card_stale", gauge, "card",
                                   "1 if a card is older than its max_age, else 0."};
inline constexpr Metric card_generation{
    "gatehouse_card_generation", gauge, "card",
    "The generation of the board in which a card was published."};
inline constexpr Metric card_size{"gatehouse_card_size_bytes", gauge, "card",
                                  "Memory that a card takes in all its formats and encodings."};
inline constexpr Metric card_served{"gatehouse_card_served_total", counter, "card,result",
                                    "Answers from a card."};
inline constexpr Metric sidecar_up{
    "gatehouse_sidecar_up", gauge, "",
    "1 if the worker that answers is in step with the sidecar, else 0."};
inline constexpr Metric health_status{"gatehouse_health_status", gauge, "state",
                                      "1 for the state that health is in, 0 for the others."};
inline constexpr Metric health_check_up{
    "gatehouse_health_check_up", gauge, "check",
    "1 if a check is up or degraded, 0 if it is down or has not run yet."};
inline constexpr Metric health_check_duration{"gatehouse_health_check_duration_seconds", gauge,
                                              "check", "Time that the last run of a check took."};
inline constexpr Metric upstream_peer_up{
    "gatehouse_upstream_peer_up", gauge, "upstream,peer",
    "0 if a peer of a checked upstream is down, by its checks or the configuration, else 1."};
inline constexpr Metric upstream_peer_fails{
    "gatehouse_upstream_peer_fails", gauge, "upstream,peer",
    "Requests that failed at a peer of a checked upstream, as nginx counts them for max_fails."};
inline constexpr Metric alerts{"gatehouse_alerts", gauge, "severity,state",
                               "Alerts that are pending or firing, silenced ones included."};
inline constexpr Metric alert_notifications{
    "gatehouse_alert_notifications_total", counter, "receiver,outcome",
    "Messages about alerts, by what became of them, and alerts that were dropped."};
inline constexpr Metric heartbeats{"gatehouse_heartbeat_total", counter, "outcome",
                                   "Heartbeats, by what became of them."};
inline constexpr Metric heartbeat_last{"gatehouse_heartbeat_last_success_timestamp_seconds", gauge,
                                       "", "Unix time of the last heartbeat that was taken."};
inline constexpr Metric error_reports{"gatehouse_error_reports_total", counter, "outcome",
                                      "Errors that were to be sent to Sentry."};
inline constexpr Metric process_cpu{"process_cpu_seconds_total", counter, "",
                                    "Processor time that the sidecar has used."};
inline constexpr Metric process_resident{"process_resident_memory_bytes", gauge, "",
                                         "Memory of the sidecar that is in RAM."};
inline constexpr Metric process_virtual{"process_virtual_memory_bytes", gauge, "",
                                        "Address space of the sidecar."};
inline constexpr Metric process_start{"process_start_time_seconds", gauge, "",
                                      "Unix time at which the sidecar was started."};
inline constexpr Metric process_open_fds{"process_open_fds", gauge, "",
                                         "Descriptors that the sidecar has open."};
inline constexpr Metric process_max_fds{"process_max_fds", gauge, "",
                                        "Descriptors that the sidecar may have open."};
inline constexpr Metric certificate_expiry{"gatehouse_tls_certificate_expiry_timestamp_seconds",
                                           gauge, "server",
                                           "Unix time until which the certificates of a server of "
                                           "nginx are valid; of several, the first."};
inline constexpr Metric build_info{"gatehouse_build_info", gauge, "component,version,nginx_version",
                                   "Always 1; the labels say what is running."};
inline constexpr Metric start_time{"gatehouse_start_time_seconds", gauge, "",
                                   "Unix time from which the counters count."};
inline constexpr Metric dropped{"gatehouse_telemetry_dropped_total", counter, "",
                                "Names and combinations of labels for which there was no room."};
inline constexpr Metric nginx_connections{"gatehouse_nginx_connections", gauge, "state",
                                          "Connections of clients, as in stub_status."};
inline constexpr Metric nginx_accepted{"gatehouse_nginx_connections_accepted_total", counter, "",
                                       "Connections that nginx accepted."};
inline constexpr Metric nginx_handled{"gatehouse_nginx_connections_handled_total", counter, "",
                                      "Connections that nginx handled."};
inline constexpr Metric nginx_requests{"gatehouse_nginx_requests_total", counter, "",
                                       "Requests that nginx has begun to read."};

}  // namespace metrics

/// Those that the sidecar counts, and workers show as they were told last.
inline constexpr const Metric* told_metrics[] = {
    &metrics::keyset_refused,
    &metrics::source_up,
    &metrics::source_connections,
    &metrics::source_overflow,
    &metrics::source_waiting,
    &metrics::source_wait_seconds,
    &metrics::refresh,
    &metrics::refresh_duration,
    &metrics::alerts,
    &metrics::alert_notifications,
    &metrics::heartbeats,
    &metrics::heartbeat_last,
    &metrics::own_metric_up,
    &metrics::error_reports,
};

/// Those of which only nginx knows, and the sidecar nothing.
inline constexpr const Metric* workers_metrics[] = {
    &metrics::http_request_duration, &metrics::audit_decisions,   &metrics::limit_zone_entries,
    &metrics::limit_zone_size,       &metrics::geoip_build,       &metrics::geoip_age,
    &metrics::upstream_peer_fails,   &metrics::sidecar_up,        &metrics::build_info,
    &metrics::certificate_expiry,    &metrics::nginx_connections, &metrics::nginx_accepted,
    &metrics::nginx_handled,         &metrics::nginx_requests,
};

/// Those of the sidecar's process, shown while it is there.
inline constexpr const Metric* process_metrics[] = {
    &metrics::process_cpu,   &metrics::process_resident, &metrics::process_virtual,
    &metrics::process_start, &metrics::process_open_fds, &metrics::process_max_fds,
};

/// In the order in which they are served.
inline constexpr const Metric* all_metrics[] = {
    &metrics::http_requests,
    &metrics::http_request_duration,
    &metrics::sent_bytes,
    &metrics::websocket_connections,
    &metrics::decisions,
    &metrics::refused,
    &metrics::limit_passed,
    &metrics::limit_delayed,
    &metrics::limit_rejected,
    &metrics::limit_evicted,
    &metrics::cap_active,
    &metrics::cap_rejected,
    &metrics::card_served,
    &metrics::auth_attempts,
    &metrics::start_time,
    &metrics::dropped,
    &metrics::audit_decisions,
    &metrics::audit_dropped,
    &metrics::limit_zone_entries,
    &metrics::limit_zone_size,
    &metrics::geoip_build,
    &metrics::geoip_age,
    &metrics::geoip_refused,
    &metrics::health_status,
    &metrics::health_check_up,
    &metrics::health_check_duration,
    &metrics::upstream_peer_up,
    &metrics::upstream_peer_fails,
    &metrics::card_age,
    &metrics::card_stale,
    &metrics::card_generation,
    &metrics::card_size,
    &metrics::sidecar_up,
    &metrics::keyset_refused,
    &metrics::source_up,
    &metrics::source_connections,
    &metrics::source_overflow,
    &metrics::source_waiting,
    &metrics::source_wait_seconds,
    &metrics::refresh,
    &metrics::refresh_duration,
    &metrics::alerts,
    &metrics::alert_notifications,
    &metrics::heartbeats,
    &metrics::heartbeat_last,
    &metrics::own_metric_up,
    &metrics::error_reports,
    &metrics::process_cpu,
    &metrics::process_resident,
    &metrics::process_virtual,
    &metrics::process_start,
    &metrics::process_open_fds,
    &metrics::process_max_fds,
    &metrics::build_info,
    &metrics::certificate_expiry,
    &metrics::nginx_connections,
    &metrics::nginx_accepted,
    &metrics::nginx_handled,
    &metrics::nginx_requests,
};

}  // namespace gatehouse::telemetry
