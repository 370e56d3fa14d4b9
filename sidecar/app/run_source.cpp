#include "sidecar/app/run_source.h"

#include <algorithm>
#include <cctype>

#include "sidecar/base/table_builder.h"
#include "sidecar/base/table_bytes.h"
#include "sidecar/base/units.h"

namespace gatehouse::app {

namespace {

using datasets::Run;
using datasets::RunStore;
using sidecar::Column;
using sidecar::Relation;
using sidecar::Table;
using sidecar::TableBuilder;
using sidecar::Text;
using sidecar::TypeId;
using sidecar::VectorView;

const Error no_state{
    "its runs need a place to be kept; set \"path\" or \"url\" of \"state\" in the configuration"};

Text text_cell(const std::string& text)
{
    Text cell{};
    cell.length = static_cast<std::uint32_t>(text.size());
    if (text.size() <= Text::short_length) {
        std::copy(text.begin(), text.end(), reinterpret_cast<char*>(&cell) + offsetof(Text, head));
    } else {
        std::copy_n(text.begin(), sizeof cell.head, cell.head);
        cell.data = text.data();
    }
    return cell;
}

VectorView view_of(const void* data)
{
    return {data, nullptr, 0, {}};
}

Table table_of_runs(const std::vector<Run>& runs)
{
    std::vector<std::int64_t> ids, times;
    std::vector<Text> names, parameters;
    for (const auto& run : runs) {
        ids.push_back(run.id);
        times.push_back(run.head.time_us.value_or(0));
        names.push_back(text_cell(run.head.name));
        parameters.push_back(text_cell(run.head.parameters));
    }
    TableBuilder builder{{{"id", {.id = TypeId::int64}},
                          {"name", {.id = TypeId::text}},
                          {"time", {.id = TypeId::timestamp_us}},
                          {"parameters", {.id = TypeId::text}}}};
    const std::vector<VectorView> views{view_of(ids.data()), view_of(names.data()),
                                        view_of(times.data()), view_of(parameters.data())};
    builder.append(views, runs.size());
    return std::move(builder).finish();
}

/// The type of a column as it was kept.
sidecar::Type type_named(const std::string& name)
{
    if (name == "BOOLEAN") {
        return {.id = TypeId::boolean};
    }
    if (name == "DOUBLE") {
        return {.id = TypeId::float64};
    }
    if (name == "DATE") {
        return {.id = TypeId::date};
    }
    if (name == "TIMESTAMP") {
        return {.id = TypeId::timestamp_us};
    }
    return {.id = name == "BIGINT" ? TypeId::int64 : TypeId::text};
}

std::vector<Column> columns_of(const sidecar::SqlColumns& kept)
{
    std::vector<Column> columns{{"run_id", {.id = TypeId::int64}}};
    for (const auto& [name, type] : kept) {
        columns.push_back({name, type_named(type)});
    }
    return columns;
}

/// Adds the rows of one run behind its id.
Result<void> append(TableBuilder& builder, const RunStore::Rows& kept, std::size_t columns)
{
    const auto table = sidecar::table_of(kept.data);
    if (!table) {
        return Error{"run " + std::to_string(kept.run) + ": " + table.error().message};
    }
    if (table->columns().size() + 1 != columns) {
        return Error{"run " + std::to_string(kept.run) + " has other columns than the others"};
    }
    const std::vector<std::int64_t> ids(table->rows(), kept.run);
    std::vector<VectorView> views{view_of(ids.data())};
    for (std::size_t i = 0; i < table->columns().size(); ++i) {
        const auto& vector = table->vector(i);
        views.push_back({vector.data.data(),
                         vector.validity.empty() ? nullptr : vector.validity.data(),
                         0,
                         {}});
    }
    builder.append(views, table->rows());
    return {};
}

Result<Table> table_of_rows(RunStore& store, const config::Source& source,
                            std::optional<std::int64_t> run)
{
    const auto known = store.known(source.name);
    const auto kept = known ? store.rows(source.name, run) : known.failure();
    if (!kept) {
        return Error{kept.failure().message};
    }
    const auto columns = columns_of(known->columns.empty() ? source.columns : known->columns);
    TableBuilder builder{columns};
    for (const auto& rows : *kept) {
        if (auto added = append(builder, rows, columns.size()); !added) {
            return added.error();
        }
    }
    return std::move(builder).finish();
}

Result<void> check_size(const std::vector<Run>& runs, std::uint64_t most_bytes)
{
    std::uint64_t bytes = 0;
    for (const auto& run : runs) {
        bytes += run.bytes;
    }
    return bytes <= most_bytes
               ? Result<void>{}
               : Error{
                     "the rows of all runs take " + sidecar::format_size(bytes) +
                     ", more than \"memory_limit\" of \"engine\" allows; have cards read one run"};
}

std::string lower(std::string text)
{
    std::transform(text.begin(), text.end(), text.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return text;
}

}  // namespace

bool is_runs(const config::Source& source)
{
    return source.kind == "dataset" && source.runs;
}

Result<sources::Fingerprint> fingerprint_of_runs(RunStore* store, const config::Source& source)
{
    if (store == nullptr) {
        return no_state;
    }
    const auto known = store->known(source.name);
    if (!known) {
        return Error{known.failure().message};
    }
    sources::Fingerprint seen;
    seen.mark = std::to_string(known->revision);
    return seen;
}

RunSelection selection_for(const std::string& sql, const config::Source& source)
{
    RunSelection selection;
    selection.rows = lower(sql).find(lower(source.name) + "_rows") != std::string::npos;
    return selection;
}

Result<std::vector<Relation>> relations_of_runs(RunStore* store, const config::Source& source,
                                                const RunSelection& selection,
                                                std::uint64_t most_bytes)
{
    if (store == nullptr) {
        return no_state;
    }
    const auto runs = store->runs(source.name, selection.run);
    if (!runs) {
        return Error{runs.failure().message};
    }
    std::vector<Relation> relations(1);
    relations[0].name = source.name;
    relations[0].rows = {table_of_runs(*runs)};
    if (!selection.rows) {
        return relations;
    }
    if (auto fits = check_size(*runs, most_bytes); !fits) {
        return fits.error();
    }
    auto rows = table_of_rows(*store, source, selection.run);
    if (!rows) {
        return rows.error();
    }
    auto& relation = relations.emplace_back();
    relation.name = source.name + "_rows";
    relation.rows = {std::move(*rows)};
    return relations;
}

}  // namespace gatehouse::app
