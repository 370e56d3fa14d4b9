#include "sidecar/config/scan.h"

namespace gatehouse::config {

namespace {

class Blanker {
public:
    explicit Blanker(std::string_view text) : out_(text) {}

    std::string run()
    {
        while (at_ < out_.size()) {
            step();
        }
        return std::move(out_);
    }

private:
    static constexpr std::size_t none = std::string::npos;

    void step()
    {
        const char c = out_[at_];
        if (c == '"') {
            skip_string();
            seen('"');
        } else if (c == '/' && at_ + 1 < out_.size() &&
                   (out_[at_ + 1] == '/' || out_[at_ + 1] == '*')) {
            blank_comment();
        } else {
            if (c != ' ' && c != '\t' && c != '\r' && c != '\n') {
                seen(c);
            }
            ++at_;
        }
    }

    /// A comma is trailing when a value came before it and a closing bracket comes next.
    void seen(char c)
    {
        if ((c == '}' || c == ']') && comma_ != none) {
            out_[comma_] = ' ';
        }
        const bool after_value =
            last_ != '\0' && last_ != ',' && last_ != '{' && last_ != '[' && last_ != ':';
        comma_ = c == ',' && after_value ? at_ : none;
        last_ = c;
    }

    void skip_string()
    {
        for (++at_; at_ < out_.size() && out_[at_] != '"' && out_[at_] != '\n'; ++at_) {
            if (out_[at_] == '\\') {
                ++at_;
            }
        }
        ++at_;
    }

    void blank_comment()
    {
        const bool to_line_end = out_[at_ + 1] == '/';
        std::size_t end = out_.find(to_line_end ? "\n" : "*/", at_ + 2);
        if (end == none && !to_line_end) {
            at_ = out_.size();
            return;
        }
        end = std::min(out_.size(), to_line_end ? end : end + 2);
        for (; at_ < end; ++at_) {
            if (out_[at_] != '\n' && out_[at_] != '\r') {
                out_[at_] = ' ';
            }
        }
    }

    std::string out_;
    std::size_t at_ = 0;
    std::size_t comma_ = none;
    char last_ = '\0';
};

}  // namespace

std::string blank_comments(std::string_view text)
{
    return Blanker(text).run();
}

}  // namespace gatehouse::config
