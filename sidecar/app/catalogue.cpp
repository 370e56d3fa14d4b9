// What there is to ask for: the catalogue of cards and their OpenAPI description, on the API
// socket. Members of Daemon.
#include "sidecar/catalogue/catalogue.h"
#include "sidecar/app/daemon.h"
#include "sidecar/base/clock.h"
#include "sidecar/catalogue/openapi.h"
#include "sidecar/config/build_card.h"

namespace gatehouse::app {

namespace {

catalogue::ListedCard listed(const config::Card& card, const control::CardView& view)
{
    catalogue::ListedCard out;
    out.name = card.name;
    out.path = card.path;
    out.shape = view.shape;
    out.refresh = view.refresh;
    out.state = view.state;
    out.reason = view.error;
    out.formats = card.formats;
    out.require = card.require;
    out.last_refresh_ms = view.verified_at_ms;
    out.next_refresh_ms = view.next_ms;
    if (view.snapshot) {
        out.last_change_ms = view.snapshot->view().last_modified_s() * 1000;
        out.bytes = view.snapshot->view().total_size();
        out.rows = view.rows;
    }
    if (view.variants) {
        out.reason = view.variants->error;
        out.bytes = view.variants->bytes;
        out.variants = view.variants->kept;
    }
    return out;
}

api::Response document(std::string body)
{
    auto response = api::json(200, std::move(body));
    response.fields.emplace_back("Cache-Control", "no-cache");
    return response;
}

}  // namespace

std::vector<api::Route> Daemon::catalogue_routes()
{
    return {{.method = "GET",
             .path = "/gatehouse/cards",
             .handle = [this](const auto&,
                              const auto& reply) { reply(document(catalogue_document())); }},
            {.method = "GET",
             .path = "/gatehouse/openapi.json",
             .handle = [this](const auto&, const auto& reply) {
                 reply(document(openapi_document()));
             }}};
}

std::string Daemon::catalogue_document() const
{
    std::vector<catalogue::ListedCard> cards;
    for (const auto& view : status().cards) {
        cards.push_back(listed(config().cards.at(view.name), view));
    }
    return catalogue::catalogue_json(cards, sidecar::unix_ms());
}

std::string Daemon::openapi_document() const
{
    std::vector<catalogue::DescribedCard> cards;
    for (const auto& report : card_reports()) {
        cards.push_back({&config().cards.at(report.name), report.columns});
    }
    for (const auto& [name, card] : config().cards) {
        if (card.on_demand()) {
            cards.push_back({&card, asked_->report(name).columns});
        }
    }
    return catalogue::openapi_json(cards);
}

}  // namespace gatehouse::app
