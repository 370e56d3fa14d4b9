// Diagnostics as text and as JSON.
#include "sidecar/config/diagnostics.h"
#include "sidecar/config/node.h"

namespace gatehouse::config {

namespace {

constexpr std::size_t longest_pointer = 200;

/// The escape sequences of a terminal, or nothing.
struct Palette {
    const char *bold = "", *error = "", *warning = "", *mark = "", *reset = "";
};

constexpr Palette no_colours;
constexpr Palette ansi{"\033[1m", "\033[1;31m", "\033[1;35m", "\033[1;32m", "\033[0m"};

const char* name_of(Severity severity)
{
    return severity == Severity::error ? "error" : "warning";
}

void append_head(std::string& out, const Diagnostic& diagnostic, const Palette& colours)
{
    out += colours.bold + printable(diagnostic.file);
    if (diagnostic.line > 0) {
        out += ':' + std::to_string(diagnostic.line) + ':' + std::to_string(diagnostic.column);
    }
    out += std::string(": ") + colours.reset;
    out += diagnostic.severity == Severity::error ? colours.error : colours.warning;
    out += std::string(name_of(diagnostic.severity)) + ": " + colours.reset + diagnostic.message;
    if (!diagnostic.hint.empty()) {
        out += "; " + diagnostic.hint;
    }
    out += '\n';
}

/// As wide as `text` up to `count` code points; tabs stay, so that the mark stands below what it
/// means.
std::string blank_like(const std::string& text, unsigned count)
{
    std::string out;
    for (std::size_t i = 0; i < text.size() && count_code_points(out) < count; ++i) {
        if ((static_cast<unsigned char>(text[i]) & 0xC0) != 0x80) {
            out += text[i] == '\t' ? '\t' : ' ';
        }
    }
    out.resize(std::max<std::size_t>(out.size(), count), ' ');
    return out;
}

void append_source(std::string& out, const Diagnostic& diagnostic, const Palette& colours)
{
    if (diagnostic.line == 0) {
        return;
    }
    const std::string number = std::to_string(diagnostic.line);
    const std::string margin(number.size() < 5 ? 5 - number.size() : 0, ' ');
    out += margin + number + " | " + diagnostic.source_line + '\n';
    out += std::string(margin.size() + number.size(), ' ') + " | " +
           blank_like(diagnostic.source_line, diagnostic.mark) + colours.mark + '^' +
           std::string(diagnostic.length > 1 ? diagnostic.length - 1 : 0, '~') + colours.reset +
           '\n';
}

void append_pointer(std::string& out, const Diagnostic& diagnostic)
{
    if (!diagnostic.pointer.empty()) {
        out += " at " + printable(diagnostic.pointer.substr(0, longest_pointer)) + '\n';
    }
}

Json text(const std::string& value)
{
    const std::string safe = printable(value);
    return Json(json_stringn(safe.data(), safe.size()));
}

Json to_json(const Diagnostic& diagnostic)
{
    return Json(json_pack(
        "{s:s, s:o, s:i, s:i, s:i, s:o, s:o, s:o, s:o}", "severity", name_of(diagnostic.severity),
        "file", text(diagnostic.file).release(), "line", static_cast<int>(diagnostic.line),
        "column", static_cast<int>(diagnostic.column), "length",
        static_cast<int>(diagnostic.length), "message", text(diagnostic.message).release(), "hint",
        text(diagnostic.hint).release(), "pointer", text(diagnostic.pointer).release(),
        "source_line", text(diagnostic.source_line).release()));
}

}  // namespace

std::string print(const Diagnostics& diagnostics, bool colour)
{
    if (diagnostics.errors + diagnostics.warnings == 0) {
        return {};
    }
    const Palette& colours = colour ? ansi : no_colours;
    std::string out;
    for (const Diagnostic& diagnostic : diagnostics.list) {
        append_head(out, diagnostic, colours);
        append_source(out, diagnostic, colours);
        append_pointer(out, diagnostic);
    }
    if (diagnostics.full()) {
        out += "these are the first " + std::to_string(diagnostics.list.size()) + "\n";
    }
    return out + summary(diagnostics) + '\n';
}

std::string print_json(const Diagnostics& diagnostics)
{
    Json list(json_array());
    for (const Diagnostic& diagnostic : diagnostics.list) {
        json_array_append_new(list.get(), to_json(diagnostic).release());
    }
    const Json root(
        json_pack("{s:I, s:I, s:I, s:o}", "errors", static_cast<json_int_t>(diagnostics.errors),
                  "warnings", static_cast<json_int_t>(diagnostics.warnings), "files",
                  static_cast<json_int_t>(diagnostics.files), "diagnostics", list.release()));
    const std::unique_ptr<char, decltype(&free)> dumped(json_dumps(root.get(), JSON_COMPACT),
                                                        &free);
    return std::string(dumped ? dumped.get() : "{}") + '\n';
}

}  // namespace gatehouse::config
