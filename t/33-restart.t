#!/usr/bin/perl
# A restart computes what has changed while the sidecar was away, and nothing else; --once does so, too.

use v5.36;
use lib 't/lib';
use Gatehouse;
use JSON::PP qw(decode_json);
use Test::More;

my $t = Gatehouse->new;
plan skip_all => 'needs gatehoused and gatehousectl' if !$t->built('sidecar', 'ctl');

my %config = (
    sources => {
        a => {kind => 'csv', path => '%%DIR%%/a.csv'},
        b => {kind => 'csv', path => '%%DIR%%/b.csv'},
        parts => {kind => 'json', path => '%%DIR%%/parts/*.json'},
        db => {kind => 'sqlite', path => '%%DIR%%/db.sqlite'},
    },
    cards => {
        a => {path => '/a', sql => 'select * from a'},
        b => {path => '/b', sql => 'select * from b', max_age => '600s'},
        both => {path => '/both', sql => 'select a.n, b.n as m from a, b', max_age => '600s'},
        parts => {path => '/parts', sql => 'select sum(n)::int as n from parts', shape => 'value', max_age => '600s'},
        hourly => {path => '/hourly', sql => 'select * from a', refresh => '1h'},
        often => {path => '/often', sql => 'select * from a', refresh => '100ms'},
        alone => {path => '/alone', sql => 'select 1 as n'},
        outer => {path => '/outer', sql => 'select n + 1 as n from alone', sources => ['alone']},
        db => {path => '/db', sql => 'select 7 as n', sources => ['db']},
    });
my @kept = qw(a alone b both hourly often parts);  # what can be
my @never = qw(db outer);
sub configure { $t->sidecar_config(\%config) }
sub cards () { return {map { $_->{name} => $_ } @{$t->ctl_json('card', 'list')->{cards}}} }
sub body ($name) { return ($t->ctl('card', 'export', $name))[1] =~ s/\s+//gr }
sub computed ($card) { return $card->{computations} > 0 && $card->{generation} && !$card->{computing} }

# Starts the sidecar and waits for the computation of these cards, those that are never kept, and of no other.
sub restart_computes ($what, @names) {
    $t->start_sidecar;
    my $expected = join ' ', sort @names, @never;
    wait_for(sub { my $all = cards(); !grep { !computed($all->{$_}) && !$all->{$_}{failure} } @names, @never }, 20, "$what: computations");
    my $all = cards();
    is join(' ', sort grep { $all->{$_}{computations} > 0 } keys %$all), $expected, "$what: computed is what must be";
    is join(' ', sort grep { $all->{$_}{restored} } keys %$all), join(' ', grep { my $name = $_; !grep { $_ eq $name } @names } @kept),
        "$what: the others are restored";
    return $all;
}
sub replace ($name, $text) {
    my $new = $t->write_file("$name.new", $text);
    rename $new, $t->dir($name) or die "$name: $!";
}

mkdir $t->dir('parts');
$t->write_file('a.csv', "n\n1\n");
$t->write_file('b.csv', "n\n2\n");
$t->write_file('parts/1.json', qq({"n": 1}\n));
system('sqlite3', $t->dir('db.sqlite'), 'create table t (n)') == 0 or die 'sqlite3';
configure();
my $first = restart_computes('the first start', @kept);
$t->stop_sidecar;

my $again = restart_computes('nothing has changed');
is_deeply {map { $_ => [@{$again->{$_}}{qw(generation rows computed_at)}] } @kept},
    {map { $_ => [@{$first->{$_}}{qw(generation rows computed_at)}] } @kept}, 'with their generations, rows and times';
is body('both'), '[{"n":1,"m":2}]', 'and bodies';
cmp_ok $again->{b}{verified_at}, 'gt', $first->{b}{verified_at}, 'verified by the start';
is $again->{hourly}{verified_at}, $first->{hourly}{verified_at}, 'but for one with an interval, which is as old as it is';
like $again->{hourly}{next_run}, qr/^20/, 'and will be computed when it would have been';
like +($t->ctl('card', 'list'))[1], qr/^both\s+fresh, restored/m, 'the list says so';

# --- while it runs, restored cards are like others ---
replace('b.csv', "n\n3\n");
wait_for(sub { my $all = cards(); $all->{b}{computations} == 1 && $all->{both}{computations} == 1 }, 10, 'a change is seen');
is body('both'), '[{"n":1,"m":3}]', 'and computed';
is cards()->{parts}{computations}, 0, 'the others stay';

# --- killed, without a word ---
wait_for(sub { my $file = read_file($t->board_path); index($file, '[{"n":3}]') > 0 && index($file, '[{"n":1,"m":3}]') > 0 },
    20, 'the writing of the board file');
$t->kill_sidecar('KILL');
restart_computes('killed');
$t->stop_sidecar;

# --- touched: the same bytes, which only a computation tells ---
utime undef, undef, $t->dir('a.csv') or die "a.csv: $!";
my $touched = restart_computes('touched', qw(a both hourly often));
is $touched->{a}{generation}, $again->{a}{generation}, 'touched: what is the same is not published';
$t->stop_sidecar;
restart_computes('the time after that');
$t->stop_sidecar;

# --- replaced: another file of the same size and time ---
my @times = (stat $t->dir('b.csv'))[8, 9];
replace('b.csv', "n\n4\n");
utime @times, $t->dir('b.csv');
restart_computes('replaced', qw(b both));
is body('both'), '[{"n":1,"m":4}]', 'with the new bytes';
$t->stop_sidecar;

# --- one more file of a glob; one that is gone ---
$t->write_file('parts/2.json', qq({"n": 2}\n));
restart_computes('one more file', 'parts');
is body('parts'), '3', 'which is read';
$t->stop_sidecar;
unlink $t->dir('b.csv');
my $gone = restart_computes('a file is gone', qw(b both));
ok $gone->{b}{failure}, 'which is an error';
is body('b'), '[{"n":4}]', 'and its data are served';
$t->stop_sidecar;
$t->write_file('b.csv', "n\n4\n");

# --- definitions ---
restart_computes('it is back', qw(b both));
$t->stop_sidecar;
$config{cards}{parts}{sql} = 'select max(n)::int as n from parts';
$config{sources}{b}{types} = {n => 'DOUBLE'};
configure();
restart_computes('definitions of a card and of a source', qw(b both parts));
is body('parts'), '2', 'the new one';
$t->stop_sidecar;

# --- --once ---
delete @{$config{cards}}{@never};
@never = ();
configure();
my ($exit, $out) = $t->run_sidecar('--once');
is $exit, 0, '--once';
like $out, qr/^$_: unchanged, \d+ rows, \d+ bytes$/m, "leaves $_ alone" for @kept;
$t->write_file('a.csv', "n\n10\n");
($exit, $out) = $t->run_sidecar('--once');
like $out, qr/^both: 1 rows, \d+ bytes, \d+ ms$/m, '--once computes what has changed';
like $out, qr/^b: unchanged/m, 'and leaves the others';
restart_computes('after --once');
$t->stop_sidecar;

# --- a board file of an older version is refused, cleanly ---
open my $file, '+<', $t->board_path or die;
seek $file, 8, 0;
print {$file} pack 'L', 1;
close $file;
restart_computes('an older board file', @kept);
like $t->log_text('sidecar.log'), qr/board file refused.*version 1, expected 2/, 'refused with a reason';
$t->done;
