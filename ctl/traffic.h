// What goes through nginx: two looks at its counters, and the rates between them.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "ctl/json.h"

namespace gatehouse::ctl {

inline constexpr std::size_t status_classes = 6;
inline constexpr const char* status_class_names[status_classes] = {"1xx", "2xx", "3xx",
                                                                   "4xx", "5xx", "other"};

/// The counters of one moment, as GET /v1/telemetry has them.
struct Sample {
    struct Endpoint {
        std::array<std::int64_t, status_classes> requests{};
        std::vector<std::int64_t> durations;  ///< per bucket
    };
    struct Limit {
        std::int64_t passed = 0, delayed = 0, rejected = 0;
    };
    struct Cap {
        std::int64_t active = 0, rejected = 0;
    };

    std::int64_t at_ms = 0;
    std::vector<std::int64_t> bounds_ns;  ///< of the buckets but the last
    std::map<std::string, Endpoint> endpoints;
    std::map<std::string, Limit> limits;
    std::map<std::string, Cap> caps;
    std::int64_t websockets = 0;
};

Sample read_sample(const Json& telemetry);

/// What happened between two samples, per second. A counter that fell, since an nginx has left,
/// counts as none.
struct Traffic {
    struct Percentiles {
        bool known = false;  ///< false: no request
        double p50_ms = 0, p95_ms = 0, p99_ms = 0;
    };
    struct Endpoint {
        std::string name;
        double total = 0;
        std::array<double, status_classes> requests{};
        Percentiles durations;
    };
    struct Limit {
        std::string zone;
        double passed = 0, delayed = 0, rejected = 0;
        std::int64_t rejected_ever = 0;
    };
    struct Cap {
        std::string zone;
        std::int64_t active = 0;
        double rejected = 0;
    };

    double seconds = 0;
    Endpoint all;                     ///< name is empty
    std::vector<Endpoint> endpoints;  ///< busiest first
    std::vector<Limit> limits;        ///< by zone
    std::vector<Cap> caps;            ///< by zone
    std::int64_t websockets = 0;
};

Traffic traffic_between(const Sample& before, const Sample& now);

}  // namespace gatehouse::ctl
