// What the directives of this feature say.
#pragma once

#include "ngx_module/glue/ngx.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "src/geo/database.h"

namespace gatehouse::geo_feature {

/// One `gate_geoip`.
struct DatabaseConf {
    std::string path;   ///< absolute
    std::string label;  ///< in the metrics: the file's name, or its path where two have one name
    std::shared_ptr<const geo::Database> read;  ///< with the configuration
};

inline constexpr std::size_t most_databases = 8;

/// An ISO 3166-1 code in upper case as a number; 0: the country is not known.
using Country = std::uint16_t;

constexpr Country country_of(char first, char second) noexcept
{
    const auto upper = [](char c) { return static_cast<Country>(c & ~0x20); };
    return static_cast<Country>(upper(first) << 8 | upper(second));
}

/// What gate_geo_allow, or gate_geo_deny, names at one level.
struct Places {
    std::vector<Country> countries;   ///< sorted when the level is read
    std::vector<std::uint32_t> asns;  ///< the same; 0: not known
    std::vector<ngx_cidr_t> networks;
    bool unix_peers = false;

    bool any() const noexcept
    {
        return !countries.empty() || !asns.empty() || !networks.empty() || unix_peers;
    }
};

struct Rules {
    Places allow;
    Places deny;
};

/// Of a location.
struct GeoConf {
    std::shared_ptr<Rules> rules;  ///< null: none said here; inherited
};

/// A place in the configuration, for what shows when all of it is read.
struct Mention {
    std::string directive;
    std::string place;  ///< "FILE:LINE"
};

struct MainConf {
    std::vector<DatabaseConf> databases;
    bool has_rules = false;
    std::optional<Mention> asks_country;  ///< the first that does
    std::optional<Mention> asks_asn;
};

}  // namespace gatehouse::geo_feature
