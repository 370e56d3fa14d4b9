#include "ctl/audit_verify.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <set>
#include <string_view>

#include "src/audit/verifier.h"

namespace gatehouse::ctl {

namespace {

constexpr std::size_t block_size = 256 << 10;

UniqueFd open_log(const std::string& name)
{
    return UniqueFd{::open(name.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)};
}

class Check {
public:
    Check(audit::Mac mac, const std::optional<audit::ChainEnd>& head)
        : verifier_(std::move(mac)), head_(head)
    {
    }

    Result<void> file(const AuditFile& file)
    {
        counts_.push_back({file.name, 0});
        ++found_.files;
        std::string text;
        std::string block(block_size, '\0');
        for (off_t at = 0; !found_.flaw;) {
            const auto got = ::pread(file.fd.get(), block.data(), block.size(), at);
            if (got < 0) {
                return Error{"\"" + file.name + "\": " + std::strerror(errno)};
            }
            if (got == 0) {
                break;
            }
            at += got;
            text.append(block, 0, static_cast<std::size_t>(got));
            lines(text);
        }
        // What has no end yet may still be on its way, where the head says that it is not due.
        const bool on_its_way = head_ && verifier_.end().seq >= head_->seq;
        if (!found_.flaw && !text.empty() && !on_its_way) {
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
    /// Takes the whole lines out of the text.
    void lines(std::string& text)
    {
        std::size_t begin = 0;
        for (auto end = text.find('\n'); end != text.npos && !found_.flaw;
             end = text.find('\n', begin)) {
            line(std::string_view{text}.substr(begin, end - begin));
            begin = end + 1;
        }
        text.erase(0, begin);
    }

    void line(std::string_view text)
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

Result<AuditFindings> verify_audit(const std::vector<AuditFile>& files, audit::Mac mac,
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

Result<std::vector<AuditFile>> open_audit_files(const std::vector<std::string>& names)
{
    std::vector<AuditFile> files;
    for (const auto& name : names) {
        files.push_back({name, open_log(name)});
        if (!files.back().fd) {
            return Error{"\"" + name + "\": " + std::strerror(errno)};
        }
    }
    return files;
}

Result<std::vector<AuditFile>> open_audit_log(const std::string& file, std::int64_t keep)
{
    std::vector<AuditFile> files;
    std::set<std::pair<dev_t, ino_t>> known;
    // The newest first: one that is renamed meanwhile is met again, and none is passed by.
    for (std::int64_t number = 0; number <= keep; ++number) {
        const auto name = number == 0 ? file : file + '.' + std::to_string(number);
        auto fd = open_log(name);
        struct stat status {};
        if (fd && ::fstat(fd.get(), &status) == 0 &&
            known.emplace(status.st_dev, status.st_ino).second) {
            files.push_back({name, std::move(fd)});
        } else if (!fd && errno != ENOENT) {
            return Error{"\"" + name + "\": " + std::strerror(errno)};
        }
    }
    std::reverse(files.begin(), files.end());
    return files;
}

}  // namespace gatehouse::ctl
