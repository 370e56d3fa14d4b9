#include "ctl/card_table.h"

#include "ctl/table.h"

namespace gatehouse::ctl {

namespace {

std::string state_of(const Json& card)
{
    std::string state = card["state"].text();
    state += card["restored"].flag() ? ", restored" : "";
    return state + (card["computing"].flag() ? ", computing" : "");
}

/// Sources, then cards.
std::string reads(const Json& card)
{
    std::string all;
    for (const auto* kind : {"sources", "cards"}) {
        for (const auto& name : card[kind].items()) {
            all.append(all.empty() ? "" : " ").append(name.text());
        }
    }
    return all.empty() ? "-" : all;
}

}  // namespace

std::string card_table(const Json& cards)
{
    Table table{{"CARD", "STATE", "AGE", "GENERATION", "ROWS", "SIZE", "TOOK", "READS", "PATH"}};
    std::string failures;
    for (const auto& card : cards.items()) {
        const bool held = static_cast<bool>(card["generation"]);
        const bool asked = static_cast<bool>(card["variants"]);
        const auto bytes = asked ? card["variants"]["bytes"] : card["bytes"];
        table.add({card["name"].text(), state_of(card),
                   held ? human_duration(card["age_ms"].number()) : "-",
                   held ? std::to_string(card["generation"].number()) : "-",
                   asked ? "-" : std::to_string(card["rows"].number()),
                   held || asked ? human_bytes(static_cast<std::uint64_t>(bytes.number())) : "-",
                   asked ? "-" : human_duration(card["duration_ms"].number()), reads(card),
                   card["path"].text()});
        if (const auto failure = card["failure"]) {
            failures += "\n" + card["name"].text() + " fails since " + failure["since"].text() +
                        " (" + std::to_string(failure["attempts"].number()) +
                        " tries): " + failure["error"].text();
        }
    }
    return table.text() + (failures.empty() ? "" : failures + "\n");
}

}  // namespace gatehouse::ctl
