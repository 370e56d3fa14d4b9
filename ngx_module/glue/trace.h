// What would become of a request that is explained instead of served: a step for each guard, in
// the order in which they act.
#pragma once

#include "ngx_module/glue/ngx.h"

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>

#include "src/base/json_writer.h"

namespace gatehouse::glue {

/// What a guard does with the request.
enum class Effect : std::uint8_t {
    none,    ///< has no say here
    admits,  ///< lets it go on
    delays,  ///< lets it go on, later
    refuses,
    answers,  ///< ends it with what it is here for
};

struct TraceStep {
    explicit TraceStep(std::string_view name) : stage(name) { facts.open_object(); }

    void refuse(ngx_uint_t with, std::string_view why)
    {
        effect = Effect::refuses;
        status = with;
        reason = why;
    }

    std::string_view stage;
    Effect effect = Effect::none;
    bool dry_run = false;   ///< what it does has no effect
    ngx_uint_t status = 0;  ///< of what refuses or answers; 0: not known before it is served
    ngx_msec_t delay_ms = 0;
    std::string reason;
    JsonWriter facts;  ///< an object that is not closed yet
};

/// Steps are added in order and stay where they are.
class Trace {
public:
    TraceStep& add(std::string_view stage) { return steps_.emplace_back(stage); }

    /// REQUIRES: there is one.
    TraceStep& last() noexcept { return steps_.back(); }

    const std::deque<TraceStep>& steps() const noexcept { return steps_; }

    /// The first step that ends the request; nullptr: it goes on to the content.
    const TraceStep* decisive() const noexcept
    {
        for (const auto& step : steps_) {
            if (step.effect >= Effect::refuses && !step.dry_run) {
                return &step;
            }
        }
        return nullptr;
    }

    /// Whether a step has answered: behind it nobody is asked. Behind one that refuses all are, so
    /// that the trace is whole.
    bool answered() const noexcept
    {
        return !steps_.empty() && steps_.back().effect == Effect::answers;
    }

private:
    std::deque<TraceStep> steps_;
};

}  // namespace gatehouse::glue
