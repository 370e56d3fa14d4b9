// Work under way that may take long, and how far it is.
//
// DuckDB's own figure stays at 0 until a file is read to its end. What is true at any moment is how
// far this process has read the files, since a CSV is read from front to back: the position of its
// descriptor. Files that are read here and there, such as Parquet, say nothing.
//
// Thread safety: all of it.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace gatehouse::caches {

class Progress {
public:
    struct File {
        std::uint64_t device = 0;
        std::uint64_t inode = 0;
        std::uint64_t bytes = 0;
    };

    /// One piece of work, as it was when it was asked after.
    struct Work {
        std::string kind;  ///< source or card
        std::string name;
        std::int64_t since_ms = 0;    ///< Unix time
        std::int64_t elapsed_ms = 0;  ///< of a clock that is never set
        double share = 0;             ///< of the files, read so far: 0 to 0.99
    };

private:
    struct Item;

public:
    /// Work under way for as long as it lives.
    class Running {
    public:
        explicit Running(std::shared_ptr<Item> item) noexcept;
        ~Running();
        Running(Running&&) noexcept;
        Running(const Running&) = delete;
        Running& operator=(const Running&) = delete;

        /// It reads these from now on, in this order.
        void reads(std::vector<File> files);

    private:
        std::shared_ptr<Item> item_;
    };

    Running begin(std::string kind, std::string name);

    /// Work that has not taken so long yet is not looked at: its share is as it was.
    std::vector<Work> list(std::int64_t shortest_ms = 500);

private:
    std::mutex mutex_;
    std::vector<std::weak_ptr<Item>> items_;
};

}  // namespace gatehouse::caches
