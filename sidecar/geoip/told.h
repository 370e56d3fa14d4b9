// What workers say about the databases that they look up in.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace gatehouse::geoip {

struct Told {
    std::size_t workers = 0;
    std::set<std::uint64_t> checksums;  ///< of the file as their masters read it
};

inline constexpr std::size_t most_databases = 64;
inline constexpr std::size_t longest_path = 249;  ///< a table's name has 255, "geoip:" before it

/// By path. `hellos`: the member "geoip" of each worker's hello, a peer's text; what is none of
/// ours counts for nothing.
std::map<std::string, Told> told_databases(const std::vector<std::string>& hellos);

}  // namespace gatehouse::geoip
