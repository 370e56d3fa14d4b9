#!/usr/bin/perl
# The deployment of conf/examples/analytics: first start, progress, restart, changed and damaged data, --once.

use v5.36;
use lib 't/lib';
use Gatehouse;
use JSON::PP qw(decode_json);
use Test::More;

my $t = Gatehouse->new(ports => 2);
plan skip_all => 'needs the whole product' if !$t->built(qw(module sidecar ctl));
my $example = Gatehouse::root() . '/conf/examples/analytics';
my @tables = qw(bases equipment healthcare);
my @checked = qw(equipment-summary equipment-by-type equipment-correlation bases-summary bases-by-region bases-map
    healthcare-summary healthcare-by-condition healthcare-by-year healthcare-admissions ecg);

# --- the example as it stands, on this test's ports and in its directory ---
# Its environment, as the README has it.
my ($data, $cache) = ('volume/datasets', 'volume/cache');
mkdir $t->dir($_) for 'volume', $data, $cache;
local @ENV{qw(DASH_DATASETS_DIR DASH_CACHE_DIR SENTRY_DSN)} = ($t->dir($data), $t->dir($cache), 'https://key@127.0.0.1:' . $t->port(1) . '/42');
my $board = $t->dir("$cache/board");
mkdir $t->dir($_) for qw(run tmp modules);
generate(42);
my ($exit, undef, $err) = $t->run_program(['/usr/bin/python3', "$example/make_ecg.py", '--header', '--rows', 3_000,
    $t->dir("$data/ecg.csv")], timeout => 120);
is $exit, 0, 'electrocardiograms are generated' or diag $err;
symlink $t->build . '/ngx_http_gatehouse_module.so', $t->dir('modules/ngx_http_gatehouse_module.so');
for my $file (qw(gatehouse.json nginx.conf)) {
    my $text = read_file("$example/$file");
    $text =~ s/127\.0\.0\.1:8080/'127.0.0.1:' . $t->port/ge;
    $text =~ s/127\.0\.0\.1:8050/'127.0.0.1:' . $t->port(1)/ge;
    $text =~ s{/srv/analytics/run/api\.sock}{$t->api_path}ge;
    $text =~ s{run/link\.sock}{$t->link_path}ge if $file eq 'nginx.conf';
    $text =~ s{"run/(link|control|api)\.sock"}{"\"$t->{dir}/$1.sock\""}ge if $file eq 'gatehouse.json';
    $text =~ s{^    gate_board_file \Kdata_cache/board;}{$board;}m if $file eq 'nginx.conf';
    $text =~ s/"interval": "10s"/"interval": "1s"/g;
    $text =~ s{run/nginx\.pid;}{nginx.pid; daemon off;};
    $text = 'user ' . getpwuid($>) . ";\n$text" if $file eq 'nginx.conf' && $> == 0;
    $t->write_file($file, $text);
}

# --- environment variables of the app ---
{
    local @ENV{qw(DASH_LOG_FORMAT DASH_LOG_LEVEL GUNICORN_TIMEOUT)} = qw(json WARNING 300);
    my $effective = decode_json(($t->run_sidecar('-T'))[1]);
    is_deeply $effective->{log}, {format => 'json', level => 'warning'}, 'DASH_LOG_FORMAT, DASH_LOG_LEVEL';
    is $effective->{cards}{ecg}{timeout}, '5m', 'GUNICORN_TIMEOUT';
    is $effective->{sentry}{dsn}, "\x{2022}" x 3, 'SENTRY_DSN, which is not shown';
}

# --- the first start ---
$t->start_sidecar;
my $first = status();
is_deeply [sort map { $_->{name} } grep { $_->{kind} eq 'source' } @{$first->{caches}}], \@tables, 'status names the caches';
ok !$first->{all_caches_warm}, 'not all are warm yet';
my ($ecg) = grep { $_->{name} eq 'ecg' } @{$first->{caches}};
is $ecg->{kind}, 'card', 'and the card that is kept';
cmp_ok $ecg->{progress}, '<', 1, 'which is on its way';
my ($valid, $said) = $t->nginx_test;
is $valid, 0, 'nginx -t' or diag $said;
$t->start_nginx;
warm('the first start');
like $t->log_text('sidecar.log'), qr/cache made.*source="?\Q$_\E\b/, "$_: said in the log" for @tables;
my $caches = json('/api/caches');
is_deeply [sort keys %{$caches->{cache}}], [sort @tables, 'ecg'], 'the caches of the guide';
ok $caches->{all_caches_warm}, 'all_caches_warm';
for my $name (@tables) {
    ok $caches->{cache}{$name}{exists}, "$name: exists";
    is $caches->{cache}{$name}{size_bytes}, -s table_file($name), "$name: size_bytes";
}
cmp_ok $caches->{cache}{ecg}{size_bytes}, '>', 500_000, 'ecg: what is kept of it';
my %progress = map { $_->{name} => $_ } grep { $_->{kind} eq 'source' } @{json('/api/progress')};
is_deeply [map { $progress{$_}{progress} } @tables], [1, 1, 1], 'progress is 1 when warm';
my ($table) = ($t->ctl('status'))[1];
like $table, qr/^equipment\s+source\s+yes\s+\S+ \S*\s*warm/m, 'gatehousectl status shows caches' or diag $table;
values_are_right('the first start');
my $health = health_with(200, sub ($body) { $body->{all_caches_warm} && ($body->{cache}{ecg}{size_bytes} // 0) == -s $board }, 'the first start');
is_deeply [sort keys %$health], [qw(all_caches_warm cache cache_directory data_available status uptime_seconds)], 'health: its members';
is_deeply [@$health{qw(status cache_directory data_available)}], ['healthy', (JSON::PP::true) x 2], 'health: all is there';
is_deeply $health->{cache}, {
    (map { $_ => {exists => JSON::PP::true, size_bytes => -s table_file($_)} } @tables),
    ecg => {exists => JSON::PP::true, size_bytes => -s $board}}, 'health: each cache';

# --- questions about the table ---
my @page = @{json('/api/equipment?filter=type=pump&fields=id,type,hours&sort=-hours&limit=5')};
is_deeply [sort keys %{$page[0]}], [qw(hours id type)], 'fields';
is_deeply [map { $_->{type} } @page], [('pump') x 5], 'filter and limit';
is_deeply [map { $_->{hours} } @page], [sort { $b <=> $a } map { $_->{hours} } @page], 'sort';

# --- a restart makes nothing ---
my %before = map { $_ => table_file($_) } @tables;
restart();
warm('the restart');
unlike since_mark(), qr/cache being made/, 'restart: no cache is made';
is_deeply [computed()], [], 'restart: no card is computed, but for those that tell of it';
is table_file($_), $before{$_}, "restart: $_ stays" for @tables;

# --- a copy with other times and inodes ---
restart(sub {
    $t->write_file("$data/equipment.csv", read_file($t->dir("$data/equipment.csv")));
});
warm('the copy');
unlike since_mark(), qr/cache being made/, 'a copy of the files: no cache is made';

# --- the data of one domain change ---
mark_log();
generate(7, 'equipment.csv');
wait_for(sub { table_file('equipment') ne $before{equipment} }, 20, 'another cache of equipment');
warm('the change');
is table_file('bases'), $before{bases}, 'change: another domain stays';
my ($why) = since_mark() =~ /cache being made.*source="?equipment.*?(its files have changed)/;
is $why, 'its files have changed', 'change: the log says why';
wait_for(sub { compare('equipment-summary') == 0 }, 20, 'the new figures');
values_are_right('the change');

# --- a damaged cache is made again ---
restart(sub {
    open my $file, '+<:raw', table_file('bases') or die $!;
    seek $file, 1000, 0;
    print {$file} 'x';
    close $file;
    truncate table_file('healthcare'), 500;
});
warm('the damage');
like since_mark(), qr/cache being made.*source="?\Q$_\E.*it is damaged/, "$_: damaged, and said" for qw(bases healthcare);
is compare($_), 0, "$_: right after the damage" for qw(bases-summary healthcare-summary);

# --- what is not to be had ---
rename $t->dir("$data/bases.csv"), $t->dir('bases.csv') or die $!;
wait_for(sub { !json('/api/caches')->{all_caches_warm} }, 20, 'a cache that is not warm');
is compare('equipment-summary'), 0, 'a file is gone: others are served';
is $t->get('/api/bases/summary')->{status}, 200, 'and its own last good data';
$health = health_with(503, sub ($body) { !$body->{data_available} }, 'a file is gone');
is $health->{status}, 'degraded', 'health: degraded';
is $t->get('/health/live')->{status}, 200, 'health: but live';
like $t->log_text('sidecar.log'), qr/error report not sent.*out of bounds/, 'errors go where SENTRY_DSN says: here to this machine, which is out of bounds';
rename $t->dir('bases.csv'), $t->dir("$data/bases.csv") or die $!;
warm('the return');
health_with(200, sub ($body) { $body->{data_available} }, 'the return');

# --- all of it ahead of time ---
$t->stop_sidecar;
system 'rm', '-rf', $t->dir($cache);
my ($once, $out, $log) = $t->run_sidecar('--once');
is $once, 0, '--once' or diag $out, $log;
like $out, qr/^\Q$_\E: cached in .*\.parquet, \d+ ms$/m, "--once: $_" for @tables;
like $out, qr/^ecg: 1 rows, \d+ bytes/m, '--once: ecg';
%before = map { $_ => table_file($_) } @tables;
mark_log();
$t->start_sidecar;
ok json('/api/caches')->{all_caches_warm}, '--once: warm at the start, as the board file says';
warm('--once');
unlike since_mark(), qr/cache being made/, '--once: nothing is left to make';
is_deeply [computed()], [], '--once: nor to compute';
values_are_right('--once');
$t->done;

sub generate ($seed, @only) {
    my $directory = @only ? $t->dir('other') : $t->dir($data);
    my ($exit, undef, $err) = $t->run_program(['perl', "$example/generate.pl", '--rows', 5_000, '--seed', $seed, $directory]);
    die "generate.pl: $err" if $exit != 0;
    rename "$directory/$_", $t->dir("$data/$_") or die "$_: $!" for @only;
    return;
}

# Cards that were computed since the start, but for those that tell of it.
sub computed () {
    return grep { !/^(?:caches|progress)$/ } map { $_->{name} } grep { $_->{computations} > 0 } @{$t->ctl_json('card', 'list')->{cards}};
}

sub status () { return $t->ctl_json('status') }

sub json ($path) {
    my $response = $t->get($path);
    return decode_json($response->{body}) if $response->{status} == 200;
    diag "$path: $response->{status} $response->{body}";
    return {};
}

# Everything is there, and the card says so as well as the command.
sub warm ($what) {
    wait_for(sub { status()->{all_caches_warm} && json('/api/caches')->{all_caches_warm} }, 60, "warm caches after $what");
    return;
}

# The answer of /health once it has this status, and is as wanted.
sub health_with ($status, $condition, $what) {
    my $body;
    wait_for(sub {
        my $response = $t->get('/health');
        $body = decode_json($response->{body});
        return $response->{status} == $status && $condition->($body);
    }, 30, "health after $what");
    return $body;
}

sub restart ($meanwhile = sub { }) {
    $t->stop_sidecar;
    $meanwhile->();
    mark_log();
    return $t->start_sidecar;
}

my $mark;
sub mark_log () { $mark = length $t->log_text('sidecar.log'); return }
sub since_mark () { return substr $t->log_text('sidecar.log'), $mark }

sub table_file ($name) {
    my $directory = $t->dir("$cache/tables");
    my $record = read_file("$directory/$name.json") // return '';
    return "$directory/" . decode_json($record)->{file};
}

sub path_of ($card) {
    state $cards = decode_json(($t->run_sidecar('-T'))[1])->{cards};
    return $cards->{$card}{path};
}

# 0 where the card is what pandas, numpy and scikit-learn make of the files.
sub compare ($card) {
    my $body = $t->write_file("$card.body", $t->get(path_of($card))->{body});
    my ($status, $out, $err) = $t->run_program(
        ['/usr/bin/python3', Gatehouse::root() . '/t/lib/compare_with_analytics.py', $t->dir($data), $card, $body]);
    diag "$card: $out$err" if $status != 0;
    return $status;
}

sub values_are_right ($when) {
    is compare($_), 0, "$when: $_" for @checked;
    return;
}
