#include "sidecar/health/answers.h"

namespace gatehouse::checks {

namespace {

using health::Question;

health::AnswerSpec answer_of(Question question, const std::string& name, const Profile& profile,
                             const Report& report)
{
    const auto& form = profile.form(question);
    return {question,
            report.state,
            question == Question::live ? std::uint16_t{200} : form.code(report),
            name,
            profile.content_type(),
            render(form.body, report, profile.words())};
}

void add_answers(const Report& report, const Profiles& profiles, health::TableSpec& spec)
{
    // nginx alone answers whether it is live: always as when all is well.
    auto live = report;
    live.state = State::up;
    const auto short_of_details = brief(report);
    for (const auto& [name, profile] : profiles) {
        for (std::size_t number = 0; number < health::question_names.size(); ++number) {
            const auto question = static_cast<Question>(number);
            spec.answers.push_back(
                answer_of(question, name, profile, question == Question::live ? live : report));
        }
        spec.answers.push_back(answer_of(Question::brief, name, profile, short_of_details));
    }
}

}  // namespace

health::TableSpec answers(const Report& report, const Profiles& profiles,
                          std::chrono::milliseconds down_after)
{
    health::TableSpec spec;
    spec.state = report.state;
    spec.down_after_ms = static_cast<std::uint64_t>(down_after.count());
    add_answers(report, profiles, spec);
    for (const auto& check : report.checks) {
        if (check.is_set_aside()) {
            continue;
        }
        spec.checks.push_back({check.check.name, check.state, severity_of(check.check.severity),
                               static_cast<std::uint64_t>(check.last.duration.count()),
                               check.checked_at_ms});
    }
    return spec;
}

health::TableSpec answers_while_away(const Report& report, const Profiles& profiles,
                                     std::chrono::milliseconds down_after)
{
    health::TableSpec spec;
    spec.state = State::unknown;
    spec.down_after_ms = static_cast<std::uint64_t>(down_after.count());
    auto away = report;
    away.away = true;
    away.message = "the sidecar is away: nothing is checked";
    for (auto& check : away.checks) {
        CheckReport unknown;
        unknown.check = std::move(check.check);
        unknown.away = true;
        check = std::move(unknown);
    }
    for (const auto state : {State::degraded, State::down}) {
        away.state = state;
        add_answers(away, profiles, spec);
    }
    return spec;
}

}  // namespace gatehouse::checks
