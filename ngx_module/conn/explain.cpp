#include "ngx_module/glue/ngx.h"

#include "ngx_module/conn/explain.h"

#include <array>
#include <string_view>

#include "ngx_module/conn/conf.h"
#include "ngx_module/conn/module.h"
#include "ngx_module/conn/request.h"
#include "ngx_module/glue/conf.h"

namespace gatehouse::conn_feature {

namespace {

std::string_view word_of(conn::Class of) noexcept
{
    constexpr std::array<std::string_view, 4> words{"any", "http", "websocket", "sse"};
    return words[static_cast<std::size_t>(of)];
}

void explain_cap(ngx_http_request_t& r, const ConnConf& conf, const Rule& rule,
                 glue::TraceStep& step)
{
    const auto& zone = *rule.zone;
    step.facts.member("zone", zone.name).member("class", word_of(rule.of));
    step.facts.member("limit", rule.limit);
    if (zone.living == nullptr || !applies(rule.of, claim_of(r))) {
        step.reason = "the request is of another class";
        return;
    }
    const auto key = zone.key->evaluate(r);
    if (key.empty()) {
        step.reason = "its key is empty";
        return;
    }
    const auto& living = zone.living->zone;
    const auto held = living.table().held(living.key(key, rule.of));
    step.facts.member("in_use", held);
    if (held < rule.limit) {
        step.effect = glue::Effect::admits;
        return;
    }
    step.refuse(conf.status, "concurrency");
    step.dry_run = conf.dry_run != 0;
}

}  // namespace

void explain_caps(ngx_http_request_t& r, glue::Trace& trace)
{
    const auto& conf = glue::location_conf<ConnConf>(r, ngx_http_gatehouse_conn_module);
    if (conf.rules == nullptr || conf.rules->empty()) {
        trace.add("cap");
        return;
    }
    for (const auto& rule : *conf.rules) {
        explain_cap(r, conf, rule, trace.add("cap"));
    }
}

}  // namespace gatehouse::conn_feature
