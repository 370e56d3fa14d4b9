#include "sidecar/geoip/resources.h"

#include <utility>

#include "sidecar/base/json_writer.h"

namespace gatehouse::geoip {

namespace {

std::string json_of(const std::vector<Report>& reports)
{
    sidecar::JsonWriter json;
    json.open_object().key("databases").open_array();
    for (const auto& report : reports) {
        json.open_object().member("path", report.path).member("workers", report.workers);
        if (report.found) {
            json.member("type", report.found->type)
                .member("built_at", report.found->built_at_s)
                .member("size", report.found->size);
        }
        json.member("handed_out", report.handed_out);
        if (!report.flaw.empty()) {
            json.member("error", report.flaw);
        }
        json.close_object();
    }
    json.close_array().close_object();
    return json.take();
}

}  // namespace

std::vector<sidecar::Resource> resources(std::function<std::vector<Report>()> report)
{
    return {{"GET", "/v1/geoip", "", false,
             [report = std::move(report)](const auto&, const auto& reply) {
                 reply({200, json_of(report())});
             }}};
}

}  // namespace gatehouse::geoip
