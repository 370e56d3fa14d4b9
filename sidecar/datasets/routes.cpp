#include "sidecar/datasets/routes.h"

#include <algorithm>
#include <charconv>

#include "sidecar/base/invalid_params.h"
#include "sidecar/datasets/answers.h"
#include "sidecar/datasets/query_names.h"
#include "sidecar/datasets/run_head.h"
#include "src/http/query.h"
#include "src/http/token.h"

namespace gatehouse::datasets {

using api::Reply;
using api::RequestPtr;
using api::Response;

namespace {

constexpr std::size_t longest_key = 255;

/// Far more than any dataset may have: the agent counts by dataset.
constexpr std::uint64_t largest_upload = std::uint64_t{1} << 40;

bool may_write(const api::Caller& caller, const std::string& name)
{
    return caller.has_scope("write:" + name);
}

bool may_read(const api::Caller& caller, const std::string& name)
{
    return may_write(caller, name) || caller.has_scope("read:" + name);
}

/// Why the caller may not do this here, if he may not. Who may not see a dataset is not told
/// whether there is one.
std::optional<Response> objection(const Agent& agent, const api::Request& request, bool writing)
{
    if (!request.caller) {
        return api::unauthorized(request);
    }
    const bool may = writing ? may_write(*request.caller, request.name)
                             : may_read(*request.caller, request.name);
    if (!may) {
        return api::insufficient_scope(request, (writing ? "write:" : "read:") + request.name);
    }
    if (agent.find(request.name) == nullptr) {
        return api::problem(request, 404, "No source of kind dataset is called so.");
    }
    return std::nullopt;
}

/// 400 for parameters that this request does not have.
std::optional<Response> objection_to_query(const Agent& agent, const api::Request& request,
                                           bool (*known)(std::string_view name))
{
    const auto& settings = *agent.find(request.name);
    const auto unknown = unknown_names(settings, request.query, [&](std::string_view name) {
        return settings.runs && known(name);
    });
    return unknown.empty() ? std::nullopt : std::optional{api::invalid_params(request, unknown)};
}

std::optional<Response> objection_to_upload(const Agent& agent, const api::Request& request)
{
    if (!format_of(request.field("content-type"))) {
        return api::problem(request, 415,
                            "An upload is text/csv, application/x-ndjson or "
                            "application/vnd.apache.parquet.");
    }
    const auto coding = request.field("content-encoding");
    if (!coding.empty() && !equals_ignoring_case(coding, "identity")) {
        return api::problem(request, 415, "An upload comes without a Content-Encoding.");
    }
    const auto key = request.field("idempotency-key");
    const bool printable =
        std::all_of(key.begin(), key.end(), [](char c) { return c > ' ' && c < '\x7F'; });
    if (!printable || key.size() > longest_key) {
        return api::problem(request, 400,
                            "An Idempotency-Key has 1 to 255 printable characters of ASCII.");
    }
    return objection_to_query(agent, request, is_of_run_head);
}

Response response_to(const api::Request& request, const Outcome<Done>& done)
{
    if (!done) {
        return api::problem(request, done.failure().status, done.failure().message);
    }
    auto response = api::json(200, done->answer);
    if (!done->changed) {
        response.fields.emplace_back("Idempotency-Replayed", "true");
    }
    return response;
}

class Sink : public api::BodySink {
public:
    explicit Sink(std::shared_ptr<Upload> upload) : upload_(std::move(upload)) {}

    void take(std::string piece, std::function<void()> more) override
    {
        upload_->take(std::move(piece), std::move(more));
    }
    void end() override { upload_->end(); }
    void abort(bool) override { upload_->abort(); }

private:
    std::shared_ptr<Upload> upload_;
};

std::shared_ptr<api::BodySink> receive(Agent& agent, const RequestPtr& request, const Reply& reply,
                                       Order::Mode mode)
{
    auto refusal = objection(agent, *request, true);
    if (!refusal) {
        refusal = objection_to_upload(agent, *request);
    }
    const auto* settings = refusal ? nullptr : agent.find(request->name);
    if (settings != nullptr && request->length.value_or(0) > settings->max_size) {
        refusal = api::problem(*request, 413,
                               "An upload of this dataset has at most " +
                                   std::to_string(settings->max_size) + " bytes.");
    }
    if (refusal) {
        reply(std::move(*refusal));
        return nullptr;
    }
    auto run = run_head_in(request->query);
    if (!run) {
        reply(api::problem(*request, run.failure().status, run.failure().message));
        return nullptr;
    }
    Order order{request->name, mode, *format_of(request->field("content-type")),
                std::string{request->field("idempotency-key")}, std::move(*run)};
    return std::make_shared<Sink>(agent.begin(
        std::move(order),
        [request, reply](const Outcome<Done>& done) { reply(response_to(*request, done)); }));
}

void list(const Agent& agent, const RequestPtr& request, const Reply& reply)
{
    if (!request->caller) {
        return reply(api::unauthorized(*request));
    }
    agent.list([request, reply](std::vector<Summary> all) {
        std::erase_if(all, [&](const auto& one) { return !may_read(*request->caller, one.name); });
        reply(api::json(200, json_of(all)));
    });
}

void describe(const Agent& agent, const RequestPtr& request, const Reply& reply)
{
    if (auto refusal = objection(agent, *request, false)) {
        return reply(std::move(*refusal));
    }
    agent.describe(request->name, [reply](const Summary& summary) {
        reply(api::json(summary.error.empty() ? 200 : 503, json_of(summary)));
    });
}

/// None: no run is named. Nothing: it is no number.
std::optional<std::optional<std::int64_t>> run_named_in(std::string_view query)
{
    const auto found = http::find_parameter(query, "run");
    if (found.count == http::QueryParameter::Count::none) {
        return std::optional<std::int64_t>{};
    }
    std::int64_t number = 0;
    const auto text = found.raw_value;
    const auto end = text.data() + text.size();
    const auto read = std::from_chars(text.data(), end, number);
    const bool whole = found.count == http::QueryParameter::Count::one && read.ptr == end &&
                       read.ec == std::errc{};
    if (!whole) {
        return std::nullopt;
    }
    return std::optional<std::int64_t>{number};
}

void drop(Agent& agent, const RequestPtr& request, const Reply& reply)
{
    if (auto refusal = objection(agent, *request, true)) {
        return reply(std::move(*refusal));
    }
    const auto is_run = [](std::string_view name) { return name == "run"; };
    if (auto refusal = objection_to_query(agent, *request, is_run)) {
        return reply(std::move(*refusal));
    }
    const auto run = run_named_in(request->query);
    if (!run) {
        return reply(api::problem(*request, 400, "A run is named by its number, as in ?run=7."));
    }
    agent.drop(request->name, *run, [request, reply](const Outcome<bool>& dropped) {
        reply(dropped
                  ? Response{204, {}, {}}
                  : api::problem(*request, dropped.failure().status, dropped.failure().message));
    });
}

}  // namespace

std::vector<api::Route> routes(Agent& agent)
{
    const std::string all = "/gatehouse/api/v1/datasets";
    const std::string one = all + "/{name}";
    const auto taking = [&agent](Order::Mode mode) {
        return [&agent, mode](const RequestPtr& request, const Reply& reply) {
            return receive(agent, request, reply, mode);
        };
    };
    const auto most = [] { return largest_upload; };
    return {
        {.method = "GET",
         .path = all,
         .handle = [&agent](const auto& request,
                            const auto& reply) { list(agent, request, reply); }},
        {.method = "GET",
         .path = one,
         .handle = [&agent](const auto& request,
                            const auto& reply) { describe(agent, request, reply); }},
        {.method = "DELETE",
         .path = one,
         .handle = [&agent](const auto& request,
                            const auto& reply) { drop(agent, request, reply); }},
        {.method = "PUT",
         .path = one,
         .receive = taking(Order::Mode::replace),
         .largest_body = most},
        {.method = "POST",
         .path = one,
         .receive = taking(Order::Mode::append),
         .largest_body = most},
    };
}

}  // namespace gatehouse::datasets
