#include "sidecar/on_demand/front.h"

#include <algorithm>
#include <array>
#include <utility>

#include "sidecar/base/clock.h"
#include "sidecar/on_demand/answer.h"
#include "src/board/variant_key.h"

namespace gatehouse::on_demand {

namespace {

std::string joined(const std::vector<std::string>& words)
{
    std::string out;
    for (const std::string& word : words) {
        out.append(out.empty() ? "" : " ").append(word);
    }
    return out;
}

bool is_in(const std::vector<board::PathParameter>& in_path, const std::string& name)
{
    return std::any_of(in_path.begin(), in_path.end(),
                       [&](const auto& each) { return each.name == name; });
}

/// The names that a query may hold.
std::vector<std::string> query_names(const config::Card& card)
{
    const auto in_path =
        board::path_parameters(card.path, card.path).value_or(std::vector<board::PathParameter>{});
    std::vector<std::string> names;
    for (const auto& param : card.params) {
        if (!is_in(in_path, param.name)) {
            names.push_back(param.name);
        }
    }
    const auto& on = card.query;
    const std::array<std::pair<const char*, bool>, 6> options{{{"fields", on.fields},
                                                               {"filter", on.filter},
                                                               {"sort", on.sort},
                                                               {"limit", on.limit},
                                                               {"cursor", on.cursor},
                                                               {"points", on.points}}};
    for (const auto& [name, allowed] : options) {
        if (allowed) {
            names.emplace_back(name);
        }
    }
    return names;
}

/// Scopes that the caller lacks, blank separated; `known` is whether there is a caller at all.
std::string missing_scopes(const api::Request& request, const config::Card& card)
{
    std::vector<std::string> missing;
    for (const std::string& scope : card.require) {
        if (!request.caller || !request.caller->has_scope(scope)) {
            missing.push_back(scope);
        }
    }
    return joined(missing);
}

Pairs decoded_query(const board::VariantName& name)
{
    Pairs pairs;
    for (const auto& [parameter, value] : name.parameters) {
        pairs.emplace_back(parameter, value);
    }
    return pairs;
}

Pairs decoded_path(const config::Card& card, const std::string& path)
{
    Pairs pairs;
    for (const auto& [name, value] :
         board::path_parameters(card.path, path).value_or(std::vector<board::PathParameter>{})) {
        pairs.emplace_back(name, value);
    }
    return pairs;
}

}  // namespace

Result<SealedMemory> paths_of(const std::map<std::string, config::Card>& cards)
{
    std::vector<board::CardPathSpec> specs;
    for (const auto& [name, card] : cards) {
        if (card.has_variants()) {
            specs.push_back({name, card.path, query_names(card), joined(card.require)});
        }
    }
    return board::build_card_paths(std::move(specs));
}

void Front::configure(std::map<std::string, config::Card> cards,
                      std::shared_ptr<const SealedMemory> paths)
{
    cards_ = std::move(cards);
    memory_ = std::move(paths);
    const auto opened = board::CardPaths::open(memory_->bytes());
    paths_ = opened ? *opened : board::CardPaths{};
}

const config::Card* Front::card_at(const std::string& path) const
{
    const auto row = paths_.match(path);
    if (row == board::no_row) {
        return nullptr;
    }
    const auto found = cards_.find(std::string{paths_[row].card});
    return found == cards_.end() ? nullptr : &found->second;
}

void Front::handle(const api::RequestPtr& request, api::Reply reply)
{
    const config::Card* card = card_at(request->path);
    if (card == nullptr) {
        return reply(api::not_found(*request));
    }
    if (const auto missing = missing_scopes(*request, *card); !missing.empty()) {
        return reply(request->caller ? api::insufficient_scope(*request, joined(card->require))
                                     : api::unauthorized(*request));
    }
    std::array<char, board::longest_variant_key> buffer;
    const auto key = board::variant_key(request->path, request->query, buffer);
    if (!key) {
        return reply(
            api::problem(*request, 400, "The request " + std::string{describe(key.flaw)} + '.'));
    }
    const auto name = board::split_variant_key(key.key);
    auto question = question_of(*card, std::string{key.key}, decoded_path(*card, request->path),
                                name ? decoded_query(*name) : Pairs{});
    if (const auto* invalid = std::get_if<std::vector<InvalidParam>>(&question)) {
        return reply(refuse(*request, *invalid));
    }
    if (!card->on_demand() && key.key.find('?') == key.key.npos) {
        return reply(answer_to(*request, held_(*card), sidecar::unix_ms()));
    }
    agent_.ask(card->name, std::move(std::get<Question>(question)),
               [request, reply = std::move(reply)](const Reply& answer) {
                   reply(answer_to(*request, answer, sidecar::unix_ms()));
               });
}

}  // namespace gatehouse::on_demand
