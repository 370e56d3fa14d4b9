#include "ngx_module/glue/ngx.h"

#include "ngx_module/cors/explain.h"

#include "ngx_module/cors/conf.h"
#include "ngx_module/cors/question.h"

namespace gatehouse::cors_feature {

namespace {

bool is_granted(const Policy& policy, const Question& question)
{
    return question.method.once() && question.headers.lines <= 1 &&
           http::grant(policy.rules, question.method.value, question.headers.value).has_value();
}

}  // namespace

void explain_cors(ngx_http_request_t& r, glue::Trace& trace)
{
    auto& step = trace.add("cors");
    const auto* policy = policy_of(r);
    if (policy == nullptr) {
        return;
    }
    const auto question = read_question(r);
    if (!question.origin.present()) {
        step.reason = "the request names no origin";
        return;
    }
    const bool allowed =
        question.origin.once() && policy->rules.origins.contains(question.origin.value);
    step.facts.member("origin", question.origin.value).member("allowed", allowed);
    step.facts.member("credentials", policy->rules.credentials);
    if (is_preflight(r, question)) {
        step.effect = glue::Effect::answers;
        step.status = NGX_HTTP_NO_CONTENT;
        step.facts.member("preflight_granted", allowed && is_granted(*policy, question));
        return;
    }
    step.effect = glue::Effect::admits;
}

}  // namespace gatehouse::cors_feature
