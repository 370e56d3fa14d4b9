#include "sidecar/steps/class_sums.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "sidecar/steps/classes.h"
#include "sidecar/steps/products.h"
#include "sidecar/steps/values.h"

namespace gatehouse::steps {

ClassSums::ClassSums(Columns columns, Indices chosen) : chosen_(std::move(chosen))
{
    for (const std::size_t index : chosen_) {
        types_.push_back(columns[index].type);
    }
}

/// A counting sort, which keeps the order of a class's rows.
void ClassSums::order_by_class(std::span<const std::uint32_t> classes, std::size_t count)
{
    ends_.assign(count + 1, 0);
    for (const std::uint32_t index : classes) {
        if (index != Classes::none) {
            ++ends_[index + 1];
        }
    }
    for (std::size_t i = 0; i < count; ++i) {
        ends_[i + 1] += ends_[i];
    }
    order_.resize(ends_[count]);
    for (std::uint32_t row = 0; row < classes.size(); ++row) {
        if (classes[row] != Classes::none) {
            order_[ends_[classes[row]]++] = row;
        }
    }
}

void ClassSums::append(std::span<const sidecar::VectorView> views, std::uint64_t rows,
                       std::span<const std::uint32_t> classes, std::size_t count)
{
    rows_.resize(count);
    sums_.resize(count * chosen_.size());
    order_by_class(classes, count);
    for (std::size_t i = 0; i < count; ++i) {
        rows_[i] += ends_[i] - (i > 0 ? ends_[i - 1] : 0);
    }
    values_.resize(rows);
    in_order_.resize(order_.size());
    const bool sorted = order_.size() == rows && std::is_sorted(order_.begin(), order_.end());
    for (std::size_t column = 0; column < chosen_.size(); ++column) {
        copy_numbers(views[chosen_[column]], types_[column], 0, rows, values_.data());
        if (sorted) {
            add(values_, column);
            continue;
        }
        for (std::size_t i = 0; i < order_.size(); ++i) {
            in_order_[i] = values_[order_[i]];
        }
        add(in_order_, column);
    }
}

void ClassSums::add(std::span<const double> values, std::size_t column)
{
    std::size_t begin = 0;
    for (std::size_t index = 0; index < rows_.size(); ++index) {
        const std::size_t end = ends_[index];
        Sum& to = sums_[index * chosen_.size() + column];
        const double total = begin < end ? sum(&values[begin], end - begin) : 0;
        if (std::isfinite(total)) {
            to.sum += total;
        } else {
            for (std::size_t row = begin; row < end; ++row) {
                const bool there = std::isfinite(values[row]);
                to.sum += there ? values[row] : 0;
                to.missing += there ? 0 : 1;
            }
        }
        begin = end;
    }
}

double ClassSums::mean(std::size_t index, std::size_t column) const noexcept
{
    const Sum& of = sums_[index * chosen_.size() + column];
    return of.sum / (static_cast<double>(rows_[index]) - of.missing);
}

}  // namespace gatehouse::steps
