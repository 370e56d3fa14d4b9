#include "ngx_module/glue/ngx.h"

#include "ngx_module/glue/conf.h"

#include "ngx_module/glue/text.h"

namespace gatehouse::glue {

char* refuse(ngx_conf_t& cf, const std::string& message) noexcept
{
    ngx_conf_log_error(NGX_LOG_EMERG, &cf, 0, "%s", message.c_str());
    return static_cast<char*>(NGX_CONF_ERROR);
}

std::string place_of(const ngx_conf_t& cf)
{
    return std::string{view(cf.conf_file->file.name)} + ":" + std::to_string(cf.conf_file->line);
}

ngx_int_t refuse_at(ngx_conf_t& cf, const std::string& place, const std::string& message) noexcept
{
    ngx_log_error(NGX_LOG_EMERG, cf.log, 0, "%s in %s", message.c_str(), place.c_str());
    return NGX_ERROR;
}

void warn_at(ngx_conf_t& cf, const std::string& place, const std::string& message) noexcept
{
    ngx_log_error(NGX_LOG_WARN, cf.log, 0, "%s in %s", message.c_str(), place.c_str());
}

char* refuse_value(ngx_conf_t& cf, const ngx_str_t& value, const std::string& expected)
{
    return refuse(cf, "invalid value \"" + std::string{view(value)} + "\" in \"" +
                          std::string{view(words(cf)[0])} + "\" directive, it must be " + expected);
}

char* read_path_or_off(ngx_conf_t& cf, PathOrOff& setting)
{
    if (setting) {
        return duplicate();
    }
    ngx_str_t path = words(cf)[1];
    if (path.len == 0) {
        return refuse_value(cf, path, "a path or \"off\"");
    }
    if (view(path) == "off") {
        setting.emplace();
        return accepted;
    }
    if (ngx_conf_full_name(cf.cycle, &path, 0) != NGX_OK) {
        return static_cast<char*>(NGX_CONF_ERROR);
    }
    setting.emplace(view(path));
    return accepted;
}

std::optional<ngx_msec_t> parse_time(ngx_str_t text) noexcept
{
    const ngx_int_t milliseconds = ngx_parse_time(&text, 0);
    if (milliseconds == NGX_ERROR) {
        return std::nullopt;
    }
    return static_cast<ngx_msec_t>(milliseconds);
}

ngx_int_t on_phase(ngx_conf_t& cf, ngx_http_phases phase, ngx_http_handler_pt handler) noexcept
{
    const auto* context = static_cast<ngx_http_conf_ctx_t*>(cf.ctx);
    auto* core =
        static_cast<ngx_http_core_main_conf_t*>(context->main_conf[ngx_http_core_module.ctx_index]);
    auto* slot = static_cast<ngx_http_handler_pt*>(ngx_array_push(&core->phases[phase].handlers));
    if (slot == nullptr) {
        return NGX_ERROR;
    }
    *slot = handler;
    return NGX_OK;
}

}  // namespace gatehouse::glue
