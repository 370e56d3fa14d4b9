#include "ngx_module/glue/ngx.h"

#include "ngx_module/glue/metrics.h"

#include <algorithm>

namespace gatehouse::glue {

namespace {

std::vector<Collector> registered;

}  // namespace

void add_collector(Collector collector)
{
    if (std::find(registered.begin(), registered.end(), collector) == registered.end()) {
        registered.push_back(collector);
    }
}

const std::vector<Collector>& collectors() noexcept
{
    return registered;
}

}  // namespace gatehouse::glue
