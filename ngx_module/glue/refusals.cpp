#include "ngx_module/glue/ngx.h"

#include "ngx_module/glue/refusals.h"

#include "ngx_module/glue/conf.h"

namespace gatehouse::glue {

namespace {

/// nginx answers 400 to these, or closes the connection: they tell its error pages what happened.
bool is_internal(ngx_int_t status) noexcept
{
    return status >= NGX_HTTP_REQUEST_HEADER_TOO_LARGE && status <= NGX_HTTP_CLIENT_CLOSED_REQUEST;
}

char* check_status(ngx_conf_t* /*cf*/, void* /*post*/, void* data) noexcept
{
    const auto status = *static_cast<const ngx_int_t*>(data);
    if (status >= NGX_HTTP_BAD_REQUEST && status < 600 && !is_internal(status)) {
        return accepted;
    }
    return const_cast<char*>(
        "value must be between 400 and 599, and not one of 494 to 499, which "
        "nginx keeps to itself");
}

}  // namespace

ngx_conf_enum_t refusal_log_levels[] = {
    {ngx_string("info"), NGX_LOG_INFO},
    {ngx_string("notice"), NGX_LOG_NOTICE},
    {ngx_string("warn"), NGX_LOG_WARN},
    {ngx_string("error"), NGX_LOG_ERR},
    {ngx_null_string, 0},
};

ngx_conf_post_t refusal_status = {check_status};

}  // namespace gatehouse::glue
