// What the directives of this feature say.
#pragma once

#include "ngx_module/glue/ngx.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "ngx_module/glue/complex_value.h"
#include "ngx_module/glue/log_throttle.h"
#include "ngx_module/glue/request_slot.h"
#include "src/limit/plan.h"
#include "src/limit/zone.h"

namespace gatehouse::limit_feature {

/// One `gate_limit_zone`.
struct ZoneConf {
    std::string name;
    std::string place;  ///< "FILE:LINE" of the directive
    std::size_t bytes = 0;
    std::optional<glue::ComplexValue> key;
    std::optional<glue::ComplexValue> rate;
    std::optional<glue::ComplexValue> quota;
    limit::Algorithm algorithm = limit::Algorithm::gcra;
    limit::Align align = limit::Align::first;
    bool evict = true;
    std::string path;

    // Set when the configuration takes effect.
    limit::Zone* zone = nullptr;
    std::uint16_t telemetry = 0;

    // Of this worker, which has its own copy since the fork.
    mutable glue::LogThrottle refusals;
    mutable ngx_uint_t refusals_level = NGX_LOG_ERR;  ///< of the last refusal's location
    mutable const char* refusals_mark = "";           ///< and whether that is a dry run
    mutable glue::LogThrottle delays;
    mutable glue::LogThrottle bad_costs;

    limit::ZoneSettings settings() const { return {name, bytes, std::string{key->text()}, path}; }
};

enum class Stage : std::uint8_t {
    client,    ///< before authentication
    identity,  ///< after it
    miss,      ///< after the board had no answer
};
inline constexpr std::size_t stage_count = 3;

enum class Count : std::uint8_t { all, status, miss };

/// Which statuses spend: "401,403,5xx".
class StatusSet {
public:
    void add(unsigned status) { ranges_.emplace_back(status, status); }
    void add_class(unsigned hundreds) { ranges_.emplace_back(hundreds * 100, hundreds * 100 + 99); }
    bool contains(unsigned status) const noexcept
    {
        for (const auto& [first, last] : ranges_) {
            if (first <= status && status <= last) {
                return true;
            }
        }
        return false;
    }

private:
    std::vector<std::pair<unsigned, unsigned>> ranges_;
};

/// One `gate_limit`.
struct Rule {
    std::string zone_name;
    std::string place;         ///< "FILE:LINE" of the directive
    ZoneConf* zone = nullptr;  ///< known once all of the configuration is read
    std::uint64_t burst = 0;
    std::uint64_t delay_milli = 0;  ///< excess up to which there is no delay, in 1/1000 requests
    bool has_delay = false;         ///< "delay=" stands there
    bool delays = true;             ///< false: nodelay, or no rate
    std::optional<Stage> said_stage;
    Stage stage = Stage::client;
    Count count = Count::all;
    StatusSet statuses;  ///< of Count::status
    std::optional<glue::ComplexValue> cost;
    std::optional<glue::ComplexValue> skip;
    std::optional<limit::Plan> fixed_plan;  ///< where neither rate nor quota has variables
    std::size_t most_windows = 0;
    std::unique_ptr<limit::PlanCache> plans;  ///< where they have
};

/// The rules of a stage. Those that spend at once stand before those that wait for the status, so
/// that their charges lie side by side.
struct StageRules {
    std::span<const Rule> rules;
    std::size_t room = 0;  ///< in bytes, for what they make of a request; see collection.h
};

/// The rules of a location, in the order of their stages once they are resolved.
struct RuleList {
    std::vector<Rule> rules;
    std::array<StageRules, stage_count> stages;

    const StageRules& of(Stage stage) const noexcept
    {
        return stages[static_cast<std::size_t>(stage)];
    }
};

enum class HeaderStyle : std::uint8_t { unset, ietf, legacy, both, off };

/// Of a location.
struct LimitConf {
    RuleList* rules = nullptr;  ///< nullptr: none said here; inherited
    bool off = false;
    ngx_uint_t status = NGX_CONF_UNSET_UINT;
    ngx_uint_t log_level = NGX_CONF_UNSET_UINT;
    ngx_flag_t dry_run = NGX_CONF_UNSET;
    HeaderStyle headers = HeaderStyle::unset;

    /// A delay is worth one level less than a refusal, as in limit_req.
    ngx_uint_t delay_log_level() const noexcept
    {
        return log_level == NGX_LOG_INFO ? NGX_LOG_INFO : log_level + 1;
    }
};

/// The rules of a location, its own or those of a level around it.
struct RulesUse {
    const RuleList* rules;
    void* const* location;  ///< its configuration of every module
};

struct MainConf {
    std::vector<std::unique_ptr<ZoneConf>> zones;
    std::vector<RuleList*> rules;  ///< of all locations that have some
    std::vector<RulesUse> uses;
    glue::RequestSlot request_state;

    /// Whether any of them is of this kind: else its handler is not worth a call per request.
    template <class Predicate>
    bool any(const Predicate& predicate) const
    {
        return std::any_of(rules.begin(), rules.end(), [&](const auto* list) {
            return std::any_of(list->rules.begin(), list->rules.end(), predicate);
        });
    }

    ZoneConf* find(std::string_view name) const noexcept
    {
        for (const auto& zone : zones) {
            if (zone->name == name) {
                return zone.get();
            }
        }
        return nullptr;
    }
};

}  // namespace gatehouse::limit_feature
