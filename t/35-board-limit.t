#!/usr/bin/perl
# A result for which the board has no room is refused with the reason; what was last good stays, and no card suffers.

use v5.36;
use lib 't/lib';
use Gatehouse;
use JSON::PP ();
use Test::More;

my $t = Gatehouse->new;
plan skip_all => 'needs gatehoused and gatehousectl' if !$t->built('sidecar', 'ctl');

my %config = (
    board => {memory_limit => '96k'},
    sources => {d => {kind => 'csv', path => '%%DIR%%/d.csv'}},
    cards => {
        small => {path => '/small', sql => 'select count(*)::bigint n from d', shape => 'value', formats => ['json']},
        all => {path => '/all', sql => 'select * from d', formats => ['json'], compress => JSON::PP::false},
    });
# Rows of about 30 bytes of JSON each.
sub rows ($count) { return $t->write_file('d.csv', join '', "text\n", map { sprintf "line-%012d\n", $_ } 1 .. $count) }
sub card ($name) { return $t->ctl_json('card', 'show', $name) }
sub exported ($name) { return ($t->ctl('card', 'export', $name))[1] }

rows(1000);
$t->sidecar_config(\%config);
$t->start_sidecar;
wait_for(sub { exported('small') =~ /1000/ && exported('all') =~ /1000/ }, 10, 'both cards');
my $before = card('all');

rows(5000);
wait_for(sub { card('all')->{failure} }, 10, 'refusal of all');
my $after = card('all');
like $after->{failure}{error}, qr/no room on the board.*board\.memory_limit's 98304 bytes; raise it/, 'the reason names the limit and the remedy';
is $after->{generation}, $before->{generation}, 'the last good data stay';
wait_for(sub { exported('small') =~ /5000/ }, 10, 'the other card');
pass 'the other card goes on';
my $board = $t->ctl_json('status')->{board};
cmp_ok $board->{bytes}, '<=', $board->{memory_limit}, 'the board keeps to its limit';

# By now it would be tried again in some seconds, later only once a minute.
wait_for(sub { card('all')->{failure}{attempts} >= 4 }, 30, 'fourth refusal');
$config{board}{memory_limit} = '1m';
$t->sidecar_config(\%config);
$t->reload_sidecar;
my $asked = now();
wait_for(sub { card('all')->{rows} == 5000 }, 20, 'publication');
cmp_ok now() - $asked, '<', 3, 'with more room it is published at once';
is card('all')->{state}, 'fresh', 'and fresh';

rows(2000);
wait_for(sub { exported('all') =~ /2000/ && exported('all') !~ /2001/ }, 10, 'a smaller result');
$t->done;
