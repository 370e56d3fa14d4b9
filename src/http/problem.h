// Error bodies: problem details (RFC 9457), and a page for browsers.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace gatehouse::http {

inline constexpr std::string_view problem_json_type = "application/problem+json";
inline constexpr std::string_view problem_html_type = "text/html; charset=utf-8";

/// A member beyond those that every problem has.
struct ProblemMember {
    std::string_view name;
    std::string_view json;  // the value, already JSON text
};

/// An empty member is left out of the body. Every text may be any bytes: it is escaped.
struct Problem {
    std::string_view type = "about:blank";
    std::string_view title;  // empty: the phrase of the status
    int status = 500;
    std::string_view detail;
    std::string_view instance;  // a URI reference
    std::string_view request_id;
    std::span<const ProblemMember> extra;
};

/// The phrase of RFC 9110 §15 (429: RFC 6585), or nothing for a status that no guard answers with.
std::string_view status_phrase(int status) noexcept;

/// `{"type":…,"title":…,"status":…,"detail":…,"instance":…,"request_id":…,<extra>}`
std::string problem_json(const Problem& problem);

/// The JSON of a problem that many requests have: all of it but what differs between them.
class ProblemTemplate {
public:
    /// `instance` and `request_id` of the problem do not count.
    explicit ProblemTemplate(const Problem& problem);

    void append(std::string& out, std::string_view instance, std::string_view request_id) const;

private:
    std::string before_;  ///< up to `instance`
    std::string after_;   ///< from behind `request_id`
};

/// Status, title, detail and request id; no style, script or link, so that any content security
/// policy lets it show.
std::string problem_html(const Problem& problem);

}  // namespace gatehouse::http
