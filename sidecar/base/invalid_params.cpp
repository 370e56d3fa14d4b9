#include "sidecar/base/invalid_params.h"

#include "sidecar/base/json_writer.h"

namespace gatehouse::api {

Response invalid_params(const Request& request, const std::vector<Field>& names_and_reasons)
{
    sidecar::JsonWriter json;
    json.open_array();
    for (const auto& [name, reason] : names_and_reasons) {
        json.open_object();
        json.member("name", name);
        json.member("reason", reason);
        json.close_object();
    }
    json.close_array();
    return problem(request, 400, "The request's parameters are not valid.",
                   {{"invalid-params", json.take()}});
}

}  // namespace gatehouse::api
