// Who may begin next where few things run at once: what hangs must not keep all else from running.
//
// - What was found to hang holds half of the places at most.
// - What is not urgent leaves one place to what is.
//
// Where there is one place alone, it is for everybody.
//
// Thread safety: none; a value.
#pragma once

#include <algorithm>

namespace gatehouse::sidecar {

class Turns {
public:
    struct Kind {
        bool urgent = true;
        bool hangs = false;  ///< it took all its time when it ran last
    };

    explicit Turns(unsigned places) noexcept : places_(places) {}

    /// Those that run go on, also where they are more.
    void set_places(unsigned places) noexcept { places_ = places; }

    bool may_begin(Kind kind) const noexcept
    {
        return running_ < places_ && (kind.urgent || not_urgent_ < std::max(places_ - 1, 1u)) &&
               (!kind.hangs || hanging_ < std::max(places_ / 2, 1u));
    }

    void begin(Kind kind) noexcept
    {
        ++running_;
        not_urgent_ += kind.urgent ? 0 : 1;
        hanging_ += kind.hangs ? 1 : 0;
    }

    /// REQUIRES: one of that kind has begun and not ended.
    void end(Kind kind) noexcept
    {
        --running_;
        not_urgent_ -= kind.urgent ? 0 : 1;
        hanging_ -= kind.hangs ? 1 : 0;
    }

private:
    unsigned places_;
    unsigned running_ = 0, not_urgent_ = 0, hanging_ = 0;
};

}  // namespace gatehouse::sidecar
