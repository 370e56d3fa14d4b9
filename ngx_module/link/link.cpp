// The link: keeps this worker's board in step with the sidecar. Its directives, and its part in
// nginx's start and end.
#include "ngx_module/glue/ngx.h"

#include <memory>

#include "ngx_module/glue/conf.h"
#include "ngx_module/glue/guard.h"
#include "ngx_module/glue/module.h"
#include "ngx_module/glue/pool.h"
#include "ngx_module/glue/sidecar_state.h"
#include "ngx_module/glue/text.h"
#include "ngx_module/glue/tick.h"
#include "ngx_module/glue/worker_board.h"
#include "ngx_module/link/connection.h"
#include "ngx_module/link/dial.h"
#include "ngx_module/link/last_good.h"
#include "ngx_module/link/settings.h"
#include "src/link/channel.h"
#include "src/link/protocol.h"

extern "C" ngx_module_t ngx_http_gatehouse_link_module;

namespace gatehouse::link_feature {

namespace {

constexpr const char* default_socket = "/run/gatehouse/link.sock";
constexpr const char* default_board_file = "/var/lib/gatehouse/board";
constexpr ngx_msec_t default_timeout_ms = 3000;

struct LinkConf {
    glue::PathOrOff socket;
    glue::PathOrOff board_file;
    std::optional<ngx_msec_t> timeout_ms;
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
    const auto& word = glue::words(cf)[1];
    if (glue::view(word).starts_with("unix:")) {
        return glue::refuse_value(cf, word, "the path alone, without \"unix:\"");
    }
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

ngx_command_t commands[] = {
    {ngx_string("gate_link"), NGX_HTTP_MAIN_CONF | NGX_CONF_TAKE1,
     glue::directive<LinkConf, set_socket>, NGX_HTTP_MAIN_CONF_OFFSET, 0, nullptr},
    {ngx_string("gate_link_timeout"), NGX_HTTP_MAIN_CONF | NGX_CONF_TAKE1,
     glue::directive<LinkConf, set_timeout>, NGX_HTTP_MAIN_CONF_OFFSET, 0, nullptr},
    {ngx_string("gate_board_file"), NGX_HTTP_MAIN_CONF | NGX_CONF_TAKE1,
     glue::directive<LinkConf, set_board_file>, NGX_HTTP_MAIN_CONF_OFFSET, 0, nullptr},
    ngx_null_command,
};

void* create_main_conf(ngx_conf_t& cf)
{
    return &glue::Pool{cf.pool}.make<LinkConf>();
}

bool is_off(const glue::PathOrOff& setting) noexcept
{
    return setting && setting->empty();
}

ngx_int_t postconfigure(ngx_conf_t& cf)
{
    const auto& conf = link_conf(cf);
    glue::worker_board_has_source() = !is_off(conf.socket) || !is_off(conf.board_file);
    return NGX_OK;
}

Settings settings_of(ngx_cycle_t& cycle)
{
    const auto* conf = static_cast<const LinkConf*>(
        ngx_http_cycle_get_module_main_conf((&cycle), ngx_http_gatehouse_link_module));
    if (conf == nullptr) {
        return {};
    }
    return {conf->socket.value_or(default_socket), conf->board_file.value_or(default_board_file),
            conf->timeout_ms.value_or(default_timeout_ms)};
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
        load_last_good_tables(settings.board_file, *cycle.log);
    }
}

/// In a worker, or in the only process.
void init_process(ngx_cycle_t& /*cycle*/)
{
    if (!glue::serves_requests()) {
        return;
    }
    glue::sidecar_awaited(!settings.socket.empty());
    if (settings.socket.empty()) {
        load_last_good_board(settings.board_file, *ngx_cycle->log);
        load_last_good_tables(settings.board_file, *ngx_cycle->log);
        return;
    }
    connection = std::make_unique<Connection>(settings);
    connection->start();
}

void exit_process(ngx_cycle_t& /*cycle*/)
{
    connection.reset();
}

ngx_http_module_t context = glue::context_of({
    .postconfiguration = glue::configure<postconfigure>,
    .create_main_conf = glue::create<create_main_conf>,
});

}  // namespace

}  // namespace gatehouse::link_feature

ngx_module_t ngx_http_gatehouse_link_module = gatehouse::glue::module_of(
    gatehouse::link_feature::context, gatehouse::link_feature::commands,
    {.init_module = gatehouse::glue::start<gatehouse::link_feature::init_module>,
     .init_process = gatehouse::glue::start<gatehouse::link_feature::init_process>,
     .exit_process = gatehouse::glue::finish<gatehouse::link_feature::exit_process>});
