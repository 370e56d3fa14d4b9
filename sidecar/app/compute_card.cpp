#include "sidecar/app/compute_card.h"

#include <optional>
#include <span>
#include <thread>

#include "sidecar/render/compress.h"
#include "sidecar/render/render.h"
#include "sidecar/steps/steps.h"

namespace gatehouse::app {
namespace {

using render::Representation;
using sidecar::Relation;
using sidecar::Table;
using sources::Fingerprint;

/// A writer that is done within some hundred milliseconds costs one or two attempts.
constexpr int most_attempts = 4;
constexpr std::chrono::milliseconds first_pause{50};

Error of_source(const std::string& name, const Error& error)
{
    return {"source \"" + name + "\": " + error.message};
}

struct Opened {
    std::vector<Relation> relations;
    Inputs inputs;
};

Result<void> open_source(const config::Source& source, Opened& to)
{
    Result<Fingerprint> files = sources::fingerprint(source);
    if (!files) {
        return of_source(source.name, files.error());
    }
    Result<Relation> relation = sources::relation(source, *files);
    if (!relation) {
        return of_source(source.name, relation.error());
    }
    to.relations.push_back(std::move(*relation));
    to.inputs.emplace(source.name, std::move(*files));
    return {};
}

Result<Opened> open_sources(const config::Config& config, const config::Card& card)
{
    Opened opened;
    for (const std::string& name : card.sources) {
        const auto source = config.sources.find(name);
        if (source == config.sources.end()) {
            return Error{"source \"" + name + "\" is not declared"};
        }
        if (Result<void> one = open_source(source->second, opened); !one) {
            return one.error();
        }
    }
    return opened;
}

/// What a look at the files says of an error of the engine, if it says anything.
std::optional<Error> diagnosed(const config::Config& config, const Inputs& inputs)
{
    for (const auto& [name, files] : inputs) {
        if (auto reason = sources::diagnose(config.sources.at(name), files)) {
            return of_source(name, {*reason});
        }
    }
    return std::nullopt;
}

/// The name of a source that is not what it was, if there is one.
std::optional<std::string> changed_source(const config::Config& config, const Inputs& inputs)
{
    for (const auto& [name, files] : inputs) {
        const auto source = config.sources.find(name);
        if (source == config.sources.end()) {
            return name;
        }
        const Result<Fingerprint> now = sources::fingerprint(source->second);
        if (!now || *now != files) {
            return name;
        }
    }
    return std::nullopt;
}

void wait(std::chrono::milliseconds pause, const std::stop_token& stop)
{
    const auto end = std::chrono::steady_clock::now() + pause;
    while (!stop.stop_requested() && std::chrono::steady_clock::now() < end) {
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
}

struct Snapshot {
    Table table;
    Inputs inputs;
};

/// One attempt: a table, an error, or nothing when a source changed while it was read, whatever came
/// of it.
std::optional<Result<Snapshot>> attempt(engine::Engine& engine, const config::Config& config,
                                        const config::Card& card, const std::stop_token& stop)
{
    Result<Opened> opened = open_sources(config, card);
    if (!opened) {
        return opened.error();
    }
    Result<Table> table = engine.compute(card, opened->relations, stop);
    if (changed_source(config, opened->inputs)) {
        return std::nullopt;
    }
    if (table) {
        return Snapshot{std::move(*table), std::move(opened->inputs)};
    }
    return diagnosed(config, opened->inputs).value_or(table.error());
}

Result<Snapshot> read_steadily(engine::Engine& engine, const config::Config& config,
                               const config::Card& card, const std::stop_token& stop)
{
    auto pause = first_pause;
    for (int i = 0; i < most_attempts && !stop.stop_requested(); ++i, pause *= 3) {
        if (i > 0) {
            wait(pause, stop);
        }
        if (auto result = attempt(engine, config, card, stop)) {
            return std::move(*result);
        }
    }
    return Error{stop.stop_requested() ? "was stopped before it was done"
                                       : "its sources changed each time they were read; write them "
                                         "under another name and rename them"};
}

void add_encodings(const config::Card& card, std::vector<Representation>& to)
{
    const Representation identity = to.back();
    const render::Effort effort = render::effort_for(card.refresh, identity.body.size());
    for (const Encoding encoding : {Encoding::gzip, Encoding::br, Encoding::zstd}) {
        if (auto body = render::compress(identity.body, encoding, effort)) {
            to.push_back({identity.format, encoding, identity.content_type, std::move(*body)});
        }
    }
}

Result<std::vector<Representation>> represent(const config::Card& card, const Table& table)
{
    std::vector<Representation> all;
    for (const std::string& name : card.formats) {
        const std::optional<Format> format = format_named(name);
        if (!format) {
            return Error{"format \"" + name + "\" is not known"};
        }
        Result<std::string> body = render::render(table, *format, card.shape);
        if (!body) {
            return body.error();
        }
        all.push_back({*format, Encoding::identity, std::string(render::content_type(*format)),
                       std::move(*body)});
        if (card.compress) {
            add_encodings(card, all);
        }
    }
    return all;
}

}  // namespace

Result<std::unique_ptr<engine::Engine>> open_engine(const config::Config& config)
{
    Opened known;
    for (const auto& [name, source] : config.sources) {
        // One that cannot be read now is reported by its cards.
        (void)open_source(source, known);
    }
    return engine::Engine::open(config.engine, known.relations);
}

Result<ComputedCard> compute_card(engine::Engine& engine, const config::Config& config,
                                  const config::Card& card, std::stop_token stop)
{
    Result<Snapshot> snapshot = read_steadily(engine, config, card, stop);
    if (!snapshot) {
        return snapshot.error();
    }
    Result<Table> table = steps::apply(card.steps, std::move(snapshot->table));
    if (!table) {
        return table.error();
    }
    Result<std::vector<Representation>> all = represent(card, *table);
    if (!all) {
        return all.error();
    }
    return ComputedCard{std::move(*all), std::move(snapshot->inputs), table->rows()};
}

bool unchanged(const config::Config& config, const Inputs& inputs)
{
    return !changed_source(config, inputs);
}

Result<Probe> probe(engine::Engine& engine, const config::Source& source, std::stop_token stop)
{
    Opened opened;
    if (Result<void> one = open_source(source, opened); !one) {
        return one.error();
    }
    config::Card card;
    card.sql = "SELECT * FROM \"" + source.name + "\" LIMIT 1";
    const Result<Table> head = engine.compute(card, opened.relations, std::move(stop));
    if (!head) {
        const auto reason = sources::diagnose(source, opened.inputs.at(source.name));
        return reason ? of_source(source.name, {*reason}) : head.error();
    }
    Probe probe{opened.inputs.at(source.name).files, {}};
    for (const sidecar::Column& column : head->columns()) {
        probe.columns.emplace_back(column.name, sidecar::name_of(column.type.id));
    }
    return probe;
}

}  // namespace gatehouse::app
