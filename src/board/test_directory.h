// A directory of a unit test's own, gone with it.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>

namespace gatehouse::board::test {

class TestDirectory {
public:
    TestDirectory()
    {
        std::string pattern = std::filesystem::temp_directory_path() / "gatehouse-XXXXXX";
        if (const char* made = ::mkdtemp(pattern.data())) {
            path_ = made;
        }
    }
    TestDirectory(const TestDirectory&) = delete;
    TestDirectory& operator=(const TestDirectory&) = delete;
    ~TestDirectory()
    {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }

    std::string operator/(std::string_view name) const { return path_ / name; }
    const std::filesystem::path& path() const noexcept { return path_; }

    std::string content(std::string_view name) const
    {
        std::ifstream file{path_ / name, std::ios::binary};
        return {std::istreambuf_iterator<char>{file}, {}};
    }

    void write(std::string_view name, std::string_view content) const
    {
        std::ofstream{path_ / name, std::ios::binary} << content;
    }

private:
    std::filesystem::path path_;
};

}  // namespace gatehouse::board::test
