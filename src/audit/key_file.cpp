#include "src/audit/key_file.h"

#include <fcntl.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <span>

#include "src/audit/chain.h"
#include "src/base/plain_file.h"

namespace gatehouse::audit {

namespace {

constexpr std::size_t longest_key = 4096;

Error about(const std::string& file, const std::string& what)
{
    return Error{"\"" + file + "\": " + what};
}

}  // namespace

Result<std::string> read_key_file(const std::string& file)
{
    auto opened = open_trusted_file(file);
    if (!opened) {
        return about(file, opened.error().message);
    }
    struct stat status {};
    if (::fstat(opened->fd.get(), &status) != 0 || (status.st_mode & (S_IRWXO | S_IWGRP)) != 0) {
        return about(file, "others than its owner may read or change it");
    }
    std::string key(std::min(opened->size, longest_key), '\0');
    if (const auto read =
            read_plain_file(opened->fd.get(), 0, std::as_writable_bytes(std::span{key}));
        !read) {
        return about(file, read.error().message);
    }
    while (!key.empty() && (key.back() == '\n' || key.back() == '\r')) {
        key.pop_back();
    }
    if (key.size() < shortest_key) {
        return about(file, "a key for the audit log must have 32 bytes or more");
    }
    return key;
}

Result<std::string> make_key_file(const std::string& file)
{
    std::array<unsigned char, 32> random{};
    if (::getrandom(random.data(), random.size(), 0) != static_cast<ssize_t>(random.size())) {
        return Error{"getrandom failed"};
    }
    std::string key;
    for (const auto byte : random) {
        constexpr char digits[] = "0123456789abcdef";
        key += digits[byte >> 4];
        key += digits[byte & 15];
    }
    const auto line = key + '\n';
    const UniqueFd fd{::open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600)};
    if (!fd || ::write(fd.get(), line.data(), line.size()) != static_cast<ssize_t>(line.size()) ||
        ::fsync(fd.get()) != 0) {
        const auto why = about(file, std::strerror(errno));
        if (fd) {
            (void)::unlink(file.c_str());
        }
        return why;
    }
    return key;
}

}  // namespace gatehouse::audit
