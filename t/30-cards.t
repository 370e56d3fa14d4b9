#!/usr/bin/perl
# How cards come about: kinds of refresh, what stays when a computation fails, and for whom.

use v5.36;
use lib 't/lib';
use Gatehouse;
use JSON::PP qw(decode_json);
use Test::More;

my $t = Gatehouse->new;
plan skip_all => 'needs gatehoused and gatehousectl' if !$t->built('sidecar', 'ctl');

mkdir $t->dir('parts');
$t->write_file('watched.csv', "n\n1\n");
$t->write_file('unwatched.csv', "n\n1\n");
$t->write_file('parts/a.csv', "n\n1\n");
$t->write_file('cron.csv', "n\n1\n");
$t->sidecar_config({
    sources => {
        watched => {kind => 'csv', path => '%%DIR%%/watched.csv'},
        unwatched => {kind => 'csv', path => '%%DIR%%/unwatched.csv', watch => JSON::PP::false},
        parts => {kind => 'csv', path => '%%DIR%%/parts/*.csv'},
        later => {kind => 'csv', path => '%%DIR%%/later/deep/x.csv'},
        cron => {kind => 'csv', path => '%%DIR%%/cron.csv'},
    },
    cards => {
        watched => {path => '/watched', sql => 'select sum(n)::bigint s from watched', shape => 'value', max_age => '600s'},
        unwatched => {path => '/unwatched', sql => 'select sum(n)::bigint s from unwatched', shape => 'value', max_age => '2s'},
        interval => {path => '/interval', sql => 'select sum(n)::bigint s from unwatched', shape => 'value', refresh => '500ms'},
        cron => {path => '/cron', sql => 'select sum(n)::bigint s from cron', shape => 'value', refresh => {cron => '0 3 * * *', tz => 'Europe/Berlin'}},
        parts => {path => '/parts', sql => 'select sum(n)::bigint s from parts', shape => 'value', max_age => '600s'},
        later => {path => '/later', sql => 'select sum(n)::bigint s from later', shape => 'value', max_age => '600s'},
    }});
$t->start_sidecar;

sub card ($name) { return $t->ctl_json('card', 'show', $name) }
sub value ($name) {
    my ($exit, $out) = $t->ctl('card', 'export', $name);
    return $exit == 0 ? $out =~ s/\s+//gr : undef;
}
sub becomes ($name, $value, $what) {
    my $found = eval { wait_for(sub { (value($name) // '') eq $value }, 10, "$name = $value") };
    return ok $found, $what;
}

becomes($_, 1, "$_ is computed at the start") for qw(watched unwatched interval cron parts);
wait_for(sub { card('later')->{failure} }, 10, 'failure of later');

# --- on_change: every way a file changes ---
$t->write_file('watched.csv', "n\n2\n");
becomes('watched', 2, 'on_change: replaced by rename');
{
    open my $file, '>>', $t->dir('watched.csv') or die;
    print {$file} "3\n";
}
becomes('watched', 5, 'on_change: appended to in place');
$t->write_file('parts/b.csv', "n\n10\n");
becomes('parts', 11, 'on_change: a glob gains a file');
unlink $t->dir('parts/a.csv');
becomes('parts', 10, 'on_change: a glob loses a file');
mkdir $t->dir('later');
mkdir $t->dir('later/deep');
$t->write_file('later/deep/x.csv', "n\n4\n");
becomes('later', 4, 'on_change: a directory that appears later');

# --- by the clock ---
my $generation = card('watched')->{generation};
$t->write_file('unwatched.csv', "n\n9\n");
becomes('interval', 9, 'an interval computes anew without file events');
becomes('unwatched', 9, 'an unwatched source is looked at every half of max_age');
my $cron = card('cron');
like $cron->{next_run}, qr/T0[12]:00:00\.000Z$/, 'cron: three o\'clock in Berlin, as UTC';
$t->write_file('cron.csv', "n\n7\n");

# --- unchanged bytes ---
my $before = card('interval');
wait_for(sub { card('interval')->{verified_at} gt $before->{verified_at} }, 10, 'another run of interval');
is card('interval')->{generation}, $before->{generation}, 'the same bytes keep their generation and are renewed';
is card('watched')->{generation}, $generation, 'what did not change was not published';
my $touched = card('watched')->{verified_at};
utime undef, undef, $t->dir('watched.csv');
wait_for(sub { card('watched')->{verified_at} gt $touched }, 10, 'verification after touch');
is card('watched')->{generation}, $generation, 'a file that was only touched publishes nothing';

# --- a source that breaks ---
$t->write_file('watched.csv', qq{n,m\n1,2\n3,"4\n});
wait_for(sub { card('watched')->{state} eq 'failed' }, 10, 'failure of watched');
my $failed = card('watched');
is value('watched'), 5, 'the last good data stay';
is $failed->{generation}, $generation, 'under their generation';
$t->write_file('watched.csv', qq{n,m\n1,2\n3,"5\n});
wait_for(sub { card('watched')->{failure}{attempts} > $failed->{failure}{attempts} }, 10, 'another failure of watched');
is card('watched')->{verified_at}, $failed->{verified_at}, 'a computation that failed verifies nothing';
like $failed->{failure}{error}, qr/source "watched".*watched\.csv/, 'the reason names source and file';
ok $failed->{next_run}, 'and it will be tried again';
my ($line) = grep { $_->{message} eq 'card failed' && $_->{card} eq 'watched' }
    map { eval { decode_json($_) } // () } split /\n/, $t->log_text('sidecar.log');
like $line->{declared}, qr/gatehouse\.json:\d+/, 'the log says where the card is declared';
like $line->{now}, qr/^serving generation $generation from \d\d:\d\d:\d\d; next try in \d+ s$/, 'and what happens now';
is card($_)->{state}, 'fresh', "$_ does not suffer" for qw(unwatched interval parts later cron);
my $interval = card('interval')->{verified_at};
wait_for(sub { card('interval')->{verified_at} gt $interval }, 10, 'schedule of the others');

unlink $t->dir('watched.csv');
wait_for(sub { card('watched')->{failure}{error} =~ /no such file/ }, 10, 'missing file');
is value('watched'), 5, 'a removed file: the last good data stay';
$t->write_file('watched.csv', "n\n6\n");
becomes('watched', 6, 'recovers as soon as the file is good again');
is card('watched')->{state}, 'fresh', 'and is fresh';

# --- nothing is computed twice at once ---
is value('cron'), 1, 'a cron card waits for its time';
$t->done;
