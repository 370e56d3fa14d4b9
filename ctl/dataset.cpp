// gatehousectl dataset put NAME FILE | list | drop NAME
#include <CLI/CLI.hpp>

#include <fstream>
#include <iostream>
#include <memory>

#include "ctl/context.h"
#include "ctl/table.h"
#include "ctl/url.h"

namespace gatehouse::ctl {

namespace {

/// The control socket takes requests of 1 MiB.
constexpr std::size_t piece_bytes = 768 << 10;

constexpr std::chrono::seconds piece_limit{60};
constexpr std::chrono::minutes read_limit{11};

struct Arguments {
    std::string name;
    std::string file;
    std::string type;
    bool append = false;
    std::string run_name, time;
    std::vector<std::string> parameters;
};

std::string media_type(const Arguments& arguments)
{
    auto type = arguments.type;
    if (type.empty()) {
        const auto dot = arguments.file.rfind('.');
        type = dot == arguments.file.npos ? "csv" : arguments.file.substr(dot + 1);
    }
    if (type == "parquet") {
        return "application/vnd.apache.parquet";
    }
    return type == "ndjson" || type == "jsonl" ? "application/x-ndjson" : "text/csv";
}

std::string of_run(const Arguments& arguments)
{
    std::string query;
    if (!arguments.run_name.empty()) {
        query += "&name=" + percent_encoded(arguments.run_name);
    }
    if (!arguments.time.empty()) {
        query += "&time=" + percent_encoded(arguments.time);
    }
    for (const auto& parameter : arguments.parameters) {
        const auto mark = parameter.find('=');
        query += "&param." + percent_encoded(parameter.substr(0, mark)) + '=' +
                 percent_encoded(parameter.substr(mark + 1));
    }
    return query;
}

std::string beginning(const Arguments& arguments)
{
    return "/v1/datasets/" + arguments.name +
           "/uploads?type=" + percent_encoded(media_type(arguments)) +
           (arguments.append ? "&mode=append" : "") + of_run(arguments);
}

/// False: `status` says why.
bool send_pieces(const Context& context, std::istream& in, const std::string& upload, int& status)
{
    std::string piece(piece_bytes, '\0');
    while (in) {
        in.read(piece.data(), static_cast<std::streamsize>(piece.size()));
        const auto count = static_cast<std::size_t>(in.gcount());
        if (count > 0 && !context.post(upload, status, piece_limit, piece.substr(0, count))) {
            return false;
        }
    }
    if (in.bad()) {
        complain("the file could not be read to its end");
        status = exit_failed;
    }
    return !in.bad();
}

void print_done(const Context& context, const std::string& body)
{
    if (context.as_json()) {
        std::cout << body << "\n";
        return;
    }
    const auto done = Json::parse(body);
    std::cout << done["name"].text() << ": " << static_cast<std::uint64_t>(done["rows"].number())
              << " rows, ";
    if (done["run"]) {
        std::cout << "run " << static_cast<std::uint64_t>(done["run"].number()) << "\n";
    } else {
        std::cout << "now " << static_cast<std::uint64_t>(done["total_rows"].number()) << "\n";
    }
}

int put(Context context, const Arguments& arguments)
{
    std::ifstream file;
    if (arguments.file != "-") {
        file.open(arguments.file, std::ios::binary);
        if (!file) {
            complain("cannot open \"" + arguments.file + '"');
            return exit_failed;
        }
    }
    if (context.socket.empty()) {  // looked up once, not for every piece
        context.socket = configured_socket(context.config_file);
    }
    int status = exit_ok;
    const auto begun = context.post(beginning(arguments), status, piece_limit);
    if (!begun) {
        return status;
    }
    const auto upload = "/v1/uploads/" + Json::parse(*begun)["id"].text();
    auto& in = arguments.file == "-" ? std::cin : file;
    if (send_pieces(context, in, upload, status)) {
        if (const auto done = context.post(upload + "/end", status, read_limit)) {
            print_done(context, *done);
        }
    }
    return status == exit_configuration ? exit_failed : status;  // it is the data that are refused
}

int list(const Context& context)
{
    int status = exit_ok;
    const auto body = context.get("/v1/datasets", status);
    if (!body) {
        return status;
    }
    if (context.as_json()) {
        std::cout << *body << "\n";
        return exit_ok;
    }
    Table table{{"NAME", "ROWS", "SIZE", "UPDATED", "COLUMNS"}};
    for (const auto& one : Json::parse(*body)["datasets"].items()) {
        if (one["error"]) {
            table.add({one["name"].text(), "-", "-", "-", one["error"].text()});
            continue;
        }
        const auto columns = one["columns"].items();
        table.add({one["name"].text(),
                   std::to_string(static_cast<std::uint64_t>(one["rows"].number())),
                   human_bytes(static_cast<std::uint64_t>(one["bytes"].number())),
                   one["updated_at"] ? one["updated_at"].text() : "never",
                   std::to_string(columns.size())});
    }
    std::cout << table.text();
    return exit_ok;
}

int drop(const Context& context, const std::string& name)
{
    int status = exit_ok;
    const auto body = context.post("/v1/datasets/" + name + "/drop", status, piece_limit);
    if (!body) {
        return status;
    }
    if (context.as_json()) {
        std::cout << *body << "\n";
    } else {
        std::cout << name
                  << (Json::parse(*body)["dropped"].flag() ? ": dropped\n" : ": was empty\n");
    }
    return exit_ok;
}

void add_put(CLI::App& command, Run& run, const std::shared_ptr<Arguments>& arguments)
{
    auto* put_command = command.add_subcommand("put", "replaces a dataset by a file, or adds one");
    put_command->add_option("NAME", arguments->name, "the dataset, a source of kind dataset")
        ->required()
        ->check(check_name);
    put_command->add_option("FILE", arguments->file, "CSV, NDJSON or Parquet; -: standard input")
        ->required();
    put_command->add_flag("--append", arguments->append, "adds to what is there");
    put_command->add_option("--type", arguments->type, "default: the file's ending, else csv")
        ->check(CLI::IsMember({"csv", "ndjson", "parquet"}));
    put_command->add_option("--run-name", arguments->run_name, "of runs: what this one is called");
    put_command->add_option("--time", arguments->time,
                            "of runs: when it was, as 2026-01-02T03:04:05Z; default: now");
    put_command->add_option("--param", arguments->parameters, "of runs: NAME=VALUE, repeatable")
        ->check([](const std::string& text) {
            const auto mark = text.find('=');
            return mark == text.npos || mark == 0 ? std::string{"a parameter is NAME=VALUE"}
                                                  : std::string{};
        });
    put_command->callback([&run, arguments] {
        run = [arguments](const Context& context) { return put(context, *arguments); };
    });
}

}  // namespace

void add_dataset(CLI::App& app, Run& run)
{
    auto* command = app.add_subcommand("dataset", "data that are uploaded");
    command->require_subcommand(1);
    const auto arguments = std::make_shared<Arguments>();
    add_put(*command, run, arguments);
    command->add_subcommand("list", "all datasets")->callback([&run] { run = list; });
    auto* dropped = command->add_subcommand("drop", "removes the data of a dataset");
    dropped->add_option("NAME", arguments->name, "the dataset")->required()->check(check_name);
    dropped->callback([&run, arguments] {
        run = [arguments](const Context& context) { return drop(context, arguments->name); };
    });
}

}  // namespace gatehouse::ctl
