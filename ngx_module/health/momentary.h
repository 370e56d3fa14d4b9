// What costs more than an answer may, and need not be newer than a moment. Per worker.
#pragma once

#include "ngx_module/glue/ngx.h"

namespace gatehouse::health_feature {

template <class T>
class Momentary {
public:
    explicit Momentary(ngx_msec_t good_for_ms) noexcept : good_for_ms_(good_for_ms) {}

    /// What `make` returned last, made anew if that is older.
    template <class Make>
    const T& get(const Make& make)
    {
        if (!made_ || ngx_current_msec - made_at_ >= good_for_ms_) {
            value_ = make();
            made_at_ = ngx_current_msec;
            made_ = true;
        }
        return value_;
    }

    /// The next one is made anew.
    void forget() noexcept { made_ = false; }

private:
    ngx_msec_t good_for_ms_;
    ngx_msec_t made_at_ = 0;
    bool made_ = false;
    T value_{};
};

}  // namespace gatehouse::health_feature
