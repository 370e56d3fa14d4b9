// What a card says about its requests: check_requests.
#include <algorithm>

#include "sidecar/config/build_params.h"
#include "sidecar/config/schema.h"

namespace gatehouse::config {

namespace {

using sidecar::Parameter;
using sidecar::ParameterType;

const Parameter* param_named(const Card& card, const std::string& name)
{
    const auto found = std::find_if(card.params.begin(), card.params.end(),
                                    [&](const Parameter& each) { return each.name == name; });
    return found == card.params.end() ? nullptr : &*found;
}

bool is_numeric(ParameterType type)
{
    return type == ParameterType::integer || type == ParameterType::number;
}

/// Keys that say nothing about values of this type.
void check_keys(const Node& node, const Parameter& param, Diagnostics& out)
{
    const auto only_for = [&](const char* key, bool fits, const char* types) {
        if (const Node* member = find(&node, key); member != nullptr && !fits) {
            error(out, *member, At::key,
                  std::string{"\""} + key + "\" is for " + types + ", not for type \"" +
                      std::string{name_of(param.type)} + '"');
        }
    };
    const bool text = param.type == ParameterType::string;
    only_for("minimum", is_numeric(param.type), "integer and number");
    only_for("maximum", is_numeric(param.type), "integer and number");
    only_for("max_length", text, "string");
    only_for("pattern", text, "string");
    only_for("values", param.type == ParameterType::enumeration, "enum");
}

void check_param(const Node& node, const Parameter& param, bool in_path, Diagnostics& out)
{
    check_keys(node, param, out);
    if (param.type == ParameterType::enumeration && param.values.empty()) {
        error(out, node, At::key, "an \"enum\" needs its \"values\"");
        return;
    }
    if (param.minimum && param.maximum && *param.maximum < *param.minimum) {
        error(out, *find(&node, "maximum"), At::value, "\"maximum\" is less than \"minimum\"");
        return;
    }
    const Node* fallback = find(&node, "default");
    if (fallback == nullptr) {
        return;
    }
    if (in_path) {
        error(out, *fallback, At::key,
              "\"default\" has no effect: the path always has a value for it");
        return;
    }
    const auto text = default_text(*fallback);
    const auto value = text ? parse_value(param, *text) : Error{"must be a value, or null"};
    if (!value && fallback->type() != JSON_NULL) {
        error(out, *fallback, At::value, "\"default\" " + value.error().message);
    }
}

void check_params(const Node& node, const Card& card, Diagnostics& out)
{
    const auto in_path = names_in_path(card.path);
    const Node* list = find(&node, "params");
    for (const std::string& name : in_path) {
        if (param_named(card, name) == nullptr) {
            error(out, *find(&node, "path"), At::value,
                  "\"path\" has {" + name + "}, which \"params\" does not name",
                  "add \"params\": {\"" + name + "\": \"integer\"}, or another type");
        }
    }
    if (list == nullptr || !list->is_object()) {
        return;
    }
    for (const Node* child : list->children) {
        if (const Parameter* param = param_named(card, child->name)) {
            const bool placed =
                std::find(in_path.begin(), in_path.end(), child->name) != in_path.end();
            check_param(*child, *param, placed, out);
        }
    }
}

void check_refresh(const Node& node, const Card& card, Diagnostics& out)
{
    const Node* refresh = find(&node, "refresh");
    if (!card.params.empty() && refresh != nullptr && text_of(refresh) != "on_demand") {
        error(out, *refresh, At::value,
              "a card with \"params\" is computed when somebody asks: \"refresh\" can only be "
              "\"on_demand\"",
              "leave it out");
    }
    if (const Node* empty = find(&node, "empty"); empty != nullptr && card.params.empty()) {
        error(out, *empty, At::key, "\"empty\" is for cards with \"params\"");
    }
    if (const Node* ttl = find(&node, "ttl"); ttl != nullptr && !card.has_variants()) {
        error(out, *ttl, At::key, "\"ttl\" is for what is computed on demand; this card is not",
              "use \"max_age\"");
    }
}

void check_options(const Node& node, const Card& card, Diagnostics& out)
{
    const Node* list = find(&node, "query");
    if (list == nullptr || !card.query.any()) {
        return;
    }
    const bool downsamples =
        std::any_of(card.steps.begin(), card.steps.end(),
                    [](const Step& step) { return step.name == "downsample"; });
    if (card.query.points && !downsamples) {
        error(out, *list, At::value, "\"points\" needs a step \"downsample\"");
    }
    if (card.query.cursor && (card.key.empty() || !card.query.limit)) {
        error(out, *list, At::value,
              "\"cursor\" needs \"limit\" beside it, and a \"key\": a column whose values all "
              "differ");
    }
    if (!card.steps.empty() && (card.query.sort || card.query.limit || card.query.cursor)) {
        error(out, *list, At::value,
              "\"sort\", \"limit\" and \"cursor\" are for cards without \"steps\"");
    }
}

}  // namespace

void check_requests(const Node& node, const Card& card, Diagnostics& out)
{
    check_params(node, card, out);
    check_refresh(node, card, out);
    check_options(node, card, out);
}

}  // namespace gatehouse::config
