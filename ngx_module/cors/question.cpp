#include "ngx_module/glue/ngx.h"

#include "ngx_module/cors/question.h"

#include "ngx_module/glue/text.h"

namespace gatehouse::cors_feature {

namespace {

constexpr std::string_view origin_name = "origin";
constexpr std::string_view method_name = "access-control-request-method";
constexpr std::string_view headers_name = "access-control-request-headers";

bool has_name(const ngx_table_elt_t& field, std::string_view lower) noexcept
{
    return field.key.len == lower.size() &&
           lower ==
               std::string_view{reinterpret_cast<const char*>(field.lowcase_key), lower.size()};
}

void note(Field& field, const ngx_table_elt_t& line) noexcept
{
    field.value = glue::view(line.value);
    ++field.lines;
}

}  // namespace

Question read_question(const ngx_http_request_t& r) noexcept
{
    Question question;
    const bool asks = r.method == NGX_HTTP_OPTIONS;
    for (const auto* part = &r.headers_in.headers.part; part != nullptr; part = part->next) {
        const auto* lines = static_cast<const ngx_table_elt_t*>(part->elts);
        for (const auto* line = lines; line != lines + part->nelts; ++line) {
            if (has_name(*line, origin_name)) {
                note(question.origin, *line);
            } else if (asks && has_name(*line, method_name)) {
                note(question.method, *line);
            } else if (asks && has_name(*line, headers_name)) {
                note(question.headers, *line);
            }
        }
    }
    return question;
}

}  // namespace gatehouse::cors_feature
