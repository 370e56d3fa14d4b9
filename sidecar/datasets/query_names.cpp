#include "sidecar/datasets/query_names.h"

#include <algorithm>
#include <set>

#include "src/http/query.h"

namespace gatehouse::datasets {

std::vector<std::pair<std::string, std::string>> unknown_names(
    const Settings& settings, std::string_view query,
    const std::function<bool(std::string_view)>& known)
{
    const std::string reason =
        settings.runs ? "is not known here" : "is not known here: the dataset has no runs";
    std::set<std::string> seen;
    std::vector<std::pair<std::string, std::string>> unknown;
    while (!query.empty()) {
        const auto pair = query.substr(0, query.find('&'));
        query.remove_prefix(std::min(query.size(), pair.size() + 1));
        const auto raw = pair.substr(0, pair.find('='));
        std::string decoded(raw.size(), '\0');
        const std::string name{http::percent_decode(raw, decoded).value_or(raw)};
        if (!pair.empty() && !known(name) && seen.insert(name).second) {
            unknown.emplace_back(name, reason);
        }
    }
    return unknown;
}

}  // namespace gatehouse::datasets
