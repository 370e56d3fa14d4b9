// The link: keeps this worker's board in step with the sidecar. Its directives, and its part in
// nginx's start and end.
#include "ngx_module/glue/ngx.h"

#include <algorithm>
#include <memory>
#include <vector>

#include "ngx_module/glue/conf.h"
#include "ngx_module/glue/guard.h"
#include "ngx_module/glue/pool.h"
#include "ngx_module/glue/text.h"
#include "ngx_module/glue/worker_board.h"
#include "ngx_module/link/connection.h"
#include "ngx_module/link/dial.h"
#include "ngx_module/link/last_good.h"
#include "ngx_module/link/settings.h"
#include "src/base/json_escape.h"
#include "src/link/channel.h"
#include "src/link/protocol.h"

extern "C" ngx_module_t ngx_http_gatehouse_link_module;

namespace gatehouse::link_feature {

namespace {

constexpr const char* default_socket = "/run/gatehouse/link.sock";
constexpr const char* default_board_file = "/var/lib/gatehouse/board";
constexpr ngx_msec_t default_timeout_ms = 3000;
constexpr std::size_t longest_route = 256;

struct LinkConf {
    glue::PathOrOff socket;
    glue::PathOrOff board_file;
    std::optional<ngx_msec_t> timeout_ms;
    std::vector<std::string> routes;
};

struct RouteConf {
    ngx_str_t name;
};

/// Of the configuration in force; copied by fork into every worker.
Settings settings;
std::unique_ptr<Connection> connection;

LinkConf& link_conf(ngx_conf_t& cf) noexcept
{
    const auto* context = static_cast<ngx_http_conf_ctx_t*>(cf.ctx);
    return *static_cast<LinkConf*>(context->main_conf[ngx_http_gatehouse_link_module.ctx_index]);
}

char* set_socket(ngx_conf_t& cf, LinkConf& conf)
{
    char* const result = glue::read_path_or_off(cf, conf.socket);
    if (result == glue::accepted && !conf.socket->empty()) {
        if (const auto address = link::socket_address(*conf.socket); !address) {
            return glue::refuse(cf, address.error().message);
        }
    }
    return result;
}

char* set_board_file(ngx_conf_t& cf, LinkConf& conf)
{
    return glue::read_path_or_off(cf, conf.board_file);
}

char* set_timeout(ngx_conf_t& cf, LinkConf& conf)
{
    if (conf.timeout_ms) {
        return glue::duplicate();
    }
    const auto& word = glue::words(cf)[1];
    conf.timeout_ms = glue::parse_time(word);
    if (!conf.timeout_ms || *conf.timeout_ms <= link::beat_interval_ms) {
        return glue::refuse_value(cf, word,
                                  "a time of more than 1s, the interval of the heartbeat");
    }
    return glue::accepted;
}

char* set_route(ngx_conf_t& cf, RouteConf& conf)
{
    if (conf.name.data != nullptr) {
        return glue::duplicate();
    }
    conf.name = glue::words(cf)[1];
    if (conf.name.len == 0 || conf.name.len > longest_route) {
        return glue::refuse_value(cf, conf.name, "a name of 1 to 256 bytes");
    }
    auto& routes = link_conf(cf).routes;
    const std::string name{glue::view(conf.name)};
    if (std::find(routes.begin(), routes.end(), name) == routes.end()) {
        routes.push_back(name);
    }
    return glue::accepted;
}

ngx_command_t commands[] = {
    {ngx_string("gate_link"), NGX_HTTP_MAIN_CONF | NGX_CONF_TAKE1,
     glue::directive<LinkConf, set_socket>, NGX_HTTP_MAIN_CONF_OFFSET, 0, nullptr},
    {ngx_string("gate_link_timeout"), NGX_HTTP_MAIN_CONF | NGX_CONF_TAKE1,
     glue::directive<LinkConf, set_timeout>, NGX_HTTP_MAIN_CONF_OFFSET, 0, nullptr},
    {ngx_string("gate_board_file"), NGX_HTTP_MAIN_CONF | NGX_CONF_TAKE1,
     glue::directive<LinkConf, set_board_file>, NGX_HTTP_MAIN_CONF_OFFSET, 0, nullptr},
    {ngx_string("gate_route"), glue::http_levels | NGX_CONF_TAKE1,
     glue::directive<RouteConf, set_route>, NGX_HTTP_LOC_CONF_OFFSET, 0, nullptr},
    ngx_null_command,
};

void* create_main_conf(ngx_conf_t& cf)
{
    return &glue::Pool{cf.pool}.make<LinkConf>();
}

void* create_route_conf(ngx_conf_t& cf)
{
    return &glue::Pool{cf.pool}.make<RouteConf>();
}

char* merge_route_conf(ngx_conf_t* /*cf*/, void* parent, void* child) noexcept
{
    const auto* outer = static_cast<const RouteConf*>(parent);
    auto* inner = static_cast<RouteConf*>(child);
    ngx_conf_merge_str_value(inner->name, outer->name, "");
    return NGX_CONF_OK;
}

std::string routes_as_json(const std::vector<std::string>& routes)
{
    std::string json = "[";
    for (const auto& route : routes) {
        if (json.size() > 1) {
            json += ',';
        }
        append_json_string(json, route);
    }
    return json + ']';
}

ngx_int_t check_routes(ngx_conf_t& cf)
{
    constexpr std::size_t room_for_the_rest = 1024;
    if (routes_as_json(link_conf(cf).routes).size() > link::largest_payload - room_for_the_rest) {
        ngx_conf_log_error(NGX_LOG_EMERG, &cf, 0, "the names of all \"gate_route\" are too long");
        return NGX_ERROR;
    }
    return NGX_OK;
}

bool is_off(const glue::PathOrOff& setting) noexcept
{
    return setting && setting->empty();
}

ngx_int_t postconfigure(ngx_conf_t& cf)
{
    const auto& conf = link_conf(cf);
    glue::worker_board_has_source() = !is_off(conf.socket) || !is_off(conf.board_file);
    return check_routes(cf);
}

Settings settings_of(ngx_cycle_t& cycle)
{
    const auto* conf = static_cast<const LinkConf*>(
        ngx_http_cycle_get_module_main_conf((&cycle), ngx_http_gatehouse_link_module));
    if (conf == nullptr) {
        return {};
    }
    return {conf->socket.value_or(default_socket), conf->board_file.value_or(default_board_file),
            conf->timeout_ms.value_or(default_timeout_ms), routes_as_json(conf->routes)};
}

/// In the master, before it forks: without a sidecar, workers inherit the last good board.
void init_module(ngx_cycle_t& cycle)
{
    if (ngx_test_config) {
        return;
    }
    settings = settings_of(cycle);
    remember_master();
    if (connection != nullptr) {
        return;  // `master_process off` and a reload: the worker is this process, and goes on
    }
    if (sidecar_listens(settings)) {
        glue::worker_board() = {};
    } else {
        load_last_good_board(settings.board_file, *cycle.log);
    }
}

/// In a worker, or in the only process. Cache managers and loaders serve nothing.
void init_process(ngx_cycle_t& /*cycle*/)
{
    if (ngx_process != NGX_PROCESS_WORKER && ngx_process != NGX_PROCESS_SINGLE) {
        return;
    }
    if (settings.socket.empty()) {
        load_last_good_board(settings.board_file, *ngx_cycle->log);
        return;
    }
    connection = std::make_unique<Connection>(settings);
    connection->start();
}

void exit_process(ngx_cycle_t& /*cycle*/)
{
    connection.reset();
}

ngx_http_module_t context = {
    nullptr,                         // preconfiguration
    glue::configure<postconfigure>,  // postconfiguration
    glue::create<create_main_conf>,
    nullptr,  // init main configuration
    nullptr,  // create server configuration
    nullptr,  // merge server configuration
    glue::create<create_route_conf>,
    merge_route_conf,
};

}  // namespace

}  // namespace gatehouse::link_feature

ngx_module_t ngx_http_gatehouse_link_module = {
    NGX_MODULE_V1,
    &gatehouse::link_feature::context,
    gatehouse::link_feature::commands,
    NGX_HTTP_MODULE,
    nullptr,  // init_master
    gatehouse::glue::start<gatehouse::link_feature::init_module>,
    gatehouse::glue::start<gatehouse::link_feature::init_process>,
    nullptr,  // init_thread
    nullptr,  // exit_thread
    gatehouse::glue::finish<gatehouse::link_feature::exit_process>,
    nullptr,  // exit_master
    NGX_MODULE_V1_PADDING,
};
