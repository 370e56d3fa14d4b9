// Step "downsample": fewer rows for a plot.
//   points  how many rows to keep at most, 1 to 1,000,000
//   method  "every_nth": every n-th row from the first, n = ceil(rows / points)
#include <cmath>
#include <vector>

#include "sidecar/steps/step.h"

namespace gatehouse::steps {
namespace {

using sidecar::Table;

constexpr double most_points = 1'000'000;

Result<void> check_points(const config::Step& step)
{
    const auto points = step.number.find("points");
    if (points == step.number.end()) {
        return Error{"\"points\" is missing"};
    }
    if (!(points->second >= 1 && points->second <= most_points) ||
        points->second != std::floor(points->second)) {
        return Error{"\"points\" must be a whole number from 1 to 1000000"};
    }
    return {};
}

Result<void> check_known(const config::Step& step)
{
    for (const auto& [name, value] : step.number) {
        if (name != "points") {
            return Error{"option \"" + name + "\" is not known"};
        }
    }
    for (const auto& [name, value] : step.text) {
        if (name != "method") {
            return Error{"option \"" + name + "\" is not known"};
        }
        if (value != "every_nth") {
            return Error{"method \"" + value + "\" is not known; there is \"every_nth\""};
        }
    }
    return {};
}

Result<void> check_options(const config::Step& step)
{
    if (Result<void> known = check_known(step); !known) {
        return known;
    }
    return check_points(step);
}

std::vector<std::uint64_t> every_nth(std::uint64_t rows, std::uint64_t points)
{
    const std::uint64_t n = (rows + points - 1) / points;
    std::vector<std::uint64_t> kept;
    for (std::uint64_t row = 0; row < rows; row += n) {
        kept.push_back(row);
    }
    return kept;
}

Result<Table> apply_to(const config::Step& step, const Table& table)
{
    const auto points = static_cast<std::uint64_t>(step.number.at("points"));
    if (table.rows() <= points) {
        return table;
    }
    return table.select(every_nth(table.rows(), points));
}

}  // namespace

const Kind downsample{"downsample", check_options, apply_to};

}  // namespace gatehouse::steps
