// Step "aggregate": figures of columns, of all rows or of groups of them.
#include <algorithm>
#include <cstring>
#include <limits>
#include <optional>

#include "sidecar/steps/classes.h"
#include "sidecar/steps/figures.h"
#include "sidecar/steps/make_table.h"
#include "sidecar/steps/options.h"
#include "sidecar/steps/step.h"
#include "sidecar/steps/values.h"

namespace gatehouse::steps {
namespace {

using sidecar::Table;
using sidecar::Type;
using sidecar::TypeId;
using sidecar::VectorView;

constexpr std::size_t most_groups = 100'000;

/// One field of the result.
struct Field {
    std::string object, name;
    Figure figure;
    std::string column;
    std::size_t index = 0;  ///< of the column among those that are tallied
};

/// `max(knowledge_max)`.
std::optional<Field> parsed(const std::string& object, const std::string& name,
                            const std::string& text)
{
    const auto open = text.find('(');
    if (open == text.npos || !text.ends_with(')')) {
        return std::nullopt;
    }
    const auto figure = Figure::named(std::string_view(text).substr(0, open));
    const std::string column = text.substr(open + 1, text.size() - open - 2);
    return figure && !column.empty() ? std::optional(Field{object, name, *figure, column})
                                     : std::nullopt;
}

Result<void> check_options(const config::Step& step)
{
    if (auto known = check_known(step, {"columns", "functions", "quantiles", "by", "values"});
        !known) {
        return known;
    }
    for (const std::string& name : names_option(step, "functions")) {
        if (!Figure::named(name)) {
            return Error{"function \"" + name + "\" is not known"};
        }
    }
    for (const auto& [object, fields] : step.values) {
        for (const auto& [name, text] : fields) {
            if (!parsed(object, name, text)) {
                return Error{"value \"" + text + "\" is not of the form \"max(column)\""};
            }
        }
    }
    const bool listed = step.names.contains("columns") || step.names.contains("functions") ||
                        step.numbers.contains("quantiles");
    if (listed && !step.values.empty()) {
        return Error{R"("values" excludes "columns", "functions" and "quantiles")"};
    }
    return {};
}

/// The same figures of each column.
std::vector<Field> uniform_fields(const config::Step& step, Columns columns, const Indices& chosen)
{
    std::vector<std::string> names = names_option(step, "functions");
    const auto quantiles = step.numbers.find("quantiles");
    const bool any_quantiles = quantiles != step.numbers.end();
    if (names.empty() && !any_quantiles) {
        names = {"min", "max", "mean", "final"};
    }
    std::vector<Field> fields;
    for (const std::size_t index : chosen) {
        const std::string& column = columns[index].name;
        for (const std::string& name : names) {
            fields.push_back({column, name, *Figure::named(name), column});
        }
        for (const double quantile : any_quantiles ? quantiles->second : std::vector<double>{}) {
            const std::string name = quantile_name(quantile);
            if (std::find(names.begin(), names.end(), name) == names.end()) {
                fields.push_back({column, name, {Function::quantile, quantile}, column});
            }
        }
    }
    return fields;
}

Result<std::vector<Field>> fields_of(const config::Step& step, Columns columns, const Indices& by)
{
    std::vector<Field> fields;
    if (step.values.empty()) {
        const auto named = columns_named(columns, names_option(step, "columns"));
        if (!named) {
            return named.error();
        }
        // Whatever is named; whether the figures fit is seen below.
        const auto chosen = named->empty() ? number_columns(step, columns, by) : named;
        if (!chosen) {
            return chosen.error();
        }
        fields = uniform_fields(step, columns, *chosen);
    }
    for (const auto& [object, values] : step.values) {
        for (const auto& [name, text] : values) {
            fields.push_back(*parsed(object, name, text));
        }
    }
    return fields;
}

/// Finds the fields' columns, each once.
Result<Indices> tallied_columns(std::vector<Field>& fields, Columns columns)
{
    Indices tallied;
    for (Field& field : fields) {
        const auto index = column_named(columns, field.column);
        if (!index) {
            return index.error();
        }
        if (!field.figure.fits(columns[*index].type)) {
            return Error{'"' + field.name + "\" cannot be made of column \"" + field.column +
                         "\", which is " + std::string(sidecar::name_of(columns[*index].type.id))};
        }
        const auto known = std::find(tallied.begin(), tallied.end(), *index);
        field.index = static_cast<std::size_t>(known - tallied.begin());
        if (known == tallied.end()) {
            tallied.push_back(*index);
        }
    }
    return tallied;
}

/// A column of the rows that come.
struct Tallied {
    std::size_t index;
    Type type;
    bool keeps_values = false;  ///< for quantiles
    bool keeps_ends = false;

    bool is_whole() const noexcept
    {
        return has_order(type) && type.id != TypeId::float32 && type.id != TypeId::float64;
    }
};

std::optional<std::string> cell_at(const VectorView& view, const Type& type, std::uint64_t row)
{
    if (is_null(view, row)) {
        return std::nullopt;
    }
    if (type.id == TypeId::text || type.id == TypeId::blob) {
        return std::string(static_cast<const sidecar::Text*>(view.data)[row].view());
    }
    const std::size_t size = sidecar::cell_size(type);
    return std::string(static_cast<const char*>(view.data) + row * size, size);
}

class Aggregate final : public sidecar::Reducer {
public:
    Aggregate(Columns columns, const Indices& by, std::vector<Field> fields, const Indices& tallied)
        : fields_(std::move(fields)), grouped_(!by.empty()), groups_(columns, by, true)
    {
        for (const std::size_t index : tallied) {
            columns_.push_back({index, columns[index].type});
        }
        for (const Field& field : fields_) {
            const Function function = field.figure.function;
            Tallied& column = columns_[field.index];
            column.keeps_values = column.keeps_values || function == Function::quantile;
            column.keeps_ends =
                column.keeps_ends || function == Function::first || function == Function::final;
        }
        tallies_.resize(grouped_ ? 0 : columns_.size());
    }

    Result<void> append(std::span<const VectorView> views, std::uint64_t rows) override
    {
        if (auto known = groups_.classify(views, rows, group_of_, most_groups); !known) {
            return known;
        }
        tallies_.resize(std::max(tallies_.size(), groups_.count() * columns_.size()));
        for (std::size_t i = 0; i < columns_.size(); ++i) {
            add_column(i, views[columns_[i].index], rows);
        }
        return {};
    }

    std::uint64_t bytes() const noexcept override
    {
        return groups_.bytes() + tallies_.size() * sizeof(Tally) + kept_bytes_;
    }

    Result<Table> finish() override
    {
        const std::uint64_t rows = columns_.empty() ? 0 : tallies_.size() / columns_.size();
        TableMaker maker(rows);
        if (grouped_) {
            const Table keys = groups_.table();
            for (std::size_t i = 0; i < keys.columns().size(); ++i) {
                const sidecar::Column& column = keys.columns()[i];
                maker.add(column.name, copy_of(keys, i));
            }
        }
        for (std::size_t i = 0; i < fields_.size();) {
            std::vector<std::pair<std::string, Cells>> object;
            const std::string& name = fields_[i].object;
            for (; i < fields_.size() && fields_[i].object == name; ++i) {
                const Field& field = fields_[i];
                object.emplace_back(field.name, figures_of(field.figure, columns_[field.index].type,
                                                           tallies_, field.index, columns_.size()));
            }
            maker.add(name, objects_of(std::move(object)));
        }
        return std::move(maker).done();
    }

private:
    void add_column(std::size_t index, const VectorView& view, std::uint64_t rows)
    {
        const Tallied& column = columns_[index];
        numbers_.assign(rows, 0);
        whole_.clear();
        if (has_order(column.type)) {
            copy_numbers(view, column.type, 0, rows, numbers_.data());
            if (column.is_whole()) {
                whole_.resize(rows);
                copy_whole(view, column.type, rows, whole_.data());
            }
        } else {
            for (std::uint64_t row = 0; row < rows; ++row) {
                numbers_[row] = is_null(view, row) ? std::numeric_limits<double>::quiet_NaN() : 0;
            }
        }
        for (std::uint64_t begin = 0; begin < rows;) {
            std::uint64_t end = begin + 1;
            while (end < rows && group_of_[end] == group_of_[begin]) {
                ++end;
            }
            add_run(index, view, begin, end);
            begin = end;
        }
    }

    void add_run(std::size_t index, const VectorView& view, std::uint64_t begin, std::uint64_t end)
    {
        const Tallied& column = columns_[index];
        Tally& to = tallies_[group_of_[begin] * columns_.size() + index];
        const std::span<const double> numbers(&numbers_[begin], end - begin);
        const std::uint64_t before = to.bytes();
        to.add(numbers,
               whole_.empty() ? std::span<const Tally::Wide>()
                              : std::span<const Tally::Wide>(&whole_[begin], end - begin),
               column.keeps_values);
        kept_bytes_ += to.bytes() - before;
        if (column.keeps_ends) {
            to.add_ends(cell_at(view, column.type, begin), cell_at(view, column.type, end - 1));
        }
    }

    std::vector<Field> fields_;
    bool grouped_;
    Classes groups_;
    std::vector<Tallied> columns_;
    std::vector<Tally> tallies_;  ///< [group * columns + column]
    std::uint64_t kept_bytes_ = 0;
    std::vector<std::uint32_t> group_of_;
    std::vector<double> numbers_;
    std::vector<Tally::Wide> whole_;
};

Result<std::unique_ptr<sidecar::Reducer>> reduce(const config::Step& step, Columns columns,
                                                 SharedMoments&)
{
    const auto by = columns_named(columns, names_option(step, "by"));
    if (!by) {
        return by.error();
    }
    if (auto can = Classes::check(columns, *by); !can) {
        return can.error();
    }
    auto fields = fields_of(step, columns, *by);
    if (!fields) {
        return fields.error();
    }
    const auto tallied = tallied_columns(*fields, columns);
    if (!tallied) {
        return tallied.error();
    }
    return std::unique_ptr<sidecar::Reducer>(
        std::make_unique<Aggregate>(columns, *by, std::move(*fields), *tallied));
}

bool is_one_row(const config::Step& step)
{
    return names_option(step, "by").empty();
}

}  // namespace

const Kind aggregate{
    .name = "aggregate", .check = check_options, .reduce = reduce, .is_one_row = is_one_row};

}  // namespace gatehouse::steps
