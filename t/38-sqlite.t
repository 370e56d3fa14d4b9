#!/usr/bin/perl
# Cards over SQLite: beside a process that writes all the time, a file that is replaced, cut off or locked.

use v5.36;
use lib 't/lib';
use Gatehouse;
use JSON::PP qw(decode_json);
use Test::More;

my $t = Gatehouse->new;
plan skip_all => 'needs gatehoused and gatehousectl' if !$t->built('sidecar', 'ctl');

sub sqlite ($file, $sql) {
    my ($exit, $out) = $t->run_program(['sqlite3', '-cmd', '.timeout 10000', $t->dir($file), $sql]);
    is $exit, 0, "sqlite3: $sql" or diag $out;
    return $out =~ s/\n\z//r;
}

# Adds a row to each of two tables in one transaction, again and again.
sub start_writer ($file) {
    return $t->spawn(name => 'writer', log => "writer-$file.log", command => ['python3', '-c', <<'PY', $t->dir($file)]);
import sqlite3, sys, time
db = sqlite3.connect(sys.argv[1], timeout=30, isolation_level=None)
while True:
    db.execute("begin immediate")
    db.execute("insert into a values (1)")
    db.execute("insert into b values (1)")
    db.execute("commit")
    time.sleep(0.002)
PY
}

for my $mode (qw(wal delete)) {
    sqlite("$mode.db", "pragma journal_mode=$mode; create table a(n integer); create table b(n integer)");
}
sqlite('runs.db', 'create table simulations(id integer primary key, name text, finished boolean, at datetime); '
    . "insert into simulations values (1, 'first', 1, '2026-01-02 03:04:05'), (2, 'it''s', 0, null)");
sqlite('locked.db', 'create table t(n integer); insert into t values (1)');
$t->write_file('csv.csv', "id,weight\n1,10\n2,20\n");

my %database = map { $_ => {kind => 'sqlite', path => "%%DIR%%/$_.db"} } qw(wal delete runs locked);
$database{locked}{busy_timeout} = '200ms';
$database{delete}{busy_timeout} = '20s';
my %value = (shape => 'value', max_age => '600s');
$t->sidecar_config({
    sources => {%database, csv => {kind => 'csv', path => '%%DIR%%/csv.csv'}},
    cards => {
        (map { $_ => {path => "/$_", sources => [$_], %value, refresh => '100ms',
            sql => '(select count(*) from a) - (select count(*) from b)' =~ s/^/select /r . ' as torn'} } qw(wal delete)),
        simulations => {path => '/simulations', sql => 'select * from runs.simulations order by id', max_age => '600s'},
        mixed => {path => '/mixed', %value,
            sql => 'select sum(weight)::bigint s from csv join runs.simulations on csv.id = runs.simulations.id where finished'},
        locked => {path => '/locked', sql => 'select n from locked.t', %value},
        clock => {path => '/clock', sql => 'select 1 as n', refresh => '200ms', shape => 'value'},
    }});
$t->start_sidecar;

sub card ($name) { return $t->ctl_json('card', 'show', $name) }
sub body ($name) {
    my ($exit, $out) = $t->ctl('card', 'export', $name);
    return $exit == 0 ? $out : '';
}
sub becomes ($name, $value, $what) {
    my $found = eval { wait_for(sub { body($name) =~ s/\s+//gr eq $value }, 10, "$name = $value") };
    return ok($found, $what) || diag body($name);
}

wait_for(sub { body('simulations') }, 10, 'simulations');
is_deeply decode_json(body('simulations')), [
    {id => 1, name => 'first', finished => JSON::PP::true, at => '2026-01-02T03:04:05'},
    {id => 2, name => "it's", finished => JSON::PP::false, at => undef}], 'values and types';
becomes('mixed', 10, 'joined with a CSV in the engine');

# --- on_change ---
sqlite('runs.db', "update simulations set finished = 1 where id = 2");
becomes('mixed', 30, 'a commit is noticed');
sqlite('next.db', 'create table simulations(id integer, finished integer); insert into simulations values (2, 1)');
rename $t->dir('next.db'), $t->dir('runs.db') or die $!;
becomes('mixed', 20, 'a file that is replaced by rename is noticed');

# --- beside writers ---
my @writers = map { start_writer("$_.db") } qw(wal delete);
for my $mode (qw(wal delete)) {
    my $seen = card($mode)->{verified_at};
    for (1 .. 10) {
        wait_for(sub { my $card = card($mode); $card->{verified_at} ne $seen and $seen = $card->{verified_at} }, 20, "another run of $mode");
    }
    is body($mode) =~ s/\s+//gr, 0, "$mode: never half a transaction";
    is card($mode)->{state}, 'fresh', "$mode: the card keeps its schedule beside a writer";
    my $rows = sqlite("$mode.db", 'select count(*) from a');
    wait_for(sub { sqlite_count("$mode.db") > $rows }, 20, "$mode: the writer goes on");
}
sub sqlite_count ($file) { return ($t->run_program(['sqlite3', '-cmd', '.timeout 10000', $t->dir($file), 'select count(*) from a']))[1] =~ s/\s+//gr }
$_->stop for @writers;

# --- locked ---
my $locker = $t->spawn(name => 'locker', log => 'locker.log', command => ['python3', '-c', <<'PY', $t->dir('locked.db'), $t->dir('is-locked')]);
import signal, sqlite3, sys
db = sqlite3.connect(sys.argv[1], isolation_level=None)
db.execute("begin exclusive")
open(sys.argv[2], "w").close()
signal.pause()
PY
wait_for(sub { -e $t->dir('is-locked') }, 10, 'the lock');
my ($exit, $out) = $t->ctl('card', 'refresh', 'locked');
isnt $exit, 0, 'a database that is locked fails the card';
my $locked = card('locked');
like $locked->{failure}{reason} // $locked->{error} // JSON::PP::encode_json($locked), qr/is locked by another process for longer than 200ms/, 'with the reason';
is body('locked') =~ s/\s+//gr, 1, 'which keeps its last good data';
$locker->stop('KILL');
is(($t->ctl('card', 'refresh', 'locked'))[0], 0, 'and is well again without the lock');

# --- damaged ---
sqlite('runs.db', 'create table more(t); with recursive r(i) as (select 1 union all select i + 1 from r limit 5000) '
    . "insert into more select 'row ' || i from r");
my $good = body('mixed');
open my $file, '+<', $t->dir('runs.db') or die $!;
truncate $file, 5000;
syswrite $file, 'x' x 600;
close $file;
wait_for(sub { card('mixed')->{state} eq 'failed' }, 10, 'failure of mixed');
is body('mixed'), $good, 'a damaged file leaves the last good data';
like JSON::PP::encode_json(card('mixed')), qr/source \\"runs\\": .*runs\.db: is (?:not a SQLite database|damaged)/, 'and is named';
is card('clock')->{state}, 'fresh', 'the other cards keep their schedule';
unlike $t->log_text('sidecar.log'), qr/internal error/, 'no internal error';

$t->stop_sidecar;
$t->done;
