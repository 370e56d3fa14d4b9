#include "sidecar/base/api.h"

#include "src/base/json_escape.h"
#include "src/http/problem.h"

namespace gatehouse::api {

Response problem(const Request& request, int status, std::string_view detail,
                 const std::vector<Field>& members)
{
    std::vector<http::ProblemMember> extra;
    for (const auto& [name, value] : members) {
        extra.push_back({name, value});
    }
    http::Problem problem;
    problem.status = status;
    problem.detail = detail;
    problem.instance = request.path;
    problem.request_id = request.request_id;
    problem.extra = extra;
    Response response{status, {}, http::problem_json(problem)};
    response.fields = {{"Content-Type", std::string{http::problem_json_type}},
                       {"Cache-Control", "no-store"}};
    response.error = detail;
    return response;
}

Response unauthorized(const Request& request)
{
    auto response = problem(request, 401, "This needs a caller who has proved who he is.");
    response.fields.emplace_back("WWW-Authenticate", R"(Bearer realm="gatehouse")");
    return response;
}

Response insufficient_scope(const Request& request, std::string_view scope)
{
    std::string quoted;
    append_json_string(quoted, scope);
    auto response = problem(request, 403, "This needs the scope " + std::string{scope} + ".",
                            {{"required_scope", quoted}});
    response.fields.emplace_back(
        "WWW-Authenticate", R"(Bearer realm="gatehouse", error="insufficient_scope", scope=")" +
                                std::string{scope} + '"');
    return response;
}

Response not_found(const Request& request)
{
    return problem(request, 404, "There is nothing on this path.");
}

Response json(int status, std::string body)
{
    return {status,
            {{"Content-Type", "application/json"}, {"Cache-Control", "no-store"}},
            std::move(body)};
}

}  // namespace gatehouse::api
