#include "ctl/explain_table.h"

#include <algorithm>
#include <vector>

#include "ctl/table.h"

namespace gatehouse::ctl {

namespace {

/// Texts with commas between; empty ones are left out.
class Sentence {
public:
    Sentence& add(const std::string& text)
    {
        if (!text.empty()) {
            text_.append(text_.empty() ? "" : ", ").append(text);
        }
        return *this;
    }
    Sentence& add(const char* before, const std::string& text)
    {
        return text.empty() ? *this : add(before + text);
    }
    std::string take() { return std::move(text_); }

private:
    std::string text_;
};

std::string words(const Json& list)
{
    std::string joined;
    for (const auto& word : list.items()) {
        joined.append(joined.empty() ? "" : " ").append(word.text());
    }
    return joined;
}

std::string seconds(const Json& number)
{
    return human_duration(number.number() * 1000);
}

std::string window_text(const Json& window)
{
    auto text = window["window"].text() + ": ";
    if (!window["admits"].flag()) {
        return text + "used up, next in " + seconds(window["retry_after_s"]);
    }
    return text + std::to_string(window["remaining"].number()) + " left of " +
           std::to_string(window["limit"].number());
}

std::string of_location(const Json& facts)
{
    Sentence says;
    says.add(facts["pattern"].text().empty() ? "the server itself" : facts["pattern"].text());
    says.add("server ", facts["server"].text()).add("endpoint ", facts["endpoint"].text());
    if (facts["redirected"].flag()) {
        says.add("sent here inside nginx as " + facts["path"].text());
    }
    return says.take();
}

std::string of_client(const Json& facts)
{
    return Sentence{}
        .add(facts["address"].text())
        .add("counted as ", facts["gate_client"].text())
        .take();
}

std::string of_geo(const Json& facts)
{
    Sentence says;
    says.add("country ", facts["country"].text());
    if (facts["asn"].number() != 0) {
        says.add("AS" + std::to_string(facts["asn"].number()));
    }
    return says.take();
}

std::string of_cap(const Json& facts)
{
    if (!facts["zone"]) {
        return {};
    }
    auto text = facts["zone"].text() + ": ";
    if (facts["in_use"]) {
        text += std::to_string(facts["in_use"].number()) + " of " +
                std::to_string(facts["limit"].number()) + " in use";
    } else {
        text += "up to " + std::to_string(facts["limit"].number());
    }
    return facts["class"].text() == "any" ? text : text + ", class " + facts["class"].text();
}

std::string of_limit(const Json& facts)
{
    Sentence says;
    for (const auto& window : facts["windows"].items()) {
        says.add(window_text(window));
    }
    says.add("counted ", facts["counts"].text());
    const auto zone = facts["zone"].text();
    const auto at = facts["at"].text() == "client" ? "" : " at " + facts["at"].text();
    const auto all = says.take();
    return zone.empty() ? all : zone + at + (all.empty() ? "" : ": " + all);
}

std::string of_auth(const Json& facts)
{
    return Sentence{}
        .add("user ", facts["user"].text())
        .add("by ", facts["method"].text())
        .add("token ", facts["token_id"].text())
        .add("plan ", facts["plan"].text())
        .add("scopes ", facts["scopes"].text())
        .add("requires ", words(facts["requires"]))
        .add("lacks ", facts["unmet"].text())
        .add(facts["detail"].text())
        .take();
}

std::string of_cors(const Json& facts)
{
    if (!facts["origin"]) {
        return {};
    }
    Sentence says;
    says.add(facts["origin"].text() + (facts["allowed"].flag() ? " may read it" : " may not"));
    if (facts["preflight_granted"]) {
        says.add(facts["preflight_granted"].flag() ? "the preflight is granted"
                                                   : "the preflight is granted nothing");
    }
    return says.take();
}

std::string of_card(const Json& facts)
{
    Sentence says;
    says.add(facts["card"].text()).add("requires ", facts["requires"].text());
    says.add(facts["format"].text()).add(facts["state"].text());
    if (facts["age_s"]) {
        says.add(seconds(facts["age_s"]) + " old");
    }
    return says.take();
}

std::string of_nginx(const Json& facts)
{
    Sentence says;
    says.add("to ", facts["redirects_to"].text());
    if (facts["refuses_with"]) {
        says.add(std::to_string(facts["refuses_with"].number()) + ", but satisfy any");
    }
    return says.take();
}

std::string of_content(const Json& facts)
{
    return Sentence{}.add(facts["handler"].text()).add("root ", facts["root"].text()).take();
}

std::string detail_of(const Json& step)
{
    constexpr std::pair<const char*, std::string (*)(const Json&)> rows[] = {
        {"location", of_location}, {"client", of_client},   {"geo", of_geo},   {"cap", of_cap},
        {"limit", of_limit},       {"auth", of_auth},       {"cors", of_cors}, {"card", of_card},
        {"nginx", of_nginx},       {"content", of_content},
    };
    Sentence says;
    for (const auto& [stage, text] : rows) {
        if (step["stage"].text() == stage) {
            says.add(text(step["facts"]));
        }
    }
    if (step["status"]) {
        says.add(std::to_string(step["status"].number()));
    }
    says.add(step["reason"].text());
    if (step["delay_ms"]) {
        says.add("after " + human_duration(step["delay_ms"].number()));
    }
    says.add(step["dry_run"].flag() ? "dry run: without effect" : "");
    return says.take();
}

struct Line {
    std::string stage, verdict, detail;
};

std::string padded(const std::string& text, std::size_t width)
{
    return text + std::string(width - std::min(width, text.size()), ' ');
}

std::string colour_of(const std::string& verdict)
{
    if (verdict.starts_with('(') || verdict == "-") {
        return "\x1b[2m";
    }
    if (verdict.starts_with("refuse")) {
        return "\x1b[31m";
    }
    return verdict == "delays" ? "\x1b[33m" : "\x1b[32m";
}

std::string painted(const std::string& text, const std::string& verdict, bool coloured)
{
    return coloured ? colour_of(verdict) + text + "\x1b[0m" : text;
}

Line line_of(const Json& step)
{
    auto verdict = step["verdict"].text();
    if (verdict == "none") {
        verdict = "-";
    } else if (!step["reached"].flag()) {
        verdict = "(" + verdict + ")";
    }
    return {step["stage"].text(), verdict, detail_of(step)};
}

std::string answer_text(const Json& answer)
{
    auto text = answer["verdict"].text() + " by " + answer["by"].text();
    if (answer["status"]) {
        text += " with " + std::to_string(answer["status"].number());
    }
    if (const auto why = answer["reason"].text(); !why.empty()) {
        text += ": " + why;
    }
    if (const auto page = answer["error_page"].text(); !page.empty()) {
        text += "; then error_page " + page;
    }
    return text;
}

/// What came from elsewhere must not steer a terminal.
std::string printable(std::string text)
{
    std::replace_if(
        text.begin(), text.end(),
        [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }, '?');
    return text;
}

}  // namespace

std::string explain_table(const Json& trace, bool coloured)
{
    constexpr std::size_t stage_width = 8;
    constexpr std::size_t verdict_width = 9;
    std::string text =
        padded("STEP", stage_width) + "  " + padded("VERDICT", verdict_width) + "  DETAIL\n";
    for (const auto& step : trace["steps"].items()) {
        const auto line = line_of(step);
        text += padded(printable(line.stage), stage_width) + "  ";
        const auto width = line.detail.empty() ? 0 : verdict_width;
        text += painted(padded(printable(line.verdict), width), line.verdict, coloured);
        text += line.detail.empty() ? "\n" : "  " + printable(line.detail) + "\n";
    }
    if (const auto names = words(trace["not_asked"]); !names.empty()) {
        text += "not asked: " + printable(names) + "\n";
    }
    const auto answer = trace["answer"];
    return text + "answer: " +
           painted(printable(answer_text(answer)), answer["verdict"].text(), coloured) + "\n";
}

}  // namespace gatehouse::ctl
