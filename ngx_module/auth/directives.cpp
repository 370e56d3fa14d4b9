#include "ngx_module/glue/ngx.h"

#include "ngx_module/auth/directives.h"

#include <algorithm>
#include <string>
#include <utility>

#include "ngx_module/auth/module.h"
#include "ngx_module/auth/require.h"
#include "ngx_module/glue/conf.h"
#include "ngx_module/glue/pool.h"
#include "ngx_module/glue/text.h"
#include "src/auth/scopes.h"
#include "src/base/ascii.h"

namespace gatehouse::auth_feature {

namespace {

constexpr ngx_uint_t levels = glue::http_levels | NGX_HTTP_LMT_CONF;

/// The value of a word NAME=VALUE or NAME:VALUE.
std::optional<std::string_view> after(std::string_view word, std::string_view start) noexcept
{
    return word.starts_with(start) ? std::optional{word.substr(start.size())} : std::nullopt;
}

char* refuse_again(ngx_conf_t& cf, const ngx_str_t& word, const char* what)
{
    const auto quoted = [](const ngx_str_t& text) {
        return "\"" + std::string{glue::view(text)} + "\"";
    };
    return glue::refuse(cf, quoted(glue::words(cf)[0]) + ": " + quoted(word) + " " + what);
}

Mention mention(ngx_conf_t& cf, AuthConf& conf)
{
    return {&conf, cf.conf_file->file.name, cf.conf_file->line};
}

char* set_auth(ngx_conf_t& cf, AuthConf& conf)
{
    const auto words = glue::words(cf).subspan(1);
    if (conf.methods) {
        return glue::duplicate();
    }
    main_conf(cf).auth.push_back(mention(cf, conf));
    conf.methods = Methods{};
    if (words.size() == 1 && glue::view(words[0]) == "off") {
        return glue::accepted;
    }
    for (const auto& word : words) {
        const auto name = glue::view(word);
        if (name == "token" && !conf.methods->token) {
            conf.methods->token = true;
        } else if (name == "jwt" && !conf.methods->jwt) {
            conf.methods->jwt = true;
        } else {
            return glue::refuse_value(cf, word,
                                      "\"off\", or one or more of \"token\" and \"jwt\", each once "
                                      "(this version has no \"session\")");
        }
    }
    return glue::accepted;
}

char* set_realm(ngx_conf_t& cf, AuthConf& conf)
{
    if (conf.realm) {
        return glue::duplicate();
    }
    const auto& word = glue::words(cf)[1];
    const auto realm = glue::view(word);
    if (std::any_of(realm.begin(), realm.end(), [](char c) { return c < 0x20 || c > 0x7e; })) {
        return glue::refuse_value(cf, word, "visible ASCII");
    }
    conf.realm = realm;
    return glue::accepted;
}

std::optional<Requirement> read_requirement(ngx_conf_t& cf, const ngx_str_t& word)
{
    using Kind = Requirement::Kind;
    constexpr std::pair<std::string_view, Kind> kinds[] = {
        {"scope=", Kind::scope}, {"role=", Kind::role}, {"user=", Kind::user}};
    const auto text = glue::view(word);
    for (const auto& [start, kind] : kinds) {
        if (const auto name = after(text, start); name && !name->empty()) {
            const bool good = kind != Kind::scope || auth::is_scope(*name);
            return good ? std::optional{Requirement{kind, std::string{*name}, {}, {}}}
                        : std::nullopt;
        }
    }
    if (const auto claim = after(text, "claim.")) {
        const auto equals = claim->find('=');
        if (equals != std::string_view::npos && equals != 0) {
            return Requirement{Kind::claim,
                               std::string{claim->substr(0, equals)},
                               std::string{claim->substr(equals + 1)},
                               {}};
        }
    }
    if (text.starts_with('$')) {
        if (auto variable = glue::ComplexValue::compile(cf, word)) {
            return Requirement{Kind::variable, {}, {}, std::move(variable)};
        }
    }
    return std::nullopt;
}

bool is_required(const std::vector<Requirement>& all, const Requirement& one)
{
    return one.kind != Requirement::Kind::variable &&
           std::any_of(all.begin(), all.end(), [&](const Requirement& other) {
               return other.kind == one.kind && other.name == one.name && other.value == one.value;
           });
}

char* add_requirement(ngx_conf_t& cf, AuthConf& conf)
{
    if (!conf.requirements) {
        conf.requirements.emplace();
        main_conf(cf).require.push_back(mention(cf, conf));
    }
    for (const auto& word : glue::words(cf).subspan(1)) {
        auto requirement = read_requirement(cf, word);
        if (!requirement) {
            return glue::refuse_value(cf, word,
                                      "scope=NAME (one name of A-Z a-z 0-9 : . _ / -), role=NAME, "
                                      "user=NAME, claim.NAME=VALUE or a variable");
        }
        if (is_required(*conf.requirements, *requirement)) {
            return refuse_again(cf, word, "is required here already");
        }
        conf.requirements->push_back(std::move(*requirement));
    }
    return glue::accepted;
}

CredentialSource field_source(std::string_view name)
{
    CredentialSource source{SourceKind::header, std::string{name}, 0};
    std::transform(name.begin(), name.end(), source.name.begin(), to_lower);
    source.hash = ngx_hash_key(glue::lend(source.name).data, source.name.size());
    return source;
}

CredentialSource cookie_source(std::string_view name)
{
    constexpr std::string_view field = "cookie";
    return {SourceKind::cookie, std::string{name},
            ngx_hash_key(glue::lend(field).data, field.size())};
}

/// A token of RFC 9110 §5.6.2.
bool is_token(std::string_view text) noexcept
{
    return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
        return c > 0x20 && c < 0x7f &&
               std::string_view{"\"(),/:;<=>?@[\\]{}"}.find(c) == std::string_view::npos;
    });
}

/// What is in Authorization and Cookie is not one token from end to end.
bool is_field_name(std::string_view text) noexcept
{
    return is_token(text) && !equals_ignoring_case(text, "authorization") &&
           !equals_ignoring_case(text, "cookie");
}

std::optional<CredentialSource> read_source(std::string_view word)
{
    if (word == "bearer") {
        return CredentialSource{SourceKind::bearer, {}, 0};
    }
    if (const auto name = after(word, "header:"); name && is_field_name(*name)) {
        return field_source(*name);
    }
    if (const auto name = after(word, "cookie:"); name && is_token(*name)) {
        return cookie_source(*name);
    }
    if (const auto name = after(word, "query:"); name && !name->empty()) {
        return CredentialSource{SourceKind::query, std::string{*name}, 0};
    }
    return std::nullopt;
}

std::vector<CredentialSource> default_sources()
{
    return {CredentialSource{SourceKind::bearer, {}, 0}, field_source("X-API-Token"),
            field_source("X-API-Key")};
}

char* set_sources(ngx_conf_t& cf, AuthConf& conf)
{
    if (conf.sources) {
        return glue::duplicate();
    }
    conf.sources.emplace();
    for (const auto& word : glue::words(cf).subspan(1)) {
        auto source = read_source(glue::view(word));
        if (!source) {
            return glue::refuse_value(
                cf, word,
                "\"bearer\" (the field Authorization), header:NAME, cookie:NAME or query:NAME");
        }
        if (std::any_of(conf.sources->begin(), conf.sources->end(), [&](const auto& other) {
                return other.kind == source->kind && other.name == source->name;
            })) {
            return refuse_again(cf, word, "is looked for here already");
        }
        conf.sources->push_back(std::move(*source));
    }
    return glue::accepted;
}

void note_query_name(MainConf& main, const std::string& name)
{
    auto& names = main.query_names;
    if (std::find(names.begin(), names.end(), name) == names.end()) {
        names.push_back(name);
    }
}

void note_query_names(MainConf& main, const AuthConf& conf)
{
    for (const auto& source : *conf.sources) {
        if (source.kind == SourceKind::query) {
            note_query_name(main, source.name);
        } else if (source.kind == SourceKind::bearer) {
            note_query_name(main, "access_token");  // refused there (RFC 6750 section 2.3)
        }
    }
}

template <class T>
void inherit(std::optional<T>& inner, const std::optional<T>& outer)
{
    if (!inner) {
        inner = outer;
    }
}

void say(ngx_conf_t& cf, const Mention& where, const char* what)
{
    ngx_log_error(NGX_LOG_EMERG, cf.log, 0, "%s in %V:%ui", what, &where.file, where.line);
}

}  // namespace

bool AuthConf::asks_query() const noexcept
{
    return std::any_of(sources->begin(), sources->end(),
                       [](const auto& source) { return source.kind == SourceKind::query; });
}

ngx_command_t commands[] = {
    {ngx_string("gate_auth"), levels | NGX_CONF_1MORE, glue::directive<AuthConf, set_auth>,
     NGX_HTTP_LOC_CONF_OFFSET, 0, nullptr},
    {ngx_string("gate_realm"), levels | NGX_CONF_TAKE1, glue::directive<AuthConf, set_realm>,
     NGX_HTTP_LOC_CONF_OFFSET, 0, nullptr},
    {ngx_string("gate_require"), levels | NGX_CONF_1MORE,
     glue::directive<AuthConf, add_requirement>, NGX_HTTP_LOC_CONF_OFFSET, 0, nullptr},
    {ngx_string("gate_token_from"), levels | NGX_CONF_1MORE, glue::directive<AuthConf, set_sources>,
     NGX_HTTP_LOC_CONF_OFFSET, 0, nullptr},
    {ngx_string("gate_identity_keys"), NGX_HTTP_LOC_CONF | NGX_CONF_NOARGS,
     glue::directive<AuthConf, set_identity_keys>, NGX_HTTP_LOC_CONF_OFFSET, 0, nullptr},
    {ngx_string("gate_jwt_key"), levels | NGX_CONF_1MORE, glue::directive<AuthConf, add_jwt_key>,
     NGX_HTTP_LOC_CONF_OFFSET, 0, nullptr},
    {ngx_string("gate_jwt_algorithms"), levels | NGX_CONF_1MORE,
     glue::directive<AuthConf, set_jwt_algorithms>, NGX_HTTP_LOC_CONF_OFFSET, 0, nullptr},
    {ngx_string("gate_jwt_issuer"), levels | NGX_CONF_1MORE,
     glue::directive<AuthConf, set_jwt_issuer>, NGX_HTTP_LOC_CONF_OFFSET, 0, nullptr},
    {ngx_string("gate_jwt_audience"), levels | NGX_CONF_1MORE,
     glue::directive<AuthConf, set_jwt_audience>, NGX_HTTP_LOC_CONF_OFFSET, 0, nullptr},
    {ngx_string("gate_jwt_leeway"), levels | NGX_CONF_TAKE1,
     glue::directive<AuthConf, set_jwt_leeway>, NGX_HTTP_LOC_CONF_OFFSET, 0, nullptr},
    ngx_null_command,
};

MainConf& main_conf(ngx_conf_t& cf) noexcept
{
    const auto* context = static_cast<ngx_http_conf_ctx_t*>(cf.ctx);
    return *static_cast<MainConf*>(context->main_conf[ngx_http_gatehouse_auth_module.ctx_index]);
}

const MainConf& main_conf(const ngx_http_request_t& r) noexcept
{
    return *static_cast<const MainConf*>(r.main_conf[ngx_http_gatehouse_auth_module.ctx_index]);
}

void* create_main_conf(ngx_conf_t& cf)
{
    return &glue::Pool{cf.pool}.make<MainConf>();
}

void* create_location_conf(ngx_conf_t& cf)
{
    return &glue::Pool{cf.pool}.make<AuthConf>();
}

void merge_location_conf(ngx_conf_t& cf, AuthConf& outer, AuthConf& inner)
{
    if (!outer.sources) {
        outer.sources = default_sources();
    }
    inherit(inner.methods, outer.methods);
    inherit(inner.realm, outer.realm);
    inherit(inner.requirements, outer.requirements);
    inherit(inner.sources, outer.sources);
    const bool same_jwt = inner.jwt_settings.say_nothing();
    inner.jwt_settings.inherit(outer.jwt_settings);
    if (outer.jwt == nullptr) {
        outer.jwt = JwtUse::make(outer.jwt_settings);
    }
    inner.jwt = same_jwt ? outer.jwt : JwtUse::make(inner.jwt_settings);
    inner.challenges = std::make_shared<const glue::Challenges>(
        inner.realm.value_or(std::string{glue::Challenges::default_realm}),
        inner.requirements ? required_scopes(*inner.requirements) : std::string{});
    inner.outer = &outer;
    if (inner.is_on()) {
        main_conf(cf).in_use = true;
        note_query_names(main_conf(cf), inner);
    }
    for (auto* level = &inner; level != nullptr; level = level->outer) {
        level->on_somewhere_below |= inner.is_on();
        level->keys_somewhere_below |= inner.jwt != nullptr;
    }
}

ngx_int_t check_levels(ngx_conf_t& cf)
{
    const auto& conf = main_conf(cf);
    for (const auto& mention : conf.auth) {
        if (mention.conf->methods->jwt && !mention.conf->keys_somewhere_below &&
            !mention.conf->jwt_settings.keys) {
            say(cf, mention, "\"gate_auth jwt\" has no \"gate_jwt_key\" to verify tokens with,");
            return NGX_ERROR;
        }
    }
    for (const auto& mention : conf.require) {
        if (!mention.conf->on_somewhere_below && !mention.conf->is_on()) {
            say(cf, mention,
                "\"gate_require\" asks nobody without \"gate_auth\", which is off here,");
            return NGX_ERROR;
        }
    }
    return NGX_OK;
}

}  // namespace gatehouse::auth_feature
