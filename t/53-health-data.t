#!/usr/bin/perl
# Checks of data that the sidecar holds or reads itself: age and rows of cards, caches, pools of databases, damaged SQLite;
# and the figures of each that a profile may tell.

use v5.36;
use lib 't/lib';
use Fcntl qw(LOCK_EX LOCK_UN);
use Gatehouse;
use Gatehouse::Postgres;
use JSON::PP qw(decode_json);
use Test::More;

my $t = Gatehouse->new;
plan skip_all => 'needs the whole product' if !$t->built(qw(module sidecar ctl));
my ($true, $false) = (JSON::PP::true, JSON::PP::false);

# --- a SQLite file with a page overwritten: a table's own, in the middle of the file ---
my ($made, undef, $err) = $t->run_program(['sqlite3', $t->dir('good.db'),
    'pragma page_size = 4096; create table t(a); insert into t select hex(randomblob(100)) from generate_series(1, 1000)']);
is $made, 0, 'a SQLite database' or diag $err;
my $bytes = read_file($t->dir('good.db'));
cmp_ok length $bytes, '>', 10 * 4096, 'of many pages';
$t->write_file('lost.db', substr($bytes, 0, 5 * 4096) . "\xff" x 4096 . substr($bytes, 6 * 4096));

# --- a cache that somebody else is making: caches hold such a lock meanwhile ---
mkdir $t->dir('kept');
open my $lock, '>', $t->dir('kept/cached.lock') or die "lock: $!";
flock $lock, LOCK_EX or die "flock: $!";
$t->write_file($_, "n\n1\n2\n3\n") for qw(rows.csv cached.csv unread.csv);

my $pg = Gatehouse::Postgres->available ? Gatehouse::Postgres->new($t, max_connections => 20) : undef;
my $holder;
if ($pg) {
    $pg->start;
    $pg->sql('create table slow(n int)');
    $holder = $pg->session('begin; lock table slow;');
    wait_for(sub { $pg->sql("select count(*) from pg_locks where relation = 'slow'::regclass") == 1 }, 20, 'the lock');
}
my %postgres = $pg ? (kind => 'postgres', url => $pg->url, pool_size => 2, max_overflow => 0) : ();
my @slow = $pg ? (1, 2) : ();

my %often = (severity => 'info', interval => '1s');
my %of_each = map { $_ => "\$$_" } qw(state message value unit);
$of_each{$_} = "\$fact.$_" for qw(rows last_updated exists size_bytes warm pool_size pool_in_use pool_idle pool_waiting);
$t->sidecar_config({
    sources => {
        rows => {kind => 'csv', path => '%%DIR%%/rows.csv'},
        cached => {kind => 'csv', path => '%%DIR%%/cached.csv', cache => $true},
        unread => {kind => 'csv', path => '%%DIR%%/unread.csv', cache => $true},
        $pg ? (idle => {%postgres}, busy => {%postgres, pool_timeout => '10m'}) : (),
    },
    caches => {directory => '%%DIR%%/kept'},
    cards => {
        rows => {path => '/rows', sql => 'select * from rows'},
        old => {path => '/old', sql => 'select 1 as n', refresh => '1h', max_age => '1h'},
        short => {path => '/short', sql => 'select 1 as n', refresh => '1h', max_age => '1s'},
        cached => {path => '/cached', sql => 'select sum(n) as n from cached'},
        map { ("slow$_" => {path => "/slow/$_", sources => ['busy'], sql => "select $_ as k, count(*) as n from slow", refresh => '1h', timeout => '10m'}) } @slow,
    },
    checks => {
        rows => {kind => 'card', card => 'rows', min_rows => 2, %often},
        aged => {kind => 'card', card => 'old', max_age => '1s', %often},
        fresh => {kind => 'card', card => 'old', max_age => '59m', %often},
        own => {kind => 'card', card => 'short', %often},
        wider => {kind => 'card', card => 'short', max_age => '59m', %often},
        cached => {kind => 'cache', source => 'cached', %often},
        unread => {kind => 'cache', source => 'unread', %often},
        sound => {kind => 'sqlite', path => '%%DIR%%/good.db', integrity => $true, %often},
        lost => {kind => 'sqlite', path => '%%DIR%%/lost.db', integrity => $true, %often},
        not_read => {kind => 'sqlite', path => '%%DIR%%/lost.db', %often},
        $pg ? (idle => {kind => 'postgres', source => 'idle', %often}, busy => {kind => 'postgres', source => 'busy', timeout => '2500ms', %often},
            waits => {kind => 'postgres', source => 'busy', timeout => '10m', %often}) : (),
    },
    health => {profiles => {facts => {answers => {status => {body => {'$checks' => \%of_each}}}}}},
});
$t->start_sidecar;
$t->nginx_conf('server { listen 127.0.0.1:%%PORT%%; location = /facts { gate_health status profile=facts; } }');
$t->start_nginx;

my $last;
sub told ($name) { return ($last = decode_json($t->get('/facts')->{body})->{$name}) // {} }
sub becomes ($name, $state, $message, $what) {
    my $there = eval { wait_for(sub { my $check = told($name); ($check->{state} // '') eq $state && ($check->{message} // '') =~ $message }, 20, $name) };
    ok($there, $what) or diag explain $last;
    return told($name);
}
sub facts ($check, @names) { return [@$check{@names}] }

# --- cards ---
my $rows = becomes('rows', 'up', qr/^$/, 'as many rows as it must have');
is_deeply facts($rows, qw(value unit rows)), [3, 'rows', 3], 'counted';
like $rows->{last_updated}, qr/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d/, 'with the time of its data';
$t->write_file('rows.csv', "n\n1\n");
is becomes('rows', 'down', qr/^card "rows": it has 1 rows, less than 2$/, 'rows that collapse are seen')->{rows}, 1, 'and counted';
$t->write_file('rows.csv', "n\n1\n2\n");
becomes('rows', 'up', qr/^$/, 'until they are back');
becomes('aged', 'down', qr/^card "old": it was verified \S+ ago$/, 'a card older than the check lets it be');
is told('fresh')->{state}, 'up', 'which is no matter for one that lets it';
becomes('own', 'down', qr/^card "short": it was verified \S+ ago$/, 'without a limit of its own the card\'s counts');
is told('wider')->{state}, 'up', 'with one that does';

# --- caches ---
my $cache = becomes('cached', 'degraded', qr/^another process is making it$/, 'a cache that cannot be made yet');
is_deeply facts($cache, qw(exists size_bytes warm)), [$false, 0, $false], 'there is none';
sub table ($source = 'cached') { return (glob $t->dir("kept/$source-*.parquet"))[0] }
$cache = becomes('unread', 'up', qr/^$/, 'one of a source that no card reads is made, too');
is_deeply facts($cache, qw(exists size_bytes warm)), [$true, -s table('unread'), $true], 'and is there';
flock $lock, LOCK_UN or die "flock: $!";
$t->write_file('cached.csv', "n\n1\n2\n3\n4\n");
$cache = becomes('cached', 'up', qr/^$/, 'made');
is_deeply facts($cache, qw(exists size_bytes warm)), [$true, -s table(), $true], 'it is there and current';
$t->stop_sidecar;
my $table = read_file(table());
substr($table, length($table) / 2, 1) ^.= "\x01";
$t->write_file(table() =~ s{.*/kept/}{kept/}r, $table);
unlink $t->board_path;
flock $lock, LOCK_EX or die "flock: $!";
$t->start_sidecar;
$cache = becomes('cached', 'degraded', qr/^another process is making it$/, 'a damaged one is not taken for good');
ok !$cache->{warm}, 'nor for current';
flock $lock, LOCK_UN or die "flock: $!";
$t->write_file('cached.csv', "n\n1\n2\n");
$cache = becomes('cached', 'up', qr/^$/, 'made anew');
is $cache->{size_bytes}, -s table(), 'with its size';

# --- SQLite ---
becomes('sound', 'up', qr/^$/, 'SQLite: all of it is read');
becomes('lost', 'down', qr/^its integrity is lost: restore it from a backup$/, 'an overwritten page is found');
becomes('not_read', 'up', qr/^$/, 'unless nobody wants it read');

# --- PostgreSQL: two connections, on which two cards wait for a lock, and another check that waits for one of them ---
if ($pg) {
    my $idle = becomes('idle', 'up', qr/^$/, 'PostgreSQL: a pool that nobody else uses');
    is_deeply facts($idle, qw(pool_size pool_in_use pool_idle pool_waiting)), [2, 0, 1, 0], 'keeps the connection of the check';
    ok eval { wait_for(sub { (told('busy')->{pool_waiting} // 0) == 1 }, 20, 'waiting') }, 'a pool that is used up' or diag explain $last;
    my $busy = becomes('busy', 'down', qr/^no connection of the pool became free within \S+: all 2 are in use/, 'is down');
    is_deeply facts($busy, qw(pool_size pool_in_use pool_idle pool_waiting)), [2, 2, 0, 1], 'and says how many wait';
    print {$holder} "rollback;\n";
    becomes('busy', 'up', qr/^$/, 'back when its connections are');
    ok eval { wait_for(sub { my $pool = told('busy'); $pool->{pool_idle} == 2 && !$pool->{pool_waiting} && !$pool->{pool_in_use} }, 20, 'idle') },
        'which are kept then' or diag explain $last;
    close $holder;
}
$t->stop_sidecar;
$pg->stop if $pg;
$t->done;
