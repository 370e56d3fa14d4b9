#include "sidecar/config/build_card.h"

#include <algorithm>
#include <array>

#include "sidecar/base/cron.h"
#include "sidecar/base/units.h"
#include "sidecar/config/build_params.h"
#include "sidecar/config/build_step.h"
#include "sidecar/config/envelope.h"
#include "sidecar/config/read_value.h"
#include "sidecar/config/sql_names.h"

namespace gatehouse::config {

namespace {

constexpr std::array<const char*, 5> shape_names{"records", "columns", "series", "object", "value"};

Shape shape_of(const Node* node)
{
    const std::string name = text_of(node).value_or("");
    for (std::size_t i = 0; i < shape_names.size(); ++i) {
        if (name == shape_names[i]) {
            return static_cast<Shape>(i);
        }
    }
    return Shape::records;
}

Refresh refresh_of(const Node* node)
{
    if (const auto text = text_of(node)) {
        if (*text == "on_demand") {
            return OnDemand{};
        }
        const auto interval = sidecar::parse_duration(*text);
        return interval ? Refresh(Every{*interval}) : Refresh(OnChange{});
    }
    if (const auto expression = text_of(find(node, "cron"))) {
        Cron cron{*expression};
        read(find(node, "tz"), cron.tz);
        return cron;
    }
    return OnChange{};
}

/// What relations that a source makes are called, behind its own name.
std::vector<std::string> suffixes_of(const Source& source)
{
    if (source.kind == "history" && source.history.of == "traffic") {
        return {"_all", "_total"};
    }
    return source.runs ? std::vector<std::string>{"_rows"} : std::vector<std::string>{};
}

std::vector<std::string> sources_in(const std::string& sql,
                                    const std::map<std::string, Source>& sources)
{
    const auto identifiers = sql_identifiers(sql);
    std::vector<std::string> out;
    for (const auto& [name, source] : sources) {
        const auto suffixes = suffixes_of(source);
        if (identifiers.contains(name) ||
            std::any_of(suffixes.begin(), suffixes.end(), [&, &name = name](const auto& suffix) {
                return identifiers.contains(name + suffix);
            })) {
            out.push_back(name);
        }
    }
    return out;
}

/// Of what `sources` lists, or else of what the SQL reads. A source's name is never a card's.
std::vector<std::string> cards_in(const Node* list, const Card& card,
                                  const std::map<std::string, Source>& sources,
                                  const std::set<std::string>& cards)
{
    std::vector<std::string> out;
    const auto add = [&](const std::string& name) {
        if (cards.contains(name) && !sources.contains(name)) {
            out.push_back(name);
        }
    };
    if (list != nullptr) {
        std::for_each(card.sources.begin(), card.sources.end(), add);
    } else {
        const auto names = sql_relations(card.sql);
        std::for_each(names.begin(), names.end(), add);
    }
    return out;
}

std::string whole_seconds(Milliseconds duration)
{
    return std::to_string(duration.count() / 1000);
}

}  // namespace

std::optional<Milliseconds> longest_wait(const Refresh& refresh)
{
    if (const auto* every = std::get_if<Every>(&refresh)) {
        return every->interval;
    }
    if (const auto* cron = std::get_if<Cron>(&refresh)) {
        const auto expression = sidecar::CronExpression::parse(cron->expression);
        return expression ? std::optional<Milliseconds>(expression->longest_gap()) : std::nullopt;
    }
    return std::nullopt;
}

Milliseconds default_max_age(const Refresh& refresh)
{
    return std::max(Card{}.max_age, 2 * longest_wait(refresh).value_or(Milliseconds{0}));
}

std::string default_cache_control(const Card& card)
{
    std::string out = card.require.empty() ? "public" : "private";
    out += ", max-age=" + whole_seconds(card.max_age);
    if (card.stale) {
        out += ", stale-if-error=" + whole_seconds(*card.stale);
    }
    return out;
}

const char* shape_name(Shape shape)
{
    return shape_names[static_cast<std::size_t>(shape)];
}

Card build_card(const Node& node, const std::map<std::string, Source>& sources,
                const std::set<std::string>& cards)
{
    Card out;
    out.name = node.name;
    out.origin = origin_of(node);
    read(find(&node, "path"), out.path);
    read(find(&node, "sql"), out.sql);
    out.sources = sources_in(out.sql, sources);
    read(find(&node, "sources"), out.sources);
    out.params = params_of(find(&node, "params"));
    out.query = query_options_of(find(&node, "query"));
    read(find(&node, "key"), out.key);
    read(find(&node, "run"), out.run);
    out.empty_is_not_found = text_of(find(&node, "empty")) == "not_found";
    out.cards = cards_in(find(&node, "sources"), out, sources, cards);
    std::erase_if(out.sources, [&](const auto& name) {
        return std::find(out.cards.begin(), out.cards.end(), name) != out.cards.end();
    });
    out.steps = steps_of(find(&node, "steps"));
    out.shape = shape_of(find(&node, "shape"));
    out.envelope = envelope_of(find(&node, "envelope"));
    read(find(&node, "formats"), out.formats);
    out.refresh = out.params.empty() ? refresh_of(find(&node, "refresh")) : OnDemand{};
    out.max_age = default_max_age(out.refresh);
    read_duration(find(&node, "max_age"), out.max_age);
    read_duration(find(&node, "ttl"), out.ttl);
    read_duration(find(&node, "stale"), out.stale);
    read_duration(find(&node, "timeout"), out.timeout);
    read(find(&node, "max_rows"), out.max_rows);
    read(find(&node, "require"), out.require);
    out.cache_control = default_cache_control(out);
    read(find(&node, "cache_control"), out.cache_control);
    read(find(&node, "compress"), out.compress);
    return out;
}

}  // namespace gatehouse::config
