// nginx's headers. First in every file of ngx_module/ (they set the 64-bit off_t), and the only
// place that includes them.
#pragma once

extern "C" {
#include <nginx.h>
#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_event.h>
#include <ngx_http.h>
}

static_assert(nginx_version >= 1022000, "nginx 1.22 is the oldest version that is supported");
