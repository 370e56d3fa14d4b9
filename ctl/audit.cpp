// gatehousectl audit tail [-f] [-n N] [--file FILE] | verify [FILE…] [--key FILE]
#include <CLI/CLI.hpp>

#include <iostream>
#include <memory>

#include "ctl/audit_tail.h"
#include "ctl/audit_verify.h"
#include "ctl/context.h"
#include "src/audit/key_file.h"
#include "src/base/json_escape.h"

namespace gatehouse::ctl {

namespace {

struct Arguments {
    std::vector<std::string> files;
    std::string file;
    std::string key_file;
    std::uint64_t lines = 10;
    bool follow = false;
};

/// What the sidecar says of its log.
std::optional<Json> ask_sidecar(const Context& context, int& status)
{
    const auto body = context.get("/v1/audit", status);
    if (!body) {
        return std::nullopt;
    }
    auto log = Json::parse(*body);
    if (!log["on"].flag()) {
        complain("the sidecar keeps no audit log: its configuration has no \"audit\"");
        status = exit_failed;
        return std::nullopt;
    }
    return log;
}

int tail(const Context& context, const Arguments& arguments)
{
    auto file = arguments.file;
    if (file.empty()) {
        int status = exit_ok;
        const auto log = ask_sidecar(context, status);
        if (!log) {
            return status;
        }
        file = (*log)["file"].text();
    }
    if (file.empty()) {
        complain("the audit log goes to a syslog: look there");
        return exit_failed;
    }
    return tail_audit(file, arguments.lines, arguments.follow, context.as_json());
}

void print_json(const AuditFindings& found)
{
    std::cout << "{\"ok\": " << (found.flaw ? "false" : "true") << ", \"files\": " << found.files
              << ", \"lines\": " << found.lines << ", \"seq\": " << found.end.seq;
    if (found.flaw) {
        std::string file, what;
        append_json_string(file, found.flaw->file);
        append_json_string(what, found.flaw->what);
        std::cout << ", \"file\": " << file << ", \"line\": " << found.flaw->line
                  << ", \"what\": " << what;
    }
    std::cout << "}\n";
}

void print_text(const AuditFindings& found, bool knows_head)
{
    if (found.flaw) {
        std::cout << found.flaw->file << ':' << found.flaw->line << ": " << found.flaw->what
                  << '\n';
        return;
    }
    std::cout << found.lines << " lines in " << found.files
              << (found.files == 1 ? " file" : " files")
              << ": as they were written, the last is number " << found.end.seq << '\n';
    if (!knows_head) {
        std::cout << "whether lines are missing after it, only the sidecar that wrote them knows\n";
    }
}

int verify(const Context& context, const Arguments& arguments)
{
    auto files = open_audit_files(arguments.files);
    auto key_file = arguments.key_file;
    std::optional<audit::ChainEnd> head;
    if (arguments.files.empty() || key_file.empty()) {
        int status = exit_ok;
        const auto log = ask_sidecar(context, status);
        if (!log) {
            return status;
        }
        if (arguments.files.empty()) {
            // Asked before the files are read: what is written meanwhile comes after it.
            head = {static_cast<std::uint64_t>((*log)["seq"].number()), (*log)["hmac"].text()};
            files = open_audit_log((*log)["file"].text(), (*log)["keep"].number());
        }
        key_file = key_file.empty() ? (*log)["key_file"].text() : key_file;
    }
    if (key_file.empty()) {
        complain("the key is in the sidecar's configuration: name a file that holds it with --key");
        return exit_usage;
    }
    const auto key = audit::read_key_file(key_file);
    if (!key || !files) {
        complain(key ? files.error().message : key.error().message);
        return exit_failed;
    }
    auto mac = audit::Mac::create(*key);
    const auto found = mac ? verify_audit(*files, std::move(*mac), head) : mac.error();
    if (!found) {
        complain(found.error().message);
        return exit_failed;
    }
    if (context.as_json()) {
        print_json(*found);
    } else {
        print_text(*found, head.has_value());
    }
    return found->flaw ? exit_failed : exit_ok;
}

}  // namespace

void add_audit(CLI::App& app, Run& run)
{
    auto* command = app.add_subcommand("audit", "the audit log");
    command->require_subcommand(1);
    const auto arguments = std::make_shared<Arguments>();
    auto* tailed = command->add_subcommand("tail", "its last lines");
    tailed->add_flag("-f,--follow", arguments->follow, "go on with those that come");
    tailed->add_option("-n,--lines", arguments->lines, "how many")->capture_default_str();
    tailed->add_option("--file", arguments->file, "another log than the sidecar's");
    tailed->callback([&run, arguments] {
        run = [arguments](const Context& context) { return tail(context, *arguments); };
    });
    auto* verified =
        command->add_subcommand("verify", "whether it is as it was written, to the last line");
    verified->add_option("FILE", arguments->files,
                         "logs that follow each other, the oldest first; default: the sidecar's");
    verified->add_option("--key", arguments->key_file, "file with the key; default: the sidecar's");
    verified->callback([&run, arguments] {
        run = [arguments](const Context& context) { return verify(context, *arguments); };
    });
}

}  // namespace gatehouse::ctl
