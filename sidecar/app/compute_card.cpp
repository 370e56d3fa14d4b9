#include "sidecar/app/compute_card.h"

#include <exception>
#include <new>
#include <optional>
#include <system_error>

#include "sidecar/app/reading.h"
#include "sidecar/base/process_memory.h"
#include "sidecar/base/units.h"
#include "sidecar/render/compress.h"
#include "sidecar/render/render.h"
#include "src/board/snapshot.h"

namespace gatehouse::app {
namespace {

using render::Representation;
using sidecar::Table;

void add_with_encodings(const config::Card& card, Representation identity,
                        std::vector<Representation>& to)
{
    const render::Effort effort = render::effort_for(card.refresh, identity.body.size());
    const std::size_t at = to.size();
    to.push_back(std::move(identity));
    for (const Encoding encoding : {Encoding::gzip, Encoding::br, Encoding::zstd}) {
        if (auto body = render::compress(to[at].body, encoding, effort)) {
            to.push_back({to[at].format, encoding, to[at].content_type, std::move(*body)});
        }
    }
}

Result<std::string> body_of(const config::Card& card, const Table& table, Format format)
{
    Result<std::string> body = render::render(table, format, card.shape);
    if (body && card.envelope && format == Format::json) {
        return card.envelope->before + *body + card.envelope->after;
    }
    return body;
}

}  // namespace

Result<ComputedCard> represent(const config::Card& card, const Table& table)
{
    std::vector<Representation> all;
    for (const std::string& name : card.formats) {
        const std::optional<Format> format = format_named(name);
        if (!format) {
            return Error{"format \"" + name + "\" is not known"};
        }
        Result<std::string> body = body_of(card, table, *format);
        if (!body) {
            return body.error();
        }
        all.push_back({*format, Encoding::identity, std::string(render::content_type(*format)),
                       std::move(*body)});
    }
    return ComputedCard{std::move(all), table.rows()};
}

ComputedCard compressed(const config::Card& card, ComputedCard plain)
{
    std::vector<Representation> all;
    for (Representation& identity : plain.representations) {
        add_with_encodings(card, std::move(identity), all);
    }
    plain.representations = std::move(all);
    return plain;
}

std::string version_of(const config::Card& card, const Table& table)
{
    const auto format = format_named(card.formats.at(0));
    const auto body = format ? body_of(card, table, *format) : Error{};
    return body ? board::etag_of(*body) : "";
}

namespace {

Result<ComputedCard> finished(const config::Card& card, Table table)
{
    Result<ComputedCard> computed = represent(card, table);
    if (computed) {
        computed->table = std::move(table);
    }
    return computed;
}

Error out_of_memory(const config::Engine& limits)
{
    return {
        "needs more memory than the whole sidecar may have (\"process_memory_limit\" of "
        "\"engine\", " +
        sidecar::format_size(limits.process_memory_limit) +
        "); select less or in fewer \"formats\", or raise it"};
}

/// What a library or the lack of memory throws ends here: each card fails by itself.
Result<ComputedCard> computed(Work& work, const config::Card& card)
try {
    Result<Table> table = table_of(work, card);
    return table ? finished(card, std::move(*table)) : table.error();
} catch (const std::bad_alloc&) {
    return out_of_memory(work.config.engine);
} catch (const std::system_error& error) {
    // No thread can be started: its stack counts.
    return error.code() == std::errc::resource_unavailable_try_again
               ? out_of_memory(work.config.engine)
               : Error{std::string{"internal error: "} + error.what()};
} catch (const std::exception& error) {
    return Error{std::string{"internal error: "} + error.what()};
}

}  // namespace

CardAttempt compute_card(const Executors& executors, const config::Config& config,
                         const config::Card& card, const std::stop_token& stop, CardTables* tables,
                         caches::Progress::Running* running)
{
    const sidecar::UnderMemoryLimit limited;
    Work work{executors, config, no_arguments, stop, tables};
    work.running = running;
    Result<ComputedCard> result = computed(work, card);
    return {std::move(work.inputs), std::move(result), std::move(work.inner)};
}

}  // namespace gatehouse::app
