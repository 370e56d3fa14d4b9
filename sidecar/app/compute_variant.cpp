#include "sidecar/app/compute_variant.h"

#include <exception>
#include <memory>
#include <new>
#include <optional>
#include <span>

#include "sidecar/app/card_header.h"
#include "sidecar/app/compute_card.h"
#include "sidecar/base/clock.h"
#include "sidecar/base/process_memory.h"
#include "sidecar/on_demand/rows_sql.h"
#include "sidecar/steps/steps.h"
#include "src/board/variant_key.h"

namespace gatehouse::app {

namespace {

using on_demand::Attempt;
using on_demand::Computed;
using on_demand::Failure;
using on_demand::InvalidParam;
using on_demand::Options;
using on_demand::Question;
using on_demand::RowsQuery;
using sidecar::Relation;
using sidecar::Table;

Failure invalid(std::vector<InvalidParam> params)
{
    return {400, "The request's parameters are not valid.", std::move(params)};
}

/// The same question from the cursor on (RFC 8288).
std::string link_to_next(const std::string& key, const std::string& cursor)
{
    auto name = board::split_variant_key(key);
    if (!name) {
        return {};
    }
    std::erase_if(name->parameters, [](const auto& each) { return each.name == "cursor"; });
    name->parameters.push_back({"cursor", cursor});
    const auto next = board::join_variant_key(name->path, name->parameters);
    return next ? '<' + next.key + ">; rel=\"next\"" : std::string{};
}

/// What steps were given that took in the rows as they were read, and whether they failed.
struct Taken {
    std::uint64_t rows = 0;
    bool failed = false;
};

class NotingReducer : public sidecar::Reducer {
public:
    NotingReducer(std::unique_ptr<sidecar::Reducer> inner, Taken& taken)
        : inner_(std::move(inner)), taken_(taken)
    {
    }

    Result<void> append(std::span<const sidecar::VectorView> views, std::uint64_t rows) override
    {
        taken_.rows += rows;
        return noted(inner_->append(views, rows));
    }
    std::uint64_t bytes() const noexcept override { return inner_->bytes(); }
    std::uint64_t rows_held() const noexcept override { return inner_->rows_held(); }
    Result<Table> finish() override { return noted(inner_->finish()); }

private:
    template <class T>
    T noted(T result)
    {
        taken_.failed = !result;
        return result;
    }

    std::unique_ptr<sidecar::Reducer> inner_;
    Taken& taken_;
};

/// Empty where `make` is. Each reducer that is made begins anew; `taken` must outlive it.
sidecar::MakeReducer noting(sidecar::MakeReducer make, Taken& taken)
{
    if (!make) {
        return {};
    }
    return
        [make = std::move(make), &taken](
            std::span<const sidecar::Column> columns) -> Result<std::unique_ptr<sidecar::Reducer>> {
            auto inner = make(columns);
            taken = {.rows = 0, .failed = !inner};
            if (!inner) {
                return inner.error();
            }
            return {std::make_unique<NotingReducer>(std::move(*inner), taken)};
        };
}

class Answer {
public:
    Answer(const Setup& setup, const config::Card& card, const Question& question,
           const std::stop_token& stop)
        : setup_(setup), card_(card), question_(question), stop_(stop)
    {
    }

    /// The rows of the answer before they are rendered; `next` is the link that leads on.
    std::variant<Table, Failure> rows(Origin& origin, std::string& next)
    {
        // Where the rows are not picked first, steps may take them in while they are read.
        const auto steps = steps_asked_for();
        Taken taken;
        const auto reducer = wants_rows() ? nullptr : noting(steps::reducer_of(steps), taken);
        auto table = read_rows(setup_.executors, setup_.config, card_, question_.arguments, stop_,
                               origin, setup_.tables.get(), reducer);
        if (!table) {
            return taken.failed ? of_steps(table.error()) : Failure{500, table.error().message};
        }
        if ((reducer ? taken.rows : table->rows()) == 0 && card_.empty_is_not_found) {
            return Failure{404, "There is nothing of that name."};
        }
        if (reducer) {
            return fields(std::move(*table));
        }
        auto picked = picked_rows(std::move(*table), next);
        if (std::holds_alternative<Failure>(picked)) {
            return picked;
        }
        auto stepped = steps::apply(steps, std::get<Table>(std::move(picked)));
        return stepped ? fields(std::move(*stepped)) : of_steps(stepped.error());
    }

private:
    Failure of_steps(const Error& error) const
    {
        return question_.options.points
                   ? invalid({{"points", "does not suit this answer: " + error.message}})
                   : Failure{500, error.message};
    }

    std::vector<config::Step> steps_asked_for() const
    {
        auto steps = card_.steps;
        for (config::Step& step : steps) {
            if (step.name == "downsample" && question_.options.points) {
                step.number["points"] = static_cast<double>(*question_.options.points);
            }
        }
        return steps;
    }

    bool wants_rows() const
    {
        const Options& options = question_.options;
        return !options.filter.empty() || !options.sort.empty() || options.limit || options.after;
    }

    std::variant<Table, Failure> picked_rows(Table table, std::string& next)
    {
        if (!wants_rows()) {
            return table;
        }
        auto picked =
            select(table, on_demand::rows_query(table.columns(), question_.options, card_.key));
        const auto limit = question_.options.limit;
        if (!std::holds_alternative<Table>(picked) || !limit ||
            std::get<Table>(picked).rows() <= *limit) {
            return picked;
        }
        return first_page(std::get<Table>(std::move(picked)), *limit, next);
    }

    /// The rows up to the limit; there are more.
    std::variant<Table, Failure> first_page(const Table& table, std::uint64_t limit,
                                            std::string& next)
    {
        if (card_.query.cursor) {
            const auto query =
                on_demand::cursor_query(table.columns(), question_.options, card_.key, limit - 1);
            auto last = run(table, query);
            if (!last) {
                return Failure{500, last.error().message};
            }
            next = link_to_next(question_.key, on_demand::cursor_text(texts_of(*last)));
            if (next.empty()) {
                return invalid({{"sort", "names columns whose values are too long for a cursor"}});
            }
        }
        std::vector<std::uint64_t> rows(limit);
        for (std::uint64_t i = 0; i < limit; ++i) {
            rows[i] = i;
        }
        return table.select(rows);
    }

    static on_demand::CursorValues texts_of(const Table& table)
    {
        on_demand::CursorValues values;
        for (std::size_t i = 0; i < table.columns().size(); ++i) {
            const auto position = table.position(0);
            const auto& vector = table.vector(i);
            values.push_back(
                vector.valid(position)
                    ? std::optional{std::string{vector.cell<sidecar::Text>(position).view()}}
                    : std::nullopt);
        }
        return values;
    }

    std::variant<Table, Failure> fields(Table table)
    {
        if (question_.options.fields.empty()) {
            return table;
        }
        return select(table, on_demand::fields_query(table.columns(), question_.options.fields));
    }

    std::variant<Table, Failure> select(const Table& table,
                                        std::variant<RowsQuery, std::vector<InvalidParam>> query)
    {
        if (auto* wrong = std::get_if<std::vector<InvalidParam>>(&query)) {
            return invalid(std::move(*wrong));
        }
        auto rows = run(table, std::get<RowsQuery>(query));
        if (rows) {
            return std::move(*rows);
        }
        if (question_.options.after && !cursor_fits(table)) {
            return invalid({{"cursor", "must be that of an answer with the same sort"}});
        }
        return Failure{500, rows.error().message};
    }

    bool cursor_fits(const Table& table)
    {
        const auto fits =
            run(table, on_demand::cursor_check(table.columns(), question_.options, card_.key));
        return fits && fits->vector(0).cell<bool>(0);
    }

    Result<Table> run(const Table& table, const RowsQuery& query)
    {
        config::Card card;
        card.sql = query.sql;
        card.timeout = card_.timeout;
        card.max_rows = card_.max_rows + 1;
        const Relation relation{.name = on_demand::rows_relation, .rows = {table}};
        return setup_.executors.engine->compute(card, query.arguments, {&relation, 1}, stop_);
    }

    const Setup& setup_;
    const config::Card& card_;
    const Question& question_;
    const std::stop_token& stop_;
};

/// More than that the loop would be busy with for too long, when it is sealed.
constexpr std::size_t most_unsealed = 64 << 10;

std::size_t size_of(const ComputedCard& computed)
{
    std::size_t size = 0;
    for (const auto& body : computed.representations) {
        size += body.body.size();
    }
    return size;
}

enum class Asked { once, again };

Result<Snapshot> snapshot_of(const config::Card& card, std::string_view key, std::string_view link,
                             std::int64_t computed_at_ms, const ComputedCard& computed,
                             sidecar::Generations& generations, Asked asked)
{
    const std::string name = card.name + ' ' + std::string{key};
    const std::string require = joined_scopes(card);
    auto spec = header_spec(card, require);
    spec.name = name;
    spec.path = key;
    spec.link = link;
    spec.max_age_ms = static_cast<std::uint64_t>(card.ttl.value_or(card.max_age).count());
    spec.generation = generations.next();
    spec.computed_at_ms = computed_at_ms;
    spec.last_modified_s = computed_at_ms / 1000;
    for (const auto& body : computed.representations) {
        spec.bodies.push_back({body.format, body.encoding, body.content_type, body.body});
    }
    return asked == Asked::once && size_of(computed) <= most_unsealed
               ? board::Published::unsealed(board::build_unsealed(spec))
               : seal(spec);
}

/// What a snapshot without encodings was made of.
ComputedCard plain_bodies(const board::SnapshotView& view)
{
    ComputedCard plain;
    for (std::size_t i = 0; i < format_count; ++i) {
        const auto format = static_cast<Format>(i);
        if (view.encodings(format).contains(Encoding::identity)) {
            const auto held = view.representation(format, Encoding::identity);
            plain.representations.push_back({format, Encoding::identity,
                                             std::string{held.content_type},
                                             std::string{held.body}});
        }
    }
    return plain;
}

std::variant<Computed, Failure> answered(const Setup& setup, sidecar::Generations& generations,
                                         const config::Card& card, const Question& question,
                                         const std::stop_token& stop, Origin& origin)
{
    std::string next;
    auto rows = Answer{setup, card, question, stop}.rows(origin, next);
    if (auto* failure = std::get_if<Failure>(&rows)) {
        return std::move(*failure);
    }
    auto computed = represent(card, std::get<Table>(rows));
    if (!computed) {
        return Failure{500, computed.error().message};
    }
    auto snapshot = snapshot_of(card, question.key, next, sidecar::unix_ms(), *computed,
                                generations, Asked::once);
    if (!snapshot) {
        return Failure{500, snapshot.error().message};
    }
    // What requests leave out by `fields` is the card's all the same.
    auto columns = question.options.fields.empty() ? std::get<Table>(rows).columns()
                                                   : std::vector<sidecar::Column>{};
    return Computed{std::move(*snapshot), computed->rows, std::move(columns)};
}

}  // namespace

on_demand::Compute make_answers(std::shared_ptr<const Setup> setup,
                                std::shared_ptr<sidecar::Generations> generations)
{
    return [setup = std::move(setup), generations = std::move(generations)](
               const config::Card& card, const Question& question, const std::stop_token& stop) {
        const sidecar::UnderMemoryLimit limited;
        const auto origin = std::make_shared<Origin>();
        auto result = [&]() -> std::variant<Computed, Failure> {
            try {
                return answered(*setup, *generations, card, question, stop, *origin);
            } catch (const std::bad_alloc&) {
                return Failure{500, "needs more memory than the sidecar may have"};
            }
        }();
        Attempt attempt{std::move(result), nullptr};
        if (yields_the_same(setup->executors, card)) {
            attempt.sources_unchanged = [setup, origin] {
                return setup->tables->are_current(origin->inner) &&
                       unchanged(setup->executors, setup->config, origin->inputs);
            };
        }
        return attempt;
    };
}

on_demand::Compress make_compress(std::shared_ptr<sidecar::Generations> generations)
{
    return [generations = std::move(generations)](const config::Card& card,
                                                  const Snapshot& plain) -> Snapshot {
        const sidecar::UnderMemoryLimit limited;
        try {
            const auto& view = plain->view();
            auto bodies = plain_bodies(view);
            const auto identities = bodies.representations.size();
            bodies = compressed(card, std::move(bodies));
            if (bodies.representations.size() == identities) {
                return nullptr;
            }
            auto snapshot = snapshot_of(card, view.path(), view.link(), view.computed_at_ms(),
                                        bodies, *generations, Asked::again);
            return snapshot ? std::move(*snapshot) : nullptr;
        } catch (const std::exception&) {
            return nullptr;
        }
    };
}

}  // namespace gatehouse::app
