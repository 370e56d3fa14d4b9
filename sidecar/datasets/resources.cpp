#include "sidecar/datasets/resources.h"

#include <chrono>
#include <map>

#include "sidecar/datasets/answers.h"
#include "sidecar/datasets/query_names.h"
#include "sidecar/datasets/run_head.h"
#include "src/http/query.h"

namespace gatehouse::datasets {

using sidecar::Answer;
using sidecar::ApiRequest;
using Reply = std::function<void(Answer)>;

namespace {

constexpr std::chrono::seconds idle_limit{60};
constexpr std::size_t most_uploads = 64;
constexpr std::size_t longest_value = 64 << 10;

std::string parameter(std::string_view query, std::string_view name)
{
    const auto found = http::find_parameter(query, name);
    std::string decoded(found.raw_value.size(), '\0');
    const auto text = http::percent_decode(found.raw_value, decoded);
    return std::string{text.value_or(std::string_view{})};
}

Answer answer_to(const Outcome<Done>& done)
{
    return done ? Answer{200, done->answer} : Answer{done.failure().status, done.failure().message};
}

/// Those under way, by what is given out as their names.
class Uploads {
public:
    Uploads(sidecar::Loop& loop, Agent& agent) : loop_(loop), agent_(agent) {}

    void begin(const ApiRequest& request, const Reply& reply)
    {
        const auto format = format_of(parameter(request.query, "type"));
        const auto* settings = agent_.find(request.name);
        if (settings == nullptr) {
            return reply({404, "no source of kind dataset is called \"" + request.name + '"'});
        }
        if (!format) {
            return reply({415,
                          "an upload is text/csv, application/x-ndjson or "
                          "application/vnd.apache.parquet"});
        }
        const auto unknown =
            unknown_names(*settings, request.query, [settings](std::string_view name) {
                return name == "type" || name == "mode" || (settings->runs && is_of_run_head(name));
            });
        if (!unknown.empty()) {
            const auto& [name, reason] = unknown.front();
            return reply({400, '"' + name + "\" " + reason});
        }
        if (open_.size() >= most_uploads) {
            return reply({503, "there are " + std::to_string(most_uploads) + " uploads already"});
        }
        const bool append = parameter(request.query, "mode") == "append";
        auto run = run_head_in(request.query);
        if (!run) {
            return reply({run.failure().status, run.failure().message});
        }
        Order order{request.name,
                    append ? Order::Mode::append : Order::Mode::replace,
                    *format,
                    {},
                    std::move(*run)};
        const auto id = random_name();
        auto& open = open_[id];
        open.idle = std::make_unique<sidecar::Timer>(loop_);
        open.upload = agent_.begin(std::move(order),
                                   [this, id](const Outcome<Done>& done) { over(id, done); });
        wait_for_next(id);
        reply({200, "{\"id\":\"" + id + "\"}"});
    }

    void take(const ApiRequest& request, const Reply& reply)
    {
        auto* open = find(request, reply);
        if (open == nullptr) {
            return;
        }
        open->reply = reply;
        open->upload->take(std::string{request.body}, [this, id = request.name] {
            wait_for_next(id);
            if (const auto found = open_.find(id); found != open_.end()) {
                std::exchange(found->second.reply, nullptr)({200, "{}"});
            }
        });
    }

    void end(const ApiRequest& request, const Reply& reply)
    {
        if (auto* open = find(request, reply)) {
            open->reply = reply;
            open->upload->end();
        }
    }

private:
    struct Open {
        std::shared_ptr<Upload> upload;
        std::unique_ptr<sidecar::Timer> idle;
        Reply reply;  ///< set: somebody waits
    };

    Open* find(const ApiRequest& request, const Reply& reply)
    {
        const auto found = open_.find(request.name);
        if (found == open_.end() || found->second.reply) {
            reply({found == open_.end() ? 404 : 409, "no upload waits under this id"});
            return nullptr;
        }
        found->second.idle->cancel();
        return &found->second;
    }

    void over(const std::string& id, const Outcome<Done>& done)
    {
        const auto found = open_.find(id);
        if (found == open_.end()) {
            return;
        }
        const auto reply = std::move(found->second.reply);
        open_.erase(found);
        if (reply) {
            reply(answer_to(done));
        }
    }

    void wait_for_next(const std::string& id)
    {
        if (const auto found = open_.find(id); found != open_.end()) {
            found->second.idle->start(idle_limit, [this, id] {
                if (const auto late = open_.find(id); late != open_.end()) {
                    late->second.upload->abort();
                    open_.erase(late);
                }
            });
        }
    }

    sidecar::Loop& loop_;
    Agent& agent_;
    std::map<std::string, Open> open_;
};

void drop(Agent& agent, const ApiRequest& request, const Reply& reply)
{
    if (agent.find(request.name) == nullptr) {
        return reply({404, "no source of kind dataset is called \"" + request.name + '"'});
    }
    agent.drop(request.name, std::nullopt, [reply](const Outcome<bool>& dropped) {
        if (!dropped) {
            return reply({dropped.failure().status, dropped.failure().message});
        }
        reply({200, *dropped ? R"({"dropped":true})" : R"({"dropped":false})"});
    });
}

}  // namespace

std::vector<sidecar::Resource> resources(sidecar::Loop& loop, Agent& agent)
{
    const auto uploads = std::make_shared<Uploads>(loop, agent);
    return {
        {"GET", "/v1/datasets", "", false,
         [&agent](const ApiRequest&, const Reply& reply) {
             agent.list([reply](const std::vector<Summary>& all) { reply({200, json_of(all)}); });
         }},
        {"POST", "/v1/datasets/", "/drop", true,
         [&agent](const ApiRequest& request, const Reply& reply) { drop(agent, request, reply); }},
        {"POST", "/v1/datasets/", "/uploads", true,
         [uploads](const ApiRequest& request, const Reply& reply) {
             uploads->begin(request, reply);
         }},
        {"POST", "/v1/uploads/", "/end", true,
         [uploads](const ApiRequest& request, const Reply& reply) {
             uploads->end(request, reply);
         }},
        {"POST", "/v1/uploads/", "", true,
         [uploads](const ApiRequest& request, const Reply& reply) {
             uploads->take(request, reply);
         }},
    };
}

}  // namespace gatehouse::datasets
