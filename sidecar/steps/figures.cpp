#include "sidecar/steps/figures.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstring>
#include <limits>

#include "sidecar/steps/products.h"
#include "sidecar/steps/values.h"

namespace gatehouse::steps {
namespace {

using sidecar::Type;
using sidecar::TypeId;
using Wide = Tally::Wide;

constexpr double nan = std::numeric_limits<double>::quiet_NaN();

constexpr std::array<std::pair<std::string_view, Function>, 8> functions{{
    {"min", Function::min},
    {"max", Function::max},
    {"mean", Function::mean},
    {"first", Function::first},
    {"final", Function::final},
    {"sum", Function::sum},
    {"count", Function::count},
    {"stddev", Function::stddev},
}};

bool is_floating(const Type& type)
{
    return type.id == TypeId::float32 || type.id == TypeId::float64;
}

void set_null(sidecar::Vector& vector, std::uint64_t row, std::uint64_t rows)
{
    if (vector.validity.empty()) {
        vector.validity.assign((rows + 63) / 64, ~std::uint64_t{0});
    }
    vector.validity[row >> 6] &= ~(std::uint64_t{1} << (row & 63));
}

/// The bytes of a whole number in a cell of so many; machines we build for are little endian.
void put_whole(sidecar::Vector& vector, std::uint64_t row, std::size_t size, Wide value)
{
    std::memcpy(vector.data.data() + row * size, &value, size);
}

/// Linear between the two values beside it, as numpy has it unless told otherwise.
double quantile_of(std::vector<double>& values, double quantile)
{
    if (values.empty()) {
        return nan;
    }
    const double place = quantile * static_cast<double>(values.size() - 1);
    const auto below = static_cast<std::size_t>(place);
    const auto at = values.begin() + static_cast<std::ptrdiff_t>(below);
    std::nth_element(values.begin(), at, values.end());
    const double part = place - static_cast<double>(below);
    if (part == 0) {
        return *at;
    }
    const double above = *std::min_element(at + 1, values.end());
    return *at + (above - *at) * part;
}

Cells whole_cells(const Figure& figure, const Type& type, std::span<const Tally> tallies,
                  std::size_t column, std::size_t stride)
{
    Cells cells{type, {}};
    if (figure.function == Function::sum) {
        const bool decimal = type.id == TypeId::decimal;
        cells.type = {.id = decimal ? TypeId::decimal : TypeId::int128,
                      .storage = decimal ? TypeId::int128 : TypeId::null,
                      .scale = type.scale};
    }
    const std::size_t size = sidecar::cell_size(cells.type);
    const std::uint64_t rows = tallies.size() / stride;
    cells.vector.data.resize(rows * size);
    for (std::uint64_t row = 0; row < rows; ++row) {
        const Tally& tally = tallies[row * stride + column];
        put_whole(cells.vector, row, size, tally.whole(figure.function));
        if (tally.count() == 0 && figure.function != Function::sum) {
            set_null(cells.vector, row, rows);
        }
    }
    return cells;
}

Cells end_cells(const Figure& figure, const Type& type, std::span<const Tally> tallies,
                std::size_t column, std::size_t stride)
{
    const std::uint64_t rows = tallies.size() / stride;
    const std::size_t size = sidecar::cell_size(type);
    const bool is_text = type.id == TypeId::text || type.id == TypeId::blob;
    std::vector<std::string> bytes;
    for (std::uint64_t row = 0; row < rows; ++row) {
        const auto& end = tallies[row * stride + column].end(figure.function);
        bytes.push_back(end.value_or(is_text ? "" : std::string(size, '\0')));
    }
    Cells cells{type, {}};
    if (is_text) {
        cells = cells_of(bytes);
        cells.type = type;
    } else {
        cells.vector.data.resize(rows * size);
    }
    for (std::uint64_t row = 0; row < rows; ++row) {
        if (!is_text) {
            std::memcpy(cells.vector.data.data() + row * size, bytes[row].data(), size);
        }
        if (!tallies[row * stride + column].end(figure.function)) {
            set_null(cells.vector, row, rows);
        }
    }
    return cells;
}

}  // namespace

std::optional<Figure> Figure::named(std::string_view name)
{
    for (const auto& [known, function] : functions) {
        if (name == known) {
            return Figure{function, 0};
        }
    }
    if (name == "median") {
        return Figure{Function::quantile, 0.5};
    }
    double percent = 0;
    const char* end = name.data() + name.size();
    if (name.size() < 2 || name[0] != 'p' || name[1] == '-') {
        return std::nullopt;
    }
    const auto [stop, error] =
        std::from_chars(name.data() + 1, end, percent, std::chars_format::fixed);
    const bool good = error == std::errc{} && stop == end && percent >= 0 && percent <= 100;
    return good ? std::optional(Figure{Function::quantile, percent / 100}) : std::nullopt;
}

bool Figure::fits(const Type& type) const noexcept
{
    switch (function) {
    case Function::count:
    case Function::first:
    case Function::final: return sidecar::cell_size(type) > 0 && type.children.empty();
    case Function::min:
    case Function::max: return has_order(type);
    default: return is_number(type) || type.id == TypeId::boolean;
    }
}

std::string quantile_name(double quantile)
{
    std::array<char, 32> text{};
    const double percent = std::round(quantile * 1e8) / 1e6;
    const auto end = std::to_chars(text.data(), text.data() + text.size(), percent).ptr;
    return 'p' + std::string(text.data(), end);
}

void Tally::add(std::span<const double> numbers, std::span<const Wide> whole, bool keep_values)
{
    if (std::isnan(sum(numbers.data(), numbers.size()))) {
        for (std::size_t i = 0; i < numbers.size(); ++i) {
            if (!std::isnan(numbers[i])) {
                add_run(numbers.subspan(i, 1), whole.empty() ? whole : whole.subspan(i, 1));
            }
        }
    } else {
        add_run(numbers, whole);
    }
    for (const double value : numbers) {
        if (keep_values && !std::isnan(value)) {
            values_.push_back(value);
        }
    }
}

void Tally::add_run(std::span<const double> numbers, std::span<const Wide> whole)
{
    const auto count = static_cast<double>(numbers.size());
    const double total = sum(numbers.data(), numbers.size());
    const double mean = total / count;
    double squares = 0;
    for (const double value : numbers) {
        squares += (value - mean) * (value - mean);
    }
    const auto [low, high] = std::minmax_element(numbers.begin(), numbers.end());
    const bool first = count_ == 0;
    least_ = first ? *low : std::min(least_, *low);
    greatest_ = first ? *high : std::max(greatest_, *high);
    const double all = static_cast<double>(count_) + count;
    const double shift = first ? 0 : mean - mean_;
    squares_ += squares + shift * shift * (static_cast<double>(count_) * (count / all));
    mean_ = first ? mean : mean_ + shift * (count / all);
    sum_ += total;
    if (!whole.empty()) {
        const auto [low_whole, high_whole] = std::minmax_element(whole.begin(), whole.end());
        whole_least_ = first ? *low_whole : std::min(whole_least_, *low_whole);
        whole_greatest_ = first ? *high_whole : std::max(whole_greatest_, *high_whole);
        for (const Wide value : whole) {
            // Wraps where a sum needs more than 128 bits.
            __extension__ typedef unsigned __int128 Bits;
            whole_sum_ =
                static_cast<Wide>(static_cast<Bits>(whole_sum_) + static_cast<Bits>(value));
        }
    }
    count_ += numbers.size();
}

void Tally::add_ends(std::optional<std::string> first, std::optional<std::string> last)
{
    if (!begun_) {
        first_ = std::move(first);
        begun_ = true;
    }
    last_ = std::move(last);
}

double Tally::number(const Figure& figure) const
{
    switch (figure.function) {
    case Function::count: return static_cast<double>(count_);
    case Function::sum: return sum_;
    case Function::min: return count_ > 0 ? least_ : nan;
    case Function::max: return count_ > 0 ? greatest_ : nan;
    case Function::mean: return count_ > 0 ? sum_ / static_cast<double>(count_) : nan;
    case Function::stddev:
        return count_ > 1 ? std::sqrt(squares_ / static_cast<double>(count_ - 1)) : nan;
    case Function::quantile: return quantile_of(values_, figure.quantile);
    default: return nan;
    }
}

Wide Tally::whole(Function function) const noexcept
{
    return function == Function::min   ? whole_least_
           : function == Function::max ? whole_greatest_
                                       : whole_sum_;
}

Cells figures_of(const Figure& figure, const Type& type, std::span<const Tally> tallies,
                 std::size_t column, std::size_t stride)
{
    const bool ordered = figure.function == Function::min || figure.function == Function::max;
    if (figure.function == Function::first || figure.function == Function::final) {
        return end_cells(figure, type, tallies, column, stride);
    }
    if ((ordered || figure.function == Function::sum) && !is_floating(type)) {
        return whole_cells(figure, type, tallies, column, stride);
    }
    std::vector<double> values;
    for (std::size_t i = column; i < tallies.size(); i += stride) {
        values.push_back(tallies[i].number(figure));
    }
    if (figure.function == Function::count) {
        return cells_of(std::vector<std::int64_t>(values.begin(), values.end()));
    }
    if (ordered && type.id == TypeId::float32) {
        return cells_of(std::vector<float>(values.begin(), values.end()));
    }
    return cells_of(values);
}

}  // namespace gatehouse::steps
