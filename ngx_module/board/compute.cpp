#include "ngx_module/glue/ngx.h"

#include "ngx_module/board/compute.h"

#include <algorithm>
#include <string>
#include <vector>

#include "ngx_module/board/miss.h"
#include "ngx_module/board/module.h"
#include "ngx_module/glue/conf.h"
#include "ngx_module/glue/counted_location.h"
#include "ngx_module/glue/guard.h"
#include "ngx_module/glue/module.h"
#include "ngx_module/glue/pool.h"
#include "ngx_module/glue/text.h"

namespace gatehouse::board_feature {

namespace {

/// What a server's locations lead to.
struct Use {
    const ngx_http_core_srv_conf_t* server;
    ngx_str_t name;
    ngx_str_t place;
};

using Uses = std::vector<Use>;

/// In r->ctx of the module below: the request is to go there. It does not outlive the phase.
char marked;

void*& mark_of(ngx_http_request_t& r) noexcept;
Uses& uses_of(const ngx_conf_t& cf) noexcept;

bool has_location(const ngx_http_core_srv_conf_t& server, std::string_view name) noexcept
{
    for (auto** location = server.named_locations; location != nullptr && *location != nullptr;
         ++location) {
        if (glue::view((*location)->name) == name) {
            return true;
        }
    }
    return false;
}

ngx_int_t go(ngx_http_request_t& r)
{
    auto*& mark = mark_of(r);
    if (mark == nullptr) {
        return NGX_DECLINED;
    }
    mark = nullptr;
    const auto& conf = glue::location_conf<BoardConf>(r, ngx_http_gatehouse_board_module);
    glue::count_here(r);
    ngx_str_t name = conf.compute;
    (void)ngx_http_named_location(&r, &name);
    ngx_http_finalize_request(&r, NGX_DONE);
    return NGX_DONE;
}

void* create_main_conf(ngx_conf_t& cf)
{
    return &glue::Pool{cf.pool}.make<Uses>();
}

/// Every name has a location in each server that needs it.
ngx_int_t check_uses(ngx_conf_t& cf)
{
    for (const auto& use : uses_of(cf)) {
        if (!has_location(*use.server, glue::view(use.name))) {
            const auto name = std::string{glue::view(use.name)};
            return glue::refuse_at(cf, std::string{glue::view(use.place)},
                                   "\"gate_compute\" leads to \"" + name + "\", but server \"" +
                                       std::string{glue::view(use.server->server_name)} +
                                       "\", where \"gate_board\" is on, has no \"location " + name +
                                       "\"");
        }
    }
    return NGX_OK;
}

ngx_int_t postconfigure(ngx_conf_t& cf)
{
    if (check_uses(cf) != NGX_OK) {
        return NGX_ERROR;
    }
    // What cannot go there gets what it would without it: the content of its location.
    return glue::on_phase(cf, NGX_HTTP_PRECONTENT_PHASE, glue::handler<go, NGX_DECLINED>);
}

ngx_http_module_t context = glue::context_of({
    .postconfiguration = glue::configure<postconfigure>,
    .create_main_conf = glue::create<create_main_conf>,
});

}  // namespace

bool is_in_named_location(const ngx_http_request_t& r) noexcept
{
    const auto* core =
        static_cast<const ngx_http_core_loc_conf_t*>(r.loc_conf[ngx_http_core_module.ctx_index]);
    return core->named != 0;
}

bool can_be_computed(const ngx_http_request_t& r, const BoardConf& conf) noexcept
{
    return r.content_handler != nullptr || (conf.compute.len != 0 && !is_in_named_location(r));
}

void mark_for_compute(ngx_http_request_t& r, const BoardConf& conf) noexcept
{
    if (conf.compute.len != 0 && !is_in_named_location(r) && note_compute(r)) {
        mark_of(r) = &marked;
    }
}

char* set_compute(ngx_conf_t& cf, BoardConf& conf)
{
    if (conf.compute.data != nullptr) {
        return glue::duplicate();
    }
    const auto& word = glue::words(cf)[1];
    const auto name = glue::view(word);
    if (name != "off" && (name.size() < 2 || !name.starts_with('@'))) {
        return glue::refuse_value(cf, word, "a named location such as \"@compute\", or \"off\"");
    }
    conf.compute = name == "off" ? ngx_str_t{0, word.data} : word;
    conf.compute_place = glue::lend(glue::Pool{cf.pool}.copy(glue::place_of(cf)));
    return glue::accepted;
}

void note_compute_use(ngx_conf_t& cf, const BoardConf& conf)
{
    const auto* context = static_cast<const ngx_http_conf_ctx_t*>(cf.ctx);
    const auto* server = static_cast<const ngx_http_core_srv_conf_t*>(
        context->srv_conf[ngx_http_core_module.ctx_index]);
    const auto is_same = [&](const Use& use) {
        return use.server == server && use.place.data == conf.compute_place.data;
    };
    auto& uses = uses_of(cf);
    if (std::none_of(uses.begin(), uses.end(), is_same)) {
        uses.push_back({server, conf.compute, conf.compute_place});
    }
}

}  // namespace gatehouse::board_feature

/// Of its own, for its place in the list: its handler acts after the limits of misses.
ngx_module_t ngx_http_gatehouse_compute_module = gatehouse::glue::module_of(
    gatehouse::board_feature::context, nullptr);  // directives: the board's

namespace gatehouse::board_feature {

namespace {

void*& mark_of(ngx_http_request_t& r) noexcept
{
    return r.ctx[ngx_http_gatehouse_compute_module.ctx_index];
}

Uses& uses_of(const ngx_conf_t& cf) noexcept
{
    const auto* context = static_cast<const ngx_http_conf_ctx_t*>(cf.ctx);
    return *static_cast<Uses*>(context->main_conf[ngx_http_gatehouse_compute_module.ctx_index]);
}

}  // namespace

}  // namespace gatehouse::board_feature
