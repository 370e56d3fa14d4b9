#include "src/http/problem.h"

#include "src/base/json_escape.h"
#include "src/base/utf8.h"

namespace gatehouse::http {
namespace {

constexpr std::size_t room = 512;  // for nearly all problems

struct StatusPhrase {
    int status;
    std::string_view phrase;
};

constexpr StatusPhrase status_phrases[] = {
    {400, "Bad Request"},
    {401, "Unauthorized"},
    {403, "Forbidden"},
    {404, "Not Found"},
    {405, "Method Not Allowed"},
    {406, "Not Acceptable"},
    {408, "Request Timeout"},
    {409, "Conflict"},
    {410, "Gone"},
    {412, "Precondition Failed"},
    {413, "Content Too Large"},
    {414, "URI Too Long"},
    {415, "Unsupported Media Type"},
    {416, "Range Not Satisfiable"},
    {417, "Expectation Failed"},
    {422, "Unprocessable Content"},
    {426, "Upgrade Required"},
    {429, "Too Many Requests"},
    {431, "Request Header Fields Too Large"},
    {500, "Internal Server Error"},
    {501, "Not Implemented"},
    {502, "Bad Gateway"},
    {503, "Service Unavailable"},
    {504, "Gateway Timeout"},
    {505, "HTTP Version Not Supported"},
    {507, "Insufficient Storage"},
};

std::string_view title_of(const Problem& problem) noexcept
{
    return problem.title.empty() ? status_phrase(problem.status) : problem.title;
}

/// Our own names: nothing in them to escape.
void append_name(std::string& out, std::string_view name)
{
    out += out.size() > 1 ? ",\"" : "\"";
    out.append(name).append("\":");
}

void append_text_member(std::string& out, std::string_view name, std::string_view value)
{
    if (!value.empty()) {
        append_name(out, name);
        append_json_string(out, value);
    }
}

constexpr std::string_view html_escape(char c) noexcept
{
    switch (c) {
    case '&': return "&amp;";
    case '<': return "&lt;";
    case '>': return "&gt;";
    case '"': return "&quot;";
    case '\'': return "&#39;";
    default: return {};
    }
}

void append_html_text(std::string& out, std::string_view text)
{
    while (!text.empty()) {
        const Utf8Step step = utf8_step(text);
        const std::string_view escape = html_escape(text.front());
        if (!escape.empty()) {
            out += escape;
        } else {
            out += step.valid ? text.substr(0, step.size) : utf8_replacement;
        }
        text.remove_prefix(step.size);
    }
}

void append_heading(std::string& out, const Problem& problem)
{
    out += std::to_string(problem.status);
    out += ' ';
    append_html_text(out, title_of(problem));
}

}  // namespace

std::string_view status_phrase(int status) noexcept
{
    for (const StatusPhrase& row : status_phrases) {
        if (row.status == status) {
            return row.phrase;
        }
    }
    return {};
}

std::string problem_json(const Problem& problem)
{
    std::string out;
    out.reserve(room);
    ProblemTemplate{problem}.append(out, problem.instance, problem.request_id);
    return out;
}

ProblemTemplate::ProblemTemplate(const Problem& problem) : before_("{")
{
    append_text_member(before_, "type", problem.type);
    append_text_member(before_, "title", title_of(problem));
    append_name(before_, "status");
    before_ += std::to_string(problem.status);
    append_text_member(before_, "detail", problem.detail);
    for (const ProblemMember& member : problem.extra) {
        after_.append(",\"").append(member.name).append("\":").append(member.json);
    }
    after_ += "}\n";
}

void ProblemTemplate::append(std::string& out, std::string_view instance,
                             std::string_view request_id) const
{
    out += before_;
    append_text_member(out, "instance", instance);
    append_text_member(out, "request_id", request_id);
    out += after_;
}

std::string problem_html(const Problem& problem)
{
    std::string out = "<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n<title>";
    append_heading(out, problem);
    out += "</title>\n<h1>";
    append_heading(out, problem);
    out += "</h1>\n";
    if (!problem.detail.empty()) {
        out += "<p>";
        append_html_text(out, problem.detail);
        out += "</p>\n";
    }
    if (!problem.request_id.empty()) {
        out += "<p>Request <code>";
        append_html_text(out, problem.request_id);
        out += "</code></p>\n";
    }
    out += "</html>\n";
    return out;
}

}  // namespace gatehouse::http
