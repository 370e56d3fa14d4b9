#include "ngx_module/glue/ngx.h"

#include "ngx_module/headers/directives.h"

#include <algorithm>
#include <array>
#include <string>
#include <string_view>

#include "ngx_module/glue/conf.h"
#include "ngx_module/glue/pool.h"
#include "ngx_module/glue/text.h"
#include "ngx_module/headers/module.h"
#include "src/http/token.h"

namespace gatehouse::headers_feature {

namespace {

/// What describes the body or the connection is nginx's to say.
constexpr std::array<std::string_view, 15> nginx_fields{
    "accept-ranges",  "connection",    "content-encoding",
    "content-length", "content-range", "content-type",
    "date",           "etag",          "keep-alive",
    "last-modified",  "location",      "transfer-encoding",
    "trailer",        "upgrade",       "set-cookie"};

const Setting* find(const std::vector<Setting>& settings, std::string_view lower) noexcept
{
    const auto found = std::find_if(settings.begin(), settings.end(),
                                    [&](const Setting& setting) { return setting.lower == lower; });
    return found == settings.end() ? nullptr : &*found;
}

bool has_control(std::string_view value) noexcept
{
    return std::any_of(value.begin(), value.end(), [](char c) {
        return (static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == 0x7f;
    });
}

char* check_name(ngx_conf_t& cf, const HeadersConf& conf, const Setting& setting)
{
    // The grammar allows "$" in it; whoever writes one means a variable.
    if (!http::is_token(setting.name) || setting.name.find('$') != std::string::npos) {
        return glue::refuse(cf,
                            "\"" + setting.name + "\" in \"gate_header\" is no name of a field");
    }
    if (std::find(nginx_fields.begin(), nginx_fields.end(), setting.lower) != nginx_fields.end()) {
        return glue::refuse(cf,
                            "\"gate_header\" cannot set \"" + setting.name +
                                "\": it belongs to the body, the connection or the application");
    }
    if (find(conf.settings, setting.lower) != nullptr) {
        return glue::refuse(cf, "\"gate_header " + setting.name + "\" stands here twice");
    }
    return glue::accepted;
}

char* read_value(ngx_conf_t& cf, Setting& setting, const ngx_str_t& word)
{
    if (word.len == 0 || has_control(glue::view(word))) {
        return glue::refuse_value(cf, word, "text of one line, or \"off\"");
    }
    setting.value = Value::compile(cf, word);
    return setting.value ? glue::accepted : static_cast<char*>(NGX_CONF_ERROR);
}

char* set_header(ngx_conf_t& cf, HeadersConf& conf)
{
    const auto words = glue::words(cf);
    Setting setting;
    setting.name = glue::view(words[1]);
    setting.lower = setting.name;
    std::transform(setting.lower.begin(), setting.lower.end(), setting.lower.begin(), to_lower);
    if (char* const result = check_name(cf, conf, setting); result != glue::accepted) {
        return result;
    }
    if (glue::view(words[2]) != "off") {
        if (char* const result = read_value(cf, setting, words[2]); result != glue::accepted) {
            return result;
        }
    }
    conf.settings.push_back(std::move(setting));
    main_conf(cf).used = true;
    return glue::accepted;
}

char* set_preset(ngx_conf_t& cf, HeadersConf& conf)
{
    if (conf.preset) {
        return glue::duplicate();
    }
    const auto& word = glue::words(cf)[1];
    conf.preset = parse_preset(glue::view(word));
    if (!conf.preset) {
        return glue::refuse_value(cf, word, "\"strict\", \"dashboard\", \"embed\" or \"off\"");
    }
    main_conf(cf).used = true;
    return glue::accepted;
}

/// False: nginx refuses a value; it has said why.
bool add_preset(ngx_conf_t& cf, Plan& plan, const HeadersConf& conf)
{
    for (const auto& field : fields_of(conf.preset.value_or(Preset::off))) {
        if (find(conf.settings, field.lower) != nullptr) {
            continue;
        }
        plan.claim(field.lower);
        if (field.value.empty()) {
            continue;
        }
        auto value = Value::compile(cf, glue::lend(field.value));
        if (!value) {
            return false;
        }
        plan.add(field.name, field.lower, std::move(*value));
    }
    return true;
}

void add_settings(Plan& plan, const HeadersConf& conf)
{
    for (const auto& setting : conf.settings) {
        plan.claim(setting.lower);
        if (setting.value) {
            plan.add(setting.name, setting.lower, *setting.value);
        } else if (setting.lower == "server") {
            plan.remove_server();
        }
    }
}

bool make_plan(ngx_conf_t& cf, HeadersConf& conf)
{
    auto& plan = glue::Pool{cf.pool}.make<Plan>();
    conf.plan = &plan;
    add_settings(plan, conf);
    return add_preset(cf, plan, conf);
}

bool says_something(const HeadersConf& conf) noexcept
{
    return conf.preset || !conf.settings.empty();
}

}  // namespace

ngx_command_t commands[] = {
    {ngx_string("gate_headers"), glue::http_levels | NGX_CONF_TAKE1,
     glue::directive<HeadersConf, set_preset>, NGX_HTTP_LOC_CONF_OFFSET, 0, nullptr},
    {ngx_string("gate_header"), glue::http_levels | NGX_CONF_TAKE2,
     glue::directive<HeadersConf, set_header>, NGX_HTTP_LOC_CONF_OFFSET, 0, nullptr},
    ngx_null_command,
};

MainConf& main_conf(ngx_conf_t& cf) noexcept
{
    const auto* context = static_cast<ngx_http_conf_ctx_t*>(cf.ctx);
    return *static_cast<MainConf*>(context->main_conf[ngx_http_gatehouse_headers_module.ctx_index]);
}

void* create_main_conf(ngx_conf_t& cf)
{
    return &glue::Pool{cf.pool}.make<MainConf>();
}

void* create_location_conf(ngx_conf_t& cf)
{
    return &glue::Pool{cf.pool}.make<HeadersConf>();
}

// The outermost level is nobody's inner one: its plan is made when the first inner one asks.
bool merge_location_conf(ngx_conf_t& cf, HeadersConf& outer, HeadersConf& inner)
{
    if (outer.plan == nullptr && says_something(outer) && !make_plan(cf, outer)) {
        return false;
    }
    if (!says_something(inner)) {
        inner.preset = outer.preset;
        inner.settings = outer.settings;
        inner.plan = outer.plan;
        return true;
    }
    if (!inner.preset) {
        inner.preset = outer.preset;
    }
    for (const auto& setting : outer.settings) {
        if (find(inner.settings, setting.lower) == nullptr) {
            inner.settings.push_back(setting);
        }
    }
    return make_plan(cf, inner);
}

}  // namespace gatehouse::headers_feature
