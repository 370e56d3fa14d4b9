#include "sidecar/alerts/resources.h"

#include <jansson.h>

#include <charconv>
#include <variant>

#include "sidecar/base/json_file.h"
#include "sidecar/base/json_writer.h"
#include "sidecar/base/suggest.h"
#include "sidecar/base/time_text.h"
#include "sidecar/base/units.h"

namespace gatehouse::alerts {

namespace {

using sidecar::Answer;
using sidecar::ApiRequest;
using sidecar::JsonWriter;
using Reply = std::function<void(Answer)>;

constexpr std::size_t longest_comment = 1024;

void write_time(JsonWriter& json, const char* key, std::int64_t unix_ms)
{
    json.key(key);
    if (unix_ms == 0) {
        json.null();
    } else {
        json.value(sidecar::utc_text(unix_ms));
    }
}

void write(JsonWriter& json, const Agent& agent, const Alert& alert)
{
    json.open_object().member("rule", alert.rule).member("target", alert.target);
    json.member("severity", alert.severity).member("state", name_of(alert.phase));
    json.member("summary", alert.summary).member("detail", alert.detail).key("value");
    if (alert.value) {
        json.value(*alert.value);
    } else {
        json.null();
    }
    write_time(json, "pending_at", alert.pending_ms);
    write_time(json, "starts_at", alert.firing_ms);
    write_time(json, "ends_at", alert.resolved_ms);
    json.member("runbook", alert.runbook).member("fingerprint", alert.fingerprint);
    const auto* silence = agent.silence_of(alert);
    json.key("silence");
    if (silence != nullptr) {
        json.value(silence->id);
    } else {
        json.null();
    }
    json.key("told").open_object();
    for (const auto& [receiver, told] : alert.told) {
        json.key(receiver).open_object().member("state", name_of(told.phase));
        write_time(json, "at", told.at_ms);
        json.close_object();
    }
    json.close_object().close_object();
}

void write(JsonWriter& json, const Silence& silence)
{
    json.open_object().member("id", silence.id).member("rule", silence.rule);
    json.member("target", silence.target);
    write_time(json, "created_at", silence.created_ms);
    write_time(json, "until", silence.until_ms);
    json.member("comment", silence.comment).close_object();
}

void write(JsonWriter& json, const Courier::Report& receiver)
{
    json.open_object().member("name", receiver.name).member("kind", receiver.kind);
    json.member("delivered", receiver.counts.delivered).member("retried", receiver.counts.retried);
    json.member("failed", receiver.counts.failed).member("dropped", receiver.counts.dropped);
    json.member("waiting", receiver.waiting).member("attempts", receiver.attempts);
    json.member("error", receiver.error).close_object();
}

void write(JsonWriter& json, const Heartbeat::Report& heartbeat)
{
    json.key("heartbeat");
    if (!heartbeat.on) {
        json.null();
        return;
    }
    json.open_object().member("good", heartbeat.good).member("failed", heartbeat.failed);
    write_time(json, "last_good", heartbeat.last_good_ms);
    json.member("error", heartbeat.error).close_object();
}

std::string overview(const Agent& agent)
{
    JsonWriter json;
    json.open_object().key("alerts").open_array();
    for (const auto* alert : agent.book().list()) {
        write(json, agent, *alert);
    }
    json.close_array().key("silences").open_array();
    for (const auto& silence : agent.silences()) {
        write(json, silence);
    }
    json.close_array().key("receivers").open_array();
    for (const auto& receiver : agent.receivers()) {
        write(json, receiver);
    }
    json.close_array();
    write(json, agent.heartbeat());
    return json.close_object().take();
}

/// Nothing: it is one.
std::optional<Answer> objection_to_rule(const Agent& agent, const std::string& rule)
{
    const auto& rules = agent.settings().rules;
    if (rule == "*" || rules.contains(rule)) {
        return std::nullopt;
    }
    std::vector<std::string> names;
    for (const auto& [name, one] : rules) {
        names.push_back(name);
    }
    const auto near = sidecar::did_you_mean(rule, names);
    return Answer{404, "there is no rule \"" + rule + '"' +
                           (near ? "; did you mean \"" + *near + "\"?" : "")};
}

std::variant<Silence, Answer> silence_in(const Agent& agent, std::string_view body)
{
    const sidecar::JsonValue json{json_loadb(body.data(), body.size(), 0, nullptr)};
    Silence silence;
    silence.rule = sidecar::text_member(json.get(), "rule");
    silence.target = sidecar::text_member(json.get(), "target");
    silence.comment = sidecar::text_member(json.get(), "comment");
    const auto wanted = sidecar::parse_duration(sidecar::text_member(json.get(), "for"));
    if (const auto objection = objection_to_rule(agent, silence.rule)) {
        return *objection;
    }
    if (!wanted || wanted->count() <= 0) {
        return Answer{400, "\"for\" must be a duration such as \"2h\""};
    }
    if (silence.comment.size() > longest_comment) {
        return Answer{400, "a comment has at most 1024 bytes"};
    }
    silence.target = silence.target.empty() ? "*" : silence.target;
    silence.until_ms = agent.unix_ms() + wanted->count();
    return silence;
}

void make_silence(Agent& agent, const ApiRequest& request, const Reply& reply)
{
    const auto asked = silence_in(agent, request.body);
    if (const auto* refused = std::get_if<Answer>(&asked)) {
        return reply(*refused);
    }
    agent.silence(std::get<Silence>(asked), [reply](const Result<Silence>& made) {
        if (!made) {
            return reply({503, "the silence could not be kept: " + made.error().message});
        }
        JsonWriter json;
        write(json, *made);
        reply({200, json.take()});
    });
}

void end_silence(Agent& agent, const ApiRequest& request, const Reply& reply)
{
    std::int64_t id = 0;
    const auto* end = request.name.data() + request.name.size();
    const auto read = std::from_chars(request.name.data(), end, id);
    const bool known =
        read.ptr == end && agent.unsilence(id, [reply, id](const Result<void>& ended) {
            JsonWriter json;
            json.open_object().member("ended", id).close_object();
            reply(ended ? Answer{200, json.take()}
                        : Answer{503, "the silence could not be ended: " + ended.error().message});
        });
    if (!known) {
        reply({404, "there is no silence " + request.name});
    }
}

void test_receiver(Agent& agent, const ApiRequest& request, const Reply& reply)
{
    const bool known = agent.test(request.name, [reply, name = request.name](const auto& attempt) {
        JsonWriter json;
        json.open_object().member("receiver", name).member("delivered", true).close_object();
        reply(attempt.outcome == Attempt::Outcome::delivered ? Answer{200, json.take()}
                                                             : Answer{502, attempt.error});
    });
    if (!known) {
        reply({404, "there is no receiver \"" + request.name + '"'});
    }
}

}  // namespace

std::vector<sidecar::Resource> resources(Agent& agent)
{
    const auto with = [&agent](auto function) {
        return [&agent, function](const ApiRequest& request, const Reply& reply) {
            function(agent, request, reply);
        };
    };
    return {{"GET", "/v1/alerts", "", false,
             [&agent](const auto&, const auto& reply) {
                 reply({200, overview(agent)});
             }},
            {"POST", "/v1/alerts/silences", "", false, with(make_silence)},
            {"POST", "/v1/alerts/silences/", "/end", true, with(end_silence)},
            {"POST", "/v1/alerts/receivers/", "/test", true, with(test_receiver)}};
}

}  // namespace gatehouse::alerts
