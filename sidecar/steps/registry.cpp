#include <array>

#include "sidecar/steps/reduction.h"
#include "sidecar/steps/step.h"

namespace gatehouse::steps {
namespace {

/// In the order documents list them.
constexpr std::array<const Kind*, 6> registry{&downsample, &aggregate,   &correlation,
                                              &pca,        &class_means, &parts};

}  // namespace

const Kind* find(std::string_view name) noexcept
{
    for (const Kind* kind : registry) {
        if (kind->name == name) {
            return kind;
        }
    }
    return nullptr;
}

Error in_step(const config::Step& step, const Error& error)
{
    return {"step \"" + step.name + "\": " + error.message};
}

Result<void> check(const config::Step& step)
{
    const Kind* kind = find(step.name);
    if (kind == nullptr) {
        return Error{"step \"" + step.name + "\" is not known"};
    }
    if (Result<void> checked = kind->check(step); !checked) {
        return in_step(step, checked.error());
    }
    return {};
}

Result<sidecar::Table> apply(std::span<const config::Step> steps, sidecar::Table table)
{
    for (const config::Step& step : steps) {
        if (Result<void> checked = check(step); !checked) {
            return checked.error();
        }
        const Kind* kind = find(step.name);
        Result<sidecar::Table> next =
            kind->apply != nullptr ? kind->apply(step, table) : reduce_table(step, table);
        if (!next) {
            return in_step(step, next.error());
        }
        table = std::move(*next);
    }
    return table;
}

}  // namespace gatehouse::steps
