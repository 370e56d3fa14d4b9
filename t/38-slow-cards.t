#!/usr/bin/perl
# Cards over locked databases and cards whose SQL never ends, all with their default timeouts: the others keep their schedule.

use v5.36;
use lib 't/lib';
use Gatehouse;
use Test::More;

my $t = Gatehouse->new;
plan skip_all => 'needs gatehoused and gatehousectl' if !$t->built('module', 'sidecar', 'ctl');

my ($exit) = $t->run_program(['sqlite3', $t->dir('locked.db'), 'create table t(n integer); insert into t values (1)']);
is $exit, 0, 'a database';
my $locker = $t->spawn(name => 'locker', log => 'locker.log', command => ['python3', '-c', <<'PY', $t->dir('locked.db'), $t->dir('is-locked')]);
import signal, sqlite3, sys
db = sqlite3.connect(sys.argv[1], isolation_level=None)
db.execute("begin exclusive")
open(sys.argv[2], "w").close()
signal.pause()
PY
wait_for(sub { -e $t->dir('is-locked') }, 10, 'the lock');

my $endless = 'select count(*) as n from csv, range(100000) a, range(100000) b where hash(a, b) = ';
$t->write_file('csv.csv', "n\n1\n");
$t->sidecar_config({
    sources => {
        csv => {kind => 'csv', path => '%%DIR%%/csv.csv'},
        locked => {kind => 'sqlite', path => '%%DIR%%/locked.db', busy_timeout => '60s'},
    },
    cards => {
        (map { ("locked$_" => {path => "/locked$_", sources => ['locked'], sql => "select n + $_ as n from t", refresh => '1s'}) } 0 .. 3),
        (map { ("endless$_" => {path => "/endless$_", sql => "$endless$_", refresh => '1s'}) } 0 .. 3),
        follows => {path => '/follows', sql => 'select sum(n)::int as n from csv', shape => 'value'},
        clock => {path => '/clock', sql => 'select now() as n from csv', refresh => '500ms'},
        asks_locked => {path => '/asks_locked/{i}', sources => ['locked'], sql => 'select n + $i as n from t', params => {i => 'integer'}},
        asks_endless => {path => '/asks_endless/{i}', sql => "$endless\$i", params => {i => 'integer'}},
        asks => {path => '/asks/{i}', sql => 'select sum(n)::int + $i as n from csv', params => {i => 'integer'}, shape => 'value'},
    }});
$t->start_sidecar;
$t->nginx_conf('server { listen 127.0.0.1:%%PORT%%; location / { gate_board on; proxy_pass http://unix:%%API%%:; proxy_read_timeout 100s; } }');
$t->start_nginx;

sub card ($name) { return $t->ctl_json('card', 'show', $name) }
wait_for(sub { card('endless0')->{computing} && card('endless1')->{computing} }, 20, 'endless cards');
ok card($_)->{computing}, "$_ waits or computes" for qw(locked0 locked1 locked2 locked3 endless2 endless3);

# Far less than the minute for which each of those holds its thread.
for my $n (2 .. 6) {
    $t->write_file('csv.csv', "n\n$n\n");
    ok eval { $t->wait_for_answer('/follows', sub ($answer) { $answer->{body} =~ /\b$n\b/ }, 15) }, "change $n of a file is served";
}
my $computations = card('clock')->{computations};
ok eval { wait_for(sub { card('clock')->{computations} >= $computations + 8 }, 20, 'more of clock') }, 'a card keeps its interval';

# --- on demand ---
my @asking = map { my $path = $_; map { [$path, $t->http] } 1 .. 3 } qw(/asks_locked /asks_endless);
for my $i (0 .. $#asking) {
    my ($path, $client) = @{$asking[$i]};
    $client->connect;
    $client->send("GET $path/$i HTTP/1.1\r\nHost: x\r\n\r\n");
}
for my $i (1 .. 5) {
    my $answer = $t->http(0, timeout => 15)->get("/asks/$i");
    is $answer->{status}, 200, "question $i is answered beside such questions";
}
$_->[1]->close for @asking;
$locker->stop('KILL');
ok eval { wait_for(sub { card('locked0')->{state} eq 'fresh' && card('locked3')->{state} eq 'fresh' }, 20, 'locked cards') },
    'and the locked ones are computed once there is no lock';
$t->stop_sidecar;
$t->done;
