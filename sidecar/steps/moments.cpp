#include "sidecar/steps/moments.h"

#include <algorithm>
#include <cmath>

#include "sidecar/steps/comoments.h"
#include "sidecar/steps/products.h"
#include "sidecar/steps/values.h"

namespace gatehouse::steps {
namespace {

using sidecar::VectorView;

constexpr std::size_t block_rows = 2048;

/// Within these a column's differences are multiplied as they are.
template <class T>
constexpr double least_size = sizeof(T) == 4 ? 0x1p-30 : 0x1p-300;
template <class T>
constexpr double most_size = 1 / least_size<T>;

template <class T>
class Blocked final : public Moments {
public:
    Blocked(Columns columns, const Indices& chosen, Missing missing)
        : chosen_(chosen),
          missing_(missing),
          padded_(rounded_up(chosen.size(), column_multiple)),
          cells_(padded_ * block_rows),
          products_(padded_ * padded_),
          all_(chosen.size())
    {
        for (const std::size_t index : chosen) {
            columns_.push_back(columns[index]);
        }
    }

    Result<void> append(std::span<const VectorView> views, std::uint64_t rows) override
    {
        for (std::uint64_t done = 0; done < rows;) {
            const std::size_t part = std::min<std::uint64_t>(rows - done, block_rows - held_);
            for (std::size_t i = 0; i < chosen_.size(); ++i) {
                copy_numbers(views[chosen_[i]], columns_[i].type, done, part, column(i) + held_);
            }
            done += part;
            held_ += part;
            if (held_ == block_rows) {
                if (Result<void> settled = settle(); !settled) {
                    return settled;
                }
            }
        }
        return {};
    }

    Result<void> settle() override
    {
        const bool whole = std::all_of(columns_.begin(), columns_.end(), [&](const auto& one) {
            return is_whole(column(&one - columns_.data()));
        });
        if (!whole && missing_ == Missing::fail) {
            return Error{"a value is missing in column \"" + columns_[first_gap()].name +
                         R"("; filter it out, or say "nan": "complete")"};
        }
        if (!whole && missing_ == Missing::pairwise) {
            const std::vector<T> block = cells_;
            merge_pairs();
            cells_ = block;
        }
        if (!whole) {
            leave_out_gaps();
        }
        merge_whole(whole);
        held_ = 0;
        return {};
    }

    void allow_pairs() noexcept override { missing_ = Missing::pairwise; }

    std::uint64_t rows() const noexcept override { return static_cast<std::uint64_t>(all_.rows()); }
    double mean(std::size_t i) const noexcept override { return all_.mean(i); }
    double unit(std::size_t i) const noexcept override { return all_.unit(i); }
    double correlation(std::size_t i, std::size_t j) const noexcept override
    {
        return all_.correlation(i, j);
    }
    double comoment(std::size_t i, std::size_t j) const noexcept override
    {
        return all_.comoment(i, j);
    }

private:
    T* column(std::size_t i) noexcept { return cells_.data() + i * block_rows; }

    bool is_whole(const T* values) const noexcept
    {
        if (std::isfinite(sum(values, held_))) {
            return true;
        }
        return std::all_of(values, values + held_, [](T value) { return std::isfinite(value); });
    }

    std::size_t first_gap() noexcept
    {
        std::size_t i = 0;
        while (is_whole(column(i))) {
            ++i;
        }
        return i;
    }

    /// Moves the rows that have every value up.
    void leave_out_gaps() noexcept
    {
        std::size_t kept = 0;
        for (std::size_t row = 0; row < held_; ++row) {
            bool whole = true;
            for (std::size_t i = 0; whole && i < columns_.size(); ++i) {
                whole = std::isfinite(column(i)[row]);
            }
            for (std::size_t i = 0; whole && i < columns_.size(); ++i) {
                column(i)[kept] = column(i)[row];
            }
            kept += whole ? 1 : 0;
        }
        held_ = kept;
    }

    /// Near the mean of the values. A column of equal values is shifted by just that: its
    /// differences are 0, not what rounding leaves.
    static T shift_for(const T* values, std::size_t count)
    {
        double mean = sum(values, count) / static_cast<double>(count);
        if (!std::isfinite(mean)) {
            mean = 0;
            for (std::size_t row = 0; row < count; ++row) {
                mean += static_cast<double>(values[row]) / static_cast<double>(count);
            }
        }
        const auto first = static_cast<double>(values[0]);
        return std::abs(mean - first) <= 1e-12 * std::abs(first) ? values[0] : static_cast<T>(mean);
    }

    /// Divides a column whose differences are too large or too small to be multiplied; returns by
    /// what.
    double fit(T* values, Rest& rest)
    {
        if (rest.most == 0 || (rest.most >= least_size<T> && rest.most <= most_size<T>)) {
            return 1;
        }
        const int exponent = std::isfinite(rest.most) ? std::ilogb(rest.most) : 0;
        for (std::size_t row = 0; row < held_; ++row) {
            values[row] = std::ldexp(values[row], -exponent);
        }
        rest.sum = sum(values, held_);
        return std::ldexp(1.0, exponent);
    }

    /// What a product sums beyond the rows must be nothing.
    void pad(T* values) noexcept
    {
        std::fill(values + held_, values + rounded_up(held_, row_multiple), T{0});
    }

    Columns2d<T> matrix(const std::vector<T>& cells) const noexcept
    {
        return {cells.data(), block_rows, padded_, rounded_up(held_, row_multiple)};
    }

    void merge_whole(bool to_pairs)
    {
        if (held_ == 0) {
            return;
        }
        BlockSums block{static_cast<double>(held_), {}, {}, {}, padded_};
        std::vector<double> rests;
        for (std::size_t i = 0; i < columns_.size(); ++i) {
            const T shift = shift_for(column(i), held_);
            Rest rest = subtract(shift, column(i), held_);
            block.factors.push_back(fit(column(i), rest));
            block.means.push_back(static_cast<double>(shift) +
                                  rest.sum / block.rows * block.factors.back());
            rests.push_back(rest.sum);
            pad(column(i));
        }
        products(matrix(cells_), matrix(cells_), true, products_.data());
        for (std::size_t i = 0; i < columns_.size(); ++i) {
            for (std::size_t j = i; j < columns_.size(); ++j) {
                products_[i * padded_ + j] -= rests[i] * rests[j] / block.rows;
            }
            products_[i * padded_ + i] = std::max(0.0, products_[i * padded_ + i]);
        }
        block.products.swap(products_);
        all_.merge(block, to_pairs);
        block.products.swap(products_);
    }

    /// A column with what is missing as 0, and a mask of what is there.
    void mask(std::size_t i, T* there, BlockPairs& block)
    {
        T* values = column(i);
        std::vector<T> present;
        for (std::size_t row = 0; row < held_; ++row) {
            there[row] = std::isfinite(values[row]) ? T{1} : T{0};
            if (there[row] != 0) {
                present.push_back(values[row]);
            }
        }
        const T shift = present.empty() ? T{0} : shift_for(present.data(), present.size());
        Rest rest;
        for (std::size_t row = 0; row < held_; ++row) {
            values[row] = there[row] != 0 ? values[row] - shift : T{0};
            rest.most = std::max(rest.most, std::abs(static_cast<double>(values[row])));
        }
        block.factors.push_back(fit(values, rest));
        block.means.push_back(static_cast<double>(shift));
        pad(values);
        pad(there);
    }

    void merge_pairs()
    {
        BlockPairs block;
        block.stride = padded_;
        std::vector<T> there(cells_.size()), squares(cells_.size());
        for (std::size_t i = 0; i < columns_.size(); ++i) {
            mask(i, there.data() + i * block_rows, block);
        }
        std::transform(cells_.begin(), cells_.end(), squares.begin(),
                       [](T value) { return value * value; });
        for (auto* sums : {&block.rows, &block.values, &block.squares, &block.products}) {
            sums->resize(padded_ * padded_);
        }
        products(matrix(there), matrix(there), false, block.rows.data());
        products(matrix(cells_), matrix(there), false, block.values.data());
        products(matrix(squares), matrix(there), false, block.squares.data());
        products(matrix(cells_), matrix(cells_), false, block.products.data());
        all_.merge(block);
    }

    Indices chosen_;
    std::vector<sidecar::Column> columns_;
    Missing missing_;
    std::size_t padded_;
    std::size_t held_ = 0;  ///< rows in the block
    std::vector<T> cells_;  ///< block_rows of each column, padding columns of zeros at the end
    std::vector<double> products_;
    Comoments all_;
};

bool is_single(const sidecar::Column& column)
{
    return column.type.id == sidecar::TypeId::float32;
}

}  // namespace

std::unique_ptr<Moments> Moments::make(Columns columns, const Indices& chosen, Missing missing)
{
    const bool single = std::all_of(chosen.begin(), chosen.end(),
                                    [&](std::size_t index) { return is_single(columns[index]); });
    if (single) {
        return std::make_unique<Blocked<float>>(columns, chosen, missing);
    }
    return std::make_unique<Blocked<double>>(columns, chosen, missing);
}

std::shared_ptr<Moments> SharedMoments::of(const Indices& chosen, Missing missing)
{
    for (Made& made : made_) {
        const bool can_be = made.whole_rows && missing == Missing::pairwise;
        if (made.chosen != chosen || (made.missing != missing && !can_be)) {
            continue;
        }
        if (can_be) {
            made.moments->allow_pairs();
            made.missing = missing;
        }
        made.whole_rows = false;
        return made.moments;
    }
    made_.push_back({chosen, missing, false, Moments::make(columns_, chosen, missing)});
    return made_.back().moments;
}

std::shared_ptr<Moments> SharedMoments::of_whole_rows(const Indices& chosen)
{
    for (const Made& made : made_) {
        if (made.chosen == chosen && made.missing != Missing::fail) {
            return made.moments;
        }
    }
    made_.push_back(
        {chosen, Missing::complete, true, Moments::make(columns_, chosen, Missing::complete)});
    return made_.back().moments;
}

Result<void> SharedMoments::append(std::span<const VectorView> views, std::uint64_t rows)
{
    for (const Made& made : made_) {
        if (Result<void> taken = made.moments->append(views, rows); !taken) {
            return taken;
        }
    }
    return {};
}

}  // namespace gatehouse::steps
