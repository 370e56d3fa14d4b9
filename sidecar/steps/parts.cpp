// Step "parts": several branches of steps over one pass of the rows.
#include <algorithm>
#include <utility>

#include "sidecar/steps/make_table.h"
#include "sidecar/steps/reduction.h"
#include "sidecar/steps/step.h"

namespace gatehouse::steps {
namespace {

using sidecar::Reducer;
using sidecar::Table;
using sidecar::VectorView;

Result<void> check_options(const config::Step& step)
{
    if (step.branches.empty()) {
        return Error{"has no parts"};
    }
    for (const auto& [name, steps] : step.branches) {
        for (const config::Step& inner : steps) {
            if (Result<void> checked = check(inner); !checked) {
                return Error{'"' + name + "\": " + checked.error().message};
            }
        }
    }
    return {};
}

class Parts final : public Reducer {
public:
    struct Part {
        std::string name;
        std::unique_ptr<Reducer> reducer;
        bool is_one_row;
    };

    explicit Parts(std::vector<Part> parts) : parts_(std::move(parts)) {}

    Result<void> append(std::span<const VectorView> views, std::uint64_t rows) override
    {
        for (const Part& part : parts_) {
            if (Result<void> taken = part.reducer->append(views, rows); !taken) {
                return in_part(part, taken.error());
            }
        }
        return {};
    }

    std::uint64_t bytes() const noexcept override
    {
        std::uint64_t all = 0;
        for (const Part& part : parts_) {
            all += part.reducer->bytes();
        }
        return all;
    }

    std::uint64_t rows_held() const noexcept override
    {
        std::uint64_t most = 0;
        for (const Part& part : parts_) {
            most = std::max(most, part.reducer->rows_held());
        }
        return most;
    }

    Result<Table> finish() override
    {
        TableMaker maker(1);
        for (Part& part : parts_) {
            const Result<Table> made = part.reducer->finish();
            if (!made) {
                return in_part(part, made.error());
            }
            part.reducer.reset();
            const bool as_object = part.is_one_row && made->rows() == 1;
            maker.add(part.name, as_object ? object_of_row(*made) : list_of_rows(*made));
        }
        return std::move(maker).done();
    }

private:
    static Error in_part(const Part& part, const Error& error)
    {
        return {'"' + part.name + "\": " + error.message};
    }

    std::vector<Part> parts_;
};

bool ends_in_one_row(const std::vector<config::Step>& steps)
{
    const Kind* last = steps.empty() ? nullptr : find(steps.back().name);
    return last != nullptr && last->is_one_row != nullptr && last->is_one_row(steps.back());
}

Result<std::unique_ptr<Reducer>> reduce(const config::Step& step,
                                        std::span<const sidecar::Column> columns,
                                        SharedMoments& moments)
{
    std::vector<Parts::Part> parts;
    for (const auto& [name, steps] : step.branches) {
        auto reducer = chain(steps, columns, moments);
        if (!reducer) {
            return Error{'"' + name + "\": " + reducer.error().message};
        }
        parts.push_back({name, std::move(*reducer), ends_in_one_row(steps)});
    }
    return std::unique_ptr<Reducer>(std::make_unique<Parts>(std::move(parts)));
}

bool is_one_row(const config::Step&)
{
    return true;
}

}  // namespace

const Kind parts{
    .name = "parts", .check = check_options, .reduce = reduce, .is_one_row = is_one_row};

}  // namespace gatehouse::steps
