#!/usr/bin/perl
# The last good board: served when the sidecar is away, marked by its age, by every worker that starts.

use v5.36;
use lib 't/lib';
use Gatehouse;
use Test::More;

my $t = Gatehouse->new(workers => 2);
plan skip_all => 'needs the module and the publisher' if !$t->built('module', 'publisher');

my $small = '[{"generation":1}]';
my $big = '[{"generation":1,"text":"' . ('x' x (300 << 10)) . '"}]';
my $publisher = $t->start_publisher;

# Writes the board file of these cards: settings of card A; the card "old" is long past its time.
sub board_file ($body, %a) {
    $publisher->card('a', '/a', json => $body, max_age_ms => 5000, stale_ms => 3_600_000, %a);
    $publisher->card('big', '/big', json => $big, max_age_ms => 5000, stale_ms => 3_600_000);
    $publisher->card('old', '/old', json => $small, max_age_ms => 1000, stale_ms => 1000, age_ms => 60_000);
    $publisher->command('archive', $t->board_path);
}
board_file($small, age_ms => 100_000);
$publisher->command('listen', 'off');

$t->scene_nginx;
$t->start_nginx;
my $stale = $t->get('/a');
is $stale->{status}, 200, 'nginx starts without a sidecar and serves the last good board';
is $stale->{body}, $small, 'with its bytes';
my $ttl = Gatehouse::Scene::ttl_of($stale);
cmp_ok abs($ttl - -95), '<=', 2, "marked stale by its age: ttl $ttl";
cmp_ok abs($stale->{header}{age} - 100), '<=', 2, "Age $stale->{header}{age}";
cmp_ok Gatehouse::Scene::ttl_of($t->get('/big')), '>', 0, 'a card verified just now is fresh';
is $t->get('/big')->{body}, $big, 'a large one comes whole';
is $t->get('/old')->{status}, 503, 'a card past its stale limit is not served';
is $t->get('/none')->{status}, 404, 'what is not on it is a miss';

# The workers share what the master read before it forked.
my @shared = map { Gatehouse::Process::mapping_count($_, 'memfd:gatehouse-board') } $t->nginx_workers;
is "@shared", '1 1', 'each worker maps the one board';

# --- the file changes while it is served: the workers' copy does not ---
my $file = read_file($t->board_path);
truncate $t->board_path, 0;
is $t->get('/big')->{body}, $big, 'truncated under the workers: right bytes';
open my $over, '+<', $t->board_path or die;
print {$over} 'x' x length $file;
close $over;
is $t->get('/big')->{body}, $big, 'overwritten in place: right bytes';
unlink $t->board_path;
is $t->get('/a')->{body}, $small, 'removed: right bytes';

# --- a worker that starts now has what the master had ---
$t->kill_worker for 1 .. 2;
is_deeply [map { $t->get('/a')->{body} } 1 .. 4], [($small) x 4], 'respawned workers serve it, the file gone';

# --- or what is newer in the file ---
my $newer = '[{"generation":2}]';
board_file($newer, age_ms => 50_000);
$t->kill_worker($_) for $t->nginx_workers;
my @answers = map { $t->get('/a') } 1 .. 4;
is_deeply [map { $_->{body} } @answers], [($newer) x 4], 'respawned workers take the newer file';
cmp_ok abs(Gatehouse::Scene::ttl_of($answers[0]) - -45), '<=', 3, 'and its age';

# --- an older file does not take the newer board's place ---
$t->reload_nginx;  # now the master has it too
my $kept = read_file($t->board_path);
$t->write_file('board', $file);
$t->reload_nginx;
is $t->get('/a')->{body}, $newer, 'after a reload with an older file the newer board stays';
$t->write_file('board', $kept);

# --- the same cards, but verified later: the sidecar lived on and changed nothing ---
$publisher->command('renew', $_, 1000) for qw(a big);
$publisher->command('archive', $t->board_path);
$t->kill_worker($_) for $t->nginx_workers;
my $renewed = $t->get('/a');
cmp_ok Gatehouse::Scene::ttl_of($renewed), '>', 0, 'a respawned worker goes by the later time of the file'
    or diag $renewed->{header}{'cache-status'};

# --- the sidecar comes: its word counts ---
$publisher->command('retract', 'old');
$publisher->command('listen', 'on');
$publisher->command('wait', 2);
$t->wait_for_answer('/old', 404);
is $t->get('/a')->{body}, $newer, 'with the sidecar back: its cards';
is $t->get('/a')->{header}{age} // 0, 0 + ($t->get('/a')->{header}{age} // 0), 'of its age';

$t->done;
