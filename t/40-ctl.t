#!/usr/bin/perl
# gatehousectl against a live sidecar: every command, its table, its JSON, its exit status.

use v5.36;
use lib 't/lib';
use Gatehouse;
use IO::Socket::UNIX;
use JSON::PP qw(decode_json);
use Test::More;

my $t = Gatehouse->new;
plan skip_all => 'needs gatehoused and gatehousectl' if !$t->built('sidecar', 'ctl');

my %config = (
    sources => {d => {kind => 'csv', path => '%%DIR%%/d.csv'}, gone => {kind => 'csv', path => '%%DIR%%/gone.csv'}},
    cards => {
        good => {path => '/api/good', sql => 'select * from d order by a'},
        bad => {path => '/api/bad', sql => 'select * from gone'},
    });
$t->write_file('d.csv', "a,b\n1,x\n2,y\n");
my $file = $t->sidecar_config(\%config);

my ($exit, $out, $err) = $t->ctl('status');
is $exit, 4, 'no sidecar: exit 4';
like $err, qr/control\.sock.*is gatehoused running/, 'the message names the socket';

$t->start_sidecar;
wait_for(sub { $t->ctl_json('card', 'show', 'bad')->{failure} && $t->ctl_json('card', 'show', 'good')->{generation} }, 10,
    'first outcome of every card');

# --- version, status ---
like +($t->ctl('version'))[1], qr/^gatehousectl +0\.\d+\.\d+\ngatehoused +0\.\d+\.\d+$/m, 'version: both programs';
my $status = $t->ctl_json('status');
is $status->{pid}, $t->sidecar_pid, 'status: the pid';
is $status->{configuration}{file}, $file, 'status: the configuration file';
is_deeply [sort map { "$_->{name} $_->{state}" } @{$status->{cards}}], ['bad failed', 'good fresh'], 'status: states of cards';
like +($t->ctl('status'))[1], qr/^good +fresh .* \/api\/good$/m, 'status as a table';

# --- card ---
my $card = $t->ctl_json('card', 'show', 'good');
is $card->{rows}, 2, 'card show: rows';
is_deeply [sort keys %{{map { $_->{format} => 1 } @{$card->{bodies}}}}], [qw(columns csv json ndjson)], 'card show: formats';
my $bad = $t->ctl_json('card', 'show', 'bad');
like $bad->{failure}{error}, qr/source "gone".*gone\.csv: no such file/, 'card show: why a card fails, with source and file';
ok !exists $bad->{generation}, 'a card without data has no generation';
is scalar @{$t->ctl_json('card', 'list')->{cards}}, 2, 'card list';

($exit, $out) = $t->ctl('card', 'export', 'good');
is_deeply decode_json($out), [{a => 1, b => 'x'}, {a => 2, b => 'y'}], 'card export: json';
is +($t->ctl(qw(card export good --format csv)))[1], "a,b\r\n1,x\r\n2,y\r\n", 'card export: csv, byte for byte';
is_deeply [map { decode_json($_) } split /\n/, ($t->ctl(qw(card export good --format ndjson)))[1]],
    [{a => 1, b => 'x'}, {a => 2, b => 'y'}], 'card export: ndjson';
($exit, $out, $err) = $t->ctl('card', 'export', 'bad');
is $exit, 1, 'card export without data: exit 1';
is $out, '', 'and nothing on standard output';

like +($t->ctl('card', 'refresh', 'good'))[1], qr/^good: unchanged, generation \d+, 2 rows/, 'card refresh: same bytes';
$t->write_file('d.csv', "a,b\n7,z\n");
my $refreshed = $t->ctl_json('card', 'refresh', 'good');
is $refreshed->{rows}, 1, 'card refresh waits for the outcome';
is +($t->ctl(qw(card export good --format csv)))[1], "a,b\r\n7,z\r\n", 'what it computed is published by then';
($exit, $out, $err) = $t->ctl('card', 'refresh', 'bad');
is $exit, 1, 'card refresh that fails: exit 1';
like $err, qr/gone\.csv/, 'with the reason';

# --- source ---
is_deeply [map { "$_->{name} $_->{kind} @{$_->{cards}}" } @{$t->ctl_json('source', 'list')->{sources}}],
    ['d csv good', 'gone csv bad'], 'source list: kinds and who reads them';
my $tested = $t->ctl_json('source', 'test', 'd');
is_deeply $tested->{columns}, [{name => 'a', type => 'BIGINT'}, {name => 'b', type => 'VARCHAR'}], 'source test: columns and types';
is $tested->{files}[0]{path}, $t->dir('d.csv'), 'source test: files';
($exit, $out, $err) = $t->ctl('source', 'test', 'gone');
is $exit, 1, 'source test of a missing file: exit 1';
like $err, qr/gone\.csv: no such file/, 'with the reason';

# --- reload ---
like +($t->ctl('reload', '--wait'))[1], qr/0 cards added, 0 changed, 0 removed, 2 unchanged/, 'reload: nothing to do';
delete $config{cards}{bad};
$config{cards}{count} = {path => '/api/count', sql => 'select count(*) n from d', shape => 'value'};
$config{cards}{good}{max_age} = '90s';
$t->sidecar_config(\%config);
like +($t->ctl('reload', '--wait'))[1], qr/1 cards added, 1 changed, 1 removed, 0 unchanged/, 'reload: says what changed';
$config{cards}{count}{sqll} = delete $config{cards}{count}{sql};
$t->sidecar_config(\%config);
($exit, $out, $err) = $t->ctl('reload', '--wait');
is $exit, 3, 'reload of a bad file: exit 3';
like $err, qr/the running configuration stays/, 'says that nothing changed';
like $err, qr/gatehouse\.json:\d+:\d+: error: .*did you mean "sql"/, 'and every error with its place';
is $t->ctl_json('card', 'show', 'good')->{max_age_ms}, 90_000, 'the running configuration did stay';

# --- check ---
sub ctl_c (@arguments) { return $t->run_program([$t->build . '/gatehousectl', '-c', $file, @arguments]) }
is +(ctl_c('check'))[0], 3, 'check of a bad file: exit 3';
$config{cards}{count}{sql} = delete $config{cards}{count}{sqll};
$t->sidecar_config(\%config);
($exit, $out, $err) = ctl_c('check');
is $exit, 0, 'check of a good file';
like $err, qr/test is successful/, 'in nginx\'s words';
is +(ctl_c('check', '--sources'))[0], 1, 'check --sources: a source that cannot be read';
is +(ctl_c('status'))[0], 0, 'the socket is taken from the configuration';

# --- usage, names, timeouts ---
is +($t->ctl('bogus'))[0], 2, 'unknown command: exit 2';
is +($t->ctl(qw(card show)))[0], 2, 'a missing argument: exit 2';
is +($t->ctl(qw(card show ../x)))[0], 2, 'no name of a card: exit 2';
is +($t->ctl(qw(card show nobody)))[0], 1, 'unknown card: exit 1';
is +($t->ctl(qw(card export good --format xml)))[0], 2, 'unknown format: exit 2';
kill 'STOP', $t->sidecar_pid;
is +($t->ctl(qw(--timeout 0.3 status)))[0], 6, 'no answer in time: exit 6';
kill 'CONT', $t->sidecar_pid;

# --- the API itself ---
sub raw ($request) {
    local $SIG{PIPE} = 'IGNORE';  # who sends too much is answered before the end
    my $socket = IO::Socket::UNIX->new(Peer => $t->control_path) or die "connect: $!";
    print {$socket} $request;
    local $/;
    return readline($socket) // '';
}
like raw("GET /v1/nothing HTTP/1.1\r\nHost: x\r\n\r\n"), qr{^HTTP/1.1 404 .*application/problem\+json}s, 'unknown resource: 404';
like raw("DELETE /v1/cards HTTP/1.1\r\nHost: x\r\n\r\n"), qr{^HTTP/1.1 405 .*Allow: GET}s, 'wrong method: 405 with Allow';
like raw("\x00\xff\x00garbage\r\n\r\n"), qr{^HTTP/1.1 400 }, 'garbage: 400';
like raw("POST /v1/reload HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999\r\n\r\n"), qr{^HTTP/1.1 413 }, 'a large body: 413';
like raw("GET /v1/status?" . 'x' x 600_000 . " HTTP/1.1\r\nHost: x\r\n\r\n"), qr{^HTTP/1.1 431 .*at most 512 KiB}s, 'a large header: 431';
like raw("GET /v1/cards/good/body?format=json&format=csv HTTP/1.1\r\nHost: x\r\n\r\n"), qr{^HTTP/1.1 400 }, 'two formats: 400';
is sprintf('%04o', (stat $t->control_path)[2] & 07777), '0600', 'the socket is for its owner alone';

is $t->kill_sidecar('TERM'), 'exit 0', 'TERM: exit 0';
ok !-e $t->control_path && !-e $t->link_path, 'its sockets are gone';
$t->done;
