// The directives of this feature, and their levels.
#pragma once

#include "ngx_module/glue/ngx.h"

#include <deque>
#include <string>
#include <vector>

#include "ngx_module/auth/conf.h"

namespace gatehouse::auth_feature {

extern ngx_command_t commands[];

/// A level at which gate_auth or gate_require stands, and where.
struct Mention {
    AuthConf* conf;
    ngx_str_t file;
    ngx_uint_t line;
};

struct MainConf {
    std::deque<Mention> auth;
    std::deque<Mention> require;

    /// Arguments that have credentials: those that any location takes them from, and access_token.
    std::vector<std::string> query_names;

    /// Any location asks for credentials.
    bool in_use = false;
};

MainConf& main_conf(ngx_conf_t& cf) noexcept;

void* create_main_conf(ngx_conf_t& cf);
void* create_location_conf(ngx_conf_t& cf);
void merge_location_conf(ngx_conf_t& cf, AuthConf& outer, AuthConf& inner);

const MainConf& main_conf(const ngx_http_request_t& r) noexcept;

/// What only shows when all levels are merged; says what is wrong.
ngx_int_t check_levels(ngx_conf_t& cf);

// jwt_directives.cpp
char* add_jwt_key(ngx_conf_t& cf, AuthConf& conf);
char* set_jwt_algorithms(ngx_conf_t& cf, AuthConf& conf);
char* set_jwt_issuer(ngx_conf_t& cf, AuthConf& conf);
char* set_jwt_audience(ngx_conf_t& cf, AuthConf& conf);
char* set_jwt_leeway(ngx_conf_t& cf, AuthConf& conf);

// identity_keys.cpp
char* set_identity_keys(ngx_conf_t& cf, AuthConf& conf);

}  // namespace gatehouse::auth_feature
