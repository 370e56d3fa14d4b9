#include "ngx_module/glue/ngx.h"

#include "ngx_module/limit/request.h"

namespace gatehouse::limit_feature {

namespace {

bool is_tighter(const limit::Outcome& one, const limit::Outcome& other) noexcept
{
    return one.remaining != other.remaining ? one.remaining < other.remaining
                                            : one.reset > other.reset;
}

}  // namespace

void RequestState::compare(const Applied& applied) noexcept
{
    for (const auto& charge : applied.demand->all_charges()) {
        const auto outcome = applied.outcome(charge);
        if (tightest_.charge == nullptr || is_tighter(outcome, tightest_.outcome)) {
            tightest_ = {&applied, &charge, outcome};
        }
    }
}

const Tightest& RequestState::tightest() noexcept
{
    for (auto& stage : stages_) {
        if (!stage.compared) {
            for (const auto& applied : stage.applied) {
                compare(applied);
            }
            stage.compared = !stage.applied.empty();
        }
    }
    return tightest_;
}

void RequestState::refused_by(const Applied& applied, const limit::Charge& charge) noexcept
{
    tightest_ = {&applied, &charge, applied.outcome(charge)};
    for (auto& stage : stages_) {
        stage.compared = !stage.applied.empty();
    }
}

void RequestState::seek_tightest_again() noexcept
{
    tightest_ = {};
    for (auto& stage : stages_) {
        stage.compared = false;
    }
}

}  // namespace gatehouse::limit_feature
