#include "sidecar/config/check_graph.h"

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "sidecar/config/schema.h"

namespace gatehouse::config {

namespace {

class GraphChecker {
public:
    GraphChecker(const Node& root, const Config& config, Diagnostics& out)
        : cards_(find(&root, "cards")), config_(config), out_(out)
    {
    }

    void run()
    {
        for (const auto& [name, card] : config_.cards) {
            chain_from(name);
        }
    }

private:
    /// How many cards in a row there are from this one on. A circle is reported once, at the card
    /// that closes it, and counts as an end.
    std::size_t chain_from(const std::string& name)
    {
        if (const auto known = chains_.find(name); known != chains_.end()) {
            return known->second;
        }
        if (const auto at = std::find(path_.begin(), path_.end(), name); at != path_.end()) {
            report_circle({at, path_.end()});
            return 0;
        }
        path_.push_back(name);
        std::size_t longest = 0;
        for (const std::string& inner : config_.cards.at(name).cards) {
            check_readable(name, inner);
            longest = std::max(longest, chain_from(inner));
        }
        path_.pop_back();
        chains_[name] = longest + 1;
        if (longest + 1 == longest_chain + 1) {
            error(out_, place(name), At::value,
                  "card " + in_quotes(name) + " reads a card that reads a card, more than " +
                      std::to_string(longest_chain) + " in a row; have fewer, larger steps");
        }
        return longest + 1;
    }

    void check_readable(const std::string& name, const std::string& inner)
    {
        if (config_.cards.at(inner).on_demand()) {
            error(out_, place(name), At::value,
                  "card " + in_quotes(name) + " reads card " + in_quotes(inner) +
                      ", which is computed on demand and has no rows of its own; give it "
                      "another \"refresh\" and no \"params\", or read what it reads");
        }
    }

    void report_circle(const std::vector<std::string>& circle)
    {
        if (circle.size() == 1) {
            error(out_, place(circle.front()), At::value,
                  "card " + in_quotes(circle.front()) +
                      " reads itself; name a source, or another card");
            return;
        }
        std::string text = "these cards read each other in a circle: ";
        for (const std::string& name : circle) {
            text += name + " (" + config_.cards.at(name).origin + ") reads ";
        }
        error(out_, place(circle.back()), At::value,
              text + circle.front() + "; one of them must do without another");
    }

    /// Where a card says what it reads.
    const Node& place(const std::string& name) const
    {
        const Node& card = *find(cards_, name.c_str());
        const Node* list = find(&card, "sources");
        const Node* sql = find(&card, "sql");
        return list != nullptr ? *list : sql != nullptr ? *sql : card;
    }

    const Node* cards_;
    const Config& config_;
    Diagnostics& out_;
    std::vector<std::string> path_;
    std::map<std::string, std::size_t> chains_;
};

}  // namespace

void check_graph(const Node& root, const Config& config, Diagnostics& out)
{
    GraphChecker{root, config, out}.run();
}

}  // namespace gatehouse::config
