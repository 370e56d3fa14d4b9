#!/usr/bin/perl
# What says that it has all there is has it: directives, keys, messages of the log, requests of the control socket, directories, packages.

use v5.36;
use lib 't/lib';
use File::Find qw(find);
use Gatehouse;
use JSON::PP qw(decode_json);
use Test::More;

my $t = Gatehouse->new;
my $root = Gatehouse::root();

sub text ($file) { return read_file("$root/$file") // die "$file: $!" }
sub sources ($folder) {
    my @files;
    find({no_chdir => 1, wanted => sub { push @files, $_ if /\.cpp$/ && !/_test\.cpp$/ }}, "$root/$folder");
    return join "\n", map { read_file($_) } sort @files;
}
sub all_in ($what, $few, $names, $is_there) {
    cmp_ok scalar @$names, '>=', $few, "$what: they are found";
    is join(', ', grep { !$is_there->($_) } @$names), '', "$what: none is missing";
    return;
}
sub once (@names) { return [sort keys %{{map { $_ => 1 } @names}}] }

# --- directives ---
my $directives = once(sources('ngx_module') =~ /\{\s*ngx_string\("(gate_\w+)"\)/g);
my $commented = text('conf/nginx/gatehouse.conf');
all_in('conf/nginx/gatehouse.conf', 42, $directives, sub ($name) { $commented =~ /^\s*(?:# )?(?:[^#\n]*[{;] )?\Q$name\E(?: [^\n]*)?;/m });
SKIP: {
    skip 'the module is not built', 1 if !$t->built('module');
    $t->nginx_conf($commented =~ s/127\.0\.0\.1:8080/127.0.0.1:@{[$t->port]}/r);
    my ($exit, $said) = $t->nginx_test;
    is $exit, 0, 'nginx -t takes conf/nginx/gatehouse.conf' or diag $said;
}
my $described = text('docs/directives.md');
all_in('docs/directives.md', 42, $directives, sub ($name) { $described =~ /^(?:Syntax: )? +\Q$name\E[ ;]/m });

# --- keys of the configuration, section by section ---
my $schema = decode_json(text('conf/gatehouse.schema.json'));
my ($head, @parts) = split /^  "([\$\w]+)": /m, text('conf/gatehouse.json');
my %section = @parts;
sub keys_of ($node, $seen) {
    return map { keys_of($_, $seen) } @$node if ref $node eq 'ARRAY';
    return if ref $node ne 'HASH';
    my ($definition) = ($node->{'$ref'} // '') =~ m{^#/\$defs/(\w+)$};
    return if defined $definition && ($definition eq 'step' || $seen->{$definition}++);   # docs/steps.md has those
    my @inner = grep { defined } $definition ? $schema->{'$defs'}{$definition} : (), @$node{qw(oneOf items additionalProperties)};
    my $own = $node->{properties} // {};
    return ((grep { $_ ne '$comment' } keys %$own), map { keys_of($_, $seen) } @inner, map { $own->{$_} } sort keys %$own);
}
my @top = grep { $_ ne '$comment' } sort keys %{$schema->{properties}};
all_in('conf/gatehouse.json', 15, \@top, sub ($name) { exists $section{$name} });
my @keys = map { my $name = $_; map { "$name.$_" } @{once(keys_of($schema->{properties}{$name}, {}))} } @top;
all_in('conf/gatehouse.json, keys', 200, \@keys, sub ($key) { my ($name, $inner) = split /\./, $key; ($section{$name} // '') =~ /"\Q$inner\E":/ });

# --- messages of the log: literals, those of both sides of a "?", and what is handed to the functions that log for others ---
my $told = sources('sidecar');
my @messages = (
    $told =~ /\blog::(?:debug|info|warning|error)\(\s*"([^"]+)"/g,
    (map { /"([^"]+)"/g } $told =~ /\blog::write\((?:[^?;]*\?)?([^{;]*)\{/g),
    $told =~ /\b(?:say|warn|log_token)\(\s*"([^"]+)"/g,
    $told =~ /\bwrite\(Level::\w+, "([^"]+)"/g);
is join(' ', @{once($told =~ /\blog::(?:debug|info|warning|error)\(\s*(?!")(\w+)/g)}), 'event', 'messages are literals, or the argument "event" of such a function';
my ($table) = text('docs/commands.md') =~ /^### The log\n(.*?)^## /ms;
all_in('docs/commands.md, the log', 80, once(@messages), sub ($message) { $table =~ /`\Q$message\E`/ });
is join(', ', grep { index($told, qq("$_")) < 0 } map { /`([^`]+)`/g } $table =~ /^\| (.*?) \|/mg), '', 'and none is there that nobody logs';

# --- what a reload may not change ---
my @fixed = read_file("$root/sidecar/app/reload.cpp") =~ /\bfixed\([^"]*"([^"]+)"\)/g;
my ($paragraph) = text('docs/commands.md') =~ /(What was decided at the start .*?)\n\n/s;
all_in('docs/commands.md, reload', 9, \@fixed, sub ($name) { $paragraph =~ /`\Q$name\E`/ });

# --- requests of the control socket ---
my ($requests) = text('docs/commands.md') =~ /^### The control socket\n(.*)/ms;
my @routes = $told =~ m/\{"(GET|POST)",\s*"(\/v1\/[^"]*)",\s*"([^"]*)",\s*(true|false)/g;
my @paths;
while (my ($method, $before, $after, $named) = splice @routes, 0, 4) {
    push @paths, "$method $before" . ($named eq 'true' ? '[A-Z]+' : '') . $after;
}
all_in('docs/commands.md, the control socket', 40, once(@paths), sub ($path) { $requests =~ m{`$path(?:[?\[][^`]*)?`} });

# --- examples: their README makes the directories that their configurations name ---
my (@named, %made);
for my $folder (grep { -d } glob "$root/conf/examples/*") {
    my ($name) = $folder =~ m{([^/]+)$};
    %{$made{$name}} = map { $_ => 1 } map { split ' ' } read_file("$folder/README.md") =~ /^mkdir -p (.*)$/mg;
    push @named, map { "$name $_" } read_file("$folder/nginx.conf") =~ /^\s*(?:load_module|pid|error_log|access_log|\w+_temp_path|gate_link|gate_board_file) (\w+)\//mg,
        read_file("$folder/gatehouse.json") =~ /"(?:socket|file|state|key_file|path)": "(run|logs)\//g;
}
all_in('conf/examples', 6 * 10, \@named, sub ($place) { my ($name, $directory) = split ' ', $place; $made{$name}{$directory} });

# --- packages of the image ---
SKIP: {
    my @linked = map { "$t->{build}/$_" } qw(gatehoused gatehousectl ngx_http_gatehouse_module.so);
    skip 'needs the release build and dpkg', 1 if $t->sanitizer || grep({ !-e } @linked) || system('dpkg-query --version >/dev/null 2>&1') != 0;
    my ($final) = text('Dockerfile') =~ /.*^FROM (.*)/ms;
    my ($installed) = $final =~ /apt-get install -y -q --no-install-recommends(.*?)&& rm/s;
    my %installed = map { $_ => 1 } $installed =~ /([a-z0-9][a-z0-9.+-]+)/g;
    my %needed;
    for my $program (@linked) {
        my ($exit, $dynamic, $err) = $t->run_program(['readelf', '-d', $program]);
        is $exit, 0, "readelf $program" or diag $err;
        my ($failed, $found) = $t->run_program(['ldd', $program]);
        my %file = $found =~ /^\s*(\S+) => (\/\S+)/mg;
        $needed{package_of($file{$_} // $_)} = $_ for grep { !/^(?:libduckdb|ld-linux)/ } $dynamic =~ /\(NEEDED\).*\[(.*?)\]/g;
    }
    delete @needed{qw(libc6 libgcc-s1 libstdc++6)};   # in every Debian that has apt
    is join(' ', grep { !$installed{$_} } sort keys %needed), '', 'Dockerfile: every library that a program is linked with is installed';
    is join(' ', grep { /^lib/ && !$needed{$_} } sort keys %installed), '', 'Dockerfile: and none that is not';
}
$t->done;

# The Debian package a library is from; files may be known by the path before /usr was merged.
sub package_of ($file) {
    my $real = Cwd::abs_path($file) // $file;
    for my $path ($real, $real =~ s{^/usr}{}r) {
        my ($exit, $found) = $t->run_program(['dpkg-query', '-S', $path]);
        return $1 if $exit == 0 && $found =~ /^([^:,\s]+)/;
    }
    return $file;
}
