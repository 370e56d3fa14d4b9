// What is remembered of checks and traffic: part of the configuration's plain values (types.h).
#pragma once

#include <chrono>
#include <string>

namespace gatehouse::config {

/// Kept in `state`; without one nothing is remembered beyond what memory holds.
struct History {
    std::chrono::milliseconds keep{std::chrono::hours{24 * 7}};     ///< results of checks, minutes
    std::chrono::milliseconds keep_detail{std::chrono::hours{24}};  ///< steps of ten seconds
    std::chrono::milliseconds keep_hours{std::chrono::hours{24 * 400}};  ///< steps of an hour

    bool operator==(const History&) const = default;
};

/// Of sources of kind history.
struct HistorySource {
    std::string of = "traffic";                 ///< traffic, checks
    std::chrono::milliseconds last{3'600'000};  ///< how far back
    std::chrono::milliseconds step{0};          ///< of traffic; 0: the finest that is kept so long

    bool operator==(const HistorySource&) const = default;
};

}  // namespace gatehouse::config
