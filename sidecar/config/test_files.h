// For unit tests: a directory of files that goes with the test, and what load() says about them.
#pragma once

#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <map>

#include "sidecar/config/load.h"

namespace gatehouse::config {

class TestFiles {
protected:
    TestFiles() : directory_(make_directory()) {}
    ~TestFiles() { std::filesystem::remove_all(directory_); }

    std::string path(const std::string& name) const { return directory_ + '/' + name; }

    void write(const std::string& name, const std::string& text) const
    {
        std::filesystem::create_directories(std::filesystem::path(path(name)).parent_path());
        std::ofstream(path(name), std::ios::binary) << text;
    }

    /// Loads `text` as main.json.
    std::optional<Config> load_text(const std::string& text)
    {
        write("main.json", text);
        return load_file("main.json");
    }

    std::optional<Config> load_file(const std::string& name)
    {
        diagnostics_ = {};
        LoadOptions options;
        options.check_step = check_step_;
        options.environment = [this](const std::string& variable) {
            const auto at = environment_.find(variable);
            return at == environment_.end() ? std::nullopt : std::optional(at->second);
        };
        return load(path(name), options, diagnostics_);
    }

    /// Every finding as `FILE:LINE:COL: severity: message; hint`, one a line, file names without
    /// the directory.
    std::string findings() const
    {
        std::string out;
        for (const Diagnostic& d : diagnostics_.list) {
            out += without_directory(d.file);
            out += d.line > 0 ? ':' + std::to_string(d.line) + ':' + std::to_string(d.column) : "";
            out += d.severity == Severity::error ? ": error: " : ": warning: ";
            out += without_directory(d.message) + (d.hint.empty() ? "" : "; " + d.hint) + '\n';
        }
        return out;
    }

    std::string findings_of(const std::string& text)
    {
        load_text(text);
        return findings();
    }

    std::map<std::string, std::string> environment_;
    StepCheck check_step_;
    Diagnostics diagnostics_;

private:
    static std::string make_directory()
    {
        std::string name = std::filesystem::temp_directory_path() / "gatehouse-config-XXXXXX";
        return ::mkdtemp(name.data()) == nullptr ? "" : name;
    }

    std::string without_directory(std::string text) const
    {
        for (std::size_t at = text.find(directory_); at != std::string::npos;
             at = text.find(directory_)) {
            text.erase(at, directory_.size() + 1);
        }
        return text;
    }

    std::string directory_;
};

}  // namespace gatehouse::config
