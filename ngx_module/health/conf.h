// What gate_health says in a location, and what this worker has found for it.
#pragma once

#include "ngx_module/glue/ngx.h"

#include <array>
#include <cstdint>
#include <optional>
#include <string>

#include "ngx_module/glue/complex_value.h"
#include "ngx_module/glue/content.h"
#include "src/health/words.h"

namespace gatehouse::health_feature {

/// A row of a table, so that a request need not look for it.
struct Found {
    std::uint64_t epoch = 0;  ///< of the table; 0: nothing was looked for yet
    health::State state = health::State::unknown;
    std::uint32_t row = 0;
};

struct HealthConf {
    bool set = false;
    health::Question question = health::Question::live;
    std::optional<std::string> profile;
    std::optional<glue::ComplexValue> details;  ///< to whom they are shown; nothing: to all

    /// Of the question, and of the one that stands in for it where details are not shown.
    std::array<Found, 2> found;

    std::string_view profile_name() const noexcept
    {
        return profile ? std::string_view{*profile} : health::default_profile;
    }
};

struct HealthMainConf {
    glue::ContentLocations locations;
};

}  // namespace gatehouse::health_feature
