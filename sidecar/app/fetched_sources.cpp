// Sources of kind http, between the agent that fetches their documents and the cards that read
// them. Members of Daemon.
#include "sidecar/app/daemon.h"

namespace gatehouse::app {

void Daemon::open_documents()
{
    documents_ = std::make_unique<documents::Agent>(
        documents::Ports{loop_, document_fetches_,
                         [this](const std::string& source) { cards_->source_changed(source); },
                         [this](const std::string& source) { cards_->source_settled(source); }});
}

/// Before the cards are: none is computed from a document that is on its way.
void Daemon::configure_documents()
{
    documents_->configure(config().sources);
    cards_->await_sources(documents_->on_their_way());
}

}  // namespace gatehouse::app
