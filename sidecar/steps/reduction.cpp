#include "sidecar/steps/reduction.h"

#include <utility>

#include "sidecar/base/gather.h"

namespace gatehouse::steps {
namespace {

using sidecar::Reducer;
using sidecar::Table;
using sidecar::VectorView;

/// Keeps the rows as they are.
class Collecting final : public Reducer {
public:
    explicit Collecting(Columns columns) : builder_({columns.begin(), columns.end()}) {}

    Result<void> append(std::span<const VectorView> views, std::uint64_t rows) override
    {
        builder_.append(views, rows);
        return {};
    }
    std::uint64_t bytes() const noexcept override { return builder_.bytes(); }
    std::uint64_t rows_held() const noexcept override { return builder_.rows(); }
    Result<Table> finish() override { return std::move(builder_).finish(); }

private:
    sidecar::TableBuilder builder_;
};

class Chain final : public Reducer {
public:
    /// `named`: the step that is to blame for an error of `first`, if any.
    Chain(std::unique_ptr<Reducer> first, const config::Step* named,
          std::span<const config::Step> rest)
        : first_(std::move(first)), named_(named), rest_(rest)
    {
    }

    Result<void> append(std::span<const VectorView> views, std::uint64_t rows) override
    {
        Result<void> taken = first_->append(views, rows);
        return taken || named_ == nullptr ? taken : in_step(*named_, taken.error());
    }
    std::uint64_t bytes() const noexcept override { return first_->bytes(); }
    std::uint64_t rows_held() const noexcept override { return first_->rows_held(); }

    Result<Table> finish() override
    {
        Result<Table> made = first_->finish();
        if (!made) {
            return named_ == nullptr ? made.error() : in_step(*named_, made.error());
        }
        return apply(rest_, std::move(*made));
    }

private:
    std::unique_ptr<Reducer> first_;
    const config::Step* named_;
    std::span<const config::Step> rest_;
};

/// A reducer with the moments that it and others share.
class Whole final : public Reducer {
public:
    static Result<std::unique_ptr<Reducer>> make(std::vector<config::Step> steps, Columns columns)
    {
        auto whole = std::make_unique<Whole>(std::move(steps), columns);
        auto first = chain(whole->steps_, columns, whole->moments_);
        if (!first) {
            return first.error();
        }
        whole->first_ = std::move(*first);
        return std::unique_ptr<Reducer>(std::move(whole));
    }

    Whole(std::vector<config::Step> steps, Columns columns)
        : steps_(std::move(steps)), moments_(columns)
    {
    }

    Result<void> append(std::span<const VectorView> views, std::uint64_t rows) override
    {
        if (Result<void> taken = moments_.append(views, rows); !taken) {
            return in_step(steps_.front(), taken.error());
        }
        return first_->append(views, rows);
    }
    std::uint64_t bytes() const noexcept override { return first_->bytes(); }
    std::uint64_t rows_held() const noexcept override { return first_->rows_held(); }
    Result<Table> finish() override { return first_->finish(); }

private:
    std::vector<config::Step> steps_;
    SharedMoments moments_;
    std::unique_ptr<Reducer> first_;
};

}  // namespace

Result<std::unique_ptr<Reducer>> chain(std::span<const config::Step> steps, Columns columns,
                                       SharedMoments& moments)
{
    const Kind* kind = steps.empty() ? nullptr : find(steps.front().name);
    if (kind == nullptr || kind->reduce == nullptr) {
        return std::unique_ptr<Reducer>(
            std::make_unique<Chain>(std::make_unique<Collecting>(columns), nullptr, steps));
    }
    const config::Step& first = steps.front();
    if (Result<void> checked = check(first); !checked) {
        return checked.error();
    }
    auto made = kind->reduce(first, columns, moments);
    if (!made) {
        return in_step(first, made.error());
    }
    return std::unique_ptr<Reducer>(
        std::make_unique<Chain>(std::move(*made), &first, steps.subspan(1)));
}

Result<Table> reduce_table(const config::Step& step, const Table& table)
{
    SharedMoments moments(table.columns());
    const auto find_kind = find(step.name);
    auto reducer = find_kind->reduce(step, table.columns(), moments);
    if (!reducer) {
        return reducer.error();
    }
    const Table own = sidecar::compacted(table);
    if (own.rows() > 0) {
        const std::vector<VectorView> views = sidecar::views_of(own);
        if (Result<void> taken = moments.append(views, own.rows()); !taken) {
            return taken.error();
        }
        if (Result<void> taken = (*reducer)->append(views, own.rows()); !taken) {
            return taken.error();
        }
    }
    return (*reducer)->finish();
}

sidecar::MakeReducer reducer_of(std::span<const config::Step> steps)
{
    const Kind* kind = steps.empty() ? nullptr : find(steps.front().name);
    if (kind == nullptr || kind->reduce == nullptr) {
        return {};
    }
    return [all = std::vector<config::Step>(steps.begin(), steps.end())](Columns columns) {
        return Whole::make(all, columns);
    };
}

}  // namespace gatehouse::steps
