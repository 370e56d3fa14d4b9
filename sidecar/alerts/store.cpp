#include "sidecar/alerts/store.h"

#include <jansson.h>

#include "sidecar/base/json_writer.h"

namespace gatehouse::alerts {

using sidecar::SqlDatabase;
using sidecar::SqlRow;
using sidecar::SqlValue;
using sidecar::value_of;

namespace {

constexpr const char* alert_columns =
    "rule, target, severity, state, summary, detail, value, pending_ms, firing_ms, resolved_ms, "
    "told";

SqlValue time_or_null(std::int64_t ms)
{
    return ms == 0 ? SqlValue{} : SqlValue{ms};
}

std::string told_json(const std::map<std::string, Told>& told)
{
    sidecar::JsonWriter json;
    json.open_object();
    for (const auto& [receiver, one] : told) {
        json.key(receiver).open_array().value(name_of(one.phase)).value(one.at_ms).close_array();
    }
    return json.close_object().take();
}

std::map<std::string, Told> told_in(const std::string& text)
{
    std::map<std::string, Told> told;
    json_t* json = json_loads(text.c_str(), 0, nullptr);
    const char* receiver = nullptr;
    json_t* pair = nullptr;
    json_object_foreach(json, receiver, pair)
    {
        const char* phase = json_string_value(json_array_get(pair, 0));
        if (phase != nullptr) {
            told[receiver] = {std::string_view{phase} == "firing" ? Phase::firing : Phase::resolved,
                              json_integer_value(json_array_get(pair, 1))};
        }
    }
    json_decref(json);
    return told;
}

Phase phase_in(const std::string& text)
{
    return text == "pending" ? Phase::pending : text == "firing" ? Phase::firing : Phase::resolved;
}

Alert alert_of(const SqlRow& row)
{
    Alert alert;
    alert.rule = value_of<std::string>(row[0]);
    alert.target = value_of<std::string>(row[1]);
    alert.fingerprint = fingerprint_of(alert.rule, alert.target);
    alert.severity = value_of<std::string>(row[2]);
    alert.phase = phase_in(value_of<std::string>(row[3]));
    alert.summary = value_of<std::string>(row[4]);
    alert.detail = value_of<std::string>(row[5]);
    if (const auto* value = std::get_if<double>(&row[6])) {
        alert.value = *value;
    }
    alert.pending_ms = value_of<std::int64_t>(row[7]);
    alert.firing_ms = value_of<std::int64_t>(row[8]);
    alert.resolved_ms = value_of<std::int64_t>(row[9]);
    alert.told = told_in(value_of<std::string>(row[10]));
    return alert;
}

Silence silence_of(const SqlRow& row)
{
    return {value_of<std::int64_t>(row[0]), value_of<std::string>(row[1]),
            value_of<std::string>(row[2]),  value_of<std::int64_t>(row[3]),
            value_of<std::int64_t>(row[4]), value_of<std::string>(row[5])};
}

}  // namespace

Result<Store::Kept> Store::load()
{
    Kept kept;
    const auto open =
        session_.run(std::string{"select "} + alert_columns +
                         " from system_alerts where edge = $1 and state <> 'resolved'",
                     {edge_});
    const auto resolved =
        open ? session_.run(std::string{"select "} + alert_columns +
                                " from system_alerts where edge = $1 and state = 'resolved' "
                                "order by resolved_ms desc limit " +
                                std::to_string(Book::most_resolved),
                            {edge_})
             : open;
    if (!resolved) {
        return resolved.error();
    }
    for (const auto* rows : {&*open, &*resolved}) {
        for (const auto& row : *rows) {
            kept.alerts.push_back(alert_of(row));
        }
    }
    auto silenced = silences();
    if (!silenced) {
        return silenced.error();
    }
    kept.silences = std::move(*silenced);
    return kept;
}

Result<void> Store::save(const Book::Changes& changes)
{
    return session_.transact([&](SqlDatabase& database) { return save_in(database, changes); });
}

Result<void> Store::save_in(SqlDatabase& database, const Book::Changes& changes)
{
    for (const auto& id : changes.gone) {
        const auto done =
            database.run("delete from system_alerts where edge = $1 and id = $2", {edge_, id});
        if (!done) {
            return done.error();
        }
    }
    for (const auto& alert : changes.changed) {
        const auto done = database.run(
            std::string{"insert into system_alerts (edge, id, "} + alert_columns +
                ") values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) "
                "on conflict (edge, id) do update set severity = excluded.severity, "
                "state = excluded.state, summary = excluded.summary, detail = excluded.detail, "
                "value = excluded.value, firing_ms = excluded.firing_ms, "
                "resolved_ms = excluded.resolved_ms, told = excluded.told",
            {edge_, alert.id(), alert.rule, alert.target, alert.severity,
             std::string{name_of(alert.phase)}, alert.summary, alert.detail,
             alert.value ? SqlValue{*alert.value} : SqlValue{}, alert.pending_ms,
             time_or_null(alert.firing_ms), time_or_null(alert.resolved_ms),
             told_json(alert.told)});
        if (!done) {
            return done.error();
        }
    }
    return {};
}

Result<Silence> Store::add(Silence silence)
{
    const auto made = session_.run(
        "insert into silences (rule, target, until_ms, created_ms, comment) "
        "values ($1, $2, $3, $4, $5) returning id",
        {silence.rule, silence.target, silence.until_ms, silence.created_ms, silence.comment});
    if (!made) {
        return made.error();
    }
    silence.id = value_of<std::int64_t>(made->front().front());
    return silence;
}

Result<void> Store::remove(std::int64_t silence)
{
    const auto done = session_.run("delete from silences where id = $1", {silence});
    return done ? Result<void>{} : done.error();
}

Result<std::vector<Silence>> Store::silences()
{
    const auto rows = session_.run(
        "select id, rule, target, until_ms, created_ms, comment from silences order by id");
    if (!rows) {
        return rows.error();
    }
    std::vector<Silence> all;
    for (const auto& row : *rows) {
        all.push_back(silence_of(row));
    }
    return all;
}

Result<void> Store::clean(std::int64_t resolved_before_ms, std::int64_t ended_before_ms)
{
    const auto resolved =
        session_.run("delete from system_alerts where state = 'resolved' and resolved_ms < $1",
                     {resolved_before_ms});
    const auto ended =
        resolved ? session_.run("delete from silences where until_ms < $1", {ended_before_ms})
                 : resolved;
    return ended ? Result<void>{} : ended.error();
}

}  // namespace gatehouse::alerts
