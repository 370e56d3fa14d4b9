#include "sidecar/datasets/incoming_file.h"

#include <fcntl.h>
#include <sys/random.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <system_error>

namespace gatehouse::datasets {

namespace {

bool is_about_room(std::string_view message)
{
    for (const int error : {ENOSPC, EDQUOT}) {
        if (message.find(std::generic_category().message(error)) != message.npos) {
            return true;
        }
    }
    return message.find("database or disk is full") != message.npos ||
           message.find("could not extend file") != message.npos;  // PostgreSQL
}

Failure failed(const std::string& path, int error)
{
    return of_storage(Error{path + ": " + std::generic_category().message(error)});
}

}  // namespace

Failure of_storage(const Error& error)
{
    return is_about_room(error.message) ? Failure{507, "There is no room left to keep this."}
                                        : Failure{503, error.message};
}

std::string hexadecimal(std::string_view bytes)
{
    constexpr std::string_view digits = "0123456789abcdef";
    std::string text;
    for (const char c : bytes) {
        const auto byte = static_cast<unsigned char>(c);
        text += digits[byte >> 4];
        text += digits[byte & 15];
    }
    return text;
}

std::string random_name()
{
    std::array<char, 8> bytes{};
    (void)::getrandom(bytes.data(), bytes.size(), 0);
    return hexadecimal({bytes.data(), bytes.size()});
}

std::string digest_of(std::initializer_list<std::string_view> texts)
{
    std::string all;
    for (const auto text : texts) {
        all.append(std::to_string(text.size())).append(":").append(text);
    }
    std::array<char, EVP_MAX_MD_SIZE> hash{};
    std::size_t size = 0;
    (void)EVP_Q_digest(nullptr, "SHA256", nullptr, all.data(), all.size(),
                       reinterpret_cast<unsigned char*>(hash.data()), &size);
    return hexadecimal({hash.data(), size});
}

IncomingFile::IncomingFile(std::string path, UniqueFd fd)
    : path_(std::move(path)), fd_(std::move(fd)), hash_(EVP_MD_CTX_new())
{
    (void)EVP_DigestInit_ex(hash_.get(), EVP_sha256(), nullptr);
}

Outcome<std::unique_ptr<IncomingFile>> IncomingFile::create(const std::string& directory)
{
    std::error_code error;
    std::filesystem::create_directories(directory, error);
    if (error) {
        return of_storage(Error{directory + ": " + error.message()});
    }
    auto path = directory + '/' + random_name();
    UniqueFd fd{::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600)};
    if (!fd) {
        return failed(path, errno);
    }
    return std::unique_ptr<IncomingFile>{new IncomingFile(std::move(path), std::move(fd))};
}

IncomingFile::~IncomingFile()
{
    (void)::unlink(path_.c_str());
}

Outcome<std::monostate> IncomingFile::append(std::string_view bytes)
{
    (void)EVP_DigestUpdate(hash_.get(), bytes.data(), bytes.size());
    bytes_ += bytes.size();
    while (!bytes.empty()) {
        const auto written = ::write(fd_.get(), bytes.data(), bytes.size());
        if (written < 0 && errno != EINTR) {
            return failed(path_, errno);
        }
        bytes.remove_prefix(written < 0 ? 0 : static_cast<std::size_t>(written));
    }
    return std::monostate{};
}

std::string IncomingFile::digest()
{
    std::array<char, EVP_MAX_MD_SIZE> hash{};
    unsigned size = 0;
    (void)EVP_DigestFinal_ex(hash_.get(), reinterpret_cast<unsigned char*>(hash.data()), &size);
    return hexadecimal({hash.data(), size});
}

}  // namespace gatehouse::datasets
