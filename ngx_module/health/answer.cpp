#include "ngx_module/glue/ngx.h"

#include "ngx_module/health/answer.h"

#include <optional>
#include <string>

#include "ngx_module/glue/log_throttle.h"
#include "ngx_module/glue/pool.h"
#include "ngx_module/health/own_answer.h"
#include "ngx_module/health/slots.h"
#include "ngx_module/health/tables.h"
#include "src/health/slots.h"

namespace gatehouse::health_feature {

namespace {

using health::Question;
using health::State;

Question shown_question(ngx_http_request_t& r, const HealthConf& conf)
{
    if (!conf.details) {
        return conf.question;
    }
    const auto value = conf.details->evaluate(r);
    return value.empty() || value == "0" ? Question::brief : conf.question;
}

/// The row that the location remembers of this table, else the one it is looked up as.
std::uint32_t row_of(HealthConf& conf, Question question, State state, const Situation& now)
{
    auto& found = conf.found[question == conf.question ? 0 : 1];
    if (found.epoch != now.epoch || found.state != state) {
        found = {now.epoch, state, now.table->find(question, conf.profile_name(), state)};
    }
    return found.row;
}

void warn_of_unknown_profile(const ngx_http_request_t& r, const HealthConf& conf)
{
    static glue::LogThrottle throttle;
    if (!conf.profile || conf.question == Question::live || !throttle.ask()) {
        return;
    }
    const auto question = health::question_names[static_cast<std::size_t>(conf.question)];
    ngx_log_error(NGX_LOG_WARN, r.connection->log, 0,
                  "gatehouse: the sidecar has no health profile \"%s\" with an answer to \"%*s\"; "
                  "nginx answers by itself",
                  conf.profile->c_str(), question.size(), question.data());
}

std::optional<health::Answer> answer_of_table(const ngx_http_request_t& r, HealthConf& conf,
                                              Question question, const Situation& now)
{
    if (now.table == nullptr) {
        return std::nullopt;
    }
    const auto state = question == Question::live ? State::up : now.state;
    const auto row = row_of(conf, question, state, now);
    if (row == now.table->answers()) {
        warn_of_unknown_profile(r, conf);
        return std::nullopt;
    }
    return now.table->answer(row);
}

}  // namespace

Reply reply_to(ngx_http_request_t& r, HealthConf& conf)
{
    const auto question = shown_question(r, conf);
    const auto now = situation();
    const auto told = answer_of_table(r, conf, question, now);
    const auto own = told ? OwnAnswer{} : own_answer(question, now.state);
    const std::string_view text = told ? told->body : own.body;
    const auto status = question == Question::live ? ngx_uint_t{NGX_HTTP_OK}
                        : told                     ? ngx_uint_t{told->status}
                                                   : own.status;
    static std::string filled;  // keeps its memory from one request to the next
    filled.clear();
    health::append_filled(filled, text, append_slot);
    glue::Pool pool{r.pool};
    return {status, told ? pool.copy(told->content_type) : "application/json", pool.copy(filled)};
}

}  // namespace gatehouse::health_feature
