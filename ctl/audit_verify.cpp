#include "ctl/audit_verify.h"

#include <sys/stat.h>

#include <algorithm>
#include <fstream>

#include "src/audit/verifier.h"

namespace gatehouse::ctl {

namespace {

class Check {
public:
    Check(audit::Mac mac, const std::optional<audit::ChainEnd>& head)
        : verifier_(std::move(mac)), head_(head)
    {
    }

    Result<void> file(const std::string& name)
    {
        std::ifstream in{name, std::ios::binary};
        if (!in) {
            return Error{"\"" + name + "\" cannot be read"};
        }
        counts_.push_back({name, 0});
        ++found_.files;
        std::string text;
        while (!found_.flaw && std::getline(in, text)) {
            // What has no end yet may still be on its way, where the head says that it is not due.
            if (in.eof() && head_ && verifier_.end().seq >= head_->seq) {
                break;
            }
            line(text);
        }
        return {};
    }

    AuditFindings finish()
    {
        if (!found_.flaw) {
            if (const auto flaw = verifier_.finish()) {
                report(flaw->what, flaw->lines_back == 0 ? 0 : flaw->lines_back - 1);
            } else if (head_ && verifier_.end().seq < head_->seq) {
                const auto missing = head_->seq - verifier_.end().seq;
                report(std::to_string(missing) + (missing == 1 ? " line is" : " lines are") +
                           " missing after this one",
                       0);
            }
        }
        found_.end = verifier_.end();
        return std::move(found_);
    }

private:
    void line(const std::string& text)
    {
        ++counts_.back().second;
        ++found_.lines;
        if (const auto flaw = verifier_.next(text)) {
            report(flaw->what, flaw->lines_back);
        } else if (head_ && verifier_.end().seq == head_->seq &&
                   verifier_.end().hmac != head_->hmac) {
            report("this line is not the one that the sidecar wrote", 0);
        }
    }

    /// `back`: lines before the last one that was read, which may be in a file before.
    void report(const std::string& what, std::uint64_t back)
    {
        auto at = counts_.rbegin();
        while (at + 1 != counts_.rend() && back >= at->second) {
            back -= at->second;
            ++at;
        }
        found_.flaw = {at->first, at->second - std::min(back, at->second), what};
    }

    audit::Verifier verifier_;
    std::optional<audit::ChainEnd> head_;
    AuditFindings found_;
    std::vector<std::pair<std::string, std::uint64_t>> counts_;  ///< lines read of each file
};

}  // namespace

Result<AuditFindings> verify_audit(const std::vector<std::string>& files, audit::Mac mac,
                                   const std::optional<audit::ChainEnd>& head)
{
    Check check{std::move(mac), head};
    for (const auto& file : files) {
        if (const auto read = check.file(file); !read) {
            return read.error();
        }
    }
    return check.finish();
}

std::vector<std::string> audit_files(const std::string& file, std::int64_t keep)
{
    std::vector<std::string> files;
    for (auto number = keep; number > 0; --number) {
        const auto name = file + '.' + std::to_string(number);
        struct stat status {};
        if (::stat(name.c_str(), &status) == 0) {
            files.push_back(name);
        }
    }
    files.push_back(file);
    return files;
}

}  // namespace gatehouse::ctl
