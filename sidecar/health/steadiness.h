// Hysteresis: one failed run, or one that passed, need not turn a check over.
//
// Thread safety: none; a value.
#pragma once

#include "src/health/words.h"

namespace gatehouse::checks {

class Steadiness {
public:
    /// Takes the state of one more run; `fails` and `passes` in a row turn it over. The first run
    /// counts at once. While it is not down it is what the last run said: up or degraded.
    health::State take(health::State measured, unsigned fails, unsigned passes) noexcept
    {
        using health::State;
        const bool failed = measured == State::down;
        const bool agrees = state_ != State::unknown && failed == (state_ == State::down);
        contrary_ = agrees ? 0 : contrary_ + 1;
        const unsigned needed = state_ == State::unknown ? 1 : failed ? fails : passes;
        if ((agrees && !failed) || contrary_ >= needed) {
            state_ = measured;
            contrary_ = 0;
        }
        return state_;
    }

    health::State state() const noexcept { return state_; }

private:
    health::State state_ = health::State::unknown;
    unsigned contrary_ = 0;  ///< runs in a row that disagree with it
};

}  // namespace gatehouse::checks
