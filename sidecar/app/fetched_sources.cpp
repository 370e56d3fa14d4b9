// Sources of kind http, between the agent that fetches their documents and the cards that read
// them. Members of Daemon.
#include "sidecar/app/daemon.h"
#include "sidecar/app/history_source.h"
#include "sidecar/app/lane_of.h"

namespace gatehouse::app {

void Daemon::open_documents()
{
    documents_ = std::make_unique<documents::Agent>(
        documents::Ports{loop_,
                         [this](const std::string& source, sidecar::Lanes::Task task) {
                             document_fetches_.submit(lane_of_fetches(), source, std::move(task));
                         },
                         [this](const std::string& source) { tell_of_change(source); },
                         [this](const std::string& source) { cards_->source_settled(source); }});
}

void Daemon::configure_documents()
{
    documents_->configure(config().sources);
}

/// Before the cards are configured: none is computed from a document or a cache that is on its way,
/// or of what nobody has looked at yet.
void Daemon::await_sources()
{
    auto awaited = documents_->on_their_way();
    awaited.insert(caches_on_their_way_.begin(), caches_on_their_way_.end());
    const auto tellers = sources_of_caches(config());
    awaited.insert(tellers.begin(), tellers.end());
    if (!history_->settled()) {
        const auto remembered = sources_of_history(config());
        awaited.insert(remembered.begin(), remembered.end());
    }
    cards_->await_sources(std::move(awaited));
}

}  // namespace gatehouse::app
