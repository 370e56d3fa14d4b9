#include "ngx_module/glue/ngx.h"

#include "ngx_module/health/own_answer.h"

#include "ngx_module/health/slots.h"
#include "ngx_module/health/tables.h"

namespace gatehouse::health_feature {

namespace {

using health::Question;
using health::State;

// Split after each slot, whose letter could else be read as one more digit of \x01.
constexpr std::string_view details =
    ",\"timestamp\":\x01"
    "t,\"nginx\":\x01"
    "g";
constexpr std::string_view figures =
    ",\"uptime_seconds\":\x01"
    "u,\"request_count\":\x01"
    "r,\"error_count\":\x01"
    "e,\"connections\":\x01"
    "c,\"websockets\":\x01"
    "w";

constexpr std::string_view refusal =
    R"(,"message":"what the sidecar tells of health cannot be read: see nginx's error log")";

}  // namespace

OwnAnswer own_answer(Question question, State state)
{
    if (question == Question::live) {
        return {NGX_HTTP_OK, R"({"status":"up"})"};
    }
    OwnAnswer answer;
    answer.body = R"({"status":")";
    answer.body += health::name_of(state);
    answer.body += R"(","sidecar":")";
    answer.body += sidecar_word();
    answer.body += '"';
    if (health_is_refused()) {
        answer.body += refusal;
    }
    if (question == Question::detailed || question == Question::extended) {
        answer.body += details;
    }
    if (question == Question::extended) {
        answer.body += figures;
    }
    answer.body += '}';
    if (state == State::down) {
        answer.status = NGX_HTTP_SERVICE_UNAVAILABLE;
    }
    return answer;
}

}  // namespace gatehouse::health_feature
