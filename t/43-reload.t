#!/usr/bin/perl
# nginx is reloaded every 200 ms for 20 s under load: no request fails, and nothing is left behind.

use v5.36;
use lib 't/lib';
use Gatehouse;
use Test::More;

my $seconds = $ENV{GATEHOUSE_RELOAD_SECONDS} // 20;
my $t = Gatehouse->new(workers => 2);
plan skip_all => 'needs the module and the sidecar' if !$t->built('module', 'sidecar');

$t->write_rows(1, 2000);
$t->scene_config(max_age => '30s');
$t->start_sidecar;
$t->scene_nginx;
$t->start_nginx;
$t->wait_in_step;

my $master = $t->nginx_pid;
my %before = (
    nginx => Gatehouse::Process::descriptor_count($master),
    sidecar => Gatehouse::Process::descriptor_count($t->sidecar_pid),
    memory => Gatehouse::Process::memory_kib($master),
);

# Connections of their own for each request, and kept ones; and the data change meanwhile.
my @loads = map { $t->load(paths => ['/api/count', '/api/rows'], clients => 1, keepalive => $_) } 0, 1;
my $writer = $t->keep_writing(2000, 0.25);
my $reloads = 0;
my $end = now() + $seconds;
while (now() < $end) {
    my $next = now() + 0.2;
    kill 'HUP', $master;
    ++$reloads;
    wait_for(sub { now() >= $next }, 1, 'moment');
}
$writer->stop;
my ($fresh, $kept) = map { $_->stop } @loads;
$t->load_ok($fresh, "$reloads reloads, a connection for each request");
$t->load_ok($kept, "$reloads reloads, kept connections");
is_deeply [sort keys %{$_->{statuses}}], [200], 'every answer was a 200' for $fresh, $kept;
cmp_ok $fresh->{tags}, '>', 5, 'of several generations';

wait_for(sub { 2 == (my @all = $t->nginx_workers(all => 1)) }, 20, 'end of the old workers');
pass 'the old workers are gone';
my $settled = eval {
    wait_for(sub { Gatehouse::Process::descriptor_count($t->sidecar_pid) <= $before{sidecar} + 2 }, 10,
        'end of the old connections');
};
ok $settled, "the sidecar's descriptors: $before{sidecar}, then "
    . Gatehouse::Process::descriptor_count($t->sidecar_pid);
$settled = eval {
    wait_for(sub { Gatehouse::Process::descriptor_count($master) == $before{nginx} }, 10, 'end of the old channels');
};
ok $settled, "the master's descriptors: $before{nginx}, then " . Gatehouse::Process::descriptor_count($master);
my $memory = Gatehouse::Process::memory_kib($master);
cmp_ok $memory, '<', $before{memory} + ($t->sanitizer ? 1 << 20 : 8192), "the master's memory: $before{memory} KiB, then $memory KiB";

$t->done;
