#include "ngx_module/glue/ngx.h"

#include "ngx_module/glue/hello.h"

#include <algorithm>
#include <map>

#include "src/base/json_escape.h"

namespace gatehouse::glue {

namespace {

/// Of this process; copied by fork into every worker.
std::map<std::string, std::string, std::less<>> members;
std::string joined;
std::vector<SharedRegion> regions;

}  // namespace

void say_in_hello(std::string_view member, std::string json)
{
    members.insert_or_assign(std::string{member}, std::move(json));
    joined.clear();
    for (const auto& [name, value] : members) {
        joined += ',';
        append_json_string(joined, name);
        joined += ':';
        joined += value;
    }
}

const std::string& hello_members() noexcept
{
    return joined;
}

void share_region(std::string_view name, int fd)
{
    std::erase_if(regions, [&](const SharedRegion& region) { return region.name == name; });
    if (fd >= 0) {
        regions.push_back({std::string{name}, fd});
    }
}

const std::vector<SharedRegion>& shared_regions() noexcept
{
    return regions;
}

}  // namespace gatehouse::glue
