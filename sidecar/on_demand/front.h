// From a request on the API socket to a question for the agent: which card, may the caller have it,
// what does it ask.
//
// Thread safety: none; lives on the loop.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "sidecar/base/api.h"
#include "sidecar/on_demand/agent.h"
#include "src/base/sealed_memory.h"
#include "src/board/card_paths.h"

namespace gatehouse::on_demand {

/// The table "cards.paths" of cards that have variants. Errors name the card and the flaw.
Result<SealedMemory> paths_of(const std::map<std::string, config::Card>& cards);

class Front {
public:
    /// What the board has of a card that refreshes by itself.
    using Held = std::function<Reply(const config::Card& card)>;

    /// `agent` must outlive it.
    Front(Agent& agent, Held held) : agent_(agent), held_(std::move(held)) {}

    /// Takes these cards from now on: those of the table.
    void configure(std::map<std::string, config::Card> cards,
                   std::shared_ptr<const SealedMemory> paths);

    /// Answers GET and HEAD of any path: a card's, or 404.
    void handle(const api::RequestPtr& request, api::Reply reply);

private:
    const config::Card* card_at(const std::string& path) const;

    Agent& agent_;
    Held held_;
    std::map<std::string, config::Card> cards_;
    std::shared_ptr<const SealedMemory> memory_;
    board::CardPaths paths_;
};

}  // namespace gatehouse::on_demand
