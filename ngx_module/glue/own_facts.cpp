#include "ngx_module/glue/ngx.h"

#include "ngx_module/glue/own_facts.h"

#include <algorithm>

namespace gatehouse::glue {

namespace {

std::vector<OwnFacts> registered;

}  // namespace

void add_own_facts(OwnFacts facts)
{
    if (std::find(registered.begin(), registered.end(), facts) == registered.end()) {
        registered.push_back(facts);
    }
}

const std::vector<OwnFacts>& own_facts() noexcept
{
    return registered;
}

}  // namespace gatehouse::glue
