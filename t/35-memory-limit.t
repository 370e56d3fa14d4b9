#!/usr/bin/perl
# Queries that ask for gigabytes in one call fail one by one with the reason; the sidecar keeps to its bound and goes on.

use v5.36;
use lib 't/lib';
use Gatehouse;
use Test::More;

my $t = Gatehouse->new;
plan skip_all => 'needs gatehoused and gatehousectl' if !$t->built('sidecar', 'ctl');
plan skip_all => 'a sanitizer needs more memory than the bound' if $t->sanitizer;

my $limit = 640;  # MiB
my %hog = (
    range => 'select range(n * 1000000000) from d',
    repeat => "select length(repeat('x', n * 3000000000)) from d",
    strings => "select list_transform(range(n * 30000000), x -> x::varchar || 'abcdefghijklmnop') from d",
    split => "select string_split(repeat('a,', (n * 100000000)::bigint), ',') from d",
);
$t->write_file('d.csv', "n\n0\n");
$t->write_file('live.csv', "n\n1\n");
$t->sidecar_config({
    engine => {memory_limit => '256m', process_memory_limit => "${limit}m"},
    sources => {map { $_ => {kind => 'csv', path => "%%DIR%%/$_.csv"} } qw(d live)},
    cards => {
        live => {path => '/live', sql => 'select sum(n)::bigint s from live', shape => 'value', refresh => '100ms'},
        map { $_ => {path => "/$_", sql => $hog{$_}, formats => ['json'], max_age => '600s'} } keys %hog,
    }});
$t->start_sidecar;

sub card ($name) { return $t->ctl_json('card', 'show', $name) }
sub peak { return read_file('/proc/' . $t->sidecar_pid . '/status') =~ /^VmHWM:\s+(\d+)/m ? $1 / 1024 : die 'no VmHWM' }

wait_for(sub { card($_)->{generation} }, 20, "first data of $_") for sort keys %hog;
my %good = map { $_ => card($_)->{generation} } keys %hog;

$t->write_file('d.csv', "n\n1\n");
for my $name (sort keys %hog) {
    wait_for(sub { card($name)->{failure} }, 60, "failure of $name");
    like card($name)->{failure}{error}, qr/memory.*"process_memory_limit" .*${limit}m.*raise/, "$name: reason and remedy";
    is card($name)->{generation}, $good{$name}, "$name: the last good data stay";
}
# They are tried again and again meanwhile.
for my $n (2 .. 6) {
    $t->write_file('live.csv', "n\n$n\n");
    wait_for(sub { ($t->ctl('card', 'export', 'live'))[1] =~ /^$n\b/ }, 30, "live = $n");
}
pass 'another card goes on';
cmp_ok peak(), '<', $limit + 64, 'the sidecar keeps to its bound, snapshots and programs aside';

$t->write_file('d.csv', "n\n0\n");
for my $name (sort keys %hog) {
    ok eval { wait_for(sub { card($name)->{state} eq 'fresh' }, 30, "recovery of $name") }, "$name: recovers";
}
is $t->kill_sidecar('TERM'), 'exit 0', 'it is still the first process';
$t->done;
