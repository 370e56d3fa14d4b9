// The record by which nginx knows a module: what a feature fills in, without what none of ours
// uses.
#pragma once

#include "ngx_module/glue/ngx.h"

namespace gatehouse::glue {

/// What a feature does while nginx reads a configuration; null: nothing.
struct Configuration {
    ngx_int_t (*preconfiguration)(ngx_conf_t*) = nullptr;
    ngx_int_t (*postconfiguration)(ngx_conf_t*) = nullptr;
    void* (*create_main_conf)(ngx_conf_t*) = nullptr;
    void* (*create_srv_conf)(ngx_conf_t*) = nullptr;
    char* (*merge_srv_conf)(ngx_conf_t*, void* parent, void* conf) = nullptr;
    void* (*create_loc_conf)(ngx_conf_t*) = nullptr;
    char* (*merge_loc_conf)(ngx_conf_t*, void* parent, void* conf) = nullptr;
};

constexpr ngx_http_module_t context_of(const Configuration& configuration) noexcept
{
    return {configuration.preconfiguration,
            configuration.postconfiguration,
            configuration.create_main_conf,
            nullptr,  // init_main_conf
            configuration.create_srv_conf,
            configuration.merge_srv_conf,
            configuration.create_loc_conf,
            configuration.merge_loc_conf};
}

/// What a feature does in the life of a process; null: nothing.
struct Lifetime {
    ngx_int_t (*init_module)(ngx_cycle_t*) = nullptr;   ///< in the master, after each configuration
    ngx_int_t (*init_process)(ngx_cycle_t*) = nullptr;  ///< in each worker
    void (*exit_process)(ngx_cycle_t*) = nullptr;       ///< in each worker
};

/// `commands`: null for none. REQUIRES: what it points to lives as long as the process.
constexpr ngx_module_t module_of(ngx_http_module_t& context, ngx_command_t* commands,
                                 const Lifetime& lifetime = {}) noexcept
{
    return {NGX_MODULE_V1,
            &context,
            commands,
            NGX_HTTP_MODULE,
            nullptr,  // init_master
            lifetime.init_module,
            lifetime.init_process,
            nullptr,  // init_thread
            nullptr,  // exit_thread
            lifetime.exit_process,
            nullptr,  // exit_master
            NGX_MODULE_V1_PADDING};
}

}  // namespace gatehouse::glue
